"""Names in files of results: which say where in the training, which are of one sample, which are settings."""

from __future__ import annotations

from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Columns that say where in the training a row stands, the finest first. Lower case.
STEP_COLUMNS = (
    "global_step", "trainer/global_step", "step", "steps", "iteration", "iter", "n_iter", "round",
    "boosting_round", "time/total_timesteps", "total_timesteps", "batch", "update", "tree", "epoch", "epochs",
)  # fmt: skip
#: The same for one dictionary of results: ``{"epoch": 10, "val_loss": 0.3}``.
STEP_KEYS = ("global_step", "step", "iteration", "iter", "round", "epoch")
TIME_COLUMNS = ("timestamp", "wall_time")
NAME_COLUMNS = ("metric", "metric_name", "name")
#: Beside a step these tell the clock.
CLOCK_COLUMNS = _words("time elapsed elapsed_time datetime date")
#: Columns of a table with one row a sample.
_SAMPLE_COLUMNS = _words(
    """
    label labels target targets truth true y y_true y_pred y_hat yhat y_prob y_score pred preds prediction
    predictions predicted predict actual actuals ground_truth groundtruth gt gold id ids uid uuid sample
    sample_id example_id row row_id image image_id img filename file file_name filepath path text sentence
    question answer input prompt response reference references caption probability probabilities proba prob
    probs logits logit confidence user user_id item item_id
    """
)
#: Of these a table of results per class has one, too, as its first column.
_CLASSES = _words("label labels target class")
_SAMPLE_STARTS = ("pred_", "prob_", "proba_", "logit_", "label_", "feature_", "y_true_", "y_pred_")
#: What lies under these keys was given, not measured; or is of single samples.
_SETTINGS = _words(
    """
    config configs configuration cfg conf args arguments argv params parameters hparams hyperparameters
    hyper_parameters best_params best_parameters best_config settings options training_args
    training_arguments model_config data_config train_config environment env versions packages metadata meta
    info system platform hardware git run_info seeds label2id id2label label_map class_to_idx vocab
    predictions preds samples examples
    """
)
#: Numbers that every result comes with and that measure nothing.
_NO_MEASURES = _words(
    """
    seed random_seed random_state timestamp start_time end_time created created_at date datetime year month
    day pid port rank local_rank world_size version schema_version job_id run_id id epochs num_epochs n_epochs
    max_epochs batch_size n_parameters num_parameters n_params num_params
    """
)
#: How many there were, and where a line was drawn.
_COUNTS = ("n_", "num_", "number_of_")
_DRAWN = _words("threshold best_threshold count total")
#: A score of each file is data.
_FILES = (".png", ".jpg", ".jpeg", ".tif", ".wav", ".mp3", ".mp4", ".txt", ".csv", ".json", ".npy", ".pdf")
#: Columns of what was tried, beside what came of it.
_TRIED = _words(
    """
    lr learning_rate batch_size hidden hidden_size layers n_layers depth max_depth dropout weight_decay
    momentum n_estimators num_leaves alpha beta gamma c l1 l2 optimizer seed epochs n_epochs
    """
)
#: Lists under these keys are data.
_LISTS_OF_DATA = _words(
    """
    classes class labels label targets target ids id indices index shape size sizes layers hidden dims
    predictions prediction preds pred y y_true y_pred y_prob y_score truth actual probabilities probs proba
    logits fpr tpr thresholds threshold coef coefs coefficients weights importance importances intercept
    feature_importances features feature_names support counts bins edges betas vocab tokens seeds ngram_range
    """
)


def is_settings(key: str) -> bool:
    """Whether a dictionary of this name holds settings."""
    return key.lower().replace("-", "_").strip("_") in _SETTINGS


def is_no_measure(key: str) -> bool:
    """Whether a number of this name measures nothing."""
    name = key.lower().replace("-", "_").replace(" ", "_")
    return name in _NO_MEASURES or name in _DRAWN or name.startswith(_COUNTS) or name.endswith(_FILES)


def is_tried(column: str) -> bool:
    """Whether a column of a table of results holds a setting that was tried."""
    return column.lower().replace("-", "_") in _TRIED


def is_list_of_data(key: str) -> bool:
    """Whether a list of this name is data."""
    return key.lower().replace("-", "_") in _LISTS_OF_DATA


def tell_of_samples(columns: Iterable[str]) -> bool:
    """Whether one of these columns stands only in a table with one row a sample."""
    return any(name in _SAMPLE_COLUMNS or name.startswith(_SAMPLE_STARTS) for name in columns)


def names_samples(column: str) -> bool:
    """Whether a first column of text names samples, and not models or classes."""
    return column in _SAMPLE_COLUMNS - _CLASSES
