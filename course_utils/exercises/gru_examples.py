"""Steps of a GRU to try an answer on: possible ones, of several sizes, and at the ends of what gates can be."""

import numpy as np

from course_utils.layers.gru import GRU
from course_utils.math import sigmoid
from course_utils.tree import Array


def network(B: int = 2, D: int = 4, H: int = 5, seed: int = 7) -> tuple[Array, ...]:
    """x (B, D), a state h (B, H) within (-1, 1), and the weights of a small GRU whose axes all differ in length."""
    rng = np.random.default_rng(seed)
    x, h, *weights = (0.8 * rng.normal(size=shape) for shape in ((B, D), (B, H), (3, D, H), (3, H, H), (3, H)))
    return x, np.tanh(h), *weights


def gates(x: Array, h: Array, W_x: Array, W_h: Array, b: Array) -> tuple[Array, ...]:
    """h, r, z and h_tilde of a step."""
    r, z = (sigmoid(x @ W_x[k] + h @ W_h[k] + b[k]) for k in (0, 1))
    return h, r, z, np.tanh(x @ W_x[2] + (r * h) @ W_h[2] + b[2])


def edges() -> list[tuple[str, tuple[Array, ...]]]:
    """Steps at the ends of what can be: sizes of 1, states of 0, gates that are fully open or shut."""
    cases = [
        (f"B = {B}, D = {D}, H = {H}", network(B, D, H)) for B, D, H in ((1, 4, 5), (3, 1, 2), (3, 4, 1), (1, 1, 1))
    ]
    x, h, W_x, W_h, b = network()
    cases.append(("a state of 0", (x, 0 * h, W_x, W_h, b)))
    for words, *inputs in (
        ("both gates fully open", 1000, 1000, 0),
        ("both gates shut", -700, -700, 0),
        ("the update gate shut and a candidate of 1", 0, -700, 1000),
    ):
        cases.append((f"two units with {words}", (x, h, W_x, W_h, b + np.outer(inputs, [1, 1, 0, 0, 0]))))
    return cases


def real_pass(rng: np.random.Generator, T: int, B: int, D: int, H: int) -> tuple[Array, ...]:
    """x, h, r and da, (3, T, B, H), of a pass forward and backward."""
    gru = GRU(*(0.8 * rng.normal(size=shape) for shape in ((3, D, H), (3, H, H), (3, H))))
    _, trace = gru.forward(rng.normal(size=(T, B, D)), state=np.tanh(rng.normal(size=(B, H))))
    _, _, back = gru.backward(rng.normal(size=(T, B, H)), trace)
    slopes = trace.r * (1 - trace.r), trace.z * (1 - trace.z), 1 - trace.h_tilde**2
    return trace.x, trace.h, trace.r, np.stack([back.r, back.z, back.h_tilde]) * np.stack(slopes)
