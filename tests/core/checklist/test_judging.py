"""Each element of a checklist is judged from plain facts."""

import pytest

from expctl.core.checklist import chance, code, data, environment, lines, outputs
from expctl.core.checklist.lines import FAIL, OK, WARN, Checklist, Holding, Line, Ways
from expctl.core.manifest import (
    FROM_STDIN,
    Artifact,
    CodeState,
    DataInput,
    Environment,
    LeftOut,
    Seeds,
    Submodule,
)
from expctl.core.packages import Package

WAYS = Ways(send="SEND", ask="ASK", remote="MAKE")
TREE = "a" * 40
SENT = Holding(here=True, there=True, remote="origin")


def states(found):
    return [line.state for line in found]


@pytest.mark.parametrize(
    ("held", "state", "mend"),
    [
        (Holding(here=True, there=True, remote="hub"), OK, ""),
        (Holding(here=False, there=True, remote="hub"), OK, ""),
        (Holding(here=True, there=False, remote="hub"), FAIL, "SEND"),
        (Holding(here=True, there=None, remote="hub"), WARN, "ASK"),
        (Holding(here=False, there=None, remote="hub"), WARN, "ASK"),
        (Holding(here=True), WARN, "MAKE"),
        (Holding(here=False), FAIL, ""),
        (Holding(here=False, there=False, remote="hub"), FAIL, "ask who recorded it to send it"),
        (Holding(here=True, remote="hub", fault="no route"), FAIL, ""),
    ],
)
def test_a_place_becomes_a_line_with_what_mends_it(held, state, mend):
    found = lines.placed("data", "it: ", held, WAYS)

    assert (found.state, found.mend) == (state, mend)
    assert found.said.startswith("it: ")
    assert held.fault in found.said


@pytest.mark.parametrize(
    ("marks", "grade"),
    [
        ({}, "A"),
        ({"data": WARN}, "B"),
        ({"data": FAIL, "code": WARN}, "C"),
        ({"data": FAIL, "code": FAIL}, "D"),
        ({"data": FAIL, "code": FAIL, "seeds": FAIL}, "F"),
        (dict.fromkeys(lines.ELEMENTS, FAIL), "F"),
    ],
)
def test_the_grade_counts_the_elements_that_fail(marks, grade):
    listed = tuple(Line(each, marks.get(each, OK), "x") for each in lines.ELEMENTS)
    found = Checklist("id", None, "completed", (*listed, *listed))

    assert found.grade == grade
    assert found.failing() == [each for each in lines.ELEMENTS if marks.get(each) == FAIL]
    assert found.only(["seeds"]).failing() == (["seeds"] if marks.get("seeds") == FAIL else [])


def of_code(state, held=SENT, branch="", notes=()):
    return code.lines(state, held, branch, notes, push="PUSH", ask="ASK")


def test_a_clean_commit_on_a_remote_branch_needs_no_snapshot():
    found = of_code(CodeState(commit=TREE, tree=TREE), Holding(here=True, remote="hub"), "on hub/main")

    assert [(line.state, line.said) for line in found] == [(OK, "commit aaaaaaa is on hub/main")]


def test_a_dirty_tree_must_be_sent_although_its_commit_was():
    held = Holding(here=True, there=False, remote="hub")
    (found,) = of_code(CodeState(commit=TREE, tree=TREE, dirty=True), held, "on hub/main")

    assert (found.state, found.mend) == (FAIL, "PUSH")


def test_a_source_that_was_not_taken_fails():
    assert states(of_code(None)) == [FAIL]


def test_late_edits_fail_and_other_edits_warn():
    state = CodeState(commit=TREE, tree=TREE, changed_while_running=("a.py", "b.py"))
    late = "late edits: imported after a change, so the recorded source is not what ran: a.py"

    assert states(of_code(state)) == [OK, WARN]
    found = of_code(state, notes=[late])[1]
    assert (found.state, "a.py" in found.said) == (FAIL, True)


def test_a_look_for_late_edits_that_failed_found_none():
    state = CodeState(commit=TREE, tree=TREE)

    assert states(of_code(state, notes=["late edits: git diff-files failed: index file corrupt"])) == [OK]


