"""What layers on top of each other are worth, and dropout between them: the runs of ``benchmarks.quality.depth``, summed up.

A *run* is one stack of LSTMs, trained from one seed with one learning rate by the protocol of
``benchmarks.quality.learning_curves``. It says its parameters, the bits per character that it reached on the validation
text (`valid`, by which learning rates are chosen), on the held-out text (`score`) and on the first 50,000 characters of
what it was trained on (`own`), and the seconds of one core of its training.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from course_utils.experiments import tuning

Record = Mapping[str, Any]
"""A run as its file of results keeps it."""

TUNED_ON = 800_000
"""Characters read by every run that a learning rate is chosen by, from seed 0."""
FEWEST, SLOWEST = 5, 8e-3
"""Learning rates tried for each trial, each twice the one before, and the first of them."""


class Trial(NamedTuple):
    """A stack of so many layers of H units, and what it reads: so many different characters, so many times.

    `gain` is that of `character_models.untrained_stack`, `dropout` the rate between layers while it is trained.
    """

    layers: int
    H: int
    gain: float = 1.0
    dropout: float = 0.0
    characters: int = TUNED_ON
    times: int = 1

    def __str__(self) -> str:
        return f"{self.layers}x{self.H} gain {self.gain:g} dropout {self.dropout:g} {self.characters:,}x{self.times}"


def tried(runs: Iterable[Record], trial: Trial) -> dict[float, float]:
    """The learning rates tried and the bits per character of the validation text that each led to, by rate.

    A longer text has the rates of the first `TUNED_ON` characters. Infinity for a training that left the finite numbers.
    """
    tuned = trial._replace(characters=min(trial.characters, TUNED_ON))
    return tuning.by_rate(runs, tuned._asdict() | {"seed": 0})


def chosen_rate(runs: Iterable[Record], trial: Trial) -> float | None:
    """The best learning rate, or None while the search is not over: too few are tried, or the best is at the edge."""
    return tuning.chosen(tried(runs, trial), FEWEST)


def reported(runs: Sequence[Record], trial: Trial) -> list[Record]:
    """The runs of that trial with the rate that was chosen, in the order of their seeds. Raises ValueError if there are none."""
    wanted = trial._asdict() | {"rate": chosen_rate(runs, trial)}
    found = sorted((run for run in runs if wanted.items() <= run.items()), key=lambda run: run["seed"])
    if not found:
        raise ValueError(f"reported: wanted a trial that was run and whose rate is chosen, got {trial}")
    return found
