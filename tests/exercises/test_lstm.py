"""Chapter 09's checks: the references agree with the package, and each plausible mistake gets its own name."""

import numpy as np
import pytest

from course_utils.exercises.lstm import contributions, half_life, lstm_step, lstm_step_backward, spread_biases
from course_utils.layers.lstm import LSTM
from course_utils.math import sigmoid


def test_the_references_agree_with_the_layer(rng):
    lstm = LSTM.init(3, 4, rng=rng)
    x, dy = rng.normal(size=(1, 2, 3)), rng.normal(size=(1, 2, 4))
    h_0, c_0, dc_T = rng.normal(size=(3, 2, 4))
    _, trace = lstm.forward(x, state=(h_0, c_0))
    h, c = lstm_step(x[0], h_0, c_0, *lstm)
    np.testing.assert_allclose([h, c], trace.state, atol=1e-14)
    _, dlstm, dtrace = lstm.backward(dy, trace, (np.zeros_like(h), dc_T))
    da, dc_before = lstm_step_backward(dy[0], dc_T, trace.i[0], trace.f[0], trace.o[0], trace.c_tilde[0], c_0, c)
    np.testing.assert_allclose(dc_before, dtrace.c[0], atol=1e-14)
    np.testing.assert_allclose(da.sum(axis=1), dlstm.b, atol=1e-14)
    np.testing.assert_allclose(h_0.T @ da, dlstm.W_h, atol=1e-14)


def test_contributions_add_up_to_the_cell(rng):
    lstm = LSTM.init(3, 4, rng=rng)
    _, trace = lstm.forward(rng.normal(size=(9, 3)))
    np.testing.assert_allclose(contributions(trace.i, trace.f, trace.c_tilde).sum(axis=0), trace.c[-1], atol=1e-14)


def test_half_lives_and_biases_undo_each_other():
    np.testing.assert_allclose(half_life(spread_biases(3, 4.0, 100.0)), [4, 20, 100])
    b = np.array([1.0])
    assert sigmoid(b) ** half_life(b) == pytest.approx(0.5)


def exp_over(x, h, c, W_x, W_h, b):
    """exp(a) / (1 + exp(a)): nan where exp(a) is infinite."""
    with np.errstate(all="ignore"):
        a = np.exp(x @ W_x + h @ W_h + b[:, None])
        i, f, o = a[:3] / (1 + a[:3])
        c = f * c + i * (1 - 2 / (a[3] ** 2 + 1))
        return o * np.tanh(c), c


def in_one_product(x, h, c, W_x, W_h, b):
    """One product for all gates, along the columns."""
    H = h.shape[1]
    a = np.hstack([x, h]) @ np.hstack([np.vstack(pair) for pair in zip(W_x, W_h, strict=True)]) + b.ravel()
    i, f, o = (0.5 + np.tanh(a[:, k * H : (k + 1) * H] / 2) / 2 for k in range(3))
    c = c * f + i * np.tanh(a[:, 3 * H :])
    return np.tanh(c) * o, c


def through_h(dh, future, i, f, o, c_tilde, before, c):
    """tanh(c) from h = o tanh(c), and i c_tilde from the new cell: right for all real steps whose gates are open."""
    h = o * np.tanh(c)
    dc = future + dh * (o - h * np.tanh(c))
    added = c - f * before
    da_c = dc * (i - added * c_tilde)
    return (dc * added * (1 - i), dc * (c - added) * (1 - f), dh * h * (1 - o), da_c), f * dc


def adds_in_place(dh, dc_future, i, f, o, c_tilde, c_before, c):
    dc_future += dh * o * (1 - np.tanh(c) ** 2)
    return lstm_step_backward(np.zeros_like(dh), dc_future, i, f, o, c_tilde, c_before, c)


def divided_by_products(i, f, c):
    with np.errstate(all="ignore"):
        return i * c * np.prod(f, axis=0) / np.cumprod(f, axis=0)


def by_logarithms(i, f, c):
    """Sums of logarithms: no division, and exp(-inf) is 0."""
    with np.errstate(divide="ignore"):
        logs = np.log(f)
    return np.array([i[t] * c[t] * np.exp(logs[t + 1 :].sum(axis=0)) for t in range(len(i))])


def one_at_a_time(i, f, c):
    """Run the cell T times, each time with one step adding and the others silent."""
    rows = []
    for t in range(len(i)):
        cell = np.zeros(i.shape[1])
        for step in range(len(i)):
            cell = f[step] * cell + (i[step] * c[step] if step == t else 0)
        rows.append(cell)
    return rows


def geometric(H, a, b):
    return np.array([logit(0.5 ** (1 / (a * (b / a) ** (k / (H - 1))))) for k in range(H)])


def gates(H, shortest, longest):
    return 0.5 ** (1 / np.geomspace(shortest, longest, H))


def logit(f):
    return np.log(f / (1 - f))


def quiet(answer):
    """NumPy warns the learner as well; here it need not."""
    return np.errstate(all="ignore")(answer)


