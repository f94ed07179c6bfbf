"""Changes of stage, as tags: held against a plain model of who stands where."""

from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core.registry import moves, policy, state, tags

STAGES = list(policy.DEFAULT.stages)


def event(step, number):
    name = tags.parse(step.tag)
    assert name is not None
    return state.Event(
        name, step.tag, f"{number:040x}", step.commit, step.at, "Ada", "ada@example.com", step.tag
    )


def registered(count):
    return [
        event(moves.Step(f"m@v1.{number}.0", f"c{number}", 100 + number), number) for number in range(count)
    ]


#: (which version, where to, by how much the clock jumps)
ORDERS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(STAGES), st.integers(-50, 50)), min_size=1, max_size=15
)


@settings(deadline=None, max_examples=200)
@given(ORDERS)
def test_after_any_changes_everybody_stands_where_a_plain_model_says(orders):
    events = registered(4)
    plain = {f"v1.{number}.0": policy.NONE for number in range(4)}
    now = 1000
    for number, target, jump in orders:
        now += jump  # clocks lie
        version = f"v1.{number}.0"
        model = state.fold(events)["m"]
        refused = moves.refusal(model, version, target, policy.DEFAULT)
        allowed = plain[version] in policy.DEFAULT.stages[target].sources and plain[version] != target
        assert (refused is None) == allowed
        if refused:
            continue
        plan = moves.plan(model, version, target, policy.DEFAULT, now=now)
        events += [event(step, len(events)) for step in (*plan.first, *plan.rest)]
        if policy.DEFAULT.stages[target].exclusive:
            for other, stage in plain.items():
                if stage == target:
                    plain[other] = policy.DEFAULT.stages[target].displaces_to or policy.NONE
        plain[version] = target

    model = state.fold(events)["m"]

    assert {name: next(iter(one.stages), policy.NONE) for name, one in model.versions.items()} == plain
    assert all(len(one.stages) <= 1 for one in model.versions.values())
    dates = [one.at for one in events]
    assert len(set(dates)) == len(dates)
    assert len({one.tag for one in events}) == len(events)


@settings(deadline=None, max_examples=100)
@given(ORDERS)
def test_what_counts_at_once_is_at_most_three_tags_and_ends_with_the_entry(orders):
    events = registered(4)
    for number, target, _ in orders:
        model = state.fold(events)["m"]
        version = f"v1.{number}.0"
        if moves.refusal(model, version, target, policy.DEFAULT):
            continue
        plan = moves.plan(model, version, target, policy.DEFAULT, now=0)

        assert 1 <= len(plan.first) <= 3
        last = max((*plan.first, *plan.rest), key=lambda step: step.at)
        assert tags.parse(last.tag) == tags.parse(plan.first[-1].tag)
        assert state.fold([*events, *(event(step, 0) for step in plan.first)])["m"].holder(target) == version
        events += [event(step, len(events)) for step in (*plan.first, *plan.rest)]


def test_a_way_round_is_named():
    model = state.fold(registered(1))["m"]

    said, between = moves.refusal(model, "v1.0.0", "production", policy.DEFAULT)

    assert said == "m@v1.0.0 is in none; production is reached from staging"
    assert between == "staging"


def test_a_stage_that_the_policy_names_no_more_is_told_where_a_version_stands():
    events = registered(1)
    events.append(event(moves.Step("m#canary#1", "c0", 200), 1))
    model = state.fold(events)["m"]

    said, between = moves.refusal(model, "v1.0.0", "production", policy.DEFAULT)

    assert said == "m@v1.0.0 is in canary, which the policy does not name; production is reached from staging"
    assert between == "staging"


def test_a_policy_may_have_stages_of_its_own_that_do_not_exclude_each_other():
    text = {
        "schema": policy.SCHEMA,
        "stages": {
            "eu": {"alone": False},
            "us": {"from": ["none", "eu"], "alone": False, "exclusive": False},
        },
    }
    rules, faults = policy.read(text, "registry.yaml")
    events = registered(1)
    for target in ("eu", "us"):
        plan = moves.plan(state.fold(events)["m"], "v1.0.0", target, rules, now=0)
        events += [event(step, len(events)) for step in (*plan.first, *plan.rest)]

    assert faults == []
    assert set(state.fold(events)["m"].versions["v1.0.0"].stages) == {"eu", "us"}


def test_every_fault_of_a_policy_is_named_at_once():
    text = {
        "schema": "x",
        "gate": 1,
        "stages": {
            "a b": {"from": ["nowhere"]},
            "none": {},
            "c": {"exclusive": 1, "displaces_to": "c", "x": 1},
        },
    }

    _, faults = policy.read(text, "f")

    assert [fault.split(": ", 1)[1] for fault in faults] == [
        "gate: unknown",
        "schema: must be expctl/policy/v1",
        "stages.c.x: unknown",
        "stages.c: exclusive and alone must be true or false",
        "stages.a b: must be letters, digits, '-', '_' and '/', and begin and end with a letter or a digit",
        "stages.a b: there is no stage nowhere",
        "stages.none: is where a version stands that is in no stage",
        "stages.c: displaces_to: must be another stage",
    ]


STEPWISE = policy.Policy(
    {
        "live": policy.Stage((policy.NONE, "previous", "gone"), displaces_to="previous"),
        "previous": policy.Stage((policy.NONE,), displaces_to="gone"),
        "gone": policy.Stage((policy.NONE,), exclusive=False),
    }
)
ROUND = policy.Policy(
    {
        "a": policy.Stage((policy.NONE, "b"), displaces_to="b"),
        "b": policy.Stage((policy.NONE, "a"), displaces_to="a"),
    }
)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_a_displaced_version_makes_room_in_a_stage_that_only_one_may_hold(order):
    events = registered(4)
    for number in order:
        model, version = state.fold(events)["m"], f"v1.{number}.0"
        if moves.refusal(model, version, "live", STEPWISE):
            continue
        plan = moves.plan(model, version, "live", STEPWISE, now=1000)
        assert len(plan.first) <= 3
        events += [event(step, len(events)) for step in (*plan.first, *plan.rest)]
        model = state.fold(events)["m"]

        assert model.holders["live"] == (version,)
        assert len(model.holders.get("previous", ())) <= 1
        assert all(len(one.stages) <= 1 for one in model.versions.values())


def test_stages_that_displace_each_other_come_to_an_end():
    events = registered(3)
    for number, stage in ((0, "a"), (1, "b"), (2, "a")):
        plan = moves.plan(state.fold(events)["m"], f"v1.{number}.0", stage, ROUND, now=1000)
        events += [event(step, len(events)) for step in (*plan.first, *plan.rest)]

    model = state.fold(events)["m"]

    assert model.holders["a"] == ("v1.2.0",)
    assert model.holders["b"] == ("v1.0.0",)
