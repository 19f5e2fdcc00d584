"""What pretraining is worth: the runs of ``benchmarks.quality.transfer``, summed up.

A *run* is one classifier of reviews: where its weights come from (`source`), whether they are frozen or fine-tuned (`mode`), how
many labelled reviews it learned from, at which learning rate, and the seed, which chooses these reviews. Runs that choose
a rate say the share of the validation reviews that they judge wrongly (`wrong`); runs that are reported say their `accuracy`
on the test reviews. No run says both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from course_utils.experiments import tuning
from course_utils.experiments.transfer import RANDOM, SCRATCH

Record = Mapping[str, Any]

UPDATES = {200: 100, 500: 100, 2_000: 200, 16_000: 400}
"""Updates with 50 labelled reviews each: 25, 10, 5 and 1.25 passes over so many reviews."""
LABELS = tuple(UPDATES)
FEW = LABELS[:3]
"""At 16,000 labels only the sources of the main comparison are measured."""
FEWEST, SLOWEST = 5, 2e-3
"""Learning rates tried in each case, each twice the one before, and the first of them."""
TUNING_SEED, SEEDS = 100, range(5)
"""The draw of labelled reviews by which a rate is chosen, which is not reported; and those that are."""

FILLER, NEW = "network, blank filler", "network, random weights"
SAME_TEXT = "from scratch, what the network reads"
OURS = "reviews, skip-gram"
DATES, GLOVE, DEALT = "dates", "GloVe", "reviews, words dealt out anew"
SHUFFLED, LANGUAGE_MODEL = "reviews, each shuffled", "reviews, language model"


class Case(NamedTuple):
    """Where weights come from, whether they are frozen or fine-tuned, and the numbers of labels that are tried."""

    source: str
    mode: str
    labels: tuple[int, ...]


CASES = (  # in the order in which they tell most: a file that ends early is worth something
    Case(SCRATCH, "fine-tuned", LABELS),
    Case(OURS, "frozen", LABELS),
    Case(OURS, "fine-tuned", LABELS),
    Case(SAME_TEXT, "fine-tuned", LABELS),
    Case(FILLER, "fine-tuned", LABELS),
    Case(NEW, "fine-tuned", LABELS),
    Case(RANDOM, "frozen", FEW),
    *(
        Case(source, mode, FEW)
        for source in (SHUFFLED, LANGUAGE_MODEL, DATES, DEALT)
        for mode in ("frozen", "fine-tuned")
    ),
)
OPTIONAL = tuple(Case(GLOVE, mode, FEW) for mode in ("frozen", "fine-tuned"))
"""What needs an extra to be installed."""
BAGS = (SCRATCH, RANDOM, DATES, GLOVE, DEALT, SHUFFLED, LANGUAGE_MODEL, OURS)
"""Sources of word vectors, in the order in which the chapter's explorer names them."""


def runs_of(runs: Iterable[Record], source: str, mode: str, labels: int) -> list[Record]:
    """All runs from a source, frozen or fine-tuned, with so many labels."""
    wanted = (source, mode, labels)
    return [run for run in runs if (run["source"], run["mode"], run["labels"]) == wanted]


def tried(runs: Iterable[Record], source: str, mode: str, labels: int) -> dict[float, float]:
    """The learning rates that were tried, and the share of validation reviews that each got wrong."""
    own = [run for run in runs_of(runs, source, mode, labels) if run["seed"] == TUNING_SEED]
    return {run["rate"]: run["wrong"] for run in sorted(own, key=lambda run: run["rate"])}


def chosen_rate(runs: Iterable[Record], source: str, mode: str, labels: int) -> float | None:
    """The rate that gets least wrong, or None while the search is not over."""
    return tuning.chosen(tried(runs, source, mode, labels), FEWEST)


def wanted(runs: Sequence[Record], cases: Sequence[Case] = CASES) -> Iterator[dict[str, Any]]:
    """The settings that are still to be run, as far as they are known: rates first, then the seeds that are reported."""
    for case in cases:
        for labels in case.labels:
            setting = {"source": case.source, "mode": case.mode, "labels": labels}
            rates = tuning.next_rates(tried(runs, case.source, case.mode, labels), SLOWEST, FEWEST)
            yield from ({**setting, "rate": rate, "seed": TUNING_SEED} for rate in rates)
            rate = chosen_rate(runs, case.source, case.mode, labels)
            if rate is not None:
                done = {run["seed"] for run in runs_of(runs, case.source, case.mode, labels) if run["rate"] == rate}
                yield from ({**setting, "rate": rate, "seed": seed} for seed in SEEDS if seed not in done)


def accuracies(runs: Sequence[Record], sources: Sequence[str] | None = None) -> dict[str, Any]:
    """source -> mode -> number of labels, as text -> accuracy at the chosen rate, one number a seed.

    Only what is complete; in the order of `sources`, or else of the cases.
    """
    found: dict[str, Any] = {}
    for case in (*CASES, *OPTIONAL):
        for labels in case.labels:
            rate = chosen_rate(runs, case.source, case.mode, labels)
            own = {
                run["seed"]: run["accuracy"]
                for run in runs_of(runs, case.source, case.mode, labels)
                if run["rate"] == rate
            }
            if set(SEEDS) <= set(own):
                found.setdefault(case.source, {}).setdefault(case.mode, {})[str(labels)] = [own[seed] for seed in SEEDS]
    return found if sources is None else {source: found[source] for source in sources if source in found}


def explorable(runs: Sequence[Record]) -> dict[str, Any]:
    """What `explorers.transfer` wants: the sources of word vectors, at the numbers of labels that all of them have."""
    few = [str(labels) for labels in FEW]
    found = accuracies(runs, BAGS)
    return {
        "labels": list(FEW),
        "accuracy": {
            source: {mode: {n: of[n] for n in few} for mode, of in modes.items()} for source, modes in found.items()
        },
    }
