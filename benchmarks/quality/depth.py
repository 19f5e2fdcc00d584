"""Is a deeper network a better one? LSTMs of one, two and three layers, each with a learning rate of its own.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.depth [--quick] [--jobs 2] [TRIAL ...]

Texts, batches, training and scores are those of `benchmarks.quality.learning_curves`. About an hour of one core; goes on where
course_utils/experiments/results/depth.json ends. That is still empty: chapter 10 draws what `stacked` and `learning_curves`
measured. TRIAL is a part of a trial's name, such as 2x40.

equal size   one layer of 62 units, two of 40, three of 32: 28,000 parameters each
equal width  one, two and three layers of 62 units; beside three (90,000 parameters) one of 128 with as many
gain         of W_x in the layers above the first before training: 1 and 4, each a trial with a rate of its own
dropout      between two layers of 62, at rates of 1/4 and 1/2, on 50,000 characters that are read 16 times, and at 1/4 on text
             that is read once
rates        at least five, each twice the one before, from seed 0, on 800,000 characters read; the best on the validation
             text is taken, and may be neither the smallest nor the largest. 3 million characters are read at that rate
seeds        three; of 3 million characters, one
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmarks.quality.learning_curves import score, texts, train, windows
from course_utils.experiments.depth import FEWEST, SLOWEST, TUNED_ON, Trial, chosen_rate, reported, tried
from course_utils.experiments.tuning import next_rates
from course_utils.models.objectives import TruncatedBPTT
from course_utils.pretrained.character_models import untrained_stack
from tools.command_line import arguments
from tools.report import Runs, table

LONGER = 3_000_000
SMALL, TIMES = 50_000, 16
"""A text that is read again and again: as many characters in all as those that are read once."""


class Step(NamedTuple):
    """A part of the plan: a trial from so many seeds."""

    trial: Trial
    seeds: int


EQUAL_SIZE = (Trial(1, 62), Trial(2, 40, 4.0), Trial(3, 32, 4.0), Trial(2, 40), Trial(3, 32))
EQUAL_WIDTH = (Trial(2, 62, 4.0), Trial(3, 62, 4.0), Trial(1, 128), Trial(2, 62), Trial(3, 62))
OFTEN = tuple(Trial(2, 62, 4.0, rate, SMALL, TIMES) for rate in (0.0, 0.25, 0.5))
ONCE = Trial(2, 62, 4.0, 0.25)
PLAN = (
    *(Step(trial, 3) for trial in (*EQUAL_SIZE, *OFTEN[:2], *EQUAL_WIDTH[:3])),
    *(Step(trial._replace(characters=LONGER), 1) for trial in EQUAL_SIZE),
    *(Step(trial, 3) for trial in (OFTEN[2], ONCE, *EQUAL_WIDTH[3:])),
    *(Step(trial._replace(characters=LONGER), 1) for trial in EQUAL_WIDTH),
)
"""In the order in which they tell most: a file that ends early is worth something."""


def measure(setting: dict[str, Any], quick: bool = False) -> dict[str, Any]:
    """The setting and what came of it; None for the scores of a training that left the finite numbers."""
    trial = Trial(*(setting[name] for name in Trial._fields))
    rng = np.random.default_rng(setting["seed"])
    model = untrained_stack(trial.layers, trial.H, rng=rng, gain=trial.gain)
    objective = TruncatedBPTT(trial.dropout, rng=rng)
    batches = windows(trial.characters, trial.times, quick=quick)
    model, outcome = train(model, batches, setting["rate"], objective, quick=quick)
    own = None if outcome["score"] is None else score(model, texts(quick)[0][:SMALL])
    return setting | outcome | {"own": own}


def wanted(runs: Sequence[dict[str, Any]], names: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """The settings that are still to be run, in the order of the plan, as far as they are known."""
    for trial, seeds in PLAN:
        if names and not any(name in str(trial) for name in names):
            continue
        tuned = trial._replace(characters=min(trial.characters, TUNED_ON))
        settings = [(tuned, rate, 0) for rate in next_rates(tried(runs, trial), SLOWEST, FEWEST)]
        rate = chosen_rate(runs, trial)
        settings += [] if rate is None else [(trial, rate, seed) for seed in range(seeds)]
        for one, at, seed in settings:
            setting = one._asdict() | {"rate": at, "seed": seed}
            if not any(setting.items() <= run.items() for run in runs):
                yield setting


def summary(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each trial whose rate is chosen."""
    rows = []
    for trial, _ in PLAN:
        if chosen_rate(runs, trial) is not None:
            found = reported(runs, trial)
            scores = "  ".join(f"{run['score']:.3f}" for run in found)
            rows.append({"trial": str(trial), "rate": found[0]["rate"], "scores": scores})
    return rows


def main(quick: bool, names: Sequence[str] = (), jobs: int = 1) -> list[dict[str, Any]]:
    """Run what is asked for and is not there yet; returns all runs. Raises ValueError for a name that is in none."""
    trials = dict.fromkeys(trial for trial, _ in PLAN if not names or any(name in str(trial) for name in names))
    if not trials:
        raise ValueError(f"depth: wanted parts of {'; '.join(str(trial) for trial, _ in PLAN)}, got {names}")
    if quick:
        few = [trial._replace(characters=10_000, times=min(trial.times, 2)) for trial in trials]
        return [measure(trial._asdict() | {"rate": 8e-3, "seed": 1}, quick) for trial in dict.fromkeys(few)]
    command = "OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.depth"
    runs = Runs("depth", keep=True, command=command, tuned_on=TUNED_ON)
    runs.fill(lambda rows: wanted(rows, names), measure, jobs)
    print(table(summary(runs.rows)))
    return runs.rows


if __name__ == "__main__":
    main(**vars(arguments(__doc__, quick="every trial once, 10,000 characters", names="TRIAL", jobs=1)))