def test_files_left_out_share_a_line_and_a_secret_is_not_to_be_added():
    state = CodeState(
        commit=TREE,
        tree=TREE,
        left_out=(
            LeftOut("a.bin", "untracked, over 1 MiB"),
            LeftOut("b.bin", "untracked, over 1 MiB"),
            LeftOut(".env", "may hold secrets"),
        ),
    )

    found = of_code(state)[1:]

    assert [(line.state, line.mend) for line in found] == [
        (WARN, "git add a.bin, then record it again"),
        (WARN, ""),
    ]
    assert "a.bin and b.bin" in found[0].said


@pytest.mark.parametrize(("dirty", "state"), [(False, OK), (True, FAIL)])
def test_a_dirty_submodule_fails(dirty, state):
    found = of_code(CodeState(commit=TREE, tree=TREE, submodules=(Submodule("lib", TREE, dirty),)))

    assert found[1].state == state


def of_data(*inputs, seen=True):
    return data.lines(inputs, seen=seen, push="PUSH", ask="ASK")


def test_no_input_is_fine_only_where_somebody_watched():
    assert states(of_data()) == [OK]
    assert states(of_data(seen=False)) == [WARN]


@pytest.mark.parametrize(
    ("given", "state", "mend"),
    [
        (data.Input(DataInput(path="d", md5="1" * 32), in_tree=True), OK, ""),
        (data.Input(DataInput(path="d", md5="1" * 32, dvc="d.dvc"), held=SENT), OK, ""),
        (
            data.Input(
                DataInput(path="d", md5="1" * 32, dvc="d.dvc"),
                held=Holding(here=True, there=False, remote="r"),
            ),
            FAIL,
            "dvc push d",
        ),
        (
            data.Input(
                DataInput(path="d", md5="1" * 32, stored=True),
                held=Holding(here=True, there=False, remote="r"),
            ),
            FAIL,
            "PUSH",
        ),
        (data.Input(DataInput(path="d", md5="1" * 32), holds=True), FAIL, "dvc add d && dvc push d"),
        (data.Input(DataInput(path="d", md5="1" * 32), holds=False), FAIL, "dvc add d, then record it again"),
        (data.Input(DataInput(path="d", md5="1" * 32)), FAIL, ""),
        (data.Input(DataInput(path="d", md5="1" * 32, changed=True), in_tree=True), FAIL, None),
        (data.Input(DataInput(path="d")), FAIL, None),
        (data.Input(DataInput(uri="s3://b/k", version_id="v")), OK, ""),
        (data.Input(DataInput(uri="s3://b/k", etag="e")), WARN, None),
        (data.Input(DataInput(uri="https://h/k")), FAIL, None),
    ],
)
def test_an_input_is_judged_by_what_holds_its_bytes(given, state, mend):
    (found,) = of_data(given)

    assert found.state == state
    if mend is not None:
        assert found.mend == mend


def test_many_inputs_of_one_kind_share_a_line():
    found = of_data(*[data.Input(DataInput(path=f"{n}.csv", md5="1" * 32), holds=True) for n in range(50)])

    assert len(found) == 1
    assert "47 more" in found[0].said
    assert found[0].mend == "dvc add 0.csv 1.csv 2.csv && dvc push 0.csv 1.csv 2.csv"


@pytest.mark.parametrize(
    ("source", "state"),
    [
        (None, None),
        ("https://host/x-1.whl#sha256=ab", None),
        ("git+https://host/x@abc", OK),
        ("git+https://host/x@", FAIL),
        ("editable:.", WARN),
        ("editable:elsewhere", FAIL),
        ("file:x-1.0.whl#sha256=ab", FAIL),
        ("file:wheels/x.whl", WARN),
        ("conda:py311_0", WARN),
        ("unknown", FAIL),
    ],
)
def test_a_package_is_judged_by_where_it_came_from(source, state):
    packages = [Package("x", "1.0", source), Package("numpy", "2.0")]

    found = environment.lines(Environment(python="3.11"), packages, "", in_tree={".", "wheels/x.whl"})

    assert states(found) == [OK, *([state] if state else [])]


def test_what_recorded_the_run_need_not_be_made_again():
    found = environment.lines(Environment(python="3.11"), [Package("git-expctl", "1", "editable:x")], "")

    assert states(found) == [OK]