WRONG = [
    ("09.1", lambda *g: lstm_step(*g)[0], "wanted 2 arrays, h and c"),
    ("09.1", lambda *g: lstm_step(*g[:5], 2 * g[5]), "the cell c: the shape is right, but"),
    ("09.1", lambda *g: (2 * lstm_step(*g)[0], lstm_step(*g)[1]), "the state h: the shape is right, but"),
    ("09.1", lambda *g: lstm_step(*g[:3], *(array[[0, 1, 3, 2]] for array in g[3:])), "which is that of PyTorch"),
    ("09.1", lambda *g: (0 * g[1], lstm_step(*g[:5], 0 * g[5])[1]), "the biases are missing"),
    ("09.1", exp_over, "all gates fully open"),
    ("09.1", lambda *g: [np.squeeze(part) for part in lstm_step(*g)], "B = 1"),
    ("09.1", lambda x, h, c, *w: lstm_step(x, h, np.clip(c, -10, 10), *w), "a cell of 50"),
    ("09.2", adds_in_place, "changed"),
    ("09.2", lambda *g: [np.clip(part, -100, 100) for part in lstm_step_backward(*g)], "cut off at ±100"),
    ("09.2", lambda *g: [np.squeeze(part) for part in lstm_step_backward(*g)], "B = 1"),
    ("09.2", quiet(lambda *g: (lstm_step_backward(*g)[0] / g[2] * g[2], lstm_step_backward(*g)[1])), "all gates shut"),
    ("09.2", lambda *g: lstm_step_backward(*g)[0], "wanted 2 arrays, da and dc_before"),
    ("09.2", lambda *g: [2 * part for part in lstm_step_backward(*g)], "the gradient of i, da[0]: the shape is right"),
    ("09.2", lambda *g: (lstm_step_backward(*g)[0], 2 * g[1]), "dc_before: the shape is right, but"),
    ("09.2", lambda *g: (lstm_step_backward(*g)[0][[0, 1, 3, 3]], 0 * g[0]), "da[2], is that of c_tilde"),
    ("09.3", quiet(lambda b: np.log(0.5) / np.log(b)), "a bias may be negative, a gate may not"),
    ("09.3", lambda b: np.floor(half_life(b)), "the fractions were cut off"),
    ("09.3", lambda b: 2 * half_life(b), "the half-life at b_f = -1, 0, 1, 4: the shape is right, but"),
    ("09.3", lambda b: np.log(0.5) / np.log(sigmoid(b) + 1e-12), "b_f = 12"),
    ("09.3", lambda b: half_life(np.array([-1.0, 0, 1, 4])), "right for the first example"),
    ("09.3", lambda b: half_life(np.sort(b)), "right for the first example"),
    ("09.3", lambda b: np.squeeze(half_life(b)), "one unit"),
    ("09.3", lambda b: half_life(np.maximum(b, -5)), "b_f = -10"),
    ("09.4", geometric, "a single unit"),
    ("09.4", lambda H, a, b: np.where(spread_biases(H, a, b) < 0, 0, spread_biases(H, a, b)), "half a step"),
    ("09.4", lambda H, a, b: spread_biases(H, a, b) if a != b else np.zeros(H), "all have the same half-life"),
    ("09.4", lambda H, a, b: 2 * spread_biases(H, a, b), "the biases for half-lives of 2, 6"),
    ("09.4", lambda H, a, b: spread_biases(5, 2.0, 162.0)[:H], "right for the first example"),
    ("09.5", divided_by_products, "forget gates of exactly 0"),
    ("09.5", lambda i, f, c: divided_by_products(i, np.maximum(f, 1e-12), c), "2,000 steps"),
    ("09.5", lambda i, f, c: contributions(i, np.minimum(f, 0.999), c), "forget gates of exactly 1"),
    ("09.5", lambda i, f, c: np.squeeze(contributions(i, f, c)), "a single"),
    (
        "09.5",
        lambda i, f, c: np.concatenate([contributions(i[:5], f[:5], c[:5]), 0 * i[5:]]),
        "an array of shape (7, 2)",
    ),
    ("09.5", lambda i, f, c: 2 * contributions(i, f, c), "the table of contributions: the shape is right, but"),
]

RIGHT = [
    ("09.1", in_one_product, "one product for all gates"),
    ("09.1", lambda *g: list(lstm_step(*g)), "a list of two"),
    ("09.2", through_h, "tanh(c) from h, what was added from the cells"),
    ("09.2", lambda *g: (list(lstm_step_backward(*g)[0]), lstm_step_backward(*g)[1]), "da as a list"),
    ("09.2", lambda *g: lstm_step_backward(*map(np.float32, g)), "single precision"),
    ("09.3", lambda b: -1 / np.log2(sigmoid(b)), "powers of two"),
    ("09.3", lambda b: [np.log(2) / np.log1p(np.exp(-one)) for one in b], "a list of numbers"),
    ("09.4", lambda H, a, b: logit(gates(H, a, b)), "the inverse of the sigmoid as it is taught"),
    (
        "09.4",
        lambda H, a, b: -np.log(2 ** (1 / np.exp(np.linspace(np.log(a), np.log(b), H))) - 1),
        "even steps of the logarithm",
    ),
    ("09.5", by_logarithms, "sums of logarithms"),
    ("09.5", one_at_a_time, "one step at a time, as a list"),
]
