"""The table of rules: what each reads, with a line that it reads and what comes of it."""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """One kind of output.

    Attributes:
        what: What it reads.
        example: Lines of that kind.
        gives: The metrics that come of them: last values by name.
    """

    what: str
    example: str
    gives: dict[str, float]


#: In the order in which a line is held against them; the first that fits takes the line.
RULES: dict[str, Rule] = {
    "report": Rule(
        "scikit-learn's classification report: accuracy and averages",
        "              precision    recall  f1-score   support\n"
        "   macro avg       0.97      0.96      0.97       143",
        {"macro_avg_precision": 0.97, "macro_avg_recall": 0.96, "macro_avg_f1_score": 0.97},
    ),
    "box": Rule(
        "a table of names and values, such as Lightning's after a test",
        "┃        Test metric        ┃       DataLoader 0        ┃\n"
        "│         test_acc          │         0.921875          │",
        {"test_acc": 0.921875},
    ),
    "table": Rule(
        "rows of numbers under names, the first one a step",
        "  epoch    train_loss    valid_acc    dur\n      3        0.4100       0.8700   0.31",
        {"train_loss": 0.41, "valid_acc": 0.87},
    ),
    "tqdm": Rule(
        "what a tqdm bar shows behind its speed, in its last state",
        "Epoch 3: 100%|██████████| 50/50 [00:01<00:00, 41.22it/s, loss=0.41]",
        {"loss": 0.41},
    ),
    "keras": Rule(
        "Keras' bars; those of evaluate() are called eval_…",
        "Epoch 3/5\n469/469 ━━━━━━━━━━━━━━━━━━━━ 2s 4ms/step - accuracy: 0.8712 - loss: 0.4533",
        {"accuracy": 0.8712, "loss": 0.4533},
    ),
    "rich": Rule(
        "rich's bars, as Lightning draws them",
        "Epoch 2/2  ━━━━━━━━ 8/8 0:00:00 • 0:00:00 34.99it/s train_loss: 0.227",
        {"train_loss": 0.227},
    ),
    "boosting": Rule(
        "rounds of XGBoost and LightGBM",
        "[100]\tvalidation_0-logloss:0.31\tvalidation_0-auc:0.91",
        {"validation_0-logloss": 0.31, "validation_0-auc": 0.91},
    ),
    "catboost": Rule(
        "rounds of CatBoost",
        "5:\tlearn: 0.55\ttest: 0.51\tbest: 0.51 (5)\ttotal: 47.5ms\tremaining: 190ms",
        {"learn": 0.55, "test": 0.51},
    ),
    "optuna": Rule(
        "finished trials of Optuna",
        "Trial 3 finished with value: 0.87 and parameters: {'x': 1.5}. Best is trial 2 with value: 0.91.",
        {"value": 0.87, "best_value": 0.91},
    ),
    "dictionary": Rule(
        "dictionaries and JSON on one line, as Hugging Face's trainer prints them",
        "{'loss': 0.4, 'grad_norm': 1.25, 'learning_rate': 1e-05, 'epoch': 1.0}",
        {"loss": 0.4, "grad_norm": 1.25},
    ),
    "progress": Rule(
        "names with numbers on a line that says its epoch, iteration or step",
        "epoch 3/10: train_loss=0.41 val_acc=0.87 time=2.3s",
        {"train_loss": 0.41, "val_acc": 0.87},
    ),
    "sentence": Rule(
        "names with numbers on any other line",
        "Test Accuracy: 93.4 %",
        {"test_accuracy": 0.934},
    ),
}
#: The rules of a user's own have no line of their own in the table.
OWN = "own"
