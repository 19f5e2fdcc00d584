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

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.quality.protocol import Outcome, complete, measured, named
from course_utils.data.tasks import delayed_recall
from course_utils.experiments import counting, memory
from course_utils.experiments.memory_runs import CONTESTANTS, CUT, DEEP, TRIALS
from course_utils.losses import cross_entropy
from course_utils.models.objectives import token_task_loss
from tools.command_line import arguments


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
    """The setting and what came of it."""
    return measured(setting, MEASURES)


def main(quick: bool, names: Sequence[str] = (), jobs: int = 1) -> list[Outcome]:
    """Run what is asked for and is not there yet; returns all runs. Raises ValueError for a name that is in none."""
    kinds = named(CONTESTANTS, names, where="memory")
    if not quick:
        return complete("memory", TRIALS, measure, kinds, jobs)
    settings = [("recall", 5), ("recall, cut", 5), ("adding", 4), ("brackets", 4)]
    return [
        measure({"task": task, "length": length, "kind": kind, "rate": 8e-3, "seed": 0})
        for task, length in settings
        for kind in kinds
    ]


if __name__ == "__main__":
    main(**vars(arguments(__doc__, quick="every task once, very short", names="KIND", jobs=1)))
