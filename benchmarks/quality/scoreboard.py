"""The scoreboard of the course: language models on the same characters, readers of opinions on the same split of the reviews.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.scoreboard [--quick] [MODEL ...]

About half an hour of one core in all; MODEL is a part of a name, such as LSTM or transformer, and runs only those. Runs that
course_utils/experiments/results/scoreboard.json holds already are kept and not repeated, and the file is written after every
run: delete it (or rows of it; of n-grams all) to measure anew. Chapter 15 draws it, and README.md has a table of it.

characters  chapter 05's budget: 3,072,000 characters, each read once, 1,024 in each of 3,000 updates; Adam, after 11/15
            of them with a quarter of the learning rate; norms clipped at 1. The score is bits per character on the same
            200,000 held-out characters. All read 32 windows of 32; recurrent networks carry their state on,
            transformers begin each window anew, and are asked with 16 to 31 characters before them. Their learning
            rate rises from 0 in the first 100 updates.
n-grams     of chapter 03: any order from 3 to 6, two kinds of smoothing, counted on all of these characters or the first ones
sentiment   chapter 11's budget: the first 100 words of 20,352 reviews, each read once, 64 in each of 318 updates with
            Adam, norms clipped at 1; 4,000 words, 16 numbers each, read by what is named, and the mean over time
            judged by a linear layer. The score is the share of 2,500 held-out reviews that are judged right. The
            transformer's learning rate rises in the first 30 updates. Pretrained words begin with the vectors that
            chapter 12's skip-gram learns from the same 20,352 beginnings, without labels; its time counts.

Sizes: "small" has at most as many parameters as chapter 05's network, "large" about three times as many. Each model has the
learning rate that did best on the validation text with seed 0, of those that doubling and halving leads to; all are kept. A
large model takes that of the small one.
Seconds are those of one core (process time), of training alone. Counting involves no chance, so n-grams have one run.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from benchmarks.quality import bidirectional
from benchmarks.quality.lstm_tasks import first
from course_utils.data.reviews import encoded_characters, load_reviews, split
from course_utils.experiments import scoreboard
from course_utils.experiments.one_pass import read_once
from course_utils.experiments.scoreboard import BETTER, CHARACTERS, SENTIMENT, chosen_rate
from course_utils.experiments.transfer import skip_gram_vectors
from course_utils.layers.chain import Chain, Pipeline
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.pooling import MeanOverTime
from course_utils.layers.positions import PositionEmbedding
from course_utils.layers.transformer import Transformer
from course_utils.models.equal_size import equal_width, language_model, lstm_reader, recurrent_layer, width
from course_utils.models.objectives import TruncatedBPTT, next_token_loss
from course_utils.models.perplexity import bits, nats_in_windows, nats_per_token
from course_utils.models.review_classifier import standardised
from course_utils.models.transformer import TransformerLanguageModel
from course_utils.optim import Adam
from course_utils.pretrained.character_models import untrained_stack
from course_utils.schedules import rising
from course_utils.text.batching import sequential_partition
from course_utils.text.characters import ALPHABET
from course_utils.text.kneser_ney import ModifiedKneserNey
from course_utils.text.ngram import NGrams
from course_utils.text.smoothing import AddK
from course_utils.train import fit
from course_utils.tree import Array, count, tree
from tools.command_line import arguments
from tools.course import ROOT, with_scoreboard
from tools.report import Runs

V, D, SEEDS = len(ALPHABET), 32, 3
SIZES = {"small": 28_658, "large": 90_482, "any": 10**9}
"""At most so many parameters: chapter 05's RNN of 128 units, chapter 09's LSTM of 128."""


@dataclass(frozen=True)
class Entry:
    """A model of the board: how it is built, the learning rate to begin the search with, and its length of windows."""

    task: str
    model: str
    family: str
    size: str
    build: Callable[[np.random.Generator], Any]
    rate: float
    T: int = 32
    warmup: int = 0

    @property
    def name(self) -> str:
        return f"{self.model} ({self.task}, {self.size})"


@dataclass(frozen=True)
class Characters:
    """Reading characters, and being asked about others."""

    quick: bool

    @cached_property
    def data(self) -> tuple[Array, Array, Array]:
        train, valid, test = split(load_reviews())
        asked = 20_000 if self.quick else 200_000
        return (
            encoded_characters(train, (40 if self.quick else 3_000) * 1_024 + 1),
            encoded_characters(valid, asked),
            encoded_characters(test, asked),
        )

    def train(self, entry: Entry, rate: float, rng: np.random.Generator) -> Any:
        letters = self.data[0]
        windows = first(sequential_partition(letters, entry.T, 1_024 // entry.T), len(letters) // 1_024)
        loss_and_gradient = next_token_loss if entry.family == "transformer" else TruncatedBPTT()
        return read_once(entry.build(rng), loss_and_gradient, windows, lr=rate, warmup=entry.warmup)

    def scores(self, entry: Entry, model: Any) -> list[float]:
        if entry.family == "transformer":
            return [bits(nats_in_windows(model, text, entry.T)) for text in self.data[1:]]
        return [bits(nats_per_token(model, text)) for text in self.data[1:]]


@tree
class Judge(Pipeline):
    """A reader of reviews, and the mean over time of what it says, judged by a linear layer."""

    embedding: Embedding
    reader: Chain
    mean: MeanOverTime
    readout: Linear


@dataclass(frozen=True)
class Opinions:
    """Reading reviews, and judging others."""

    quick: bool

    @cached_property
    def data(self) -> tuple[bidirectional.Sentiment, list[bidirectional.Batch]]:
        parts = split(load_reviews())
        task = bidirectional.Sentiment(parts, 20 if self.quick else 318)
        return task, list(task.padded(task.encoded(parts.valid), 250, np.random.default_rng(0)))

    def train(self, entry: Entry, rate: float, rng: np.random.Generator) -> Judge:
        task = self.data[0]
        model = entry.build(rng)
        if entry.family == "pretrained":
            texts = task.train[0]
            W = standardised(skip_gram_vectors(texts, task.V, task.D, rng=rng), texts)
            model = replace(model, embedding=Embedding(W))
        batches = task.batches(rng)
        run = fit(
            model,
            bidirectional.loss_and_gradient,
            batches,
            Adam(rate),
            clip=1.0,
            progress=None,
            schedule=rising(entry.warmup),
        )
        return run.model

    def scores(self, entry: Entry, model: Judge) -> list[float]:
        task, valid = self.data
        return [bidirectional.share_right(model, batches) for batches in (valid, task.held_out)]


def recurrent(model: str, size: str, H: int) -> Entry:
    """An RNN, GRU or LSTM that reads characters."""
    return Entry(CHARACTERS, model, model, size, lambda rng: language_model(model, V, D, H, rng=rng), 4e-3)


def transformer(size: str, D: int, layers: int, H: int) -> Entry:
    """A transformer that reads characters. It carries no state: every window is a text of its own."""
    T = 32
    return Entry(
        CHARACTERS,
        "transformer",
        "transformer",
        size,
        lambda rng: TransformerLanguageModel.init(V, D, layers, 4, T, rng=rng, H=H),
        8e-3,
        T,
        warmup=100,
    )


def judge(model: str, family: str, features: int, layers: Callable[[np.random.Generator], tuple[Any, ...]]) -> Entry:
    """Something between the embedding and the mean over time that reads reviews."""
    V, D = bidirectional.Sentiment.V, bidirectional.Sentiment.D

    def build(rng: np.random.Generator) -> Judge:
        embedding = Embedding.init(V, D, rng=rng, scale=0.1, dtype=np.float32)
        readout = Linear.init(features, 2, rng=rng, dtype=np.float32)
        return Judge(embedding, Chain(layers(rng)), MeanOverTime(), readout)

    return Entry(SENTIMENT, model, family, "small", build, 5e-3, warmup=30 if family == "transformer" else 0)


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


ENTRIES = (
    recurrent("RNN", "small", 128),
    recurrent("GRU", "small", 73),
    recurrent("LSTM", "small", 62),
    Entry(CHARACTERS, "LSTM, two layers", "LSTM", "small", lambda rng: untrained_stack(2, 40, rng=rng, gain=4.0), 4e-3),
    transformer("small", 32, 2, 120),
    recurrent("RNN", "large", 259),
    recurrent("GRU", "large", 149),
    recurrent("LSTM", "large", 128),
    transformer("large", 64, 2, 184),
    *judges(),
)


def own(runs: Runs, entry: Entry) -> list[dict[str, Any]]:
    """The runs of an entry so far."""
    wanted = {"task": entry.task, "model": entry.model, "size": entry.size}
    return [run for run in runs.rows if wanted.items() <= run.items()]


def measure(entry: Entry, task: Characters | Opinions, rate: float, seed: int) -> dict[str, Any]:
    """Train with this learning rate from this seed, and score on the validation and on the held-out text."""
    task.data  # noqa: B018 loaded now, so that no training is charged for it
    start = time.process_time()
    model = task.train(entry, rate, np.random.default_rng(seed))
    seconds = round(time.process_time() - start, 1)
    valid, score = (round(float(score), 4) for score in task.scores(entry, model))
    return {"family": entry.family, "parameters": count(model), "valid": valid, "score": score, "seconds": seconds}


def search(entry: Entry, task: Characters | Opinions, runs: Runs) -> None:
    """Look for the learning rate with seed 0, then train with the other seeds."""

    def run(rate: float, seed: int) -> None:
        setting = {"task": entry.task, "model": entry.model, "size": entry.size, "rate": rate, "seed": seed}
        runs.run(setting, partial(measure, entry, task, rate, seed))

    best, tried = entry.rate, None
    smaller = own(runs, replace(entry, size="small"))
    if entry.size == "large" and smaller:
        best = tried = chosen_rate(smaller, entry.task) or best
    while best != tried and runs.keep:
        tried = best
        for rate in (best, 2 * best, best / 2):
            run(rate, 0)
        best = chosen_rate(own(runs, entry), entry.task) or best
    for seed in range(SEEDS if runs.keep else 1):
        run(best, seed)


def tables(letters: Array, quick: bool) -> Iterator[tuple[Any, float]]:
    """n-grams of chapter 03 and the seconds that each took."""
    for read in (20_000,) if quick else (50_000, 70_000, 100_000, 140_000, 200_000, 280_000, len(letters)):
        start = time.process_time()
        counts = NGrams.count(letters[:read], 6, V, boundary=0)
        counted = time.process_time() - start
        for n in (3, 4, 5, 6):
            for smoothing in (ModifiedKneserNey, lambda counts, n: AddK(counts, n, k=0.03)):
                start = time.process_time()
                yield smoothing(counts, n), counted + time.process_time() - start


def count_ngrams(task: Characters, runs: Runs) -> None:
    """The n-gram of each size that is best on the validation text."""
    letters, valid, held_out = task.data
    tried = [
        (model.parameters, model.bits(valid[:100_000]), model, seconds)
        for model, seconds in tables(letters, task.quick)
    ]
    for size, limit in SIZES.items():
        fits = [entry for entry in tried if entry[0] <= limit]
        if not fits:
            continue
        parameters, score, model, seconds = min(fits, key=lambda entry: entry[1])
        runs.add({
            "task": CHARACTERS, "model": f"n-gram, n = {model.n}", "size": size, "rate": None, "seed": 0,
            "family": "n-gram", "parameters": parameters, "valid": round(float(score), 4),
            "score": round(float(model.bits(held_out)), 4), "seconds": round(seconds, 1),
        })  # fmt: skip


def main(quick: bool, names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Train all that is asked for and is not there yet; returns all runs. Raises ValueError for a name that is in none."""
    runs = Runs("scoreboard", keep=not quick, command="OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.scoreboard")
    letters, opinions = Characters(quick), Opinions(quick)
    chosen = [entry for entry in ENTRIES if not names or any(name in entry.name for name in names)]
    counting = not names or "n-gram" in names
    if not (chosen or counting):
        raise ValueError(f"scoreboard: wanted parts of {[entry.name for entry in ENTRIES]} or n-gram, got {names}")
    if counting and not any(run["family"] == "n-gram" for run in runs.rows):
        count_ngrams(letters, runs)
    for entry in chosen:
        if not (quick and entry.size == "large"):
            search(entry, letters if entry.task == CHARACTERS else opinions, runs)
    if runs.keep:
        readme = ROOT / "README.md"
        readme.write_text(with_scoreboard(readme.read_text("utf-8"), runs.rows), "utf-8")
    for task in BETTER:
        if any(run["task"] == task for run in runs.rows):
            print(f"\n{scoreboard.markdown(runs.rows, task)}")
    return runs.rows


if __name__ == "__main__":
    main(**vars(arguments(__doc__, quick="one seed, small models, a few updates; some ten seconds", names="MODEL")))
