"""Small models that come with the course, already trained, so that chapters can show one at work at once."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

import numpy as np
from jaxtyping import Float

from course_utils.layers.chain import Chain
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.math import sigmoid
from course_utils.saving import load
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import Array, astype

V, D, H = 4_000, 16, 12


@dataclass(frozen=True)
class Reading:
    """What the reader did with a text of T words.

    tokens: the words; numbers: their places in the vocabulary, 1 for those it does not know;
    h: the state of its H units after each word; opinion: after each word, its probability that the review is positive.
    """

    tokens: list[str]
    numbers: list[int]
    h: Float[Array, "T H"]
    opinion: Float[Array, " T"]


@dataclass(frozen=True)
class FirstReader:
    """An embedding, an LSTM and a linear layer that reads off, after every word, whether a review is positive."""

    model: Chain
    vocabulary: Vocabulary

    def read(self, text: str) -> Reading:
        """Read a text word by word. Raises ValueError for a text without words."""
        tokens = words(text)
        if not tokens:
            raise ValueError(f"FirstReader.read: wanted a text with at least one word, got {text!r}")
        numbers = self.vocabulary.encode(tokens)
        logits, trace = self.model.forward(numbers)
        return Reading(tokens, numbers.tolist(), trace.layers[1].h[1:], sigmoid(logits[:, 0]))


def untrained_reader(*, rng: np.random.Generator) -> Chain:
    """The reader's model before training: V·D + 4·H·(D + H + 1) + H + 1 parameters."""
    return Chain(
        (
            Embedding.init(V, D, rng=rng, scale=0.1, dtype=np.float32),
            LSTM.init(D, H, rng=rng, dtype=np.float32),
            Linear.init(H, 1, rng=rng, dtype=np.float32),
        )
    )


@cache
def first_reader() -> FirstReader:
    """The trained reader. Made by ``python -m tools.train_first_reader``, which says how and prints its accuracy."""
    folder = files("course_utils.data")
    with as_file(folder / "first_reader.npz") as weights, as_file(folder / "first_reader.json") as table:
        model = astype(load(weights, like=untrained_reader(rng=np.random.default_rng(0))), np.float32)
        return FirstReader(model, Vocabulary.load(table))
