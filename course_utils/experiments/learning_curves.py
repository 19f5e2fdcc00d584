"""What the models of the course make of more and more text: the runs of ``benchmarks.quality.learning_curves``, summed up.

A *run* is one model of one size, trained from one seed with one learning rate on the first `budget` characters of the
reviews, each read once. It says its parameters, the bits per character that it reached on the validation text (`valid`,
by which learning rates are chosen) and on the held-out text (`score`), and the seconds of one core of its training.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from course_utils.experiments.tuning import by_rate, chosen

Record = Mapping[str, Any]
"""A run as its file of results keeps it."""

BUDGETS = (800_000, 3_000_000, 12_000_000, 26_500_000)
"""Characters read."""
SIZES = {"28k": 28_658, "90k": 90_482, "300k": 300_000, "1M": 1_000_000}
"""At most so many parameters: the first is chapter 05's RNN of 128 units, the second chapter 09's LSTM of 128."""
FEWEST = {800_000: 5, 3_000_000: 3}
"""Where rates are searched for: characters read, and how many are tried at least, each twice the one before."""


class Point(NamedTuple):
    """What one model of one size reached after so many characters: the scores of all seeds, their mean, mean seconds."""

    model: str
    size: str
    parameters: int
    budget: int
    rate: float | None
    scores: tuple[float, ...]
    mean: float
    seconds: float


def tuned_on(budget: int) -> int:
    """The budget whose search tells the rate for this one: itself, or the largest below that has a search."""
    return max(searched for searched in FEWEST if searched <= budget)


def tuning(runs: Iterable[Record], model: str, size: str, budget: int) -> dict[float, float]:
    """The learning rates tried at a budget, and the bits per character of the validation text that each led to, by rate.

    A training that left the finite numbers counts as infinitely many bits.
    """
    return by_rate(runs, {"model": model, "size": size, "budget": budget, "seed": 0})


def chosen_rate(runs: Iterable[Record], model: str, size: str, budget: int) -> float | None:
    """The best learning rate, or None while the search is not over: too few are tried, or the best is at the edge."""
    searched = tuned_on(budget)
    return chosen(tuning(runs, model, size, searched), FEWEST[searched])


def points(runs: Sequence[Record]) -> list[Point]:
    """A point for each model, size and budget, of the runs with the learning rate that was chosen; n-grams have none."""
    found = []
    for model, size, budget in dict.fromkeys((run["model"], run["size"], run["budget"]) for run in runs):
        rate = None if model == "n-gram" else chosen_rate(runs, model, size, budget)
        own = [run for run in runs if (run["model"], run["size"], run["budget"]) == (model, size, budget)]
        own = [run for run in own if run["rate"] == rate and run["score"] is not None]
        if not own or (rate is None and model != "n-gram"):
            continue
        scores = tuple(run["score"] for run in own)
        seconds = float(np.mean([run["seconds"] for run in own]))
        found.append(Point(model, size, own[0]["parameters"], budget, rate, scores, float(np.mean(scores)), seconds))
    return sorted(found, key=lambda point: (point.budget, point.parameters, point.mean))


def markdown(points: Sequence[Point]) -> str:
    """A Markdown table: a row for each model and size, a column for each budget; sizes as they grow, the best model first.

    The score is the mean over the seeds, ± half of the distance from the lowest to the highest; "–" was not run. Parameters
    are those at the largest budget (only n-grams have more of them when they have read more), and seconds are those of one
    core for a million characters, over all budgets.
    """
    budgets = sorted({point.budget for point in points})
    rows = []
    for model, size in dict.fromkeys((point.model, point.size) for point in points):
        own = {point.budget: point for point in points if (point.model, point.size) == (model, size)}
        seconds = 1e6 * sum(point.seconds for point in own.values()) / sum(own)
        last = own[max(own)]
        cells = [_score(own[budget]) if budget in own else "–" for budget in budgets]
        cost = f"{seconds:.0f}" if seconds >= 1 else "< 1"
        rows.append((SIZES.get(size, np.inf), last.mean, [model, f"{last.parameters:,}", *cells, cost]))
    head = ["model", "parameters", *(f"{budget / 1e6:g} M" for budget in budgets), "seconds a million"]
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *(cells for *_, cells in sorted(rows, key=lambda row: row[:2]))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _score(point: Point) -> str:
    spread = np.ptp(point.scores) / 2
    return f"{point.mean:.3f}" + (f" ± {spread:.3f}" if len(point.scores) > 1 else "")
