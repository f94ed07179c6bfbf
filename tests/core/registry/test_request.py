"""Requests as files: the same bytes for the same wish, and nothing believed that only a stranger writes."""

import contextlib
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.adapters import yaml
from expctl.core.registry import request as requests
from expctl.core.registry.request import Request
from expctl.store import requests as stored

SOME = Request(
    model="fraud",
    version="v1.2.0",
    came_from=("staging",),
    to="production",
    in_place=("v1.1.0",),
    reason="recall 0.91",
    by="Ada <ada@example.com>",
    at=1795398701,
    run="20261122-190546-k3f9qa",
    commit="a" * 40,
    tag="b" * 40,
    manifest="sha256:" + "c" * 64,
    seq=6,
    tip="d" * 40,
)
KEYS = [
    *("schema", "model", "version", "from", "to", "in_place", "reason", "requested_by"),
    *("requested_at", "run", "commit", "tag", "manifest", "ledger", "seq", "tip"),
]
NAMES = st.text(string.ascii_letters, min_size=1, max_size=9)
LINES = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="<>"), max_size=40
)


def read(data: bytes) -> Request:
    return requests.decode(yaml.parse(data, name="request"), model="fraud")


@given(NAMES, NAMES, st.lists(NAMES, max_size=3, unique=True), LINES, st.integers(0, 4_000_000_000))
@settings(deadline=None, max_examples=100)
def test_what_is_written_is_read_back(to, name, stages, reason, at):
    wish = SOME._replace(
        to=to, came_from=tuple(stages), reason=" ".join(reason.split()), by=f"{name} <x@y>", at=at
    )

    assert read(requests.encode(wish)) == wish


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=9)
        ),
        max_leaves=20,
    ),
    st.sampled_from(KEYS),
)
@settings(deadline=None, max_examples=200)
def test_whatever_a_file_holds_is_refused_in_one_way(value, key):
    data = {**yaml.parse(requests.encode(SOME), name="request"), key: value}

    with contextlib.suppress(ValueError):
        found = requests.decode(data, model="fraud")
        assert requests.decode(yaml.parse(requests.encode(found), name="x"), model="fraud") == found


def test_the_order_of_keys_is_fixed():
    keys = [line.partition(":")[0] for line in requests.encode(SOME).decode().splitlines() if line[0] != " "]

    assert keys == KEYS[:-2]


def test_keys_of_a_later_level_are_passed_over():
    assert read(requests.encode(SOME) + b"expires_at: '2027-01-01T00:00:00Z'\n") == SOME


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"expctl/request/v1", b"expctl/request/v9"),
        (b"model: fraud", b"model: other"),
        (b"version: v1.2.0", b"version: v1"),
        (b"version: v1.2.0", b"version: [v1.2.0]"),
        (b"to: production", b"to: '#x'"),
        (b"to: production", b"to: ../x"),
        (b"  - staging", b"  - 'a b'"),
        (b"  - v1.1.0", b"  - master"),
        (b"recall 0.91", b'"two\\nlines"'),
        (b"recall 0.91", b"x" * 3000),
        (b"Ada <ada@example.com>", b'"Ada <a>\\nExpctl-Event: x <b>"'),
        (b"Ada <ada@example.com>", b"Ada"),
        (b"Ada <ada@example.com>", b'"Ada\\e[2J <a>"'),
        (b"2026-11-23", b"2026-13-23"),
        (b"20261122-190546-k3f9qa", b"../../etc/passwd"),
        (b"a" * 40, b"HEAD"),
        (b"b" * 40, b"--upload-pack=x"),
        (b"sha256:", b"md5:"),
        (b"seq: 6", b"seq: -1"),
        (b"seq: 6", b"seq: 0"),
        (b"tip: " + b"d" * 40, b"tip: main"),
    ],
)
def test_what_cannot_be_is_refused(old, new):
    data = requests.encode(SOME)
    assert old in data

    with pytest.raises(ValueError, match=r"\w"):
        read(data.replace(old, new))


def test_a_request_is_named_after_its_bytes():
    data = requests.encode(SOME)
    path = requests.path_of("fraud", requests.digest(data))

    assert stored.check(path, data).request == SOME
    assert "never changes" in stored.check(path, data.replace(b"0.91", b"0.99")).fault
    assert requests.place(path) == ("fraud", requests.id_of(requests.digest(data)))


@pytest.mark.parametrize(
    ("path", "model"),
    [
        (".experiments/requests/fraud/0123456789ab.yaml", "fraud"),
        (".experiments/requests/services/a=fraud/0123456789ab.yaml", "services/a:fraud"),
        (".experiments/requests/a/b/0123456789ab.yaml", "a/b"),
        (".experiments/requests/fraud/0123456789AB.yaml", None),
        (".experiments/requests/fraud/0123456789ab.yml", None),
        (".experiments/requests/0123456789ab.yaml", None),
        (".experiments/requests/../../x/0123456789ab.yaml", None),
        (".experiments/requests/a..b/0123456789ab.yaml", None),
        (".experiments/requests/a\n/0123456789ab.yaml", None),
        (".experiments/requests/-x/0123456789ab.yaml", None),
    ],
)
def test_only_a_request_lies_in_its_place(path, model):
    assert requests.place(path) == ((model, "0123456789ab") if model else None)


def test_approvals_have_their_place_beside_a_request():
    stem = ".experiments/requests/services/a=fraud/0123456789ab"

    assert requests.is_approval(f"{stem}.risk.approval")
    assert requests.is_approval(f"{stem}.legal-2.approval.sig")
    assert not requests.is_approval(f"{stem}.yaml")
    assert requests.place(f"{stem}.risk.approval") is None
