"""Numbers computed by PyTorch, to hold ours against: python -m tools.golden writes tests/golden/*.npz (needs torch).

Each case is a function of named float64 arrays, in the layout of this course, that calls PyTorch and returns the output.
A file holds the inputs, the output `y`, a random `dy`, and PyTorch's gradient `d<name>` of sum(y * dy) by every input.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tools.course import ROOT

GOLDEN = ROOT / "tests" / "golden"
T, B, D, H, V = 5, 3, 4, 6, 7
LENGTHS = np.array([5, 2, 4])  # real steps of each sequence of a padded batch
TOKENS = np.array([[1, 6, 6], [0, 2, 6], [3, 3, 3], [5, 1, 0], [2, 6, 4]])  # (T, B), with repetitions
Tensor = torch.Tensor


def recurrent(
    kind: str, gates: list[int], W_x: Tensor, W_h: Tensor, b: Tensor, x: Tensor, *states: Tensor, **settings: Any
) -> Tensor:
    """One layer; `gates` lists ours in PyTorch's order. All of y and the last states stand behind one another."""

    def flat(W: Tensor) -> Tensor:
        return W[gates].transpose(-1, -2).flatten(0, 1)

    weights = {"weight_ih_l0": flat(W_x), "weight_hh_l0": flat(W_h), "bias_ih_l0": b[gates].flatten()}
    weights["bias_hh_l0"] = torch.zeros_like(weights["bias_ih_l0"])
    packed = settings.pop("packed", False)
    module = getattr(torch.nn, kind)(D, H, dtype=torch.float64, **settings)
    first = tuple(state[None] for state in states) if len(states) > 1 else states[0][None]
    sequence = pack_padded_sequence(x, torch.tensor(LENGTHS), enforce_sorted=False) if packed else x
    y, last = torch.func.functional_call(module, weights, (sequence, first))
    y = pad_packed_sequence(y)[0] if packed else y
    return torch.cat([y, *(last if isinstance(last, tuple) else [last])])


def cross_entropy(logits: Tensor) -> Tensor:
    """The mean over the positions whose token is not 0."""
    return F.cross_entropy(logits.flatten(0, 1), torch.tensor(TOKENS).flatten(), ignore_index=0)


def binary_cross_entropy(logits: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.tensor(TOKENS % 2, dtype=torch.float64))


def optimizer(kind: str, W: Tensor, gradients: Tensor, **settings: float) -> Tensor:
    """The parameters before the first and after every step."""
    W, steps = W.detach().clone(), [W.detach().clone()]
    chosen = getattr(torch.optim, kind)([W], **settings)
    for W.grad in gradients.detach():
        chosen.step()
        steps.append(W.clone())
    return torch.stack(steps)


RNN = {"W_x": (1, D, H), "W_h": (1, H, H), "b": (1, H), "x": (T, B, D), "h_0": (B, H)}
LSTM = {"W_x": (4, D, H), "W_h": (4, H, H), "b": (4, H), "x": (T, B, D), "h_0": (B, H), "c_0": (B, H)}
STEPS = {"W": (3, 2), "gradients": (20, 3, 2)}
CASES: dict[str, tuple[Callable[..., Tensor], dict[str, tuple[int, ...]]]] = {
    "linear": (lambda W, b, x: F.linear(x, W.T, b), {"W": (D, H), "b": (H,), "x": (T, B, D)}),
    "embedding": (lambda W: F.embedding(torch.tensor(TOKENS), W), {"W": (V, D)}),
    "rnn_tanh": (partial(recurrent, "RNN", [0], nonlinearity="tanh"), RNN),
    "rnn_relu": (partial(recurrent, "RNN", [0], nonlinearity="relu"), RNN),
    "rnn_padded": (partial(recurrent, "RNN", [0], packed=True), RNN),
    "lstm": (partial(recurrent, "LSTM", [0, 1, 3, 2]), LSTM),
    "lstm_padded": (partial(recurrent, "LSTM", [0, 1, 3, 2], packed=True), LSTM),
    "cross_entropy": (cross_entropy, {"logits": (T, B, V)}),
    "binary_cross_entropy": (binary_cross_entropy, {"logits": (T, B)}),
    "sgd": (partial(optimizer, "SGD", lr=0.1), STEPS),
    "momentum": (partial(optimizer, "SGD", lr=0.1, momentum=0.9), STEPS),
    "adam": (partial(optimizer, "Adam", lr=0.01), STEPS),
}


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
