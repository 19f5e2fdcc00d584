"""What long comparisons found, for chapters to draw: one JSON file each, written by the benchmark of the same name."""

import json
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