@pytest.mark.parametrize(
    ("found", "packages", "state"),
    [
        (None, None, FAIL),
        (Environment(), None, WARN),
        (Environment(container="sha256:" + "a" * 64), None, OK),
        (Environment(python="3.11"), None, FAIL),
        (Environment(python="3.11"), [], OK),
    ],
)
def test_an_environment_without_a_list_is_said(found, packages, state):
    assert environment.lines(found, packages, "")[0].state == state


@pytest.mark.parametrize(
    ("found", "seen", "expected"),
    [
        (None, True, [OK]),
        (None, False, [WARN]),
        (Seeds(requested=1, set={"random": 1}), True, [OK]),
        (Seeds(requested=1), False, [FAIL]),
        (Seeds(set={"torch": 3}), True, [OK]),
        (Seeds(unset=("numpy",)), True, [FAIL]),
        (Seeds(requested=1, set={"random": 1}, unset=("default_rng",)), True, [FAIL, OK]),
    ],
)
def test_generators_must_be_seeded(found, seen, expected):
    assert states(chance.seeds(found, seen=seen, again="AGAIN")) == expected


def test_a_generator_of_its_own_is_not_said_to_be_within_reach():
    (found,) = chance.seeds(Seeds(unset=("default_rng",)), seen=True, again="AGAIN")

    assert "numpy.random.default_rng()" in found.said
    assert found.mend != "AGAIN"


def test_flags_of_a_gpu_count_only_where_there_is_one():
    numeric = {"threads": 2, "pythonhashseed": "42", "torch_deterministic": False, "cudnn_benchmark": True}

    assert states(chance.determinism(Environment(numeric=numeric), again="A")) == [OK]
    on_gpu = Environment(numeric=numeric, gpus=({"name": "H100"},))
    assert states(chance.determinism(on_gpu, again="A")) == [WARN, WARN, OK]
    assert states(chance.determinism(Environment(numeric={"pythonhashseed": "random"}), again="A"))[0] == WARN


@pytest.mark.parametrize(
    ("verdicts", "state", "said"),
    [
        ({"identical": 1}, OK, "repeated 1 time: identical"),
        ({"identical": 2, "within noise": 1}, OK, "repeated 3 times: identical (2), within noise (1)"),
        ({"identical": 2, "different": 1}, FAIL, "repeated 3 times: identical (2), different (1)"),
        ({"not judged": 1}, WARN, "repeated 1 time: not judged"),
    ],
)
def test_what_came_of_repeats_is_the_best_evidence(verdicts, state, said):
    (found,) = chance.repeats(verdicts, "EXPLAIN")

    assert (found.state, found.said) == (state, said)
    assert found.mend == ("EXPLAIN" if state == FAIL else "")
    assert chance.repeats({}, "EXPLAIN") == []


def test_hardware_is_one_line():
    found = Environment(cpu={"model": "X", "cores": 4}, gpus=({"name": "H100"}, {"name": "H100"}), cuda="12")

    assert chance.hardware(found)[0].said == "X, 4 cores, 2 × H100, CUDA 12"
    assert states(chance.hardware(None)) == [WARN]


def test_a_model_that_was_not_kept_warns_and_one_that_was_not_sent_fails():
    items = [Artifact("a.pt", kind="model", stored=True), Artifact("b.pt", kind="model"), Artifact("c.png")]

    assert states(outputs.artifacts(items, SENT, push="P", ask="A")) == [OK, WARN]
    assert states(outputs.artifacts(items[:1], Holding(True, False, "r"), push="P", ask="A")) == [FAIL]
    assert states(outputs.artifacts(items[:1], None, push="P", ask="A")) == [FAIL]
    assert states(outputs.artifacts((), None, push="P", ask="A")) == [OK]


@pytest.mark.parametrize(
    ("where", "pending", "has_remote", "state"),
    [
        ("on hub/main", False, True, OK),
        ("", True, True, WARN),
        ("", False, True, WARN),
        ("", False, False, OK),
    ],
)
def test_a_record_is_where_others_see_it(where, pending, has_remote, state):
    assert states(outputs.record(where, pending=pending, has_remote=has_remote)) == [state]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (list("abcde"), "a, b, c and 2 more"),
    ],
)
def test_a_list_of_names_has_an_end(names, text):
    assert lines.named(names) == text


def test_what_came_through_standard_input_fails_the_data():
    assert data.from_stdin(["something else"]) == []
    assert states(data.from_stdin([FROM_STDIN])) == [FAIL]
