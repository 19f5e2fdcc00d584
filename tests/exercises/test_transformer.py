"""Chapter 15's checks: the references agree with the package, and each plausible mistake gets its own name."""

import numpy as np

from course_utils.exercises.transformer import (
    attend_one_more,
    block_backward,
    layer_norm_backward,
    learning_rate,
    read_board,
)
from course_utils.experiments.learning_curves import TUNED_ON, points
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.norm import LayerNorm
from course_utils.layers.transformer import TransformerBlock


def test_layer_norm_is_that_of_the_package(rng):
    x, dy = rng.normal(2, 3, size=(2, 4, 3, 6))
    norm = LayerNorm(rng.uniform(0.5, 2, 6), rng.normal(size=6))
    dx, dnorm, _ = norm.backward(dy, norm.forward(x)[1])
    for got, want in zip(layer_norm_backward(dy, x, norm.gain), (dx, dnorm.gain, dnorm.bias), strict=True):
        np.testing.assert_allclose(got, want, atol=1e-12)


def test_the_block_is_that_of_the_package(rng):
    block = TransformerBlock.init(4, 2, 6, rng=rng)
    x, dy = rng.normal(size=(2, 5, 3, 4))
    _, trace = block.forward(x, causal=True)
    parts = [
        lambda d, part=part, kept=kept: part.backward(d, kept)[0]
        for part, kept in (
            (block.norm_1, trace.norm_1),
            (block.attention, trace.attention),
            (block.norm_2, trace.norm_2),
            (block.feed_forward, trace.feed_forward),
        )
    ]
    dx, _, dtrace = block.backward(dy, trace)
    got_dx, got_dh = block_backward(dy, *parts)
    np.testing.assert_allclose(got_dx, dx, atol=1e-12)
    np.testing.assert_allclose(got_dh, dtrace.h, atol=1e-12)


def test_steps_with_a_cache_are_those_of_the_package(rng):
    layer = MultiHeadAttention.init(4, 1, rng=rng)
    x = rng.normal(size=(5, 4))
    _, trace = layer.forward(x, causal=True)
    keys = values = np.empty((0, 4))
    for t in range(5):
        y, keys, values = attend_one_more(x[t], layer.W_q, layer.W_k, layer.W_v, keys, values)
        np.testing.assert_allclose(y, trace.heads.y[t, 0], atol=1e-12)


def test_the_rate_is_that_of_the_paper():
    """Vaswani et al. (2017, equation 3), scaled to a peak of lr."""
    peak = 30**-0.5
    for step in range(1, 200):
        assert np.isclose(learning_rate(step, 0.5, 30), 0.5 / peak * min(step**-0.5, step * 30**-1.5))


def test_the_board_is_read_as_the_package_reads_it(rng):
    fixed = {"size": "28k", "budget": TUNED_ON["28k"], "parameters": 1, "seconds": 1.0}
    runs = [
        fixed | {"model": model, "rate": rate, "seed": seed, "valid": valid + rng.random(), "score": rng.random()}
        for model in "AB"
        for seed in range(2)
        for rate, valid in ((1.0, 2), (2.0, 0), (4.0, 0), (8.0, 0), (16.0, 2))
    ]
    assert read_board(runs) == {point.model: point.mean for point in points(runs)}


def in_place(dy, norm_1, attention, norm_2, feed_forward):
    dh = dy + norm_2(feed_forward(dy))
    dh += norm_1(attention(dh))
    return dh, dh


def sorting(runs):
    runs.sort(key=lambda run: run["valid"])
    return read_board(runs)


def rounding(runs):
    for run in runs:
        run["score"] = round(run["score"], 1)
    return read_board(runs)


def mean_of_squares(dy, x, gain):
    """mean(x²) - mean(x)² loses its digits where x is large."""
    mean = x.mean(-1, keepdims=True)
    deviation = np.sqrt(np.maximum((x**2).mean(-1, keepdims=True) - mean**2, 0) + 1e-5)
    x_hat, d = (x - mean) / deviation, dy * gain
    dx = (d - d.mean(-1, keepdims=True) - x_hat * (d * x_hat).mean(-1, keepdims=True)) / deviation
    return dx, (dy * x_hat).sum((0, 1)), dy.sum((0, 1))


def three_wide(x, W_q, W_k, W_v, keys, values):
    return attend_one_more(x, W_q * np.sqrt(keys.shape[1] / 3), W_k, W_v, keys, values)


def overflowing(x, W_q, W_k, W_v, keys, values):
    """Softmax without subtracting the largest."""
    keys, values = np.vstack([keys, x @ W_k]), np.vstack([values, x @ W_v])
    with np.errstate(all="ignore"):
        a = np.exp(keys @ (x @ W_q) / np.sqrt(keys.shape[1]))
        return a / a.sum() @ values, keys, values


