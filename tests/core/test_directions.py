"""Which way a metric is better."""

from __future__ import annotations

import pytest

from expctl.core import directions

LOW = """
loss val_loss train.loss eval/loss valLoss mean_squared_error
rmse MAE error_rate inference_time_ms latency_p99
perplexity wer log_loss validation_0-logloss cross_entropy bce false_positive_rate model_size_mb accuracy_loss
neg_log_likelihood runtime peak_memory_bytes FID"""
HIGH = """
accuracy val_acc valAcc f1 f1_score macro-F1
auc roc_auc AUROC precision recall r2 r2_score mAP map50 bleu
rougeL iou IoU mIoU val_mIoU top1 top5_acc mean_reward samples_per_sec throughput
reward_per_episode neg_mean_squared_error log_likelihood
average_precision ndcg@10 matthews_corrcoef score explained_variance"""


@pytest.mark.parametrize("name", LOW.split())
def test_less_is_better(name):
    assert directions.direction_of(name, {}) == "min"


@pytest.mark.parametrize("name", HIGH.split())
def test_more_is_better(name):
    assert directions.direction_of(name, {}) == "max"


@pytest.mark.parametrize(
    "name",
    [
        "epoch",
        "lr",
        "step",
        "temperature",
        "batch_size",
        "episodes_per_run",
        "n",
        "count",
        "정확도",
        "",
        "...",
    ],
)
def test_nobody_can_tell(name):
    assert directions.direction_of(name, {}) is None


def test_the_settings_decide_and_the_first_pattern_that_fits_wins():
    configured = {"val_*": "max", "*loss": "min", "metrics.alpha": "max"}

    assert directions.direction_of("val_loss", configured) == "max"
    assert directions.direction_of("alpha", configured) == "max"
    assert directions.direction_of("f1", configured) == "max"


def test_what_is_recorded_and_what_is_shown_go_by_one_rule() -> None:
    configured = {"val.*": "min", "*": "max", "val.loss": "max"}

    assert directions.stated("val.loss", configured) == "min"
    assert directions.stated("other", {"val.*": "min"}) is None
    assert directions.direction_of("loss", {"val.*": "min"}) == "min"
