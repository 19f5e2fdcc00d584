"""Character models that come with the course, already trained: an RNN, stacks of LSTMs, a transformer."""

from functools import cache
from importlib.resources import as_file, files

import numpy as np

from course_utils.layers.lstm import LSTM
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.transformer import TransformerLanguageModel
from course_utils.saving import load
from course_utils.text.characters import ALPHABET
from course_utils.tree import astype


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
