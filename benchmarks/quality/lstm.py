"""RNN, GRU or LSTM where there is less to remember? A series and sentiment, each network with a rate of its own.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.lstm [--quick] [--jobs 2] [KIND ...]

A quarter of an hour of one core. Goes on where course_utils/experiments/results/lstm.json ends; what a row says, and which tasks
there are and from how many seeds: `course_utils.experiments.lstm_runs`, which chapter 09 draws. The tasks of memory are
those of `benchmarks.quality.memory`, and characters of `benchmarks.quality.learning_curves`. KIND is a part of a name.

size      equal parameters of the recurrent layer: 320 for the series, 2,112 for sentiment
training  forecast 400 updates of 16 windows, sentiment 600 of 64 reviews; Adam, whose rate rises during the first twentieth
          of the updates and falls to a twentieth along a cosine; norms clipped at 1
rates     for each kind on each task: at least five, each twice the one before; the best on the validation part is taken,
          and may be neither the smallest nor the largest. Seeds that choose are not reported
parts     series: values 1 to 450 train, the next 150 choose, the last 200 are reported. Reviews: chapter 01's three parts

Seconds are those of one core (process time), of training and scoring; in the first run of a task also of reading its texts.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from benchmarks.quality import lstm_tasks
from benchmarks.quality.lstm_tasks import Opinions
from benchmarks.quality.protocol import Outcome, complete, measured, named
from course_utils.data.reviews import Split, load_reviews, split
from course_utils.data.series import eeg
from course_utils.experiments.lstm_runs import FEW, LABELS, MANY, TRIALS
from course_utils.models.equal_size import KINDS
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from tools.command_line import arguments


@cache
def reviews() -> tuple[Split, Vocabulary]:
    """The three parts, and the 2,000 most frequent words."""
    parts = split(load_reviews())
    return parts, Vocabulary.build((words(review.text) for review in parts.train[:8_000]), max_size=2_000)


@cache
def opinions(part: str, size: int | None = None) -> Opinions:
    """The first `size` reviews of a part, or all of them, as the last 80 words of each."""
    parts, vocabulary = reviews()
    return Opinions(getattr(parts, part)[:size], vocabulary, T=80)


def training(setting: Outcome) -> dict[str, Any]:
    """What the tasks take from a setting; `steps` is there in quick runs only."""
    return {key: setting[key] for key in ("rate", "steps") if key in setting}


def forecast(setting: Outcome) -> Outcome:
    """See `lstm_runs`."""
    values = eeg("PG3").values
    loss, score = lstm_tasks.forecast(
        setting["kind"], values, setting["seed"], T=setting["length"], **training(setting)
    )
    return {"loss": loss, "score": score}


def sentiment(setting: Outcome) -> Outcome:
    """See `lstm_runs`."""
    train, valid, test = opinions("train", LABELS[setting["task"]]), opinions("valid"), opinions("test")
    V = len(reviews()[1])
    right, score = lstm_tasks.sentiment(
        setting["kind"], train, (valid, test), setting["seed"], V=V, **training(setting)
    )
    return {"loss": 1 - right, "score": score}


MEASURES: dict[str, Callable[[Outcome], Outcome]] = {
    "forecast": forecast,
    FEW: sentiment,
    MANY: sentiment,
}


def measure(setting: Outcome) -> Outcome:
    """The setting and what came of it."""
    return measured(setting, MEASURES)


def main(quick: bool, names: Sequence[str] = (), jobs: int = 1) -> list[Outcome]:
    """Run what is asked for and is not there yet; returns all runs. Raises ValueError for a name that is in none."""
    kinds = named(KINDS, names, where="lstm")
    if not quick:
        return complete("lstm", TRIALS, measure, kinds, jobs)
    short = {"rate": 8e-3, "seed": 0, "steps": 10}
    return [
        measure({"task": trial.task, "length": trial.length, "kind": kind} | short)
        for trial in TRIALS
        for kind in kinds
    ]


if __name__ == "__main__":
    main(**vars(arguments(__doc__, quick="every kind on every task once, 10 updates", names="KIND", jobs=1)))
