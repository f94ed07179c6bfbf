"""How two environments differ, most important first."""

from __future__ import annotations

from expctl.core.manifest import Environment
from expctl.core.packages import Package
from expctl.core.surroundings import Side, compare


def gaps(before, now, had=(), has=()):
    packages = ([Package(*each) for each in had], [Package(*each) for each in has])
    return [gap.what for gap in compare(Side(before, packages[0]), Side(now, packages[1]))]


def test_what_moves_numbers_stands_first():
    before = Environment(python="3.11.7", platform="Linux-6.1", cpu={"model": "A", "cores": 2})
    now = Environment(python="3.12.1", platform="Linux-6.8", cpu={"model": "B", "cores": 2})

    found = gaps(
        before,
        now,
        [("tabulate", "0.9"), ("numpy", "1.26.4"), ("scipy", "1.11.0")],
        [("tabulate", "0.8"), ("numpy", "2.1.0"), ("scipy", "1.11.1")],
    )

    assert found == ["python", "package numpy", "package scipy", "cpu", "package tabulate", "platform"]


def test_the_same_is_no_difference_and_the_unknown_is_none_either():
    same = Environment(python="3.11.7", cuda="12.4", gpus=({"name": "H100"},))

    assert gaps(same, same, [("numpy", "1")], [("numpy", "1")]) == []
    assert gaps(same, Environment(gpus=({"name": "H100"},))) == []


def test_a_package_that_is_not_there_is_said_and_one_more_is_not():
    [gap] = compare(
        Side(Environment(), [Package("numpy", "1.0")]), Side(Environment(), [Package("extra", "1.0")])
    )

    assert (gap.what, gap.before, gap.now) == ("package numpy", "1.0", None)


def test_a_gpu_that_is_not_there_is_a_difference():
    assert gaps(Environment(gpus=({"name": "H100"},)), Environment()) == ["gpu"]


def test_tools_that_install_are_no_difference():
    assert gaps(Environment(), Environment(), [("pip", "1"), ("setuptools", "1")], [("pip", "2")]) == []
