"""Chapter 08's checks: the references agree with the package, and each plausible mistake gets its own name."""

import numpy as np
import pytest

from course_utils.exercises.gru import backward_step, bias_for, gru_step, reset_after_step, weight_gradients
from course_utils.layers.gru import GRU
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.math import sigmoid


def test_the_references_agree_with_the_layers(rng):
    gru = GRU.init(3, 4, rng=rng)
    x, h_0, dy = rng.normal(size=(5, 2, 3)), rng.normal(size=(2, 4)), rng.normal(size=(5, 2, 4))
    _, trace = gru.forward(x, state=h_0)
    _, dgru, dtrace = gru.backward(dy, trace)
    da = np.empty((3, 5, 2, 4))
    for t in range(5):
        np.testing.assert_allclose(gru_step(x[t], trace.h[t], *gru), trace.h[t + 1], atol=1e-14)
        *da[:, t], dh = backward_step(dtrace.h[t + 1], trace.h[t], trace.r[t], trace.z[t], trace.h_tilde[t], gru.W_h)
        np.testing.assert_allclose(dh + (dy[t - 1] if t else 0), dtrace.h[t], atol=1e-13)
    for got, want in zip(weight_gradients(x, trace.h, trace.r, da), dgru, strict=True):
        np.testing.assert_allclose(got, want, atol=1e-12)
    after = ResetAfterGRU(*gru, b_past=rng.normal(size=4))
    np.testing.assert_allclose(reset_after_step(x[0], h_0, *after), after.forward(x[:1], state=h_0)[0][0], atol=1e-14)


@pytest.mark.parametrize("half_life", [1.0, 7.0, 100.0])
def test_the_bias_gives_the_half_life(half_life):
    z = 1 / (1 + np.exp(-bias_for(half_life)))
    assert z**half_life == pytest.approx(0.5)


def by_exp_over(x, h, W_x, W_h, b):
    """exp(a) / (1 + exp(a)): nan where exp(a) is infinite."""
    with np.errstate(all="ignore"):
        a = np.exp([x @ W_x[k] + h @ W_h[k] + b[k] for k in (0, 1)])
        r, z = a / (1 + a)
        return z * h + (1 - z) * np.tanh(x @ W_x[2] + (r * h) @ W_h[2] + b[2])


def reset_written_out(x, h, W_x, W_h, b, b_past):
    r, z = (sigmoid(x @ W_x[k] + h @ W_h[k] + b[k]) for k in (0, 1))
    return z * h + (1 - z) * np.tanh(b[2] + x @ W_x[2] + r * b_past + r * (h @ W_h[2]))


def in_one_product(x, h, W_x, W_h, b):
    """All gates from one product of concatenated matrices; sigmoid through tanh."""
    H = h.shape[1]
    both = np.concatenate([x, h], axis=1) @ np.concatenate([np.concatenate([W_x[k], W_h[k]]) for k in (0, 1)], axis=1)
    r, z = np.split(0.5 + 0.5 * np.tanh((both + b[:2].ravel()) / 2), [H], axis=1)
    candidate = np.tanh(np.einsum("bd,dh->bh", x, W_x[2]) + np.einsum("bi,ij->bj", r * h, W_h[2]) + b[2])
    return candidate + z * (h - candidate)


def row_by_row(dh, h, r, z, c, W):
    """Sequence by sequence, and with columns in place of rows."""
    parts = []
    for row in zip(dh, h, r, z, c, strict=True):
        d, past, reset, update, new = row
        a_h = d * (1 - update) * (1 - new) * (1 + new)
        shown = W[2] @ a_h
        a_r, a_z = shown * past * reset * (1 - reset), d * (past - new) * update * (1 - update)
        parts.append((a_r, a_z, a_h, update * d + reset * shown + W[0] @ a_r + W[1] @ a_z))
    return tuple(np.array(part) for part in zip(*parts, strict=True))


def by_einsum(x, h, r, da):
    past = h[:-1]
    dW_h = np.stack([np.einsum("tbi,tbj->ij", seen, d) for seen, d in zip((past, past, r * past), da, strict=True)])
    return np.einsum("tbd,ktbh->kdh", x, da), dW_h, da.sum(axis=(1, 2))


