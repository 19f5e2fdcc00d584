"""The protocol by which networks are compared: each has a learning rate of its own, and what chooses it is not reported.

A *trial* is a task of one length, on which several kinds of networks compete. A *run* is one network of one kind, trained
on it from one seed with one learning rate. It says its `task`, `length`, `kind`, `rate` and `seed`; the `loss`, by which
rates are chosen; and the `score` that is reported. Both are None for a training that left the finite numbers.

Some seeds choose, at least `FEWEST` rates, each twice the one before, the best of which may stand at neither edge
(`tuning`); other seeds are reported.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from course_utils.experiments import tuning
from course_utils.experiments.results import collect
from course_utils.models.equal_size import KINDS

Record = Mapping[str, Any]
"""A run as its file of results keeps it."""

FEWEST = 5
"""Learning rates tried for each kind, each twice the one before."""


class Trial(NamedTuple):
    """A task of one length: at which length its rates are tuned, from how many seeds, and how many are reported.

    least: a loss below it counts as that much. slowest: the first of the rates.
    """

    task: str
    length: int
    tuned_at: int
    tuning_seeds: int = 2
    seeds: int = 5
    kinds: tuple[str, ...] = KINDS
    least: float = 0.0
    slowest: float = 2e-3


def tuning_seeds(trial: Trial) -> range:
    """Seeds by which rates are chosen, and which are never reported."""
    return range(100, 100 + trial.tuning_seeds)


def tried(runs: Iterable[Record], trial: Trial, kind: str) -> dict[float, float]:
    """The learning rates that all tuning seeds have tried, and the mean loss that each led to; infinity if one diverged."""
    own = [
        run
        for run in runs
        if (run["task"], run["length"], run["kind"]) == (trial.task, trial.tuned_at, kind)
        and run["seed"] in tuning_seeds(trial)
    ]
    losses = {
        rate: [run["loss"] for run in own if run["rate"] == rate] for rate in sorted({run["rate"] for run in own})
    }
    return {
        rate: float(np.mean([np.inf if loss is None else max(loss, trial.least) for loss in of]))
        for rate, of in losses.items()
        if len(of) == trial.tuning_seeds
    }


def chosen_rate(runs: Iterable[Record], trial: Trial, kind: str) -> float | None:
    """The rate with the lowest mean loss, or None while the search is not over."""
    return tuning.chosen(tried(runs, trial, kind), FEWEST)


def reported(runs: Sequence[Record], trials: Iterable[Trial]) -> list[Record]:
    """The runs that count: those with the chosen rate, from seeds that chose nothing, in the order of the trials."""
    found = []
    for trial in trials:
        for kind in trial.kinds:
            of = (trial.task, trial.length, kind, chosen_rate(runs, trial, kind))
            own = [run for run in runs if (run["task"], run["length"], run["kind"], run["rate"]) == of]
            found += sorted((run for run in own if run["seed"] < trial.seeds), key=lambda run: run["seed"])
    return found


def wanted(
    runs: Sequence[Record], trials: Iterable[Trial], kinds: Sequence[str] | None = None
) -> Iterator[dict[str, Any]]:
    """The settings that are still to be run, in the order of the trials, as far as they are known; of all or some `kinds`."""
    done = {tuple(run[key] for key in ("task", "length", "kind", "rate", "seed")) for run in runs}
    for trial in trials:
        for kind in (kind for kind in trial.kinds if kinds is None or kind in kinds):
            rates = tuning.next_rates(tried(runs, trial, kind), trial.slowest, FEWEST)
            settings = [(trial.tuned_at, rate, seed) for rate in rates for seed in tuning_seeds(trial)]
            rate = chosen_rate(runs, trial, kind)
            if rate is not None:
                settings += [(trial.length, rate, seed) for seed in range(trial.seeds)]
            for length, rate, seed in settings:
                if (trial.task, length, kind, rate, seed) not in done:
                    yield {"task": trial.task, "length": length, "kind": kind, "rate": rate, "seed": seed}


def summary(runs: Sequence[Record], trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """A row for each task, length and kind. Raises ValueError unless every one has runs that count."""
    scores = collect(reported(runs, trials), "score", "task", "length", "kind")
    rows = []
    for trial in trials:
        for kind in trial.kinds:
            of = scores.get(trial.task, {}).get(trial.length, {}).get(kind)
            if of is None:
                raise ValueError(
                    f"summary: wanted runs of {kind} in {trial.task!r} of length {trial.length}, got none that count"
                )
            shown = "  ".join("–" if score is None else f"{score:g}" for score in of)
            setting = {"task": trial.task, "length": trial.length, "kind": kind}
            rows.append(setting | {"rate": chosen_rate(runs, trial, kind), "scores": shown})
    return rows
