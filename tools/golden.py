"""Numbers computed by PyTorch, to hold ours against: python -m tools.golden writes tests/golden/*.npz (needs torch).

Each case is a function of named float64 arrays, in the layout of this course, that calls PyTorch and returns the output.
A file holds the inputs, the output `y`, a random `dy`, and PyTorch's gradient `d<name>` of sum(y * dy) by every input.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from tools import golden_attention
from tools.course import ROOT
from tools.golden_recurrent import LENGTHS, B, D, H, T, Tensor, deep, single

GOLDEN = ROOT / "tests" / "golden"
V = 7
TOKENS = np.array([[1, 6, 6], [0, 2, 6], [3, 3, 3], [5, 1, 0], [2, 6, 4]])  # (T, B), with repetitions


def cross_entropy(logits: Tensor) -> Tensor:
    """The mean over the positions whose token is not 0."""
    return F.cross_entropy(logits.flatten(0, 1), torch.tensor(TOKENS).flatten(), ignore_index=0)


def binary_cross_entropy(logits: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.tensor(TOKENS % 2, dtype=torch.float64))


def negative_sampling(w: Tensor, c: Tensor, n: Tensor) -> Tensor:
    """The loss of pairs w, c, each with its own drawn words n."""
    drawn = torch.einsum("pd,pkd->pk", w, n)
    return -F.logsigmoid((w * c).sum(-1)).sum() - F.logsigmoid(-drawn).sum()


def skipgram(W: Tensor, C: Tensor) -> Tensor:
    """Each token but those at the ends, and its neighbours; every second one of a column is its drawn words, k = 5."""
    tokens = torch.tensor(TOKENS)
    w, drawn = F.embedding(tokens[1:-1], W), F.embedding(tokens[::2], C)
    loss = torch.zeros((), dtype=W.dtype)
    for neighbours in (tokens[:-2], tokens[2:]):
        loss = loss - F.logsigmoid((w * F.embedding(neighbours, C)).sum(-1)).sum()
        loss = loss - 5 / len(drawn) * F.logsigmoid(-torch.einsum("tbd,kbd->tbk", w, drawn)).sum()
    return loss


def optimizer(kind: str, W: Tensor, gradients: Tensor, **settings: float) -> Tensor:
    """The parameters before the first and after every step."""
    W, steps = W.detach().clone(), [W.detach().clone()]
    chosen = getattr(torch.optim, kind)([W], **settings)
    for W.grad in gradients.detach():
        chosen.step()
        steps.append(W.clone())
    return torch.stack(steps)


STEPS = {"W": (3, 2), "gradients": (20, 3, 2)}
CASES: dict[str, tuple[Callable[..., Tensor], dict[str, tuple[int, ...]]]] = {
    "linear": (lambda W, b, x: F.linear(x, W.T, b), {"W": (D, H), "b": (H,), "x": (T, B, D)}),
    "embedding": (lambda W: F.embedding(torch.tensor(TOKENS), W), {"W": (V, D)}),
    "negative_sampling": (negative_sampling, {"w": (T, D), "c": (T, D), "n": (T, 4, D)}),
    "skipgram": (skipgram, {"W": (V, D), "C": (V, D)}),
    "rnn_tanh": single("RNN", [0], nonlinearity="tanh"),
    "rnn_relu": single("RNN", [0], nonlinearity="relu"),
    "rnn_padded": single("RNN", [0], packed=True),
    "gru": single("GRU", [0, 1, 2]),
    "gru_padded": single("GRU", [0, 1, 2], packed=True),
    "lstm": single("LSTM", [0, 1, 3, 2]),
    "lstm_padded": single("LSTM", [0, 1, 3, 2], packed=True),
    "gru_deep": deep("GRU", [0, 1, 2], 3, 1),
    "lstm_deep": deep("LSTM", [0, 1, 3, 2], 2, 1),
    "rnn_both_ways": deep("RNN", [0], 1, 2),
    "gru_deep_both_ways": deep("GRU", [0, 1, 2], 2, 2),
    "lstm_deep_both_ways": deep("LSTM", [0, 1, 3, 2], 3, 2),
    "cross_entropy": (cross_entropy, {"logits": (T, B, V)}),
    "binary_cross_entropy": (binary_cross_entropy, {"logits": (T, B)}),
    "sgd": (partial(optimizer, "SGD", lr=0.1), STEPS),
    "momentum": (partial(optimizer, "SGD", lr=0.1, momentum=0.9), STEPS),
    "adam": (partial(optimizer, "Adam", lr=0.01), STEPS),
} | golden_attention.CASES


def compute(name: str, *, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Random inputs of a case, PyTorch's output and its gradients."""
    case, shapes = CASES[name]
    inputs = {key: torch.tensor(rng.normal(size=shape), requires_grad=True) for key, shape in shapes.items()}
    y = case(*inputs.values())
    found = inputs | {"y": y, "dy": torch.tensor(rng.normal(size=tuple(y.shape)))}
    if y.requires_grad:
        y.backward(found["dy"])
        found |= {f"d{key}": x.grad for key, x in inputs.items()}
    return {key: x.detach().numpy() for key, x in found.items()} | {"tokens": TOKENS, "lengths": LENGTHS}


if __name__ == "__main__":
    for name in CASES:
        np.savez(GOLDEN / f"{name}.npz", **compute(name, rng=np.random.default_rng(0)))
