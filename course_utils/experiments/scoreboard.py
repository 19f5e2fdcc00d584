"""The scoreboard: what the models of the course reached on the same text, summed up from the runs of its benchmark.

A *run* is one model trained from one seed with one learning rate; it says its task, model, size, parameters, rate, seed,
what it reached on the validation text and on the held-out text, and the seconds of one core that its training took.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

CHARACTERS, SENTIMENT = "characters", "sentiment"
BETTER = {CHARACTERS: min, SENTIMENT: max}
"""Bits per held-out character: the fewer, the better. Share of held-out reviews judged right: the more."""

Record = Mapping[str, Any]
"""A run as its file of results keeps it."""


class Line(NamedTuple):
    """One line of the board. Scores of all seeds, their mean; seconds: the mean over the seeds."""

    model: str
    family: str
    size: str
    parameters: int
    rate: float | None
    scores: tuple[float, ...]
    mean: float
    seconds: float


def chosen_rate(runs: Iterable[Record], task: str) -> float | None:
    """The learning rate of the run that did best on the validation text, among those of seed 0.

    Raises ValueError if there are none.
    """
    first = [run for run in runs if run["seed"] == 0]
    if not first:
        raise ValueError("chosen_rate: wanted at least one run of seed 0, got none")
    return BETTER[task](first, key=lambda run: run["valid"])["rate"]


def lines(runs: Sequence[Record], task: str) -> list[Line]:
    """A line for each model and size of a task, the best first: all seeds with the learning rate that was chosen.

    Raises ValueError, with the tasks there are, if there are no runs of this one.
    """
    here = [run for run in runs if run["task"] == task]
    if not here:
        raise ValueError(f"lines: wanted one of the tasks {sorted({run['task'] for run in runs})}, got {task!r}")
    board = []
    for model, size in dict.fromkeys((run["model"], run["size"]) for run in here):
        own = [run for run in here if (run["model"], run["size"]) == (model, size)]
        rate = chosen_rate(own, task)
        own = [run for run in own if run["rate"] == rate]
        scores = tuple(run["score"] for run in own)
        seconds = float(np.mean([run["seconds"] for run in own]))
        first = own[0]
        board.append(
            Line(model, first["family"], size, first["parameters"], rate, scores, float(np.mean(scores)), seconds)
        )
    return sorted(board, key=lambda line: line.mean, reverse=BETTER[task] is max)


def markdown(runs: Sequence[Record], task: str) -> str:
    """The lines of a task as a Markdown table: the score is the mean, ± half of the distance from lowest to highest.

    Raises ValueError as `lines`.
    """
    board = lines(runs, task)
    score = {CHARACTERS: "bits per character", SENTIMENT: "judged right"}[task]
    rows = [f"| model | parameters | {score} | seeds | seconds |", "|---|--:|--:|--:|--:|"]
    for line in board:
        spread = np.ptp(line.scores) / 2
        if task == SENTIMENT:
            value = f"{100 * line.mean:.1f} % ± {100 * spread:.1f}"
        else:
            value = f"{line.mean:.3f}" + (f" ± {spread:.3f}" if len(line.scores) > 1 else "")
        seeds = len(line.scores) if line.rate else "–"
        seconds = f"{line.seconds:.0f}" if line.seconds >= 1 else "< 1"
        rows.append(f"| {line.model} | {line.parameters:,} | {value} | {seeds} | {seconds} |")
    return "\n".join(rows)
