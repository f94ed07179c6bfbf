"""Ask MLflow, and write down what it answers: PYTHON make.py, with a Python that has mlflow.

The data and the questions are in ``questions.py``; ``answers.json`` holds for each question the numbers of
the runs that MLflow found, in its order. ``tests/core/query/test_mlflow.py`` puts the same questions to
expctl.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import questions  # noqa: E402


def fill(client: Any, experiment: str) -> list[str]:
    """Make the runs; their ids by number."""
    from mlflow.entities import Dataset, DatasetInput, Metric, Param, RunTag

    ids = []
    for run in questions.runs():
        user = {"mlflow.user": run["tags"]["mlflow.user"]}
        made = client.create_run(experiment, start_time=run["start"], run_name=run["name"], tags=user)
        run_id = made.info.run_id
        client.log_batch(
            run_id,
            [Metric(name, value, run["start"], 0) for name, value in run["metrics"].items()],
            [Param(name, str(value)) for name, value in run["params"].items()],
            [RunTag(name, value) for name, value in run["tags"].items()],
        )
        if run["dataset"]:
            dataset = Dataset(**run["dataset"], source_type="local", source="x")
            client.log_inputs(run_id, [DatasetInput(dataset, [])])
        if run["end"] is not None:
            client.set_terminated(run_id, run["status"], run["end"])
        ids.append(run_id)
    return ids


def written(told: dict[str, Any]) -> str:
    """JSON with one question a line."""
    filters = ",\n".join(
        f"  {json.dumps(text, ensure_ascii=False)}: {json.dumps(found)}"
        for text, found in told["filters"].items()
    )
    orders = ",\n".join(f"  {json.dumps(each)}" for each in told["orders"])
    head = json.dumps(told["mlflow"])
    return f'{{\n "mlflow": {head},\n "filters": {{\n{filters}\n }},\n "orders": [\n{orders}\n ]\n}}\n'


def main() -> None:
    import mlflow

    with tempfile.TemporaryDirectory() as folder:
        client = mlflow.MlflowClient(f"sqlite:///{folder}/answers.db")
        experiment = client.create_experiment("answers", artifact_location=f"file://{folder}/artifacts")
        ids = fill(client, experiment)
        numbers = {run_id: n for n, run_id in enumerate(ids)}

        def ask(filter_string: str = "", order_by: list[str] | None = None) -> list[int] | str:
            for n in reversed(range(len(ids))):
                filter_string = filter_string.replace(f"{{id:{n}}}", ids[n])
            try:
                found = client.search_runs([experiment], filter_string, order_by=order_by)
            except mlflow.exceptions.MlflowException as err:
                return str(err)
            return [numbers[run.info.run_id] for run in found]

        told = {
            "mlflow": mlflow.__version__,
            "filters": {text: ask(text) for text in questions.FILTERS},
            "orders": [{"order_by": by, "runs": ask(order_by=by)} for by in questions.ORDERS],
        }
    refused_orders = [each for each in told["orders"] if isinstance(each["runs"], str)]
    sys.stdout.write("".join(f"refused: {each}\n" for each in refused_orders))
    refused = {text: said for text, said in told["filters"].items() if isinstance(said, str)}
    sys.stdout.write("".join(f"refused: {text}\n  {said}\n" for text, said in refused.items()))
    told["filters"] = {text: said for text, said in told["filters"].items() if text not in refused}
    told["orders"] = [each for each in told["orders"] if not isinstance(each["runs"], str)]
    (HERE / "answers.json").write_text(written(told), encoding="utf-8")
    sys.stdout.write(f"{len(told['filters'])} filters, {len(told['orders'])} orders\n")


if __name__ == "__main__":
    main()
