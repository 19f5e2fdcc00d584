"""The recurrent layers of PyTorch in the layout of this course, for `tools.golden`."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

T, B, D, H = 5, 3, 4, 6
LENGTHS = np.array([5, 2, 4])  # real steps of each sequence of a padded batch
Tensor = torch.Tensor
Shapes = dict[str, tuple[int, ...]]


def recurrent(kind: str, gates: list[int], cells: list[str], *tensors: Tensor, **settings: Any) -> Tensor:
    """`gates` lists ours in PyTorch's order. All of y and, for one cell, the last states stand behind one another."""
    weights, rest = {}, list(tensors)
    for cell in cells:
        W_x, W_h, b, *b_past = [rest.pop(0) for _ in parameters(kind, D)]
        b_hh = torch.cat([torch.zeros(len(gates) * H - H, dtype=b.dtype), *(b_past or [torch.zeros_like(b[0])])])
        flat = [W[gates].transpose(-1, -2).flatten(0, 1) for W in (W_x, W_h)]
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights |= {f"{n}_{cell or 'l0'}": w for n, w in zip(names, [*flat, b[gates].flatten(), b_hh], strict=True)}
    packed, (x, *states) = settings.pop("packed", False), rest
    module = getattr(torch.nn, kind)(D, H, dtype=torch.float64, **settings)
    sequence = pack_padded_sequence(x, torch.tensor(LENGTHS), enforce_sorted=False) if packed else x
    first = [state[None] for state in states]
    y, last = torch.func.functional_call(module, weights, (sequence, *([tuple(first)] if first[1:] else first)))
    y = pad_packed_sequence(y)[0] if packed else y
    return torch.cat([y, *(last if isinstance(last, tuple) else [last])]) if states else y


def parameters(kind: str, inputs: int, cell: str = "") -> Shapes:
    """Names and shapes of one cell's arrays, in the layout of this course."""
    G = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    shapes = {"W_x": (G, inputs, H), "W_h": (G, H, H), "b": (G, H)} | ({"b_past": (H,)} if kind == "GRU" else {})
    return {f"{name}_{cell}".rstrip("_"): shape for name, shape in shapes.items()}


def single(kind: str, gates: list[int], **settings: Any) -> tuple[Callable[..., Tensor], Shapes]:
    """A case of one layer with first states."""
    states = {"h_0": (B, H)} | ({"c_0": (B, H)} if kind == "LSTM" else {})
    return partial(recurrent, kind, gates, [""], **settings), parameters(kind, D) | {"x": (T, B, D)} | states


def deep(kind: str, gates: list[int], layers: int, ways: int) -> tuple[Callable[..., Tensor], Shapes]:
    """A case of several layers, in one direction or in both, on padded sequences."""
    cells = [f"l{k}{way}" for k in range(layers) for way in ("", "_reverse")[:ways]]
    shapes = [parameters(kind, D if cell.startswith("l0") else ways * H, cell) for cell in cells]
    run = partial(recurrent, kind, gates, cells, packed=True, num_layers=layers, bidirectional=ways == 2)
    return run, {name: shape for of in shapes for name, shape in of.items()} | {"x": (T, B, D)}
