"""Where a request stands: what makes it stale, what does not, and what is over already."""

import pytest

from expctl.core.registry import policy, record, standing, state, tags
from expctl.core.registry.record import Record
from expctl.core.registry.standing import Ledger
from tests.core.registry.test_request import SOME

DIGEST = "e" * 64
TIPS = ["d" * 40, *(f"{at:x}" * 40 for at in range(1, 9))]


def entry(seq, version, to, *, displaced=(), came_from=(), request=""):
    return Record(
        seq=seq,
        model="fraud",
        event="promotion" if to else "registration",
        version=version,
        to=to,
        came_from=came_from,
        displaced=displaced,
        run=None,
        at=seq,
        by="Bo <bo@x>",
        reason="",
        tags={},
        request=request,
    )


def ledger(*later):
    """The entry that the request was made against, and what came after it."""
    entries = [entry(6, "v1.0.0", None), *later]
    return Ledger(entries[::-1], TIPS[: len(entries)][::-1])


def event(tag, commit, at):
    name = tags.parse(tag)
    oid = SOME.tag if tag == "fraud@v1.2.0" else "0" * 40
    return state.Event(name, tag, oid, commit, at, "Bo", "bo@x", "")


def model(*more):
    """v1.1.0 in production, v1.2.0 in staging."""
    events = [
        event("fraud@v1.1.0", "1" * 40, 1),
        event("fraud@v1.2.0", SOME.commit, 2),
        event("fraud@v1.3.0", "3" * 40, 3),
        event("fraud#production#1", "1" * 40, 4),
        event("fraud#staging#2", SOME.commit, 5),
        *more,
    ]
    return state.fold(events)["fraud"]


def judged(request=SOME, found=None, told=None, rules=policy.DEFAULT):
    return standing.judge(request, DIGEST, found or model(), told or ledger(), rules)


def test_a_request_waits_while_nothing_has_moved():
    assert judged() == standing.Standing(standing.WAITING)


@pytest.mark.parametrize(
    "later",
    [
        entry(7, "v1.3.0", None),
        entry(7, "v1.3.0", "canary", came_from=("none",)),
    ],
)
def test_what_does_not_touch_it_does_not_matter(later):
    assert judged(told=ledger(later)).state == standing.WAITING


@pytest.mark.parametrize(
    "later",
    [
        entry(7, "v1.2.0", "archived", came_from=("staging",)),
        entry(7, "v1.3.0", "production", displaced=("v1.1.0",)),
        entry(7, "v1.3.0", "staging", displaced=("v1.2.0",)),
        entry(7, "v1.1.0", "archived", came_from=("production",)),
    ],
)
def test_what_touches_its_version_or_its_stage_makes_it_stale_even_if_all_is_as_before(later):
    found = judged(told=ledger(later))

    assert found.state == standing.STALE
    assert "entry 7 of the ledger, by Bo" in found.why


@pytest.mark.parametrize(
    ("tag", "commit", "why"),
    [
        ("fraud@v1.2.0!", SOME.commit, "withdrawn"),
        ("fraud#staging!#9", SOME.commit, "is in none now, and was in staging"),
        ("fraud#production!#9", "1" * 40, "holds none now, and held v1.1.0"),
    ],
)
def test_tags_that_no_ledger_knows_of_make_it_stale_too(tag, commit, why):
    found = judged(found=model(event(tag, commit, 9)))

    assert (found.state, why in found.why) == (standing.STALE, True)


@pytest.mark.parametrize("change", [{"tag": "c" * 40}, {"commit": "c" * 40}, {"version": "v9.0.0"}])
def test_another_version_than_was_asked_for_is_not_moved(change):
    assert judged(SOME._replace(**change)).state == standing.STALE


def test_the_number_that_a_request_gives_hides_nothing():
    later = entry(7, "v1.2.0", "archived", came_from=("staging",))

    assert judged(SOME._replace(seq=99), told=ledger(later)).state == standing.STALE


def test_a_ledger_that_is_not_this_one_makes_it_stale():
    assert "not this one" in judged(SOME._replace(tip="f" * 40)).why


def test_what_was_applied_stays_applied_whatever_came_after():
    later = [entry(7, "v1.2.0", "production", request=DIGEST), entry(8, "v1.2.0", "archived")]

    assert judged(told=ledger(*later)).state == standing.APPLIED
    assert judged(SOME._replace(tip="f" * 40), told=ledger(*later)).state == standing.APPLIED


def test_what_was_done_without_it_is_over():
    later = [entry(7, "v1.2.0", "production"), entry(8, "v1.1.0", "production")]

    assert judged(told=ledger(*later)).state == standing.DONE


def test_a_policy_without_its_stage_or_a_way_there_bars_it():
    nowhere = policy.DEFAULT._replace(stages={"staging": policy.DEFAULT.stages["staging"]})
    registered = SOME._replace(version="v1.3.0", tag="0" * 40, commit="3" * 40, came_from=())

    assert judged(rules=nowhere).state == standing.BARRED
    assert judged(registered) == standing.Standing(
        standing.BARRED, "fraud@v1.3.0 is in none; production is reached from staging", "staging"
    )


def test_a_reason_that_looks_like_a_trailer_is_none():
    said = entry(7, "v1.2.0", "production", request=DIGEST)
    said = said._replace(run=SOME.run, asked_by=SOME.by, reason="Expctl-Run: 20260101-000000-000000")

    assert record.trailer(record.message(said), "Expctl-Run") == SOME.run
    assert record.trailer(record.message(said), "Expctl-Asked-By") == SOME.by
    assert record.trailer("registered by stock gto", "Expctl-Run") is None
