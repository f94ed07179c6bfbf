"""Which names are those of metrics: a word that measures must be in them, and none that says otherwise.

A wrong metric is worse than a missing one, so an unknown name is none. What a project calls its own is added
in the settings.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A name with one of these measures something.
WORDS = frozenset(
    """
    loss losses nll bce xent crossentropy cross_entropy perplexity ppl bpc bpb elbo kl kld likelihood loglik
    acc accuracy acc1 acc5 top1 top5 f1 f2 f05 fbeta f1score fscore precision prec recall sensitivity
    specificity roc auc auroc aucroc aucpr auprc auc_pr ap map map50 map75 map95 iou miou dice jaccard mcc
    matthews
    kappa mae mse rmse msle rmsle mape smape wape mase medae mdae nrmse r2 rsquared r_squared logloss
    error err merror cer wer ter bleu sacrebleu rouge rouge1 rouge2 rougel rougelsum meteor chrf bertscore
    ndcg mrr psnr ssim lpips fid kid score fitness objective deviance brier ece gini silhouette ari nmi ami
    inertia bic aic pearson spearman spearmanr pearsonr kendall corr correlation concordance cindex hinge
    reward rew return regret fpr tpr fnr tnr fdr eer mota idf1 hota epe rmsd lddt explained_variance
    explained_var grad_norm gnorm entropy cost residual purity homogeneity completeness v_measure
    balanced_accuracy success_rate win_rate hit_rate error_rate
    """.split()  # noqa: SIM905 a list of words reads better so
)
#: May stand beside such a word in a phrase without any sign.
_BESIDE = frozenset(
    """
    train training trn val valid validation test testing dev eval evaluation holdout oof oob cv cross cls box
    reg mean avg average median macro micro weighted balanced best final overall total running smoothed
    epoch batch step top 1 5 binary multiclass absolute squared root square log mean roc pr under area curve
    word character char rate set entropy percentage normalized adjusted last max min minimum maximum moving
    q value policy actor critic episode d g generator discriminator out ema dfl obj score top-1 top-5
    """.split()  # noqa: SIM905 as above
)
#: A name with one of these is a setting, a count, a duration or talk about a metric.
_AGAINST = frozenset(
    """
    lr learning epochs steps iters iterations batches size sizes count counts num number n_ nb seed seeds
    weight weights coef coeff coefficient scale scaling factor lambda alpha gamma threshold thresh thr
    tolerance tol patience delta fn function func type name names metric criterion reduction decay
    momentum warmup smoothing clip clipping ratio target goal limit required requirement expected desired
    time seconds secs sec ms us minutes hours eta duration elapsed runtime latency speed throughput
    per_second per_sec memory mem bytes mb gb version port rank param params parameter parameters args config
    option options layers units dim dims width height depth bits code codes status index idx id ids
    previous prev improvement improved change diff difference drop every interval freq frequency
    power exponent margin temperature budget offset window quantile percentile std stdev stddev variance sd
    var support baseline_value upper lower ci bound bounds line column col row rows worker workers messages
    buffer correction message exit line file files handling bars bar label labels tokens token vocab
    fraction sample samples
    """.split()  # noqa: SIM905 as above
)
#: Phrases that the single words would get wrong.
_FINE = re.compile(
    r"explained_var|error_rate|(?:true|false)_(?:positive|negative)_rate|(?:success|win|hit)_rate|std_error"
    r"|coefficient_of_determination|rand_(?:index|score)|mutual_info|best_value"
    r"|(?:silhouette|correlation|dice|gini|matthews|jaccard|pearson|spearman)_(?:corr[a-z]*_)?coef(?:f|ficient)?\b"
    r"|(?:^|_)(?:p|r|hits?|hr)_@_\d"
    r"|(?:jaccard|gini|concordance|davies_bouldin|calinski_harabasz)_(?:index|score)"
)
#: Where a part of the data stands before a name.
SCOPES = {
    "train": "train", "training": "train", "trn": "train", "tr": "train",
    "val": "val", "valid": "valid", "validation": "validation", "validating": "validation", "dev": "dev",
    "test": "test", "testing": "test", "eval": "eval", "evaluation": "eval", "holdout": "holdout",
}  # fmt: skip
#: Labels that say nothing of which numbers follow.
_NEUTRAL = frozenset(
    """
    result results metric metrics score scores summary performance report final stats statistics output
    done finished end info log model epoch set on the for of data dataset split
    """.split()  # noqa: SIM905 as above
)
#: Settings whose value says for what a metric on the same line holds.
_SETTINGS = frozenset(
    """
    k c n alpha beta gamma lambda threshold thr thresh th lr learning_rate depth max_depth n_estimators
    n_neighbors n_clusters dropout temperature temp topk seed fold degree eps epsilon weight_decay kernel
    batch_size hidden layers
    """.split()  # noqa: SIM905 as above
)
#: Words that introduce a name and are no part of it.
_ARTICLES = frozenset(
    "the a an our my your its this and with has have got reached achieved obtained".split()  # noqa: SIM905
)
#: Words that stand between a name and its value: ``The RMSE of prediction is: 0.445``.
_VERBS = frozenset("is was are were equals became".split())  # noqa: SIM905
_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+|@")
_ODD = re.compile(r"[^\w\-/.@+']+")
_MIXED = re.compile(r"[A-Z]?[a-z\d]+[\W\d]*|[A-Z\d]+[\W\d]*")
_LONGEST = 80
_MOST_WORDS = 6
_LABEL_WORDS = 3
#: Of a whole number these say nothing: ``precision: 16``, ``error: 2``.
_NOT_WHOLE = frozenset(
    "error err roc precision prec map ap score cost objective return top1 top5 ter kid r2 ari".split()  # noqa: SIM905
)


def measures(name: str) -> bool:
    """Whether a name is that of a metric: it has a word that measures, and none that says otherwise."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    joined = "_".join(parts)
    if not _has_word(parts, joined):
        return False
    against = [part for part in parts if part in _AGAINST]
    return not against or _FINE.search(joined) is not None


