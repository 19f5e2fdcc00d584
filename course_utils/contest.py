"""The contest of chapter 08: simple RNN, GRU and LSTM of the same size on the same task, trained in the same way.

Sizes are compared by parameters of the recurrent layer: `width` says how many units each kind can afford. Every
function trains one network from one seed and returns one number, so that a comparison is a loop over kinds and seeds.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from course_utils.layers.chain import Chain
from course_utils.layers.gru import GRU
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.rnn import RNN
from course_utils.losses import cross_entropy
from course_utils.models import RecurrentLanguageModel
from course_utils.optim import Adam
from course_utils.tasks import AddingTask, TokenTask, adding, brackets, delayed_recall
from course_utils.train import fit

M = TypeVar("M")

KINDS = ("RNN", "GRU", "LSTM")
IDENTITY, OPEN = "RNN, identity start", "LSTM, forget bias 4"
"""The same layers, started otherwise: ReLU with the identity for W_hh (Le et al. 2015), and a forget gate that is open."""
MATRICES = {"RNN": 1, "GRU": 3, "LSTM": 4, IDENTITY: 1, OPEN: 4}
"""Of each kind, how many times as many parameters as a simple RNN of the same width it has."""


def width(kind: str, D: int, parameters: int) -> int:
    """The most units that a recurrent layer with D inputs can have with at most so many parameters.

    RNN H(D + H + 1), GRU three times, LSTM four times as many. Raises ValueError for a kind that is none, or if they do
    not suffice for one unit.
    """
    times = MATRICES[_expect_kind(kind, "width")]
    H = int((np.sqrt((D + 1) ** 2 + 4 * parameters / times) - (D + 1)) / 2 + 1e-9)
    if H < 1:
        raise ValueError(
            f"width: wanted at least {times * (D + 2)} parameters for one unit of {kind}, got {parameters}"
        )
    return H


def layer(kind: str, D: int, H: int, *, rng: np.random.Generator) -> Any:
    """A recurrent layer of one of `KINDS`, or of the other starts `IDENTITY` and `OPEN`, in float32.

    Raises ValueError for a kind that is none.
    """
    _expect_kind(kind, "layer")
    if kind == IDENTITY:
        rnn = RNN.init(D, H, rng=rng, dtype=np.float32, activation="relu")
        return RNN(rnn.W_xh, np.eye(H, dtype=np.float32), rnn.b_h, "relu")
    if kind == OPEN:
        return LSTM.init(D, H, rng=rng, dtype=np.float32, forget_bias=4.0)
    kinds: dict[str, Any] = {"RNN": RNN, "GRU": GRU, "LSTM": LSTM}
    return kinds[kind].init(D, H, rng=rng, dtype=np.float32)


def _expect_kind(kind: str, where: str) -> str:
    if kind not in MATRICES:
        raise ValueError(f"{where}: wanted one of {', '.join(MATRICES)}, got {kind!r}")
    return kind


def language_model(kind: str, V: int, D: int, H: int, *, rng: np.random.Generator) -> RecurrentLanguageModel:
    """An embedding, the recurrent layer and a readout."""
    return RecurrentLanguageModel.init(V, D, layer(kind, D, H, rng=rng), H, rng=rng)


def read_once(
    model: M,
    loss_and_gradient: Callable[[M, Any], tuple[float, M]],
    windows: Sequence[Any],
    *,
    lr: float,
    warmup: int = 0,
) -> M:
    """Chapter 04's training: every window once, 11 of 15 with Adam at `lr`, the rest at lr / 4; norms clipped at 1.

    The learning rate rises from 0 during the first `warmup` updates.
    """
    large = len(windows) * 11 // 15
    for rate, some, rise in ((lr, windows[:large], warmup), (lr / 4, windows[large:], 0)):
        run = fit(model, loss_and_gradient, some, Adam(rate), clip=1.0, schedule=rising(rise), progress=None)
        model = run.model
    return model


def rising(warmup: int) -> Callable[[int], float] | None:
    """A schedule for `fit` that goes straight up to 1 in so many steps and stays there; None for none."""
    return (lambda step: min(1.0, step / warmup)) if warmup else None


def answer(model: RecurrentLanguageModel, task: TokenTask) -> tuple[float, RecurrentLanguageModel]:
    """Loss (nats) at the steps that count, and its gradient."""
    logits, trace = model.forward(task.x)
    loss, dlogits = cross_entropy(logits, task.y, task.mask)
    return loss, model.backward(dlogits, trace)[1]


def add_up(model: Chain, task: AddingTask) -> tuple[float, Chain]:
    """Mean squared error of the last output, and its gradient."""
    y, trace = model.forward(task.x.astype(np.float32))
    error = y[-1, :, 0] - task.y
    dy = np.zeros_like(y)
    dy[-1, :, 0] = 2 * error / len(error)
    return float(np.mean(error**2)), model.backward(dy, trace)[1]


def recall(kind: str, delay: int, seed: int, *, parameters: int = 5_248, steps: int = 300, B: int = 32) -> float:
    """Share of right answers in `tasks.delayed_recall` after `steps` updates; 0.25 is guessing."""
    rng = np.random.default_rng(seed)
    model = language_model(kind, 9, 8, width(kind, 8, parameters), rng=rng)
    batches = [delayed_recall(delay, B, rng=rng) for _ in range(steps)]
    model = fit(model, answer, batches, Adam(3e-3), clip=1.0, progress=None).model
    asked = delayed_recall(delay, 500, rng=rng)
    return float(np.mean(model.forward(asked.x)[0][-1].argmax(-1) == asked.y[-1]))


def addition(kind: str, T: int, seed: int, *, parameters: int = 4_480, steps: int = 1_000, B: int = 32) -> float:
    """Mean squared error in `tasks.adding` of length T after `steps` updates; 1/6 is always answering 1."""
    rng = np.random.default_rng(seed)
    H = width(kind, 2, parameters)
    model = Chain((layer(kind, 2, H, rng=rng), Linear.init(H, 1, rng=rng, dtype=np.float32)))
    batches = [adding(T, B, rng=rng) for _ in range(steps)]
    model = fit(model, add_up, batches, Adam(5e-3), clip=1.0, progress=None).model
    return add_up(model, adding(T, 1_000, rng=rng))[0]


def is_open(T: int, B: int, *, rng: np.random.Generator) -> TokenTask:
    """Random brackets, and after each of them: is any still open (1) or none (0)?"""
    x, depth, mask = brackets(T, B, rng=rng)
    return TokenTask(x, np.minimum(depth, 1), mask)


def counter(kind: str, seed: int, *, parameters: int = 416, steps: int = 1_500, T: int = 40) -> RecurrentLanguageModel:
    """A small network that learned on random brackets of length T to say whether any is open."""
    rng = np.random.default_rng(seed)
    model = language_model(kind, 2, 4, width(kind, 4, parameters), rng=rng)
    batches = [is_open(T, 32, rng=rng) for _ in range(steps)]
    for lr, part in ((1e-2, batches[: 2 * steps // 3]), (2e-3, batches[2 * steps // 3 :])):
        model = fit(model, answer, part, Adam(lr), clip=1.0, progress=None).model
    return model


def patience(model: Any, n: int = 80) -> int:
    """After n opening brackets, how many closing ones pass before the model says that none is open? n is right."""
    logits, _ = model.forward(np.repeat([0, 1], n))
    says_closed = logits[n:].argmax(-1) == 0
    return int(says_closed.argmax()) + 1 if says_closed.any() else n + 1
