"""Readers of opinions of equal size: is a review positive, judged by its first 100 words? Each with a rate of its own.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.opinions [--quick] [--jobs 2] [MODEL ...]

Some minutes of one core. Goes on where course_utils/experiments/results/opinions.json ends; chapter 15 draws it, and README.md
has a table of it. MODEL is a part of a name, such as LSTM.

training  the first 100 words of 20,352 reviews, each read once, 64 in each of 318 updates with Adam, norms clipped at 1
readers   4,000 words, 16 numbers each, read by what is named, and the mean over time judged by a linear layer. None has more
          parameters than chapter 11's LSTM of 24 units. The transformer's learning rate rises in the first 30 updates.
          Pretrained words begin with the vectors that chapter 12's skip-gram learns from the same 20,352 beginnings,
          without labels; its time counts
rates     each reader has its own: at least five, each twice the one before, from seed 0; the one that judges most of 2,500
          validation reviews right is taken, and may be neither the smallest nor the largest
scores    the share of 2,500 held-out reviews that are judged right; three seeds

Seconds are those of one core (process time), of training alone.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from benchmarks.quality import bidirectional
from benchmarks.quality.protocol import named
from course_utils.data.reviews import load_reviews, split
from course_utils.experiments.opinions import FEWEST, Record, chosen_rate, markdown, tuning
from course_utils.experiments.transfer import skip_gram_vectors
from course_utils.experiments.tuning import next_rates
from course_utils.layers.chain import Chain, Pipeline
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.pooling import MeanOverTime
from course_utils.layers.positions import PositionEmbedding
from course_utils.layers.transformer import Transformer
from course_utils.models.equal_size import equal_width, lstm_reader, recurrent_layer, width
from course_utils.models.review_classifier import standardised
from course_utils.optim import Adam
from course_utils.schedules import rising
from course_utils.train import fit
from course_utils.tree import count, tree
from tools.command_line import arguments
from tools.course import renew_scoreboard
from tools.report import Runs

SEEDS, SLOWEST = 3, 1.25e-3
"""Reported seeds, and the first learning rate that is tried."""


@dataclass(frozen=True)
class Entry:
    """A reader: its name and family, how it is built, and over how many updates its learning rate rises."""

    model: str
    family: str
    build: Callable[[np.random.Generator], Any]
    warmup: int = 0


@tree
class Judge(Pipeline):
    """A reader of reviews, and the mean over time of what it says, judged by a linear layer."""

    embedding: Embedding
    reader: Chain
    mean: MeanOverTime
    readout: Linear


@cache
def texts(quick: bool) -> tuple[bidirectional.Sentiment, list[bidirectional.Batch]]:
    """Training and held-out reviews, and validation reviews; few updates for a quick run."""
    parts = split(load_reviews())
    task = bidirectional.Sentiment(parts, 20 if quick else 318)
    return task, list(task.padded(task.encoded(parts.valid), 250, np.random.default_rng(0)))


def train(entry: Entry, rate: float, rng: np.random.Generator, quick: bool) -> Judge:
    """One reader, trained."""
    task, _ = texts(quick)
    model = entry.build(rng)
    if entry.family == "pretrained":
        read = task.train[0]
        W = standardised(skip_gram_vectors(read, task.V, task.D, rng=rng), read)
        model = replace(model, embedding=Embedding(W))
    batches, schedule = task.batches(rng), rising(entry.warmup)
    objective = bidirectional.loss_and_gradient
    return fit(model, objective, batches, Adam(rate), clip=1.0, progress=None, schedule=schedule).model


def judge(model: str, family: str, features: int, layers: Callable[[np.random.Generator], tuple[Any, ...]]) -> Entry:
    """Something between the embedding and the mean over time that reads reviews."""
    V, D = bidirectional.Sentiment.V, bidirectional.Sentiment.D

    def build(rng: np.random.Generator) -> Judge:
        embedding = Embedding.init(V, D, rng=rng, scale=0.1, dtype=np.float32)
        readout = Linear.init(features, 2, rng=rng, dtype=np.float32)
        return Judge(embedding, Chain(layers(rng)), MeanOverTime(), readout)

    return Entry(model, family, build, warmup=30 if family == "transformer" else 0)


def judges() -> Iterator[Entry]:
    """Readers with as many parameters as chapter 11's LSTM of 24 units, or fewer."""
    D, H = bidirectional.Sentiment.D, bidirectional.Sentiment.H
    yield judge("bag of words", "bag", D, lambda rng: ())
    yield judge("bag of pretrained words", "pretrained", D, lambda rng: ())
    for kind in ("RNN", "GRU", "LSTM"):
        units = width(kind, D, 4 * H * (D + H + 1))
        yield judge(kind, kind, units, lambda rng, kind=kind, units=units: (recurrent_layer(kind, D, units, rng=rng),))  # type: ignore[misc]
    each = equal_width(D, H, 2)
    yield judge("LSTM, both directions", "LSTM", 2 * each, lambda rng: (lstm_reader(D, each, both=True, rng=rng),))
    yield judge(
        "transformer",
        "transformer",
        D,
        lambda rng: (
            PositionEmbedding.init(100, D, rng=rng, scale=0.1, dtype=np.float32),
            Transformer.init(D, 1, 2, 2 * D, rng=rng, dtype=np.float32),
        ),
    )


ENTRIES = {entry.model: entry for entry in judges()}


def measure(setting: dict[str, Any], quick: bool = False) -> dict[str, Any]:
    """The setting and what came of it."""
    entry, (task, valid) = ENTRIES[setting["model"]], texts(quick)
    start = time.process_time()
    model = train(entry, setting["rate"], np.random.default_rng(setting["seed"]), quick)
    seconds = round(time.process_time() - start, 1)
    shares = (round(float(bidirectional.share_right(model, part)), 4) for part in (valid, task.held_out))
    found = dict(zip(("valid", "score"), shares, strict=True))
    return setting | {"family": entry.family, "parameters": count(model)} | found | {"seconds": seconds}


def wanted(runs: Sequence[Record], models: Sequence[str] = tuple(ENTRIES)) -> Iterator[dict[str, Any]]:
    """The settings that are still to be run, as far as they are known."""
    done = {(run["model"], run["rate"], run["seed"]) for run in runs}
    for model in models:
        settings = [(rate, 0) for rate in next_rates(tuning(runs, model), SLOWEST, FEWEST)]
        if (rate := chosen_rate(runs, model)) is not None:
            settings += [(rate, seed) for seed in range(SEEDS)]
        for rate, seed in settings:
            if (model, rate, seed) not in done:
                yield {"model": model, "rate": rate, "seed": seed}


def main(quick: bool, names: Sequence[str] = (), jobs: int = 1) -> list[dict[str, Any]]:
    """Run what is asked for and is not there yet; returns all runs. Raises ValueError for a name that is in none."""
    models = named(tuple(ENTRIES), names, where="opinions")
    if quick:
        return [measure({"model": model, "rate": 5e-3, "seed": 0}, quick) for model in models]
    runs = Runs("opinions", keep=True, command="OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.opinions")
    runs.fill(lambda rows: wanted(rows, models), measure, jobs)
    renew_scoreboard()
    print(markdown(runs.rows))
    return runs.rows


if __name__ == "__main__":
    main(**vars(arguments(__doc__, quick="every reader once, 20 updates", names="MODEL", jobs=1)))
