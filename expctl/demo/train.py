"""Train a classifier of handwritten digits and measure it.

python train.py config/experiment.yaml                            as the file says
python train.py config/experiment.yaml model.type=svm model.C=5   with changes
"""

import importlib
import json
import sys
import time
from pathlib import Path

import joblib
import numpy as np
import yaml
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

MODELS = {
    "logistic_regression": "sklearn.linear_model.LogisticRegression",
    "naive_bayes": "sklearn.naive_bayes.GaussianNB",
    "nearest_neighbours": "sklearn.neighbors.KNeighborsClassifier",
    "neural_network": "sklearn.neural_network.MLPClassifier",
    "random_forest": "sklearn.ensemble.RandomForestClassifier",
    "svm": "sklearn.svm.SVC",
    "tree": "sklearn.tree.DecisionTreeClassifier",
}


def main() -> None:
    config = read_config(*sys.argv[1:])
    table = np.loadtxt(config["data"]["path"], delimiter=",", skiprows=1)
    images, digits = features(table[:, :-1] / 16), table[:, -1].astype(int)
    seed = config["training"]["seed"]
    x_train, x_test, y_train, y_test = train_test_split(
        images, digits, test_size=config["data"]["test_share"], random_state=seed, stratify=digits
    )

    model = make_model(config["model"], seed)
    start = time.perf_counter()
    model.fit(x_train, y_train)
    taken = time.perf_counter() - start
    print(f"fitted to {len(x_train)} images of {x_train.shape[1]} features in {taken:.2f} s")
    predicted = model.predict(x_test)

    metrics = {
        "f1_score": f1_score(y_test, predicted, average="macro"),
        "accuracy": accuracy_score(y_test, predicted),
        "inference_time_ms": time_one_image(model, x_test),
    }
    Path("metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    joblib.dump(model, "model.joblib")


def read_config(path: str, *changes: str) -> dict:
    """The settings of a YAML file, with ``section.key=value`` words put over them."""
    config = yaml.safe_load(Path(path).read_text())
    for change in changes:
        name, value = change.split("=", 1)
        section, key = name.split(".")
        config[section][key] = yaml.safe_load(value)
    return config


def features(pixels: np.ndarray) -> np.ndarray:
    """What the model sees of n images of 8 x 8 pixels: an array of n rows."""
    return pixels


def make_model(settings: dict, seed: int):
    """A model of ``settings["type"]``; every other setting is an argument of its class."""
    module, name = MODELS[settings["type"]].rsplit(".", 1)
    model = getattr(importlib.import_module(module), name)()
    arguments = {key: value for key, value in settings.items() if key != "type"}
    if "random_state" in model.get_params():
        arguments["random_state"] = seed
    return model.set_params(**arguments)


def time_one_image(model, images: np.ndarray, times: int = 200) -> float:
    """Milliseconds to classify one image alone: the median of many, after a warm-up."""
    taken = []
    for number in range(times + 20):
        image = images[number % len(images)].reshape(1, -1)
        start = time.perf_counter()
        model.predict(image)
        taken.append(time.perf_counter() - start)
    return float(np.median(taken[20:])) * 1000


if __name__ == "__main__":
    with threadpool_limits(1):  # one image at a time gains nothing from more, and times stay comparable
        main()