def _has_word(parts: list[str], joined: str) -> bool:
    if not WORDS.isdisjoint(parts):
        return True
    pairs = {f"{one}_{other}" for one, other in itertools.pairwise(parts)}
    glued = {one + other for one, other in itertools.pairwise(parts)}
    return not (WORDS.isdisjoint(pairs) and WORDS.isdisjoint(glued)) or _FINE.search(joined) is not None


def mentions(line: str) -> bool:
    """Whether a line has a word that measures anywhere."""
    parts = [part.lower() for part in _PARTS.findall(line)]
    return _has_word(parts, "_".join(parts))


def allows_whole(name: str) -> bool:
    """Whether a whole number can be its value, going by the last word that measures."""
    parts = [part.lower() for part in _PARTS.findall(name) if part.lower() in WORDS]
    return bool(parts) and not set(parts) <= _NOT_WHOLE


def is_phrase(words: list[str]) -> bool:
    """Whether words without any sign between them and a number name a metric: ``mean test acc``."""
    lower = [word.lower().strip("'") for word in words]
    if not lower or not all(_is_known(word) for word in lower):
        return False
    return any(measures(word) for word in lower) and not lower[-1].isdigit() and measures("_".join(lower))


def tail(words: list[str]) -> list[str]:
    """The last words of a sentence that name a metric: of ``the model has an accuracy`` the last."""
    at = len(words)
    while at and _is_known(words[at - 1].lower()):
        at -= 1
    return words[at:] if is_phrase(words[at:]) else []


def _is_known(word: str) -> bool:
    return word in _BESIDE or measures(word)


def tidy(words: Iterable[str]) -> str:
    """One name of several words: ``Test Accuracy`` is ``test_accuracy``; ``mAP50`` stays.

    Returns:
        Empty when the words are too many, or are none.
    """
    kept = [_ODD.sub("_", word).strip("_'-./") for word in words]
    kept = [word for word in kept if word]
    while kept and (kept[0].lower() in _ARTICLES or not any(char.isalpha() for char in kept[0])):
        kept.pop(0)
    while kept and kept[-1].lower() in _VERBS:
        kept.pop()
    name = "_".join(word.lower() if _MIXED.fullmatch(word) else word for word in kept)
    return name if len(kept) <= _MOST_WORDS and 0 < len(name) <= _LONGEST else ""


def label(text: str) -> str | None:
    """What a text before a colon puts in front of names: a part of the data, something else, or nothing.

    Returns:
        The prefix; empty for ``Results``; None where nobody can tell.
    """
    words = re.findall(r"[^\s\[\](){}<>*#=~_|>\-][^\s\[\](){}<>*#=|>]*", text)
    scopes = [SCOPES[word.lower()] for word in words if word.lower() in SCOPES]
    rest = [word for word in words if word.lower() not in SCOPES and word.lower() not in _NEUTRAL]
    if len(scopes) == 1 and not rest:
        return scopes[0]
    if not scopes and not rest:
        return ""
    if len(words) > _LABEL_WORDS or not all(re.fullmatch(r"[\w.+\-]+", word) for word in words):
        return None
    return tidy(words) or None


def is_setting(name: str) -> bool:
    """Whether a value under this name says for what the numbers after it hold: ``threshold=0.3``."""
    return name.lower() in _SETTINGS


def scope_of(name: str) -> str:
    """The part of the data that a name begins with; empty if with none."""
    return SCOPES.get(re.split(r"[_/\-. ]", name, maxsplit=1)[0].lower(), "")
