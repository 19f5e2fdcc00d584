"""Character models that come with the course, already trained: an RNN, stacks of LSTMs, a transformer."""

from functools import cache

import numpy as np

from course_utils.data.reviews import encoded_characters, load_reviews, split
from course_utils.layers.lstm import LSTM
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.models.objectives import TruncatedBPTT, next_token_loss
from course_utils.models.perplexity import bits, nats_in_windows, nats_per_token
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.transformer import TransformerLanguageModel
from course_utils.optim import Adam
from course_utils.pretrained import store
from course_utils.schedules import drop, warmup_cosine
from course_utils.text.batching import random_partition, sequential_partition
from course_utils.text.characters import ALPHABET
from course_utils.train import fit


def untrained_rnn(*, rng: np.random.Generator) -> RecurrentLanguageModel[RNN]:
    """The tiny network of chapter 05 before training: 50 symbols, D = 8, H = 16, 1,650 parameters."""
    rnn = RNN.init(8, 16, rng=rng, dtype=np.float32)
    return RecurrentLanguageModel.init(len(ALPHABET), 8, rnn, 16, rng=rng)


@cache
def first_rnn() -> RecurrentLanguageModel[RNN]:
    """The same, trained on 16 million characters of reviews by ``python -m tools.train first_rnn``."""
    return store.trained("first_rnn", like=untrained_rnn(rng=np.random.default_rng(0)))


def make_first_rnn() -> str:
    """Train it in a minute, keep it, and say how good it is."""
    parts = split(load_reviews())
    windows = list(sequential_partition(encoded_characters(parts.train, 16_000_000), 32, 64))
    model = untrained_rnn(rng=np.random.default_rng(0))
    schedule = drop({len(windows) * 3 // 4: 1 / 5})
    model = store.as_stored(fit(model, TruncatedBPTT(), windows, Adam(5e-3), clip=1.0, schedule=schedule).model)
    store.keep(model, "first_rnn")
    return f"{bits(nats_per_token(model, encoded_characters(parts.valid, 200_000))):.3f} bits per character, held out"


def untrained_stack(
    layers: int, H: int, *, rng: np.random.Generator, gain: float = 1.0
) -> RecurrentLanguageModel[Stacked]:
    """Chapter 10's character model before training: D = 32, then LSTM layers of H units each, in float32.

    `gain` multiplies W_x of the layers above the first. An untrained LSTM puts out numbers of size 0.25, so a gain of 4
    lets the layers above hear as much as the first one hears of its input.
    """
    stack = []
    for k in range(layers):
        lstm = LSTM.init(H if k else 32, H, rng=rng, dtype=np.float32)
        stack.append(LSTM(lstm.W_x * np.float32(gain), lstm.W_h, lstm.b) if k else lstm)
    return RecurrentLanguageModel.init(len(ALPHABET), 32, Stacked(tuple(stack)), H, rng=rng)


@cache
def stack(layers: int, H: int) -> RecurrentLanguageModel[Stacked]:
    """The same, trained by ``python -m benchmarks.quality.stacked`` (seed 0, gain 4), stored as float16. It makes again
    those whose rows are taken out of ``experiments/results/stacked.json``.

    There are 1 x 62, 2 x 40, 3 x 32, 2 x 62 and 3 x 62 units; raises FileNotFoundError for any other.
    """
    return store.trained(f"stacks/{layers}x{H}", like=untrained_stack(layers, H, rng=np.random.default_rng(0)))


def untrained_transformer(*, rng: np.random.Generator) -> TransformerLanguageModel:
    """Chapter 15's character model before training: 50 symbols, D = 64, 2 blocks of 4 heads, windows of 128."""
    return TransformerLanguageModel.init(len(ALPHABET), 64, 2, 4, 128, rng=rng)


@cache
def transformer() -> TransformerLanguageModel:
    """The same, trained on 4.5 million characters of reviews by ``python -m tools.train transformer``."""
    return store.trained("transformer", like=untrained_transformer(rng=np.random.default_rng(0)))


def make_transformer() -> str:
    """Train it in three minutes, keep it, and say how good it is."""
    parts, rng = split(load_reviews()), np.random.default_rng(0)
    model = untrained_transformer(rng=rng)
    T = 128
    windows = list(random_partition(encoded_characters(parts.train, 4_500_000), T, 8, rng=rng))
    schedule = warmup_cosine(200, len(windows), floor=0.02)
    model = store.as_stored(fit(model, next_token_loss, windows, Adam(4e-3), clip=1.0, schedule=schedule).model)
    store.keep(model, "transformer")
    return (
        f"{bits(nats_in_windows(model, encoded_characters(parts.valid, 200_000), T)):.3f} bits per character, held out"
    )
