"""Readers of opinions: the runs of ``benchmarks.quality.opinions``, summed up.

A *run* is one reader trained from one seed with one learning rate. It says its parameters, the shares of the validation
reviews (`valid`, by which rates are chosen) and of the held-out reviews (`score`) that it judges right, and the seconds of
one core that its training took.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from course_utils.experiments.tuning import chosen

Record = Mapping[str, Any]
"""A run as its file of results keeps it."""

FEWEST = 5
"""Learning rates tried for each reader, each twice the one before."""


class Line(NamedTuple):
    """What one reader reached: the scores of all seeds, their mean; seconds: the mean over the seeds."""

    model: str
    family: str
    parameters: int
    rate: float
    scores: tuple[float, ...]
    mean: float
    seconds: float


def tuning(runs: Iterable[Record], model: str) -> dict[float, float]:
    """The learning rates tried with seed 0, and the share of validation reviews judged wrong after each, by rate."""
    return {run["rate"]: 1 - run["valid"] for run in runs if (run["model"], run["seed"]) == (model, 0)}


def chosen_rate(runs: Iterable[Record], model: str) -> float | None:
    """The best learning rate, or None while the search is not over: too few are tried, or the best is at the edge."""
    return chosen(tuning(runs, model), FEWEST)


def lines(runs: Sequence[Record]) -> list[Line]:
    """A line for each reader whose search is over, the best first: all seeds with the learning rate that was chosen."""
    board = []
    for model in dict.fromkeys(run["model"] for run in runs):
        rate = chosen_rate(runs, model)
        if rate is None:
            continue
        own = [run for run in runs if (run["model"], run["rate"]) == (model, rate)]
        scores, first = tuple(run["score"] for run in own), own[0]
        seconds = float(np.mean([run["seconds"] for run in own]))
        board.append(Line(model, first["family"], first["parameters"], rate, scores, float(np.mean(scores)), seconds))
    return sorted(board, key=lambda line: -line.mean)


def markdown(runs: Sequence[Record]) -> str:
    """The lines as a Markdown table: the score is the mean, ± half of the distance from the lowest to the highest."""
    rows = ["| model | parameters | judged right | seeds | seconds |", "|---|--:|--:|--:|--:|"]
    for line in lines(runs):
        value = f"{100 * line.mean:.1f} % ± {50 * np.ptp(line.scores):.1f}"
        seconds = f"{line.seconds:.0f}" if line.seconds >= 1 else "< 1"
        rows.append(f"| {line.model} | {line.parameters:,} | {value} | {len(line.scores)} | {seconds} |")
    return "\n".join(rows)
