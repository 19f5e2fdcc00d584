"""Counting put to the test: is any bracket open? Networks that learn it, and two whose weights are set by hand."""

from typing import Any

import numpy as np

from course_utils.data.tasks import TokenTask, brackets
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.rnn import RNN
from course_utils.models.equal_size import IDENTITY, language_model, width
from course_utils.models.objectives import token_task_loss
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.optim import Adam
from course_utils.schedules import drop
from course_utils.train import fit


def is_open(T: int, B: int, *, rng: np.random.Generator) -> TokenTask:
    """Random brackets, and after each of them: is any still open (1) or none (0)?"""
    x, depth, mask = brackets(T, B, rng=rng)
    return TokenTask(x, np.minimum(depth, 1), mask)


def bracket_counter(
    kind: str, seed: int, *, rate: float = 1e-2, parameters: int = 416, steps: int = 1_500, T: int = 40
) -> RecurrentLanguageModel:
    """A small network that learned on random brackets of length T to say whether any is open."""
    rng = np.random.default_rng(seed)
    model = language_model(kind, 2, 4, width(kind, 4, parameters), rng=rng)
    batches = [is_open(T, 32, rng=rng) for _ in range(steps)]
    schedule = drop({2 * steps // 3: 1 / 5})
    return fit(model, token_task_loss, batches, Adam(rate), clip=1.0, schedule=schedule, progress=None).model


def closings_until_closed(model: Any, n: int = 80) -> int:
    """After n opening brackets, how many closing ones pass before the model says that none is open? n is right.

    n + 1 means that it never said so.
    """
    logits, _ = model.forward(np.repeat([0, 1], n))
    says_closed = logits[n:].argmax(-1) == 0
    return int(says_closed.argmax()) + 1 if says_closed.any() else n + 1


def set_by_hand(kind: str) -> RecurrentLanguageModel:
    """One unit whose weights nobody trained, an LSTM's or that of a ReLU network, which says whether any bracket is open.

    A "(" is read as 1, a ")" as -1. The LSTM's gates have a bias of 40, which is 1 to the last bit, and its candidate is
    tanh(40 x), which is 1 or -1; so its cell is the depth. The ReLU unit adds x to what it has. Both are exact as long
    as depth + 1 is a number of its own in float64: up to 2^53. (How *many* are open only the memory says: the state
    tanh(c) of the LSTM is 1 from 20 on.) Raises ValueError for another kind.
    """
    layer: Any
    if kind == "LSTM":
        W_x, b = np.zeros((4, 1, 1)), np.zeros((4, 1))
        W_x[3], b[:3] = 40, 40
        layer = LSTM(W_x, np.zeros((4, 1, 1)), b)
    elif kind == IDENTITY:
        layer = RNN(np.ones((1, 1)), np.ones((1, 1)), np.zeros(1), "relu")
    else:
        raise ValueError(f"set_by_hand: wanted LSTM or {IDENTITY}, got {kind!r}")
    closed_from = Linear(
        np.array([[0.0, 1.0]]), np.array([0.5, 0.0])
    )  # tanh(1) = 0.76 is above one half, tanh(0) below
    return RecurrentLanguageModel(Embedding(np.array([[1.0], [-1.0]])), layer, closed_from)
