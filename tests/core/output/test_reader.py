"""What becomes a metric, and what must not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core.output import collect, options, rules
from expctl.core.output.reader import Reader


def read(text: str | bytes, asked: object = True, params: tuple[str, ...] = ()) -> dict[str, float]:
    """Last values by name."""
    reader = Reader(options.parse(asked), params)
    data = text.encode() if isinstance(text, str) else text
    kept = collect.kept([*reader.feed(data + b"\n"), *reader.finish()])
    return {name: of[-1].value for name, of in kept.items()}


def steps(text: str, name: str) -> list[int | None]:
    reader = Reader()
    readings = collect.kept([*reader.feed(text.encode() + b"\n"), *reader.finish()])
    return collect.points_of(readings[name]).steps


@pytest.mark.parametrize("name", rules.RULES)
def test_the_example_of_a_rule_gives_what_the_table_says(name: str) -> None:
    rule = rules.RULES[name]
    reader = Reader()
    readings = [*reader.feed(rule.example.encode() + b"\n"), *reader.finish()]

    assert {each.name: each.value for each in readings} == rule.gives
    assert {each.rule for each in readings} == {name}


@pytest.mark.parametrize("name", rules.RULES)
def test_a_rule_can_be_switched_off(name: str) -> None:
    reader = Reader(options.parse({"off": [name]}))
    readings = [*reader.feed(rules.RULES[name].example.encode() + b"\n"), *reader.finish()]

    assert [each for each in readings if each.rule == name] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("f1_score=0.87", {"f1_score": 0.87}),
        ("The RMSE of prediction is: 0.445", {"rmse_of_prediction": 0.445}),
        ("Accuracy: 93.4 %", {"accuracy": 0.934}),
        ("Accuracy: 9834/10000 (98%)", {"accuracy": 0.9834}),
        ("loss = 1.5e-05", {"loss": 1.5e-05}),
        ("Mean accuracy: 0.93 (+/- 0.02), MAE = -0.5", {"mean_accuracy": 0.93, "mae": -0.5}),
        ("Epoch 3 | loss 0.41 | acc 0.87", {"loss": 0.41, "acc": 0.87}),
        ("Train: loss=0.4, acc=0.9 | Val: loss=0.5, acc=0.8",
         {"train_loss": 0.4, "train_acc": 0.9, "val_loss": 0.5, "val_acc": 0.8}),
        ("train Loss: 0.6 Acc: 0.7", {"train_loss": 0.6, "train_acc": 0.7}),
        ("loss: 0.4 loss: 0.5", {}),
        ("KNN ROC:0.9992, precision @ rank n:0.95", {"knn_roc": 0.9992}),
        ("ROC: 3 files", {}),
        ("Coefficient of determination: 0.47", {"coefficient_of_determination": 0.47}),
        ("Adjusted Rand Index: 0.952", {"adjusted_rand_index": 0.952}),
        ("coefficient: 0.47, rand: 0.3, index: 0.2", {}),
        ("[2026-11-23 05:10:53,552][HYDRA] Best value: 1.5", {"best_value": 1.5}),
        ("Model: OLS   Adj. R-squared: 0.912", {"adj_R-squared": 0.912}),
        ("estimator rf's best error=2.6429e-01", {}),
        ("The ROC AUC of loaded model's prediction is: 0.79", {"roc_auc_of_loaded_model's_prediction": 0.79}),
        ("Finished Squared Error in: 0.0777", {}),
        ("P@5: 0.75, R@5: 0.5", {"p@5": 0.75, "r@5": 0.5}),
        ("{'loss': '0.6931', 'epoch': '1'}", {"loss": 0.6931}),
        ("R²: 0.294", {"r2": 0.294}),
        ("\x1b[1mval_auc\x1b[0m: \x1b[32m0.91\x1b[0m", {"val_auc": 0.91}),
        ("perplexity: 1,234.5", {"perplexity": 1234.5}),
        ("loss: tensor(0.25, grad_fn=<NllLossBackward0>) acc: np.float64(0.5)", {"loss": 0.25, "acc": 0.5}),
        ("SVC: accuracy=0.93", {"svc_accuracy": 0.93}),
        ("Best model: forest with F1 = 0.94", {"f1": 0.94}),
    ],
)  # fmt: skip
def test_a_line_that_names_a_metric_gives_it(line: str, found: dict[str, float]) -> None:
    assert read(line) == found


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-22 19:05:46,123 INFO started at 19:05:46",
        "listening on 127.0.0.1:6006, score server v1.2.3",
        "loss computed in 2.3s, 4ms/step, 41.2it/s, ETA 0:05:12",
        "lr: 0.001, batch_size=64, seed: 42, threshold 0.5, loss_weight=0.3",
        "Namespace(lr=0.1, score=0.7, auc=0.5)",
        "RandomForestClassifier(max_depth=4, accuracy=0.5)",
        "python train.py --loss=0.5 --accuracy 0.9",
        "epoch 3/10, step 500 of 1000, batch 5",
        "precision: 16, error: 2, score: 5",
        "val_loss improved from 0.52 to 0.48, saving model",
        "expected accuracy: 0.95 at least",
        "ValueError: loss: 0.5 is too high",
        "train.c:1:20: warning: accuracy = 0.5",
        "memory: 512.3 MB, loss buffer: 12.5 MB",
        "Best parameters: {'C': 1.0, 'score': 0.5}",
        "config: {'loss': 0.3, 'accuracy': 0.9}",
        "Map: 100%|██████████| 1000/1000 [00:00<00:00, 6250.6 examples/s]",
        "[rank1]: loss: 0.5",
        "Accuracy for class: plane is 95.3 %",
        "expctl: 3f9qa completed, f1 0.87",
        '127.0.0.1 - - [22/Nov/2026] "GET /score?accuracy=0.5 HTTP/1.1" 200 0.5',
    ],
)
def test_a_line_that_only_looks_so_gives_none(line: str) -> None:
    assert read(line) == {}


def test_an_echo_of_a_parameter_is_no_metric() -> None:
    assert read("score: 0.5 loss: 0.25", params=("model.score",)) == {"loss": 0.25}


def test_blocks_of_settings_are_passed_over() -> None:
    text = (
        "TrainConfig(\n  score=0.5,\n)\nConfig:\n  accuracy: 0.3\n\n"
        "Traceback (most recent call last):\n  loss = 0.5\nValueError: x\nf1: 0.75"
    )

    assert read(text) == {"f1": 0.75}


def test_a_metric_of_several_settings_is_not_the_runs() -> None:
    assert read("k=1: accuracy=0.91\nk=3: accuracy=0.93\nauc: 0.5") == {"auc": 0.5}
    assert read("alpha=0.5 rmse=0.79") == {"rmse": 0.79}


def test_a_value_that_is_said_again_with_fewer_digits_is_left_out() -> None:
    assert read("accuracy: 0.9649\nOverall it went well: done\nfinal (accuracy 0.96)")["accuracy"] == 0.9649


def test_batches_within_epochs_are_counted_through() -> None:
    text = "\n".join(f"Train Epoch: {e} [{n}/600 (1%)]\tLoss: 0.{e}{n}" for e in (1, 2) for n in (0, 300))

    assert steps(text, "train_loss") == [0, 300, 600, 900]


def test_steps_that_fall_are_not_kept_for_the_highest_counts_as_the_last() -> None:
    assert steps("step 1: loss=0.5\nstep 2: loss=0.4\nstep 1: loss=0.6", "loss") == [None] * 3


def test_a_heading_gives_the_step_of_what_stands_under_it() -> None:
    text = (
        "Epoch 0/1\n----------\ntrain Loss: 0.5 Acc: 0.6\nEpoch 1/1\ntrain Loss: 0.4 Acc: 0.7\nTest acc: 0.65"
    )

    assert steps(text, "train_loss") == [0, 1]
    assert steps(text, "test_acc") == [None]


def test_of_a_bar_only_the_last_state_counts_though_lines_are_printed_between() -> None:
    states = [f"\r{n * 10:3d}%|█  | {n}/10 [00:01<00:00, 5.0it/s, loss=0.{99 - n}]" for n in range(11)]
    text = "".join(states[:5]) + "\rcheckpoint saved\n" + "".join(states[5:]) + "\n"
    reader = Reader()

    assert [*reader.feed(text.encode())] == []
    assert [each.value for each in reader.waiting()] == [0.89]
    assert [each.value for each in reader.finish()] == [0.89]


def test_settings_ignore_rename_and_add() -> None:
    asked = {
        "ignore": ["grad_*"],
        "rename": {"loss": "train_loss"},
        "names": ["clip*"],
        "rules": {"wer": "WER of {value} % after {} at step {step}"},
    }
    text = "loss=0.5 grad_norm=1.5 clipfrac=0.25\nWER of 12.5 % after all at step 30"

    assert read(text, asked) == {"train_loss": 0.5, "clipfrac": 0.25, "wer": 12.5}


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_without_a_fault(data: bytes) -> None:
    reader = Reader()

    for reading in [*reader.feed(data), *reader.finish()]:
        assert reading.name.isprintable()
        assert len(reading.name) <= 120


_PIECES = st.sampled_from(
    ["loss", "acc: ", "epoch ", "3/10", "0.5", "=", "[", "]", "{", "}", "'a': ", "%|", "|", " ", "\t", "━",
     "it/s", "(", ")", "Trial 3 finished with value: ", "precision recall f1-score support", "1.2.3", "\r",
     "\n", "\x08", "- ", "nan", ","]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=120).map("".join))
@settings(max_examples=200, deadline=None)
def test_odd_lines_are_read_without_a_fault_and_in_pieces_alike(text: str) -> None:
    data = text.encode()
    whole, pieces = Reader(), Reader()

    expected = [*whole.feed(data), *whole.finish()]
    found = [each for at in range(len(data)) for each in pieces.feed(data[at : at + 1])]

    assert repr([*found, *pieces.finish()]) == repr(expected)  # NaN equals nothing


@pytest.mark.parametrize(
    "piece",
    ["loss ", "a.", "1/", "[", "{'a':", "━ ", "0%|", "epoch 1 ", " -", "a: ", "1,1", "\x1b[", "(a", "| "],
)
def test_no_line_takes_long(piece: str) -> None:
    data = (piece * 20_000).encode()[:60_000]
    before = time.process_time()
    reader = Reader()

    list(reader.feed((data + b"\n") * 5 + data))
    list(reader.finish())

    assert time.process_time() - before < 20


def test_headings_of_words_say_whose_the_numbers_are() -> None:
    models = "Random forest:\n  accuracy: 0.95\n\nSVM:\n  accuracy: 0.93\n\n"
    text = "Validation:\n  loss: 0.5\n\n" + models + "=== Results ===\nauc: 0.75"

    assert read(text) == {"validation_loss": 0.5, "auc": 0.75}


@pytest.mark.parametrize(
    "text",
    [
        "accuracy      0.97       143",
        "{'lr': 0.1, 'batch_size': 64, 'score': 0.5}",
        "[RANK 1] loss: 0.5",
        "  loss  0.12  0.45  0.88",
    ],
)
def test_rows_of_unknown_tables_and_echoes_of_settings_give_none(text: str) -> None:
    assert read(text) == {}


def test_frames_of_two_columns_and_prefixes_of_loggers_are_read() -> None:
    assert read("| train/value_loss | -0.25 |\nwandb: val_acc 0.75\n[RANK 0] auc: 0.5") == {
        "train/value_loss": -0.25,
        "val_acc": 0.75,
        "auc": 0.5,
    }


@pytest.mark.parametrize(
    "heading", ["training: {}", "Model: {}", "Performance of `{}` with labels:", "{} Results"]
)
def test_a_metric_of_several_models_in_turn_is_not_the_runs(heading: str) -> None:
    def lines(*names: str) -> str:
        return "".join(f"{heading.format(name)}\nscore: 0.{len(name)}\n" for name in names)

    assert read(lines("adam")) == {"score": 0.4}
    assert read(lines("adam", "momentum")) == {}


def test_a_dictionary_holds_for_what_its_heading_names() -> None:
    assert read("Validation:\n{'loss': 0.5}") == {"validation_loss": 0.5}
    assert read("Ridge model:\n{'r2': 0.5}\nLasso model:\n{'r2': 0.25}") == {}


def test_a_number_that_is_said_again_with_fewer_digits_is_one_point() -> None:
    text = "50%|██| 5/10 [00:01<00:00, 4it/s, best_cost=2.85e-05]\nbest cost: 2.8509175e-05"
    reader = Reader()
    kept = collect.kept([*reader.feed(text.encode() + b"\n"), *reader.finish()])

    assert [each.value for each in kept["best_cost"]] == [2.8509175e-05]


def test_the_end_of_an_epoch_is_a_step_and_the_best_epoch_is_none() -> None:
    assert steps("| end of epoch 1 | valid loss 6.15\n| end of epoch 2 | valid loss 5.75", "valid_loss") == [
        1,
        2,
    ]
    assert steps("best of epoch 3: loss 0.5", "loss") == [None]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[iter {}] loss=0.{} val_loss=0.0000", {"loss": 0.2}),
        ("[iter {}] loss=0.0000 val_loss=0.{}", {"loss": 0.0, "val_loss": 0.2}),
        ("epoch {}: val_error=0.0 acc=0.{}", {"val_error": 0.0, "acc": 0.2}),
    ],
)
def test_a_loss_on_other_data_that_is_always_nothing_was_not_measured(
    text: str, found: dict[str, float]
) -> None:
    assert read("\n".join(text.format(n, n) for n in (1, 2))) == found
    assert read("Test loss: 0.0") == {"test_loss": 0.0}
