"""The small LSTM of chapter 00 that reads a review and says after every word what it thinks of the film.

The loss is the mean over all words, so its opinion means something from early on. Its units are ordered by how much they
speak for "positive", which makes the heatmap of its state readable and changes nothing else.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.data.reviews import Review, load_reviews, split
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.math import sigmoid
from course_utils.models.objectives import opinion_loss
from course_utils.models.recurrent import RecurrentReader
from course_utils.optim import Adam
from course_utils.pretrained import store
from course_utils.schedules import drop
from course_utils.shapes import expect_rng
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import Array

V, D, H = 4_000, 16, 12
T, BATCH, EPOCHS, SEED = 150, 64, 4, 0
Batch = tuple[Any, Any, Any]


@dataclass(frozen=True)
class Reading:
    """What the reader did with a text of T words.

    words: those of the text; numbers: their places in the vocabulary, 1 for those it does not know;
    h: the state of its H units after each word; opinion: after each word, its probability that the review is positive.
    """

    words: list[str]
    numbers: list[int]
    h: Float[Array, "T H"]
    opinion: Float[Array, "T"]


@dataclass(frozen=True)
class FirstReader:
    """An embedding, an LSTM and a linear layer that reads off, after every word, whether a review is positive."""

    model: RecurrentReader[LSTM]
    vocabulary: Vocabulary

    def read(self, text: str) -> Reading:
        """Read a text word by word. Raises ValueError for a text without words."""
        found = words(text)
        if not found:
            raise ValueError(f"FirstReader.read: wanted a text with at least one word, got {text!r}")
        numbers = self.vocabulary.encode(found)
        logits, trace = self.model.forward(numbers)
        return Reading(found, numbers.tolist(), trace.recurrent.h[1:], sigmoid(logits[:, 0]))


def untrained_reader(*, rng: np.random.Generator) -> RecurrentReader[LSTM]:
    """The reader's model before training: V·D + 4·H·(D + H + 1) + H + 1 parameters."""
    return RecurrentReader(
        Embedding.init(V, D, rng=rng, scale=0.1, dtype=np.float32),
        LSTM.init(D, H, rng=rng, dtype=np.float32),
        Linear.init(H, 1, rng=rng, dtype=np.float32),
    )


@cache
def first_reader() -> FirstReader:
    """The trained reader, made by ``python -m tools.train first_reader``."""
    model = store.trained("first_reader", like=untrained_reader(rng=np.random.default_rng(0)))
    return FirstReader(model, store.vocabulary("first_reader"))


def batches(reviews: list[Review], vocabulary: Vocabulary, *, rng: np.random.Generator) -> list[Batch]:
    """Tokens (T, B), mask and labels; a random window of each long review, so that ends are read as well as starts."""
    expect_rng("batches", rng)
    made = []
    order = rng.permutation(len(reviews))
    for start in range(0, len(order) - BATCH + 1, BATCH):
        tokens = np.zeros((T, BATCH), np.int64)
        labels = np.empty(BATCH, np.int64)
        for b, k in enumerate(order[start : start + BATCH]):
            encoded = vocabulary.encode(words(reviews[k].text))
            at = rng.integers(0, max(1, len(encoded) - T + 1))
            window = encoded[at : at + T]
            tokens[: len(window), b], labels[b] = window, reviews[k].label
        made.append((tokens, tokens > 0, labels))
    return made


def ordered(model: RecurrentReader[LSTM]) -> RecurrentReader[LSTM]:
    """The same function with its units sorted by their weight in the readout, most positive first."""
    lstm, readout = model.recurrent, model.readout
    by = np.argsort(-readout.W[:, 0])
    lstm = LSTM(lstm.W_x[:, :, by], lstm.W_h[:, by][:, :, by], lstm.b[:, by])
    return replace(model, recurrent=lstm, readout=Linear(readout.W[by], readout.b))


def make_first_reader() -> str:
    """Train it in a few minutes, keep it, and say how good it is."""
    rng = np.random.default_rng(SEED)
    parts = split(load_reviews())
    vocabulary = Vocabulary.build([words(review.text) for review in parts.train], max_size=V)
    all_batches = [batch for _ in range(EPOCHS) for batch in batches(list(parts.train), vocabulary, rng=rng)]
    schedule = drop({len(all_batches) * 3 // 4: 1 / 4})
    model = fit(untrained_reader(rng=rng), opinion_loss, all_batches, Adam(4e-3), clip=1.0, schedule=schedule).model
    model = store.as_stored(ordered(model))  # the opinion changes by less than a thousandth
    store.keep(model, "first_reader")
    store.keep_vocabulary(vocabulary, "first_reader")
    reader = FirstReader(model, vocabulary)
    right = [(reader.read(review.text).opinion[-1] > 0.5) == review.label for review in parts.test]
    return f"held-out accuracy after the last word: {np.mean(right):.4f} on {len(right)} reviews"
