"""Which way a metric is better: as the settings say, else as its name tells."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Words that settle it wherever they stand in a name; they go before ``_HIGH``: ``accuracy_loss`` is a loss.
_LOW = frozenset(
    """
    loss losses error errors err rmse mse mae mape smape msle rmsle nll bce ce kl kld divergence
    perplexity ppl brier logloss regret cost wer cer eer ece mce fid kid lpips distance latency
    time duration seconds secs ms memory rss flops bytes mb energy carbon co2 bic aic deviance
    residual hinge crossentropy fpr fnr far frr overhead violations misses
    """.split()  # noqa: SIM905  a list of words reads better so
)
_HIGH = frozenset(
    """
    acc accuracy precision recall sensitivity specificity f1 f2 fbeta fscore score auc auroc roc auprc
    prc ap map map50 map95 mrr ndcg dcg hits hit r2 iou miou dice jaccard kappa mcc corrcoef bleu rouge meteor
    chrf psnr ssim reward return win throughput speedup coverage purity silhouette correlation corr
    pearson spearman kendall top1 top5 likelihood explained tpr tnr ppv npv gini lift fps
    """.split()  # noqa: SIM905  a list of words reads better so
)
#: Compounds that the single words would get wrong or miss, first match wins.
_PHRASES = (
    (re.compile(r"log_?likelihood|loglik|elbo"), "max"),
    (re.compile(r"cross_?entropy|log_?loss|error_?rate|run_?time|wall_?clock"), "min"),
    (re.compile(r"(?:^|_)io_u(?:_|$)"), "max"),  # mIoU, IoU
    (re.compile(r"per_(sec|second|s)\b|_per_(sec|second|s)$|average_precision|r_?squared"), "max"),
    (re.compile(r"(false|miss)_(positive|negative|alarm)|false_discovery"), "min"),
)
_NEGATED = frozenset({"neg", "negative", "minus"})
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+")


def direction_of(metric: str, configured: Mapping[str, str]) -> str | None:
    """Say which way a metric is better.

    Args:
        metric: Its name, without ``metrics.``.
        configured: ``max`` or ``min`` by glob of the name, as in the settings; the first that fits decides.

    Returns:
        ``max``, ``min``, or None when nobody can tell.
    """
    return stated(metric, configured) or by_name(metric)


def stated(metric: str, configured: Mapping[str, str]) -> str | None:
    """What the settings say of a metric; the first pattern that fits decides, None when none does."""
    for glob, direction in configured.items():
        if fnmatch.fnmatchcase(metric, glob) or fnmatch.fnmatchcase(metric, glob.removeprefix("metrics.")):
            return direction
    return None


def by_name(metric: str) -> str | None:
    """What the name alone tells; None when it tells nothing."""
    words = [word.lower() for word in _WORDS.findall(metric)]
    text = "_".join(words)
    found = next((direction for pattern, direction in _PHRASES if pattern.search(text)), None)
    if found is None:
        found = _by_words(words)
    if found is not None and _NEGATED.intersection(words):  # scikit-learn's neg_mean_squared_error
        return "min" if found == "max" else "max"
    return found


def _by_words(words: list[str]) -> str | None:
    if any(word in _LOW for word in words):
        return "min"
    return "max" if any(word in _HIGH for word in words) else None
