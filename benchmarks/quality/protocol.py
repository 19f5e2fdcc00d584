"""How the comparisons run that follow `course_utils.experiments.trials`: name by name, and what one training came to."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_utils.experiments.trials import Trial, summary, wanted
from tools.report import Runs, table

Outcome = dict[str, Any]
Measures = Mapping[str, Callable[[Outcome], Outcome]]
"""For each task a function from the setting of a run to its `loss`, its `score` and whatever else the task says."""


def measured(setting: Outcome, measures: Measures) -> Outcome:
    """The setting, what came of it and the seconds of one core; None for the scores of a training that diverged."""
    start = time.process_time()
    try:
        outcome = measures[setting["task"]](setting)
    except ValueError as error:  # `fit` stops at the first loss that is not finite, and only then
        if "finite" not in str(error):
            raise
        outcome = {"loss": None, "score": None}
    rounded = {key: round(value, 5) if key in ("loss", "score") and value else value for key, value in outcome.items()}
    return setting | rounded | {"seconds": round(time.process_time() - start, 1)}


def named(kinds: Sequence[str], names: Sequence[str], *, where: str) -> list[str]:
    """The kinds that have one of these parts in their names; all without any. Raises ValueError if none has."""
    found = [kind for kind in kinds if not names or any(name in kind for name in names)]
    if not found:
        raise ValueError(f"{where}: wanted parts of {', '.join(kinds)}, got {names}")
    return found


def complete(
    name: str, trials: Sequence[Trial], measure: Callable[[Outcome], Outcome], kinds: Sequence[str], jobs: int
) -> list[Outcome]:
    """Run what is not there yet of these kinds, and print the summary once nothing is left; returns all runs."""
    runs = Runs(name, keep=True, command=f"OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.{name}")
    runs.fill(lambda rows: wanted(rows, trials, kinds), measure, jobs)
    if next(wanted(runs.rows, trials), None) is None:
        print(table(summary(runs.rows, trials)))
    return runs.rows