def first_is_seed_0(runs):
    """Takes the first run of each rate for that of seed 0."""
    board = {}
    for model in {run["model"] for run in runs}:
        own = [run for run in runs if run["model"] == model]
        first = {run["rate"]: run for run in reversed(own)}
        rate = min(first, key=lambda rate: first[rate]["valid"])
        board[model] = np.mean([run["score"] for run in own if run["rate"] == rate])
    return board


def exactly_three(runs):
    """Divides by the three seeds of the example."""
    return {
        model: sum(run["score"] for run in runs if run["model"] == model and run["rate"] == rate) / 3
        for model, rate in best_rates(runs).items()
    }


def best_rates(runs):
    first = [run for run in runs if run["seed"] == 0]
    return {
        model: min((run for run in first if run["model"] == model), key=lambda run: run["valid"])["rate"]
        for model in {run["model"] for run in runs}
    }


def spelled_norm(dy, x, gain):
    """Step by step, with einsum."""
    D = len(gain)
    out = np.empty_like(x)
    dgain = np.zeros(D)
    for at in np.ndindex(x.shape[:2]):
        centred = x[at] - x[at].sum() / D
        s = np.sqrt(centred @ centred / D + 1e-5)
        x_hat, d = centred / s, dy[at] * gain
        out[at] = (d - d.sum() / D - x_hat * (d @ x_hat) / D) / s
        dgain += dy[at] * x_hat
    return out, dgain, np.einsum("tbd->d", dy)


def with_logsumexp(x, W_q, W_k, W_v, keys, values):
    """Weights through their logarithm."""
    keys, values = np.append(keys, [x @ W_k], axis=0), np.append(values, [x @ W_v], axis=0)
    scores = keys @ (x @ W_q) / len(keys[0]) ** 0.5
    return np.exp(scores - np.logaddexp.reduce(scores)) @ values, keys, values


def averaged(runs):
    return {
        model: float(np.average([run["score"] for run in runs if run["model"] == model and run["rate"] == rate]))
        for model, rate in best_rates(runs).items()
    }


WRONG = [
    ("15.1", lambda *given: (2 * given[0], *layer_norm_backward(*given)[1:]), "dx: the shape is right, but"),
    ("15.1", lambda *given: (*layer_norm_backward(*given)[:2], 6 * given[0].mean((0, 1))), "but not for another one"),
    ("15.2", lambda dy, n, a, k, f: (block_backward(dy, n, a, k, f)[0], dy + k(f(dy))), "was run twice"),
    ("15.2", in_place, "writes into dh"),
    ("15.3", three_wide, "but not for another one"),
    (
        "15.3",
        lambda *given: attend_one_more(*given) if len(given[4]) else (0 * given[4], *given[4:]),
        "nothing in the cache",
    ),
    ("15.4", lambda step, lr, w: learning_rate(step, lr, 100), "but not for another one"),
    ("15.4", lambda step, lr, w: learning_rate(step, 4.0, w), "but not for another one"),
    ("15.5", lambda runs: {"A": 1.0}, "wanted a dictionary"),
    ("15.5", sorting, "changed what it was given"),
    ("15.5", rounding, "changed what it was given"),
    (
        "15.5",
        lambda runs: {name: read_board(runs)[name] for name in "AB"},
        "but not for another one",
    ),  # it knows A and B alone
    ("15.1", mean_of_squares, "large numbers"),
    ("15.2", lambda *given: tuple(map(np.squeeze, block_backward(*given))), "one step, one sequence, one feature"),
    ("15.3", overflowing, "scores in the thousands"),
    ("15.4", lambda step, lr, w: np.zeros(()), "it filled"),
    ("15.5", first_is_seed_0, "the runs in another order"),
    ("15.5", exactly_three, "one model with a single run"),
]

RIGHT = [
    ("15.1", lambda *given: tuple(np.float32(d) for d in layer_norm_backward(*given)), "single precision"),
    ("15.2", lambda *given: [np.float32(d) for d in block_backward(*given)], "a list, in single precision"),
    ("15.3", lambda *given: tuple(np.float32(part) for part in attend_one_more(*given)), "single precision"),
    ("15.4", lambda *given: np.float32(learning_rate(*given)), "single precision"),
    ("15.5", lambda runs: {name: np.float32(mean) for name, mean in read_board(runs).items()}, "single precision"),
    ("15.1", spelled_norm, "one step after the other"),
    ("15.3", with_logsumexp, "np.append and np.logaddexp"),
    ("15.4", lambda step, lr, w: lr * step / w if step <= w else lr * w**0.5 * step**-0.5, "two branches"),
    ("15.5", averaged, "two dictionaries"),
]
