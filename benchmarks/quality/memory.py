"""Who remembers how far? Recall, adding and brackets, five recurrent networks of equal size, each with a rate of its own.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.memory [--quick] [--jobs 2] [KIND ...]

About an hour of one core. Goes on where course_utils/experiments/results/memory.json ends; what a row says, which tasks and
lengths there are and from how many seeds: `course_utils.experiments.memory_runs`, which chapters 05, 06, 08 and 09 draw.
KIND is a part of a name, such as LSTM.

training  recall 300 updates, brackets 700, adding 600, of 32 sequences; Adam at one rate (brackets: a fifth of it in the
          last third), norms clipped at 1
rates     for each contestant on each task, at lengths that are said (`TRIALS`): at least five, each twice the one before;
          the one with the lowest mean loss on new sequences is taken, and may be neither the smallest nor the largest.
          Seeds that choose are not reported
seconds   of one core (process time), of training and a few questions
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from course_utils.data.tasks import delayed_recall
from course_utils.experiments import counting, memory
from course_utils.experiments.memory_runs import (
    CONTESTANTS,
    CUT,
    DEEP,
    FEWEST,
    SLOWEST,
    TRIALS,
    chosen_rate,
    reported,
    tried,
    tuning_seeds,
)
from course_utils.experiments.results import collect
from course_utils.experiments.tuning import next_rates
from course_utils.losses import cross_entropy
from course_utils.models.objectives import token_task_loss
from tools.command_line import arguments
from tools.report import Runs, table

Outcome = dict[str, Any]


def recall(setting: Outcome, cut: int | None = None) -> Outcome:
    """See `memory_runs`."""
    trained = memory.trained_to_recall(
        setting["kind"], setting["length"], setting["seed"], rate=setting["rate"], cut=cut
    )
    logits, _ = trained.model.forward(trained.asked.x)
    questions = delayed_recall(setting["length"], 64, rng=np.random.default_rng(setting["seed"]))
    felt = memory.reach(trained.start, questions)
    return {
        "loss": cross_entropy(logits, trained.asked.y, trained.asked.mask)[0],
        "score": float(trained.right.mean()), "by symbol": [round(share, 2) for share in trained.by_symbol],
        "memory": float(f"{felt.memory:.2g}"), "x": float(f"{felt.x:.2g}"),
    }  # fmt: skip


def adding(setting: Outcome) -> Outcome:
    """See `memory_runs`."""
    error = memory.addition(setting["kind"], setting["length"], setting["seed"], rate=setting["rate"], steps=600)
    return {"loss": error, "score": error}


def brackets(setting: Outcome) -> Outcome:
    """See `memory_runs`."""
    T, seed = setting["length"], setting["seed"]
    model = counting.bracket_counter(setting["kind"], seed, rate=setting["rate"], steps=700, T=T)
    unseen = counting.is_open(T, 500, rng=np.random.default_rng(1_000 + seed))
    return {"loss": token_task_loss(model, unseen)[0], "score": counting.closings_until_closed(model, DEEP)}


MEASURES: dict[str, Callable[[Outcome], Outcome]] = {
    "recall": recall,
    "recall, cut": lambda setting: recall(setting, CUT),
    "adding": adding,
    "brackets": brackets,
}


def measure(setting: Outcome) -> Outcome:
    """The setting and what came of it; None for the scores of a training that left the finite numbers."""
    start = time.process_time()
    try:
        outcome = MEASURES[setting["task"]](setting)
    except ValueError as error:  # `fit` stops at the first loss that is not finite, and only then
        if "finite" not in str(error):
            raise
        outcome = {"loss": None, "score": None}
    rounded = {key: round(value, 5) if key in ("loss", "score") and value else value for key, value in outcome.items()}
    return setting | rounded | {"seconds": round(time.process_time() - start, 1)}


def wanted(runs: Sequence[Outcome], kinds: Sequence[str] = CONTESTANTS) -> Iterator[Outcome]:
    """The settings that are still to be run, in the order of the trials, as far as they are known."""
    done = {tuple(run[key] for key in ("task", "length", "kind", "rate", "seed")) for run in runs}
    for trial in TRIALS:
        for kind in (kind for kind in trial.kinds if kind in kinds):
            rates = next_rates(tried(runs, trial, kind), SLOWEST, FEWEST)
            settings = [(trial.tuned_at, rate, seed) for rate in rates for seed in tuning_seeds(trial)]
            rate = chosen_rate(runs, trial, kind)
            if rate is not None:
                settings += [(trial.length, rate, seed) for seed in range(trial.seeds)]
            for length, rate, seed in settings:
                if (trial.task, length, kind, rate, seed) not in done:
                    yield {"task": trial.task, "length": length, "kind": kind, "rate": rate, "seed": seed}


def summary(runs: Sequence[Outcome]) -> list[Outcome]:
    """A row for each task, length and contestant."""
    scores = collect(reported(runs), "score", "task", "length", "kind")
    return [
        {"task": trial.task, "length": trial.length, "kind": kind, "rate": chosen_rate(runs, trial, kind)}
        | {"scores": "  ".join(f"{score:g}" for score in scores[trial.task][trial.length][kind])}
        for trial in TRIALS
        for kind in trial.kinds
    ]


def main(quick: bool, names: Sequence[str] = (), jobs: int = 1) -> list[Outcome]:
    """Run what is asked for and is not there yet; returns all runs. Raises ValueError for a name that is in none."""
    kinds = [kind for kind in CONTESTANTS if not names or any(name in kind for name in names)]
    if not kinds:
        raise ValueError(f"memory: wanted parts of {', '.join(CONTESTANTS)}, got {names}")
    if quick:
        settings = [("recall", 5), ("recall, cut", 5), ("adding", 4), ("brackets", 4)]
        return [
            measure({"task": task, "length": length, "kind": kind, "rate": 8e-3, "seed": 0})
            for task, length in settings
            for kind in kinds
        ]
    runs = Runs("memory", keep=True, command="OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.memory")
    runs.fill(lambda rows: wanted(rows, kinds), measure, jobs)
    if kinds == list(CONTESTANTS):
        print(table(summary(runs.rows)))
    return runs.rows


if __name__ == "__main__":
    main(**vars(arguments(__doc__, quick="every task once, very short", names="KIND", jobs=1)))