def squared_slopes(dh, h, r, z, c, W):
    """Divides by z and multiplies by it again, which fails where z is 0."""
    with np.errstate(all="ignore"):
        da_r, da_z, da_h, before = backward_step(dh, h, r, z, c, W)
        return da_r, da_z / z * z, da_h, before


def no_bias_for(half_life):
    z = 0.5 ** (1 / half_life)
    return float(np.log(z) - np.log1p(-z))


def by_bisection(half_life):
    low, high = -60.0, 60.0
    for _ in range(200):
        middle = (low + high) / 2
        log_z = -np.log1p(np.exp(-middle))
        low, high = (middle, high) if log_z * half_life < np.log(0.5) else (low, middle)
    return low


WRONG = [
    ("08.1", lambda *a: 1.1 * gru_step(*a), "numbers differ"),
    ("08.1", lambda x, h, *w: gru_step(x, h, *(array[[2, 1, 0]] for array in w)), "in the order candidate, z, r"),
    ("08.1", by_exp_over, "fully open"),
    ("08.1", lambda *a: np.squeeze(gru_step(*a)), "B = 1"),
    ("08.1", lambda x, h, *w: gru_step(x, h, *w) if h.any() else 0 * h, "a state of 0"),
    ("08.2", lambda n: np.log(n / np.log(2)), "asked is the exact bias"),
    ("08.2", lambda n: bias_for(n) if n > 1 else 0.0, "a half-life of 0.5 steps"),
    ("08.2", lambda n: bias_for(min(n, 100.0)), "a half-life of 1000 steps"),
    ("08.2", lambda n: np.log(n / 0.69), "asked is the exact bias"),
    ("08.2", lambda n: np.log(1.44 * n), "log(n / 0.69) comes near"),
    ("08.2", lambda n: 2 * bias_for(n), "the bias for a half-life of 10 steps is"),
    ("08.3", lambda *a: backward_step(*a)[:3], "wanted 4 arrays"),
    ("08.3", lambda *a: [np.clip(part, -1000, 1000) for part in backward_step(*a)], "cut off at ±1000"),
    ("08.3", squared_slopes, "shut"),
    ("08.3", lambda *a: [np.squeeze(part) for part in backward_step(*a)], "B = 1"),
    ("08.3", lambda *a: (*backward_step(*a)[:3], backward_step(*a)[3] + 0.1), "dh_before: the shape is right, but"),
    ("08.4", lambda *a: weight_gradients(*a)[:2], "wanted 3 arrays"),
    (
        "08.4",
        lambda *a: (*weight_gradients(*a)[:2], 0 * weight_gradients(*a)[2] + 0.1),
        "sum da[k] over time and batch",
    ),
    ("08.4", lambda x, h, r, da: weight_gradients(x[-5:], h[-6:], r[-5:], da[:, -5:]), "T = 12"),
    ("08.4", lambda *a: [np.squeeze(part) if part.ndim == 3 else part for part in weight_gradients(*a)], "D = 1"),
    (
        "08.4",
        lambda x, h, r, da: weight_gradients(x[:3], h[:4], r[:3], da[:, :3]),
        "not for another one: (an array of shape (5, 3, 2)",
    ),
    ("08.5", lambda *a: 2 * reset_after_step(*a), "numbers differ"),
    ("08.5", lambda *a: np.squeeze(reset_after_step(*a)), "B = 1"),
]

RIGHT = [
    ("08.1", in_one_product, "one product, sigmoid through tanh"),
    (
        "08.1",
        lambda *a: np.stack([gru_step(x[None], h[None], *a[2:])[0] for x, h in zip(*a[:2], strict=True)]),
        "row by row",
    ),
    ("08.2", no_bias_for, "log1p"),
    ("08.2", by_bisection, "bisection"),
    ("08.2", lambda n: -np.log(2 ** (1 / n) - 1), "1 / z - 1"),
    ("08.3", row_by_row, "columns, row by row"),
    ("08.4", by_einsum, "einsum"),
    ("08.5", reset_written_out, "the product written out"),
    ("08.1", lambda *a: gru_step(*map(np.float32, a)), "single precision"),
    ("08.2", lambda n: np.float32(bias_for(n)), "single precision"),
    ("08.3", lambda *a: backward_step(*map(np.float32, a)), "single precision"),
    ("08.4", lambda *a: [np.float32(part) for part in weight_gradients(*a)], "a list, in single precision"),
]
