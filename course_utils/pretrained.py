"""Small models that come with the course, already trained, so that chapters can show one at work at once."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

import numpy as np
from jaxtyping import Float

from course_utils.data.reviews import ALPHABET
from course_utils.layers.chain import Chain
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.math import sigmoid
from course_utils.models import RecurrentLanguageModel
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.transformer_models import TransformerLanguageModel
from course_utils.tree import Array, astype, load

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


def untrained_rnn(*, rng: np.random.Generator) -> RecurrentLanguageModel:
    """The tiny network of chapter 04 before training: 50 symbols, D = 8, H = 16, 1,650 parameters."""
    rnn = RNN.init(8, 16, rng=rng, dtype=np.float32)
    return RecurrentLanguageModel.init(len(ALPHABET), 8, rnn, 16, rng=rng)


@cache
def first_rnn() -> RecurrentLanguageModel:
    """The same, trained on 16 million characters of reviews by ``python -m tools.train_first_rnn``."""
    with as_file(files("course_utils.data") / "first_rnn.npz") as weights:
        return astype(load(weights, like=untrained_rnn(rng=np.random.default_rng(0))), np.float32)


def untrained_stack(layers: int, H: int, *, rng: np.random.Generator, gain: float = 1.0) -> RecurrentLanguageModel:
    """Chapter 09's character model before training: D = 32, then LSTM layers of H units each, in float32.

    `gain` multiplies W_x of the layers above the first. An untrained LSTM puts out numbers of size 0.25, so a gain of 4
    lets the layers above hear as much as the first one hears of its input.
    """
    stack = []
    for k in range(layers):
        lstm = LSTM.init(H if k else 32, H, rng=rng, dtype=np.float32)
        stack.append(LSTM(lstm.W_x * np.float32(gain), lstm.W_h, lstm.b) if k else lstm)
    return RecurrentLanguageModel.init(len(ALPHABET), 32, Stacked(tuple(stack)), H, rng=rng)


@cache
def stack(layers: int, H: int) -> RecurrentLanguageModel:
    """The same, trained by ``python -m benchmarks.stacked`` (seed 0, gain 4), stored as float16.

    There are 1 x 62, 2 x 40, 3 x 32, 2 x 62 and 3 x 62 units; raises FileNotFoundError for any other.
    """
    with as_file(files("course_utils.data") / "stacks" / f"{layers}x{H}.npz") as weights:
        return astype(load(weights, like=untrained_stack(layers, H, rng=np.random.default_rng(0))), np.float32)


def untrained_transformer(*, rng: np.random.Generator) -> TransformerLanguageModel:
    """Chapter 14's character model before training: 50 symbols, D = 64, 2 blocks of 4 heads, windows of 128."""
    return TransformerLanguageModel.init(len(ALPHABET), 64, 2, 4, 128, rng=rng)


@cache
def transformer() -> TransformerLanguageModel:
    """The same, trained on 4.5 million characters of reviews by ``python -m tools.train_transformer``."""
    with as_file(files("course_utils.data") / "transformer.npz") as weights:
        return astype(load(weights, like=untrained_transformer(rng=np.random.default_rng(0))), np.float32)
