"""What long comparisons found, for chapters to draw: one JSON file each, written by the benchmark of the same name."""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def load_results(name: str) -> dict[str, Any]:
    """The content of ``<name>.json``. Raises FileNotFoundError, with the names there are, for any other."""
    folder = files("course_utils.experiments.results")
    known = sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))
    if name not in known:
        raise FileNotFoundError(
            f"load_results: wanted one of {', '.join(known) or 'none yet'}, got {name!r}; "
            f"benchmarks/*/{name}.py writes it, if there is such a benchmark"
        )
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def collect(runs: Sequence[Mapping[str, Any]], measure: str, *by: str, **row: Any) -> Any:
    """What the runs with these values in their `row` measured: a list, or one for each value of the columns `by`, nested.

    ``collect(runs, "score", "kind", "length", task="recall")["LSTM"][20]`` is a list with one score a seed. Raises
    ValueError if there are no such runs.
    """
    chosen = [run for run in runs if row.items() <= run.items()]
    if not chosen:
        known = {name: sorted({run[name] for run in runs if name in run}, key=str) for name in row}
        raise ValueError(f"collect: wanted runs with {row}, got none; there are {known}")
    if not by:
        return [run[measure] for run in chosen]
    column, *rest = by
    values = dict.fromkeys(run[column] for run in chosen)
    return {value: collect(chosen, measure, *rest, **{column: value}) for value in values}
