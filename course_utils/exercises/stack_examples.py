"""Stacks to try an answer on: with gaps and without, of several kinds of layers, and of sizes of 1."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.layers.gru import GRU
from course_utils.layers.lstm import LSTM
from course_utils.layers.rnn import RNN
from course_utils.tree import Array


def layers_of_three_kinds(rng: np.random.Generator, D: int, H: int) -> tuple[Any, ...]:
    return LSTM.init(D, H, rng=rng), GRU.init(H, H, rng=rng), RNN.init(H, H, rng=rng)


def four_layers(rng: np.random.Generator) -> tuple[Any, ...]:
    """A stack with one layer more than in the first examples: x, layers, kept, rate; its traces and a dy."""
    return stack(rng, 4, 3, 2, 2, 4, 0.25)


def stack(rng: np.random.Generator, layers: int, T: int, B: int, D: int, H: int, rate: float) -> tuple[Any, ...]:
    x = rng.normal(size=(T, B, D))
    stack = tuple(LSTM.init(D if k == 0 else H, H, rng=rng) for k in range(layers))
    kept = tuple(rng.random((layers - 1, T, B, H)) >= rate)
    return x, stack, kept, rate, traces_of(x, stack, kept, rate), rng.normal(size=(T, B, H))


def edges(rng: np.random.Generator) -> list[tuple[str, tuple[Any, ...]]]:
    return [
        ("a single layer, and so no gap", stack(rng, 1, 4, 2, 3, 5, 0.5)),
        ("two layers", stack(rng, 2, 4, 2, 3, 5, 0.5)),
        ("six layers, without dropout", stack(rng, 6, 3, 2, 3, 4, 0.0)),
        ("gaps in which nothing is kept", stack(rng, 3, 4, 2, 3, 5, 1 - 1e-9)),
        ("T = 1, B = 1, D = 1, H = 1", stack(rng, 3, 1, 1, 1, 1, 0.25)),
    ]


def traces_of(x: Array, layers: Sequence[Any], kept: Sequence[Array], rate: float) -> tuple[Any, ...]:
    """What the layers leave behind on the way up, with dropout between them."""
    traces = []
    for k, layer in enumerate(layers):
        x, trace = layer.forward(x if k == 0 else np.where(kept[k - 1], x / (1 - rate), 0))
        traces.append(trace)
    return tuple(traces)
