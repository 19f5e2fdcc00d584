"""Memory put to the test: recall and adding, one network from one seed at a time."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from course_utils.data.tasks import TokenTask, adding, delayed_recall
from course_utils.layers.chain import Chain
from course_utils.layers.linear import Linear
from course_utils.losses import cross_entropy
from course_utils.math import lengths
from course_utils.models.equal_size import language_model, recurrent_layer, width
from course_utils.models.objectives import adding_loss, token_task_loss
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.optim import Adam
from course_utils.train import fit
from course_utils.tree import Array, astype


class Recall(NamedTuple):
    """A network before and after training on `data.tasks.delayed_recall`, and questions that it has not seen."""

    start: RecurrentLanguageModel
    model: RecurrentLanguageModel
    asked: TokenTask

    @property
    def right(self) -> Bool[Array, "B"]:
        """Which of the questions are answered correctly."""
        return self.model.forward(self.asked.x)[0][-1].argmax(-1) == self.asked.y[-1]

    @property
    def by_symbol(self) -> list[float]:
        """The share of correct answers for each symbol: 1 for those it remembers, 0 for those it never says."""
        symbol = self.asked.y[-1]
        return [float(self.right[symbol == k].mean()) for k in np.unique(symbol)]


def trained_to_recall(
    kind: str, delay: int, seed: int, *, rate: float = 3e-3, cut: int | None = None, parameters: int = 5_248,
    steps: int = 300, B: int = 32,
) -> Recall:  # fmt: skip
    """`steps` updates on sequences with that delay, and 500 questions.

    With `cut` the gradient is cut so many steps before the question (`answer_loss_cut`).
    """
    rng = np.random.default_rng(seed)
    start = language_model(kind, 9, 8, width(kind, 8, parameters), rng=rng)
    batches = [delayed_recall(delay, B, rng=rng) for _ in range(steps)]
    loss = token_task_loss if cut is None else answer_loss_cut(cut)
    model = fit(start, loss, batches, Adam(rate), clip=1.0, progress=None).model
    return Recall(start, model, delayed_recall(delay, 500, rng=rng))


def recall(kind: str, delay: int, seed: int, **settings: Any) -> float:
    """Share of correct answers of a network `trained_to_recall`; 0.25 is guessing."""
    return float(trained_to_recall(kind, delay, seed, **settings).right.mean())


def answer_loss_cut(steps: int) -> Callable[[RecurrentLanguageModel, TokenTask], tuple[float, RecurrentLanguageModel]]:
    """As `token_task_loss`, but the gradient is cut `steps` steps before the end: no step before learns anything.

    The value of the state goes on over the cut, as in `TruncatedBPTT` (Williams & Peng 1990), so the network still
    *has* what it has kept from earlier; only no gradient tells it to keep it.
    """

    def loss_and_gradient(model: RecurrentLanguageModel, task: TokenTask) -> tuple[float, RecurrentLanguageModel]:
        before, x = task.x[:-steps], task.x[-steps:]
        state = model.forward(before)[1].state if len(before) else None
        logits, trace = model.forward(x, state=state)
        loss, dlogits = cross_entropy(logits, task.y[-steps:], task.mask[-steps:])
        return loss, model.backward(dlogits, trace)[1]

    return loss_and_gradient


class Reach(NamedTuple):
    """How much of the gradient of an answer arrives at the first step, relative to the last one."""

    memory: float
    """By the cell of an LSTM, by the state of any other layer."""
    x: float
    """By what the layer reads: the embedding of the token."""


def reach(model: RecurrentLanguageModel, task: TokenTask) -> Reach:
    """The medians over the batch, computed in float64."""
    model = astype(model, np.float64)
    logits, trace = model.forward(task.x)
    dtrace = model.backward(cross_entropy(logits, task.y, task.mask)[1], trace)[2].recurrent
    memory = getattr(dtrace, "c", dtrace.h)[1:]
    return Reach(_first_to_last(memory), _first_to_last(dtrace.x))


def _first_to_last(gradient: Float[Array, "T B H"]) -> float:
    first, last = lengths(gradient[[0, -1]])[..., 0]
    return float(np.median(first / last))


def addition(
    kind: str, T: int, seed: int, *, rate: float = 5e-3, parameters: int = 4_480, steps: int = 1_000, B: int = 32
) -> float:
    """Mean squared error in `data.tasks.adding` of length T after `steps` updates; 1/6 is always answering 1."""
    rng = np.random.default_rng(seed)
    H = width(kind, 2, parameters)
    model = Chain((recurrent_layer(kind, 2, H, rng=rng), Linear.init(H, 1, rng=rng, dtype=np.float32)))
    batches = [adding(T, B, rng=rng) for _ in range(steps)]
    model = fit(model, adding_loss, batches, Adam(rate), clip=1.0, progress=None).model
    return adding_loss(model, adding(T, 1_000, rng=rng))[0]
