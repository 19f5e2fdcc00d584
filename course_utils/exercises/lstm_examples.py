"""Steps of an LSTM to try an answer on: possible ones, of several sizes, and at the ends of what gates can be."""

import numpy as np
from jaxtyping import Float

from course_utils.math import sigmoid
from course_utils.tree import Array


def step(B: int = 3, D: int = 2, H: int = 4, seed: int = 8) -> tuple[Array, ...]:
    """x (B, D), h and c (B, H), as a step before leaves them, and the three arrays of a small layer."""
    rng = np.random.default_rng(seed)
    x, o, c, *weights = (
        0.8 * rng.normal(size=shape) for shape in ((B, D), (B, H), (B, H), (4, D, H), (4, H, H), (4, H))
    )
    return x, sigmoid(o) * np.tanh(c), c, *weights


def edges() -> list[tuple[str, tuple[Array, ...]]]:
    """Steps at the ends of what can be: sizes of 1, nothing remembered, gates fully open or shut, a large cell."""
    cases = [(f"B = {B}, D = {D}, H = {H}", step(B, D, H)) for B, D, H in ((1, 2, 4), (2, 1, 3), (3, 2, 1), (1, 1, 1))]
    x, h, c, W_x, W_h, b = step()
    cases.append(("a state and a cell of 0", (x, 0 * h, 0 * c, W_x, W_h, b)))
    cases.append(("a cell of 50, whose tanh is 1", (x, sigmoid(c), 50 + 0 * c, W_x, W_h, b)))
    for words, *inputs in (
        ("all gates fully open", 1000, 1000, 1000, 0),
        ("all gates shut", -700, -700, -700, 0),
        ("a candidate of exactly 1", 0, 0, 0, 1000),
    ):
        cases.append((f"two units with {words}", (x, h, c, W_x, W_h, b + np.outer(inputs, [1, 1, 0, 0]))))
    return cases


def inputs(x: Array, h: Array, W_x: Array, W_h: Array, b: Array) -> Float[Array, "4 B H"]:
    return x @ W_x + h @ W_h + b[:, None]


def gradients(seed: int, x: Array, h: Array, c_before: Array, *weights: Array) -> tuple[Array, ...]:
    """dh, dc_future, i, f, o, c_tilde, c_before and c of a step."""
    a = inputs(x, h, *weights)
    i, f, o, c_tilde = *sigmoid(a[:3]), np.tanh(a[3])
    dh, dc_future = np.random.default_rng(seed).normal(size=(2, *c_before.shape))
    return dh, dc_future, i, f, o, c_tilde, c_before, f * c_before + i * c_tilde
