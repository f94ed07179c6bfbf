"""Which version a stage goes back to."""

from expctl.core.registry import moves, policy, returns, state, tags


class Life:
    """Changes of stage, added one by one."""

    def __init__(self, *versions):
        self.events = [
            self.event(moves.Step(f"m@{name}", f"c{name}", number), "registration")
            for number, name in enumerate(versions)
        ]

    def event(self, step, word):
        name = tags.parse(step.tag)
        return state.Event(
            name, step.tag, "0" * 40, step.commit, step.at, "Ada", "a@x", f"x\n\nExpctl-Event: {word}"
        )

    @property
    def model(self):
        return state.fold(self.events)["m"]

    def move(self, version, stage, word="promotion"):
        plan = moves.plan(self.model, version, stage, policy.DEFAULT, now=100)
        self.events += [self.event(step, word) for step in (*plan.first, *plan.rest)]

    def back(self):
        version = returns.before(self.model, "production")
        if version is not None:
            self.move(version, "production", "rollback")
        return version


def test_each_way_back_leads_further_back():
    life = Life("v1.0.0", "v2.0.0", "v3.0.0")
    for version in ("v1.0.0", "v2.0.0", "v3.0.0"):
        life.move(version, "production")

    assert [life.back(), life.back(), life.back()] == ["v2.0.0", "v1.0.0", None]

    life.move("v3.0.0", "production")
    assert life.back() == "v1.0.0"


def test_of_an_empty_stage_the_version_that_left_it_comes_back():
    life = Life("v1.0.0", "v2.0.0")
    for version in ("v1.0.0", "v2.0.0"):
        life.move(version, "production")
    life.move("v2.0.0", "archived", "archive")

    assert life.back() == "v2.0.0"
    assert life.back() == "v1.0.0"


def test_a_version_that_was_withdrawn_does_not_come_back():
    life = Life("v1.0.0", "v2.0.0")
    for version in ("v1.0.0", "v2.0.0"):
        life.move(version, "production")
    life.events.append(life.event(moves.Step("m@v1.0.0!", "cv1.0.0", 200), "deregistration"))

    assert returns.before(life.model, "production") is None
    assert returns.before(life.model, "staging") is None
