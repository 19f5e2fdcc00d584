"""The tasks of `benchmarks.quality.lstm` that take longer than a notebook has: characters, words, sentiment, a series.

As in `course_utils.experiments.memory`, each function trains one network of one kind from one seed, at equal parameters.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from course_utils.data.reviews import Review
from course_utils.experiments.one_pass import read_once
from course_utils.layers.chain import Chain
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.losses import binary_cross_entropy
from course_utils.models.equal_size import language_model, recurrent_layer, width
from course_utils.models.objectives import TruncatedBPTT
from course_utils.models.perplexity import bits, nats_per_token
from course_utils.models.recurrent import RecurrentLanguageModel, RecurrentReader
from course_utils.optim import Adam
from course_utils.text.batching import Window, align, minibatches, sequential_partition
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import Array


def first(windows: Iterator[Window], steps: int) -> list[Window]:
    """The next `steps` windows. Raises ValueError if the text does not hold so many."""
    taken = list(islice(windows, steps))
    if len(taken) < steps:
        raise ValueError(f"first: wanted a text that fills {steps} windows, got one of {len(taken)}; take a longer one")
    return taken


def character_model(
    kind: str, H: int, letters: Array, seed: int, *, V: int = 50, D: int = 32, steps: int = 3_000, lr: float = 4e-3
) -> RecurrentLanguageModel:
    """Chapter 05's training for any layer: windows of 32 characters, batches of 32, Adam with `lr`, then with lr / 4."""
    windows = sequential_partition(letters, 32, 32)
    model = language_model(kind, V, D, H, rng=np.random.default_rng(seed))
    return read_once(model, TruncatedBPTT(), first(windows, steps), lr=lr)


def word_bits(
    kind: str, tokens: Array, held_out: Array, seed: int, *, V: int, D: int = 32, parameters: int = 16_640,
    steps: int = 800, T: int = 20, B: int = 32,
) -> float:  # fmt: skip
    """Held-out bits per word of a word language model; embedding and readout are as large as D and the width make them."""
    model = language_model(kind, V, D, width(kind, D, parameters), rng=np.random.default_rng(seed))
    windows = sequential_partition(tokens, T, B)
    run = fit(model, TruncatedBPTT(), first(windows, steps), Adam(4e-3), clip=1.0, progress=None)
    return bits(nats_per_token(run.model, held_out))


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
    kind: str, train: Opinions, test: Opinions, seed: int, *, V: int, parameters: int = 2_112, steps: int = 600
) -> float:
    """Held-out accuracy of an opinion read off the last state; D = 16."""
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
    model = fit(model, judge, [train[group] for group in order[:steps]], Adam(3e-3), clip=1.0, progress=None).model
    logits = model.forward(test.x, test.mask)[0][-1, :, 0]
    return float(np.mean((logits > 0) == test.labels))


def forecast(
    kind: str, values: Array, seed: int, *, parameters: int = 320, steps: int = 400, T: int = 40, train: int = 600
) -> float:
    """Mean squared one-step error on the part of a standardised series after `train`, relative to its variance."""
    rng = np.random.default_rng(seed)
    H = width(kind, 1, parameters)
    model = Chain((recurrent_layer(kind, 1, H, rng=rng), Linear.init(H, 1, rng=rng, dtype=np.float32)))
    z = ((values - values[:train].mean()) / values[:train].std()).astype(np.float32)[:, None]

    def loss_and_gradient(model: Chain, starts: Array) -> tuple[float, Chain]:
        at = starts + np.arange(T)[:, None]
        y, trace = model.forward(z[at])
        error = y - z[at + 1]
        return float(np.mean(error**2)), model.backward(2 * error / error.size, trace)[1]

    batches = [rng.integers(0, train - T - 1, 16) for _ in range(steps)]
    model = fit(model, loss_and_gradient, batches, Adam(5e-3), clip=1.0, progress=None).model
    y = model.forward(z[:-1])[0][train:]
    return float(np.mean((y - z[train + 1 :]) ** 2) / np.var(z[train + 1 :]))
