"""Who remembers how far: the runs of ``benchmarks.quality.memory``, summed up.

A *run* is one network of one kind, trained on one task of one length from one seed with one learning rate. It says the
`loss` on sequences it has not seen, by which rates are chosen, and the `score` that is reported:

recall       share of correct answers, and the same `by symbol`; loss in nats an answer; length: distractors in between
recall, cut  the same, with the gradient cut `CUT` steps before the question
adding       mean squared error, the loss as well; length: steps
brackets     closing brackets waited before it says that none is open (of `DEEP`; one more: it never says so); loss in
             nats a bracket of sequences as long as those it learned from, which is the length

Runs of recall also say how much of the gradient of the answer reached the first step before training, relative to the last
(`memory.reach`): by the `memory`, which is an LSTM's cell and the state of all others, and by `x`, what the layer reads.
Scores of a training that left the finite numbers are None.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from course_utils.experiments import tuning
from course_utils.models.equal_size import IDENTITY, KINDS, OPEN

Record = Mapping[str, Any]

CONTESTANTS = (*KINDS, IDENTITY, OPEN)
CUT, DEEP = 10, 80
FEWEST, SLOWEST = 5, 2e-3
"""Learning rates tried for each contestant, each twice the one before, and the first of them."""


LEARNED = 0.01
"""Nats: a loss below this is none. Otherwise the most self-assured of many perfect networks would choose the rate."""


class Trial(NamedTuple):
    """A task of one length: at which length its rates were tuned, from how many seeds, and how many are reported."""

    task: str
    length: int
    tuned_at: int
    tuning_seeds: int = 2
    seeds: int = 5
    kinds: tuple[str, ...] = CONTESTANTS


UNGATED = ("RNN", IDENTITY)
TRIALS = (  # in the order in which they tell most: a file that ends early is worth something
    Trial("recall", 20, tuned_at=20, kinds=("GRU", OPEN)),
    Trial("recall", 20, tuned_at=20, kinds=(*UNGATED, "LSTM"), seeds=20),
    Trial("recall, cut", 20, tuned_at=20, kinds=UNGATED, seeds=20),
    Trial("recall", 10, tuned_at=20),
    Trial("recall", 5, tuned_at=20),
    Trial("brackets", 40, tuned_at=40, tuning_seeds=1),
    Trial("recall", 40, tuned_at=40, tuning_seeds=1),
    Trial("adding", 30, tuned_at=30, tuning_seeds=1, seeds=3),
    Trial("adding", 10, tuned_at=30, tuning_seeds=1, seeds=3),
    Trial("recall, cut", 10, tuned_at=20, kinds=UNGATED),
    Trial("recall, cut", 40, tuned_at=20, kinds=UNGATED),
    Trial("recall", 80, tuned_at=80, tuning_seeds=1),
    Trial("adding", 100, tuned_at=100, tuning_seeds=1, seeds=3),
)


def tuning_seeds(trial: Trial) -> range:
    """Seeds by which rates are chosen, and which are never reported."""
    return range(100, 100 + trial.tuning_seeds)


def tried(runs: Iterable[Record], trial: Trial, kind: str) -> dict[float, float]:
    """The learning rates that all tuning seeds have tried, and the mean loss that each led to.

    Infinity if one diverged; what is below `LEARNED` counts as that much, except for adding.
    """
    own = [
        run
        for run in runs
        if (run["task"], run["length"], run["kind"]) == (trial.task, trial.tuned_at, kind)
        and run["seed"] in tuning_seeds(trial)
    ]
    least = 0 if trial.task == "adding" else LEARNED
    losses = {
        rate: [run["loss"] for run in own if run["rate"] == rate] for rate in sorted({run["rate"] for run in own})
    }
    return {
        rate: float(np.mean([np.inf if loss is None else max(loss, least) for loss in of]))
        for rate, of in losses.items()
        if len(of) == trial.tuning_seeds
    }


def chosen_rate(runs: Iterable[Record], trial: Trial, kind: str) -> float | None:
    """The rate with the lowest mean loss, or None while the search is not over."""
    return tuning.chosen(tried(runs, trial, kind), FEWEST)


def reported(runs: Sequence[Record]) -> list[Record]:
    """The runs that count: those with the chosen rate, from seeds that chose nothing, in the order of the trials."""
    found = []
    for trial in TRIALS:
        for kind in trial.kinds:
            of = (trial.task, trial.length, kind, chosen_rate(runs, trial, kind))
            own = [run for run in runs if (run["task"], run["length"], run["kind"], run["rate"]) == of]
            found += sorted((run for run in own if run["seed"] < trial.seeds), key=lambda run: run["seed"])
    return found


def symbols_known(by_symbol: Sequence[float], share: float = 0.9) -> int:
    """How many of the four symbols a network answers correctly in more than this share of cases.

    Scores of recall form clusters: a network that knows three of four scores 0.75 if it never says the fourth, one that
    knows two of them 0.5, or up to 0.75 if it guesses between the other two. 4 is a network that recalls.
    """
    return sum(right > share for right in by_symbol)
