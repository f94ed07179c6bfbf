"""The verdict on a repeated run, from two manifests alone."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from expctl.core import tolerance, verdict
from expctl.core.manifest import Artifact, Command, Manifest, Metric

EXACT = tolerance.Tolerances()


def run(metrics=None, artifacts=(), status="completed", code=0):
    return Manifest(
        id="20261122-190546-k3f9qa",
        status=status,
        started_at=datetime(2026, 11, 22, tzinfo=UTC),
        command=Command(argv=("true",), exit_code=code),
        metrics={name: Metric(value=value) for name, value in (metrics or {}).items()},
        artifacts=tuple(Artifact(path=path, md5=md5) for path, md5 in artifacts),
    )


def judged(before, *after, words=(), siblings=()):
    return verdict.judge(before, after, tolerances=tolerance.parse_all(words, {}), siblings=siblings)


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        (0.87, 0.87, verdict.IDENTICAL),
        (0.87, math.nextafter(0.87, 1), verdict.DIFFERENT),
        (math.nan, math.nan, verdict.IDENTICAL),
        (math.nan, 0.87, verdict.DIFFERENT),
        (math.inf, math.inf, verdict.IDENTICAL),
        (0.0, -0.0, verdict.DIFFERENT),
    ],
)
def test_without_a_tolerance_only_the_same_bits_are_the_same(before, after, word):
    found = judged(run({"f1": before}), run({"f1": after}))

    assert (found.verdict, found.metrics[0].verdict) == (word, word)


def test_the_worst_metric_decides():
    found = judged(run({"a": 1.0, "b": 1.0, "c": 1.0}), run({"a": 1.0, "b": 1.05}), words=["10%"])

    assert [each.verdict for each in found.metrics] == ["identical", "within tolerance", "missing"]
    assert found.verdict == verdict.MISSING
    assert not found.is_reproduced


def test_a_metric_that_only_the_repeat_has_is_shown_and_does_not_count():
    found = judged(run({"a": 1.0}), run({"a": 1.0, "b": 2.0}))

    assert found.verdict == verdict.IDENTICAL
    assert found.metrics[1].verdict == verdict.NEW


@pytest.mark.parametrize(
    "name",
    ["inference_time_ms", "train_runtime", "evalSamplesPerSecond", "steps_per_second", "fps", "val.latency"],
)
def test_times_are_not_judged_unless_a_tolerance_says_how(name):
    before, after = run({name: 10.0, "f1": 1.0}), run({name: 17.0, "f1": 1.0})

    assert judged(before, after).verdict == verdict.IDENTICAL
    assert judged(before, after, words=[f"{name}=5%"]).verdict == verdict.DIFFERENT
    assert judged(before, after, words=[f"{name}=100%"]).verdict == verdict.CLOSE


@pytest.mark.parametrize("name", ["f1_score", "timestep_loss", "accuracy", "mse", "permsnr", "loss"])
def test_scores_are_judged(name):
    assert not verdict.is_timing(name)


def test_noise_comes_from_other_runs_of_the_same_where_there_are_some():
    siblings = [run({"f1": value}) for value in (0.90, 0.92, 0.91)]

    assert judged(run({"f1": 0.915}), run({"f1": 0.93}), siblings=siblings).verdict == verdict.NOISE
    assert judged(run({"f1": 0.915}), run({"f1": 0.97}), siblings=siblings).verdict == verdict.DIFFERENT


def test_a_repeat_that_failed_is_no_reproduction_whatever_it_measured():
    found = judged(run({"f1": 1.0}), run({"f1": 1.0}, status="failed", code=1))

    assert found.verdict == verdict.ENDED
    assert "failed with code 1" in found.remarks[0]


def test_a_failure_that_fails_again_is_reproduced():
    assert judged(run(status="failed", code=1), run(status="failed", code=1)).is_reproduced


def test_without_metrics_the_artifacts_decide():
    before = run(artifacts=[("model.pt", "a" * 32), ("b.png", "b" * 32)])

    assert judged(before, before).verdict == verdict.IDENTICAL
    assert judged(before, run(artifacts=[("model.pt", "c" * 32)])).verdict == verdict.MISSING


def test_artifacts_that_differ_beside_metrics_that_agree_are_said():
    found = judged(run({"f1": 1.0}, [("model.pt", "a" * 32)]), run({"f1": 1.0}, [("model.pt", "c" * 32)]))

    assert found.verdict == verdict.IDENTICAL
    assert found.artifacts[0].verdict == verdict.DIFFERENT
    assert "model.pt" in found.remarks[0]
    assert "metrics agree" in found.remarks[0]


def test_without_metrics_and_artifacts_what_was_printed_decides():
    quiet, loud, other = (
        run(),
        run()._replace(outputs={"log": "a" * 32}),
        run()._replace(outputs={"log": "b" * 32}),
    )

    assert judged(quiet, quiet).verdict == verdict.IDENTICAL
    assert judged(loud, loud).verdict == verdict.IDENTICAL
    assert judged(loud, other).verdict == verdict.DIFFERENT
    assert "printed" in judged(loud, other).remarks[0]


def test_an_artifact_in_a_folder_named_after_the_time_is_found_again():
    before = [("outputs/2026-11-22/19-05-46/a.pt", "a" * 32), ("b1.png", "b" * 32), ("b2.png", "c" * 32)]
    after = [("outputs/2026-11-23/05-49-51/a.pt", "a" * 32), ("b1.png", "b" * 32), ("b3.txt", "c" * 32)]

    found = judged(run({"f1": 1.0}, before), run({"f1": 1.0}, after)).artifacts

    assert [(each.path, each.verdict) for each in found] == [
        ("outputs/2026-11-22/19-05-46/a.pt", verdict.IDENTICAL),
        ("b1.png", verdict.IDENTICAL),
        ("b2.png", verdict.MISSING),
        ("b3.txt", verdict.NEW),
    ]
