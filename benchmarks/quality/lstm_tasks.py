"""The tasks of `benchmarks.quality.lstm`, which take longer than a notebook has: sentiment, a series.

Each function trains one network of one kind from one seed with one learning rate, at equal parameters, and scores it on two
parts that it has not seen: one to choose by, and one to report.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from course_utils.data.reviews import Review
from course_utils.layers.chain import Chain
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.losses import binary_cross_entropy
from course_utils.models.equal_size import recurrent_layer, width
from course_utils.models.recurrent import RecurrentReader
from course_utils.optim import Adam
from course_utils.schedules import warmup_cosine
from course_utils.text.batching import Window, align, minibatches
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import Array

M = TypeVar("M")


def trained(model: M, loss_and_gradient: Callable[[M, Any], tuple[float, M]], batches: Sequence[Any], rate: float) -> M:
    """Every batch once, with Adam at a rate that rises for a twentieth and falls along a cosine; norms clipped at 1."""
    schedule = warmup_cosine(len(batches) // 20, len(batches), floor=0.05)
    return fit(model, loss_and_gradient, batches, Adam(rate), clip=1.0, schedule=schedule, progress=None).model


def first(windows: Iterator[Window], steps: int) -> list[Window]:
    """The next `steps` windows. Raises ValueError if the text does not hold so many."""
    taken = list(islice(windows, steps))
    if len(taken) < steps:
        raise ValueError(f"first: wanted a text that fills {steps} windows, got one of {len(taken)}; take a longer one")
    return taken


class Opinions:
    """Reviews as the last T words of each, padded at the front so that every text ends at the last step."""

    def __init__(self, reviews: Sequence[Review], vocabulary: Vocabulary, *, T: int) -> None:
        rows = [vocabulary.encode(words(review.text)[-T:]) for review in reviews]
        self.x, self.mask = align(rows, T, pad_at="front")
        self.labels = np.array([review.label for review in reviews])

    def __getitem__(self, chosen: Array) -> tuple[Array, Array, Array]:
        return self.x[:, chosen], self.mask[:, chosen], self.labels[chosen]


def judge(model: RecurrentReader, batch: tuple[Array, Array, Array]) -> tuple[float, RecurrentReader]:
    """Loss (nats) of the opinion after the last word, and its gradient."""
    x, mask, labels = batch
    logits, trace = model.forward(x, mask)
    loss, dlast = binary_cross_entropy(logits[-1, :, 0], labels)
    dlogits = np.zeros_like(logits)
    dlogits[-1, :, 0] = dlast
    return loss, model.backward(dlogits, trace)[1]


def sentiment(
    kind: str, train: Opinions, unseen: tuple[Opinions, Opinions], seed: int, *, rate: float, V: int,
    parameters: int = 2_112, steps: int = 600,
) -> tuple[float, float]:  # fmt: skip
    """Share of either part judged correctly, by an opinion that is read off the last state; D = 16."""
    rng = np.random.default_rng(seed)
    H = width(kind, 16, parameters)
    model = RecurrentReader(
        Embedding.init(V, 16, rng=rng, scale=0.1, dtype=np.float32),
        recurrent_layer(kind, 16, H, rng=rng),
        Linear.init(H, 1, rng=rng, dtype=np.float32),
    )
    order = [
        group
        for _ in range(1 + steps * 64 // len(train.labels))
        for group in minibatches(len(train.labels), 64, rng=rng)
    ]
    model = trained(model, judge, [train[group] for group in order[:steps]], rate)
    valid, test = (
        float(np.mean((model.forward(part.x, part.mask)[0][-1, :, 0] > 0) == part.labels)) for part in unseen
    )
    return valid, test


def forecast(
    kind: str, values: Array, seed: int, *, rate: float, parameters: int = 320, steps: int = 400, T: int = 40,
    train: int = 450, valid: int = 600,
) -> tuple[float, float]:  # fmt: skip
    """Mean squared error of the next value of a standardised series, relative to the variance of the part.

    The values before `train` train, those before `valid` choose, the rest is reported.
    """
    rng = np.random.default_rng(seed)
    H = width(kind, 1, parameters)
    model = Chain((recurrent_layer(kind, 1, H, rng=rng), Linear.init(H, 1, rng=rng, dtype=np.float32)))
    z = ((values - values[:train].mean()) / values[:train].std()).astype(np.float32)[:, None]

    def loss_and_gradient(model: Chain, starts: Array) -> tuple[float, Chain]:
        at = starts + np.arange(T)[:, None]
        y, trace = model.forward(z[at])
        error = y - z[at + 1]
        return float(np.mean(error**2)), model.backward(2 * error / error.size, trace)[1]

    model = trained(model, loss_and_gradient, [rng.integers(0, train - T - 1, 16) for _ in range(steps)], rate)
    error, after = model.forward(z[:-1])[0] - z[1:], z[1:]
    chooses, tells = slice(train, valid - 1), slice(valid, None)
    return tuple(float(np.mean(error[part] ** 2) / np.var(after[part])) for part in (chooses, tells))
