"""Manifests for tests: one that has everything, and a hypothesis strategy of all that can be."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from expctl.core import manifest as m
from expctl.core import relpath, runid


def full(run_id: str = "20261122-190546-k3f9qa", **changes: object) -> m.Manifest:
    """A manifest with content in every section; keywords replace fields."""
    values: dict[str, object] = {
        "id": run_id,
        "name": "transformer_baseline",
        "experiment": "fraud_detection_v2",
        "status": "completed",
        "started_at": datetime(2026, 11, 22, 19, 5, 46, 123456, UTC),
        "duration_s": 83.214,
        "command": m.Command(argv=("python", "train.py", "--lr", "0.001"), exit_code=0),
        "code": m.CodeState(
            commit="7f3a2b1c" * 5,
            branch="main",
            dirty=True,
            tree="9c1de0f1" * 5,
            changed_while_running=("train.py",),
            left_out=(m.LeftOut(path="big.bin", why="untracked, over 1 MiB"),),
            submodules=(m.Submodule(path="lib", commit="0" * 40, dirty=False),),
        ),
        "params": {
            "training": {"learning_rate": 1e-05, "batch_size": 64},
            "layers": [1, 2.5, "x", None, True],
        },
        "params_from": {"config/experiment.yaml": "file", "argv": ["training.learning_rate"]},
        "metrics": {
            "f1_score": m.Metric(value=0.87, step=49, min=0.41, max=0.88, points=50, direction="max"),
            "val/loss": m.Metric(value=float("inf"), source="output"),
        },
        "data": (
            m.DataInput(
                path="data/train.parquet", md5="a3b2c1d0" * 4, bytes=10**8, dvc="data/train.parquet.dvc"
            ),
            m.DataInput(uri="s3://data/train_v3.parquet", etag='"abc-3"', version_id="null", bytes=5),
        ),
        "artifacts": (
            m.Artifact(path="model.pt", md5="00000000" * 4, bytes=1843200, kind="model", stored=True),
            m.Artifact(
                path="그림/혼동 행렬.png", md5="1234567e" * 4 + ".dir", bytes=1, nfiles=2, kind="figure"
            ),
        ),
        "environment": m.Environment(
            python="3.11.7",
            packages="environments/5b0c7d21e9aa.yaml",
            platform="Linux-6.1-x86_64",
            cpu={"model": "AMD EPYC 7763", "cores": 2},
            memory_bytes=25769803776,
            gpus=({"name": "NVIDIA H100", "driver": "535.1"},),
            cuda="12.4",
            numeric={"blas": "openblas 0.3.29", "cudnn_deterministic": None},
            container="sha256:" + "0" * 64,
        ),
        "seeds": m.Seeds(requested=42, set={"random": 42, "numpy": 42}, unset=("torch",)),
        "resources": m.Resources(cpu_s=160.2, max_rss_bytes=812000000),
        "outputs": {"log": "a" * 32, "series": "b" * 32},
        "tags": {"dataset_version": "v3_20240115", "interpretability": "3"},
        "notes": ("looks good: ship it", "# not a comment", "two\nlines"),
        "parent": {"sweep": "20261122-190546-aaaaaa", "job": {"slurm": "4711_3", "rank0": True}},
        "capture": m.Capture(expctl="0.1.0", notes=("no GPU",)),
        "extra": {"from_the_future": {"x": [1]}},
    }
    return m.Manifest(**{**values, **changes})  # type: ignore[arg-type]


#: What YAML 1.1 or 1.2 could take for something else, or a terminal for an order.
_TRICKY = [
    "", " ", "~", "null", "yes", "No", "on", "y", "1e-3", "1e5", "0o17", "017", "1_000", "12:30:45",
    "2026-01-02", "-", "- a", "a: b", "a #b", "#", "---", "...", "=", "<<", "3.11", "3.11.7", ".5",
    "0x1F", "1234567e10", "'", '"', "\\", "a'b", "{}", "[a]", "%x", "@x", "`x`", "!x", "&x", "*x", "?",
    ": ", "a:", "x > y", "\ufeff", "\x00", "\x1b[0m", "\x85", "\u2028", "\u202e", "a\n b\n", "\tx", "데이터",
    "🙂", "\U000e0041", "\U0010ffff",
]  # fmt: skip
#: Any text but lone surrogates.
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(_TRICKY),
    st.from_regex(r"[-+.0-9eE_:xobTZ ]{1,12}", fullmatch=True),
)
NUMBER = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.integers(-(2**900), 2**900)
)
PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBER, TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=12,
)
MAPPING = st.dictionaries(TEXT, PLAIN, max_size=5)
_HEX = st.text("0123456789abcdef", min_size=32, max_size=32)
_PATH = TEXT.filter(lambda text: relpath.check(text) is None)
_COUNT = st.integers(0, 2**63 - 1)
_REAL = st.one_of(st.floats(allow_nan=False), st.integers(-(2**63), 2**63 - 1))


def _maybe(strategy):
    return st.one_of(st.none(), strategy)


def _extra(target):
    known = {*target._fields}
    return st.dictionaries(TEXT.filter(lambda key: key not in known), PLAIN, max_size=2)


_MOMENT = st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants it naive
METRIC = st.builds(
    m.Metric,
    value=_REAL,
    step=_maybe(_COUNT),
    min=_maybe(_REAL),
    points=st.integers(1, 10),
    direction=st.sampled_from([None, "max", "min"]),
    extra=_extra(m.Metric),
)
MANIFEST = st.builds(
    m.Manifest,
    id=st.builds(
        runid.make,
        _MOMENT,
        st.binary(min_size=6, max_size=6),
    ),
    name=_maybe(TEXT),
    experiment=TEXT,
    status=st.sampled_from(m.FINAL_STATUSES),
    started_at=_MOMENT,
    duration_s=_maybe(st.floats(0, 1e9)),
    command=st.builds(
        m.Command, argv=st.lists(TEXT, max_size=4).map(tuple), exit_code=_maybe(st.integers(0, 255))
    ),
    code=_maybe(st.builds(m.CodeState, branch=_maybe(TEXT), dirty=st.booleans(), extra=_extra(m.CodeState))),
    params=MAPPING,
    params_from=MAPPING,
    metrics=st.dictionaries(TEXT, METRIC, max_size=3),
    data=st.lists(
        st.builds(m.DataInput, path=_PATH, md5=_maybe(_HEX), changed=st.booleans()), max_size=2
    ).map(tuple),
    artifacts=st.lists(
        st.builds(m.Artifact, path=_PATH, bytes=_maybe(_COUNT), kind=TEXT, stored=st.booleans()), max_size=3
    ).map(tuple),
    environment=_maybe(st.builds(m.Environment, python=TEXT, cpu=MAPPING)),
    seeds=_maybe(st.builds(m.Seeds, requested=_COUNT, unset=st.lists(TEXT, max_size=2).map(tuple))),
    outputs=st.dictionaries(TEXT, _HEX, max_size=2),
    tags=st.dictionaries(TEXT, TEXT, max_size=3),
    notes=st.lists(TEXT, max_size=3).map(tuple),
    parent=MAPPING,
    capture=_maybe(st.builds(m.Capture, expctl=TEXT, notes=st.lists(TEXT, max_size=2).map(tuple))),
    extra=_extra(m.Manifest),
)
