"""Is a bidirectional LSTM always better than one that reads in one direction? Four tasks, several seeds.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.bidirectional [--quick]

Every reader of a task has the same number of parameters (but "both, as wide": two LSTMs as wide as the single one), and
gets the same batches, optimiser and number of steps. A reader from the right gets every batch reversed, masks too.
Writes course_utils/experiments/results/bidirectional.json, which chapter 11 draws.
About a quarter of an hour of one core.

letters    15 % of the characters of held-out reviews are blanked out: how many are restored?       (share right)
ends       is a review positive? Judged by the states that the passes end in, of 100 words          (share right)
mean       the same, judged by the mean of the outputs over all words                               (share right)
brackets   after every bracket: how many are open?                                                  (share right)
"""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from course_utils.data.reviews import Review, encoded_characters, load_reviews, split
from course_utils.data.tasks import TokenTask, blank_out, brackets
from course_utils.layers.chain import Chain
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.pooling import LastStates, MeanOverTime
from course_utils.losses import cross_entropy
from course_utils.models.equal_size import equal_width, lstm_reader
from course_utils.optim import Adam
from course_utils.text.batching import align, buckets, random_partition
from course_utils.text.characters import ALPHABET
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import count
from tools.command_line import arguments
from tools.report import write

READERS = ("from the left", "from the right", "both", "both, as wide")
Batch = tuple[Any, Any, Any, Any]
"""Tokens (T, B), their mask or None, what to answer (T, B) or (B), where it counts or None."""


def per_token(task: TokenTask) -> Batch:
    return task.x, None, task.y, task.mask


class Letters:
    """Restore blanked characters."""

    V, D, H, outputs, lr, pooled = len(ALPHABET) + 1, 16, 64, len(ALPHABET), 5e-3, False

    def __init__(self, parts: Any, steps: int) -> None:
        self.steps, self.train = steps, encoded_characters(parts.train, 4_000_000)
        windows = random_partition(encoded_characters(parts.test, 200_000), 64, 500, rng=np.random.default_rng(0))
        self.held_out = [self.blanked(x, np.random.default_rng(1)) for x, _ in islice(windows, 5)]

    def blanked(self, x: Any, rng: np.random.Generator) -> Batch:
        return per_token(blank_out(x, share=0.15, blank=self.V - 1, rng=rng))

    def batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        for x, _ in islice(random_partition(self.train, 64, 32, rng=rng), self.steps):
            yield self.blanked(x, rng)


class Brackets:
    """Say how many brackets are open; nothing to the right of a bracket matters."""

    V, D, H, outputs, lr, pooled = 2, 8, 16, 10, 1e-2, False

    def __init__(self, parts: Any, steps: int) -> None:
        self.steps = steps
        self.held_out = [per_token(brackets(40, 500, rng=np.random.default_rng(0)))]

    def batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        return (per_token(brackets(40, 32, rng=rng)) for _ in range(self.steps))


class Sentiment:
    """Judge a review by its first 100 words."""

    V, D, H, outputs, lr, pooled = 4_000, 16, 24, 2, 5e-3, True

    def __init__(self, parts: Any, steps: int) -> None:
        train = parts.train[: steps * 64]
        self.vocabulary = Vocabulary.build([words(review.text) for review in train], max_size=self.V)
        self.train, held_out = self.encoded(train), self.encoded(parts.test)
        self.held_out = list(self.padded(held_out, 250, np.random.default_rng(0)))

    def encoded(self, reviews: tuple[Review, ...]) -> Any:
        labels = np.array([review.label for review in reviews])
        return [self.vocabulary.encode(words(review.text))[:100] for review in reviews], labels

    def padded(self, reviews: Any, B: int, rng: np.random.Generator) -> Iterator[Batch]:
        texts, labels = reviews
        for group in buckets([len(text) for text in texts], B, rng=rng):
            yield *align([texts[k] for k in group]), labels[group], None

    def batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        return self.padded(self.train, 64, rng)


def build(task: Any, name: str, pool: Callable[[Any], tuple[Any, ...]], rng: np.random.Generator) -> Chain:
    """Embedding, reader, what makes one vector of a sequence if one is wanted, readout."""
    two = name.startswith("both")
    H = equal_width(task.D, task.H, task.outputs) if name == "both" else task.H
    embedding = Embedding.init(task.V, task.D, rng=rng, scale=0.1 if task.pooled else 1.0, dtype=np.float32)
    readout = Linear.init(2 * H if two else H, task.outputs, rng=rng, dtype=np.float32)
    return Chain((embedding, *pool(lstm_reader(task.D, H, both=two, rng=rng)), readout))


def reversed_in_time(batch: Batch) -> Batch:
    """The last step first; an answer for the whole sequence stays as it is."""
    return tuple(a if a is None or a.ndim == 1 else a[::-1] for a in batch)


def loss_and_gradient(model: Chain, batch: Batch) -> tuple[float, Chain]:
    x, mask, y, counts = batch
    logits, trace = model.forward(x, mask)
    loss, dlogits = cross_entropy(logits, y, counts)
    return loss, model.backward(dlogits, trace)[1]


def share_right(model: Chain, batches: list[Batch]) -> float:
    right = [
        (model.forward(x, mask)[0].argmax(-1) == y)[np.ones(y.shape, bool) if counts is None else counts]
        for x, mask, y, counts in batches
    ]
    return float(np.concatenate(right).mean())


def run(task: Any, name: str, pool: Callable[[Any], tuple[Any, ...]], seed: int) -> dict[str, Any]:
    """Train one reader on one task from one seed."""
    turn = reversed_in_time if name == "from the right" else lambda batch: batch
    model = build(task, name, pool, np.random.default_rng(seed))
    start = time.perf_counter()
    batches = map(turn, task.batches(np.random.default_rng([seed, 1])))
    model = fit(model, loss_and_gradient, batches, Adam(task.lr), clip=1.0, progress=None).model
    seconds = time.perf_counter() - start
    right = share_right(model, list(map(turn, task.held_out)))
    row = {"reader": name, "seed": seed, "share right": round(right, 4)}
    return row | {"parameters": count(model) - task.V * task.D, "seconds": round(seconds, 1)}


def main(quick: bool) -> None:
    parts = split(load_reviews())
    sentiment = Sentiment(parts, 30 if quick else 318)
    tasks: dict[str, tuple[Any, Callable[[Any], tuple[Any, ...]]]] = {
        "letters": (Letters(parts, 40 if quick else 400), lambda recurrent: (recurrent,)),
        "ends": (sentiment, lambda recurrent: (LastStates(recurrent),)),
        "mean": (sentiment, lambda recurrent: (recurrent, MeanOverTime())),
        "brackets": (Brackets(parts, 40 if quick else 400), lambda recurrent: (recurrent,)),
    }
    rows: list[dict[str, Any]] = []
    for seed in range(2 if quick else 4):
        for title, (task, pool) in tasks.items():
            for name in READERS:
                if name == "both, as wide" and (task.pooled and seed >= 2):
                    continue  # the slowest of all; two seeds show where it lies
                rows.append({"task": title} | run(task, name, pool, seed))
                print(*rows[-1].values(), sep="\t", flush=True)
        write("bidirectional", {"runs": rows}, shown=True, keep=not quick)


if __name__ == "__main__":
    main(arguments(__doc__, quick="a tenth of the steps, two seeds").quick)
