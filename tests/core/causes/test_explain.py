"""Two manifests and what is known beside them: what is blamed, in what order, and what is not."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from expctl.core import manifest as m
from expctl.core.causes import explain as core
from expctl.core.causes.cause import CERTAIN, HARMLESS, POSSIBLE, Explanation, Facts, FileDelta
from expctl.core.diff import Sides
from expctl.core.packages import Package
from tests.records import MANIFEST

NOT_IMPORTED = Package("tabulate", "0.8")
LISTED = (Package("numpy", "1.26.4"), Package("scikit-learn", "1.5.2"), NOT_IMPORTED)
RUN = m.Manifest(
    id="20261122-190546-k3f9qa",
    status="completed",
    started_at=datetime(2026, 11, 22, 19, 5, 46, 0, UTC),
    command=m.Command(argv=("python", "train.py", "--lr", "0.1"), exit_code=0),
    code=m.CodeState(
        commit="a" * 40, tree="a" * 40, imported=("model.py", "train.py"), opened=("vocab.txt", "images/")
    ),
    params={"lr": 0.1},
    params_from={"argv": ["lr"]},
    metrics={"f1_score": m.Metric(0.92), "fit_time_s": m.Metric(3.0)},
    data=(m.DataInput(path="data/train.csv", md5="a" * 32, bytes=100),),
    environment=m.Environment(
        python="3.11.7",
        packages="environments/5b0c7d21e9aa.yaml",
        platform="Linux-6.1-x86_64",
        cpu={"model": "AMD EPYC", "cores": 2},
        numeric={"blas": "openblas 0.3.29", "threads": 2, "pythonhashseed": "0"},
        imported=("numpy", "scikit-learn"),
    ),
    seeds=m.Seeds(set={"numpy": 1}),
)
WORSE = RUN._replace(
    id="20261122-190601-whe6m1", metrics={"f1_score": m.Metric(0.85), "fit_time_s": m.Metric(9.0)}
)


def explain(after: m.Manifest = WORSE, *, before: m.Manifest = RUN, **facts) -> Explanation:
    return core.explain(before, after, Facts(**{"packages": Sides(LISTED, LISTED), **facts}))


def blamed(found: Explanation) -> list[tuple[str, str]]:
    return [(cause.kind, cause.name) for cause in found.of_grade(CERTAIN)]


def names(found: Explanation, grade: str) -> list[str]:
    return [cause.name for cause in found.of_grade(grade)]


def environment(**changes) -> m.Manifest:
    return WORSE._replace(environment=RUN.environment._replace(**changes))


def code(**changes) -> m.Manifest:
    return WORSE._replace(code=RUN.code._replace(**changes))


def with_versions(**versions: str) -> Sides:
    return Sides(LISTED, [Package(p.name, versions.get(p.name.replace("-", "_"), p.version)) for p in LISTED])


def test_nothing_that_differs_is_said_and_not_made_up() -> None:
    found = explain()

    assert found.causes == ()
    assert found.verdict == "No difference was found in what was recorded."
    assert [text.partition(" (")[0] for text in found.missing] == ["environment variables"]


@pytest.mark.parametrize(
    ("after", "facts", "expected"),
    [
        (WORSE._replace(seeds=m.Seeds(set={"numpy": 2})), {}, ("seed", "seed")),
        (WORSE._replace(seeds=m.Seeds(unset=("numpy",))), {}, ("seed", "seed")),
        (WORSE._replace(params={"lr": 0.01}), {}, ("parameter", "lr")),
        (WORSE._replace(params={"lr": 0.1, "seed": 3}), {}, ("seed", "seed")),
        (WORSE._replace(data=(RUN.data[0]._replace(md5="b" * 32),)), {}, ("data", "data/train.csv")),
        (WORSE._replace(data=()), {}, ("data", "data/train.csv")),
        (WORSE._replace(status="interrupted"), {}, ("ending", WORSE.id)),
        (WORSE, {"packages": with_versions(scikit_learn="1.4.0")}, ("package", "scikit-learn")),
        (WORSE, {"packages": Sides(LISTED, LISTED[:1] + LISTED[2:])}, ("package", "scikit-learn")),
        (WORSE, {"files": [FileDelta("model.py", added=1, removed=2)]}, ("code", "model.py")),
        (WORSE, {"files": [FileDelta("vocab.txt", added=1, removed=2)]}, ("data", "vocab.txt")),
        (WORSE, {"files": [FileDelta("images/7.png")]}, ("data", "images/7.png")),
        (environment(python="3.12.1"), {}, ("python", "python")),
        (environment(platform="Darwin-23-arm64"), {}, ("hardware", "platform")),
        (WORSE._replace(command=m.Command(argv=("python", "other.py"))), {}, ("command", "command")),
    ],
)  # fmt: skip
def test_one_cause_is_named_alone(after: m.Manifest, facts: dict, expected: tuple[str, str]) -> None:
    found = explain(after, **facts)

    assert blamed(found) == [expected]
    assert names(found, POSSIBLE) == []


def test_causes_that_came_together_are_all_named() -> None:
    after = WORSE._replace(
        seeds=m.Seeds(set={"numpy": 2}), data=(RUN.data[0]._replace(md5="b" * 32),), params={"lr": 0.01}
    )
    found = explain(after, packages=with_versions(scikit_learn="1.4.0", tabulate="0.9"))

    assert {kind for kind, _ in blamed(found)} == {"seed", "data", "parameter", "package"}
    assert names(found, HARMLESS) == ["tabulate"]
    assert found.verdict == "4 things that the runs used differ."


@pytest.mark.parametrize(
    ("after", "facts", "name"),
    [
        (WORSE, {"packages": with_versions(tabulate="0.9")}, "tabulate"),
        (WORSE, {"files": [FileDelta("README.md", added=1, removed=0)]}, "README.md"),
        (WORSE, {"files": [FileDelta("other.py", added=9, removed=9)]}, "other.py"),
        (WORSE, {"files": [FileDelta("train.py", added=1, removed=1, same_program=True)]}, "train.py"),
        (WORSE, {"files": [FileDelta("notes.cfg", added=1, removed=1)]}, "notes.cfg"),
        (WORSE, {"files": [FileDelta("requirements.txt", added=1, removed=1)]}, "requirements.txt"),
        (WORSE._replace(params={"lr": 0.1, "out": "b"}), {}, "out"),
        (WORSE._replace(data=(RUN.data[0]._replace(path="d/t.csv"),)), {}, "d/t.csv"),
        (environment(platform="Linux-6.9-x86_64"), {}, "platform"),
        (environment(memory_bytes=1), {}, "memory"),
        (environment(gpus=({"name": "NVIDIA H100"},)), {}, "GPU"),
    ],
)
def test_what_cannot_have_mattered_is_not_blamed(after: m.Manifest, facts: dict, name: str) -> None:
    found = explain(after, **facts)

    assert names(found, HARMLESS) == [name]
    assert len(found.causes) == 1


@pytest.mark.parametrize(
    ("after", "facts", "name"),
    [
        (environment(numeric={**RUN.environment.numeric, "threads": 8}), {}, "threads"),
        (environment(numeric={**RUN.environment.numeric, "blas": "mkl"}), {}, "BLAS"),
        (environment(cpu={"model": "Intel", "cores": 2}), {}, "CPU"),
        (environment(python="3.11.9"), {}, "python"),
        (environment(imported=None), {"packages": with_versions(tabulate="0.9")}, "tabulate"),
        (code(imported=None), {"files": [FileDelta("other.py")]}, "other.py"),
        (code(opened=None), {"files": [FileDelta("words.cfg")]}, "words.cfg"),
        (code(tree="b" * 40), {"files": None, "missing": ["it"]}, "source tree"),
        (WORSE._replace(data=(RUN.data[0]._replace(changed=True),)), {}, "data/train.csv"),
    ],
)
def test_what_may_have_mattered_is_called_possible(after: m.Manifest, facts: dict, name: str) -> None:
    found = explain(after, **facts)

    assert names(found, POSSIBLE) == [name]
    assert blamed(found) == []


def test_what_nobody_recorded_is_said() -> None:
    bare = WORSE._replace(code=None, environment=None)

    found = explain(bare).missing[:2]

    assert found == ("the source of the second run", "the environment of the second run")


def test_data_that_nobody_hashed_is_told_in_the_order_of_the_record() -> None:
    listed = tuple(m.DataInput(path=f"data/{name}.bin", bytes=1) for name in "hbfdgace")
    found = explain(RUN._replace(data=listed), before=RUN._replace(data=listed))

    assert [text.partition(":")[0] for text in found.missing] == [item.path for item in listed]


def test_without_a_seed_and_with_nothing_else_it_is_noise() -> None:
    unseeded = m.Seeds(unset=("numpy",))
    found = explain(WORSE._replace(seeds=unseeded), before=RUN._replace(seeds=unseeded))

    assert blamed(found) == [("seed", "unset")]
    assert found.verdict == "No seed: this is the noise of the script."


def test_without_a_seed_a_part_beside_another_cause_may_be_noise() -> None:
    unseeded = m.Seeds(unset=("numpy",))
    after = WORSE._replace(seeds=unseeded, params={"lr": 1})
    found = explain(after, before=RUN._replace(seeds=unseeded))

    assert blamed(found) == [("parameter", "lr")]
    assert names(found, POSSIBLE) == ["unset"]


def test_the_same_results_are_said_first() -> None:
    same = WORSE._replace(metrics={**WORSE.metrics, "f1_score": m.Metric(0.92)}, params={"lr": 0.2})

    assert explain(same).verdict == "The metrics are the same to the last bit: what differs did not matter."


def test_last_digits_are_first_put_down_to_rounding() -> None:
    almost = environment(numeric={**RUN.environment.numeric, "threads": 8}, python="3.11.9")
    found = explain(almost._replace(metrics={"f1_score": m.Metric(0.92 + 1e-12)}))

    assert names(found, POSSIBLE) == ["threads", "python"]
    assert "last digits alone" in found.causes[0].evidence


def test_blas_that_came_with_numpy_is_one_cause() -> None:
    after = environment(numeric={**RUN.environment.numeric, "blas": "openblas 0.3.31"})
    found = explain(after, packages=with_versions(numpy="2.1.0"), importers={"numpy": "train.py"})

    assert blamed(found) == [("package", "numpy")]
    assert found.causes[0].sentence == "numpy 1.26.4 → 2.1.0"
    assert found.causes[0].evidence == "imported by train.py"


def test_hardware_is_not_blamed_where_nothing_reckoned() -> None:
    plain = RUN._replace(environment=RUN.environment._replace(imported=()))
    after = WORSE._replace(environment=plain.environment._replace(cpu={"model": "Intel", "cores": 2}))

    assert names(explain(after, before=plain), HARMLESS) == ["CPU"]


def test_a_settings_file_is_told_by_its_parameters() -> None:
    before = RUN._replace(params_from={"conf.yaml": "file"})
    moved = WORSE._replace(params={"lr": 0.2}, params_from={"conf.yaml": "file"})
    files = [FileDelta("conf.yaml", added=1, removed=1)]

    found = explain(moved, before=before, files=files)
    assert blamed(found) == [("parameter", "lr")]
    assert names(found, HARMLESS) == ["conf.yaml"]
    assert found.causes[0].evidence == "from conf.yaml"

    found = explain(moved._replace(params={"lr": 0.1}), before=before, files=files)
    assert names(found, HARMLESS) == ["conf.yaml"]


def test_data_of_another_name_is_told_once() -> None:
    before = RUN._replace(params={"data": "data/train.csv"})
    other = m.DataInput(path="data/v2.csv", md5="b" * 32, bytes=200)
    found = explain(WORSE._replace(params={"data": "data/v2.csv"}, data=(other,)), before=before)

    assert [cause.sentence for cause in found.causes] == ["Other data: data/train.csv → data/v2.csv"]


def test_a_file_that_a_shell_script_may_have_read_is_possible() -> None:
    script = m.Command(argv=("bash", "run.sh"))
    before, after = RUN._replace(command=script), WORSE._replace(command=script)
    found = explain(after, before=before, files=[FileDelta("run.sh"), FileDelta("words.cfg")])

    assert blamed(found) == [("code", "run.sh")]
    assert names(found, POSSIBLE) == ["words.cfg"]


def test_metrics_that_moved_come_first_and_timings_last() -> None:
    metrics = {
        "steps": m.Metric(9),
        "fit_time_s": m.Metric(9),
        "f1": m.Metric(math.nan),
        "auc": m.Metric(0.5),
    }
    before = RUN._replace(
        metrics={**metrics, "fit_time_s": m.Metric(1), "auc": m.Metric(0.6), "steps": m.Metric(8)}
    )
    found = explain(WORSE._replace(metrics=metrics), before=before)

    assert [(each.metric, each.is_same) for each in found.effects] == [
        ("auc", False), ("steps", False), ("fit_time_s", False), ("f1", True)
    ]  # fmt: skip


@settings(deadline=None, max_examples=20)
@given(MANIFEST, MANIFEST)
def test_any_two_manifests_are_answered(before: m.Manifest, after: m.Manifest) -> None:
    found = core.explain(before, after, Facts(packages=Sides(), files=None))

    assert found.verdict
    assert all(cause.sentence for cause in found.causes)
    # A run does not differ from itself, but for what it left unseeded and what changed while it ran.
    itself = core.explain(before, before, Facts())
    assert {cause.name for cause in itself.causes if cause.kind not in ("data", "seed")} == set()


@pytest.mark.parametrize(
    ("before", "after", "grade"),
    [
        ("python train.py --lr 0.1 a", "python train.py --lr 0.1 b", CERTAIN),
        ("python train.py", "python -m train", CERTAIN),
        ("python -c 1", "python -c 2", CERTAIN),
        ("python train.py", "/venv/bin/python3.11 -u ./train.py", None),
        ("python train.py data/train.csv", "python train.py", None),
        ("python train.py --lr 0.1", "python train.py --lr 0.2", None),
        ("torchrun --nproc_per_node 1 train.py", "torchrun --nproc_per_node 2 train.py", POSSIBLE),
    ],
)
def test_a_command_is_another_where_no_parameter_tells_how(before: str, after: str, grade: str) -> None:
    one, other = (m.Command(argv=tuple(words.split())) for words in (before, after))
    found = explain(WORSE._replace(command=other), before=RUN._replace(command=one))

    assert [cause.grade for cause in found.causes] == ([grade] if grade else [])


def test_paths_are_seen_from_where_the_command_ran() -> None:
    words = ("bash", "run.sh", "--data", "../data/train.csv")
    one = m.Command(argv=words, cwd="sub")
    before = RUN._replace(command=one, params={"data": "../data/train.csv"})
    other = m.DataInput(path="data/v2.csv", md5="b" * 32)
    after = WORSE._replace(
        command=one._replace(argv=(*words[:3], "../data/v2.csv")),
        params={"data": "../data/v2.csv"},
        data=(other,),
    )
    found = explain(after, before=before, files=[FileDelta("sub/run.sh", added=1, removed=1)])

    assert blamed(found) == [("code", "sub/run.sh"), ("data", "data/v2.csv")]
    assert found.causes[0].evidence == "+1 −1 lines, named by the command"


def test_threads_are_one_cause_whoever_counts_them() -> None:
    numeric = {**RUN.environment.numeric, "torch_threads": 2, "omp_num_threads": "2"}
    before = RUN._replace(environment=RUN.environment._replace(numeric=numeric))
    after = environment(numeric={**numeric, "threads": 1, "torch_threads": 1, "omp_num_threads": "1"})

    assert names(explain(after, before=before), POSSIBLE) == ["threads"]
