"""Who remembers how far: the runs of ``benchmarks.quality.memory``, summed up.

They follow the protocol of `trials`; the `loss`, by which rates are chosen, is that on sequences the network has not seen,
and so is the `score`:

recall       share of correct answers, and the same `by symbol`; loss in nats an answer; length: distractors in between
recall, cut  the same, with the gradient cut `CUT` steps before the question
adding       mean squared error, the loss as well; length: steps
brackets     closing brackets waited before it says that none is open (of `DEEP`; one more: it never says so); loss in
             nats a bracket of sequences as long as those it learned from, which is the length

Runs of recall also say how much of the gradient of the answer reached the first step before training, relative to the last
(`memory.reach`): by the `memory`, which is an LSTM's cell and the state of all others, and by `x`, what the layer reads.
"""

from collections.abc import Sequence

from course_utils.experiments import trials
from course_utils.experiments.trials import Record, Trial
from course_utils.models.equal_size import IDENTITY, KINDS, OPEN

CONTESTANTS = (*KINDS, IDENTITY, OPEN)
CUT, DEEP = 10, 80
LEARNED = 0.01
"""Nats: a loss below this is none. Otherwise the most self-assured of many perfect networks would choose the rate."""


def _trial(
    task: str,
    length: int,
    *,
    tuned_at: int,
    tuning_seeds: int = 2,
    seeds: int = 5,
    kinds: tuple[str, ...] = CONTESTANTS,
) -> Trial:
    """One of memory: of all contestants, and by a loss in nats except for adding."""
    return Trial(task, length, tuned_at, tuning_seeds, seeds, kinds, least=0 if task == "adding" else LEARNED)


UNGATED = ("RNN", IDENTITY)
TRIALS = (  # in the order in which they tell most: a file that ends early is worth something
    _trial("recall", 20, tuned_at=20, kinds=("GRU", OPEN)),
    _trial("recall", 20, tuned_at=20, kinds=(*UNGATED, "LSTM"), seeds=20),
    _trial("recall, cut", 20, tuned_at=20, kinds=UNGATED, seeds=20),
    _trial("recall", 10, tuned_at=20),
    _trial("recall", 5, tuned_at=20),
    _trial("brackets", 40, tuned_at=40, tuning_seeds=1),
    _trial("recall", 40, tuned_at=40, tuning_seeds=1),
    _trial("adding", 30, tuned_at=30, tuning_seeds=1, seeds=3),
    _trial("adding", 10, tuned_at=30, tuning_seeds=1, seeds=3),
    _trial("recall, cut", 10, tuned_at=20, kinds=UNGATED),
    _trial("recall, cut", 40, tuned_at=20, kinds=UNGATED),
    _trial("recall", 80, tuned_at=80, tuning_seeds=1),
    _trial("adding", 100, tuned_at=100, tuning_seeds=1, seeds=3),
    _trial("recall", 200, tuned_at=80, tuning_seeds=1, kinds=("GRU",)),
)


def reported(runs: Sequence[Record]) -> list[Record]:
    """The runs of memory that count: see `trials.reported`."""
    return trials.reported(runs, TRIALS)


def symbols_known(by_symbol: Sequence[float], share: float = 0.9) -> int:
    """How many of the four symbols a network answers correctly in more than this share of cases.

    Scores of recall form clusters: a network that knows three of four scores 0.75 if it never says the fourth, one that
    knows two of them 0.5, or up to 0.75 if it guesses between the other two. 4 is a network that recalls.
    """
    return sum(right > share for right in by_symbol)
