"""Chapter 15's checks: the references agree with the package, and each plausible mistake gets its own name."""

import numpy as np

from course_utils.exercises.transformer import (
    attend_one_more,
    block_backward,
    layer_norm_backward,
    learning_rate,
    read_board,
)
from course_utils.experiments.scoreboard import lines
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.norm import LayerNorm
from course_utils.layers.transformer import TransformerBlock
from course_utils.schedules import warmup_inverse_root


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
            (block.norm_1, trace.norm_1), (block.attention, trace.attention),
            (block.norm_2, trace.norm_2), (block.feed_forward, trace.feed_forward),
        )
    ]  # fmt: skip
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


def test_the_rate_is_that_of_the_package():
    schedule = warmup_inverse_root(30)
    assert all(np.isclose(learning_rate(step, 0.5, 30), 0.5 * schedule(step)) for step in range(1, 200))


def test_the_board_is_read_as_the_package_reads_it(rng):
    runs = [
        {"task": "characters", "model": model, "family": model, "size": "small", "parameters": 1, "rate": rate,
         "seed": seed, "valid": rng.random(), "score": rng.random(), "seconds": 1.0}
        for model in "AB" for seed, rates in ((0, (1.0, 2.0)), (1, (1.0, 2.0))) for rate in rates
    ]  # fmt: skip
    assert read_board(runs) == {line.model: line.mean for line in lines(runs, "characters")}


def norm(dx=None, dgain=None, dbias=None):
    """`layer_norm_backward` with a mistake in one of its results, made of (dy, x_hat, deviation, gain, x)."""

    def backward(dy, x, gain):
        deviation = np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        parts = dy, (x - x.mean(-1, keepdims=True)) / deviation, deviation, gain, x
        right = layer_norm_backward(dy, x, gain)
        return tuple(r if wrong is None else wrong(*parts) for r, wrong in zip(right, (dx, dgain, dbias), strict=True))

    return backward


def deviating(deviation):
    """`layer_norm_backward` with another deviation, made of the variance."""

    def backward(dy, x, gain):
        s = deviation(x.var(-1, keepdims=True))
        x_hat = (x - m(x)) / s
        dx = (dy * gain - m(dy * gain) - x_hat * m(dy * gain * x_hat)) / s
        return dx, (dy * x_hat).sum((0, 1)), dy.sum((0, 1))

    return backward


def m(a):
    return a.mean(-1, keepdims=True)


def in_place(dy, norm_1, attention, norm_2, feed_forward):
    dh = dy + norm_2(feed_forward(dy))
    dh += norm_1(attention(dh))
    return dh, dh


def cached(y=None, keys=None, values=None, scale=None):
    """`attend_one_more` with a mistake in one of its results."""

    def step(x, W_q, W_k, W_v, K, V):
        right = attend_one_more(x, W_q, W_k, W_v, K, V)
        parts = x, W_q, W_k, W_v, K, V
        return tuple(r if wrong is None else wrong(*parts) for r, wrong in zip(right, (y, keys, values), strict=True))

    return step


def look(q, k, v, scale):
    a = np.exp(k @ q * scale)
    return a / a.sum() @ v if len(k) else np.zeros(v.shape[1])


def more(x, W, old):
    return np.concatenate([old, [x @ W]])


def chosen(choose, take, summary):
    def read(runs):
        board = {}
        for model in "AB":
            own = [r for r in runs if r["model"] == model]
            rate = min((r for r in own if r["seed"] == 0), key=lambda r: r[choose])["rate"]
            board[model] = summary([r[take] for r in own if r["rate"] == rate])
        return board

    return read


def lowest_mean(runs):
    """Chooses by the mean of valid over all seeds of a rate."""
    board = {}
    for model in {run["model"] for run in runs}:
        rates = {}
        for run in runs:
            if run["model"] == model:
                rates.setdefault(run["rate"], []).append((run["valid"], run["score"]))
        board[model] = min(np.mean(pairs, axis=0).tolist() for pairs in rates.values())[1]
    return board


def of_every_model(runs):
    """Averages over the runs with the chosen rate, whatever their model."""
    board = {}
    for model in {run["model"] for run in runs}:
        own = (run for run in runs if run["model"] == model and run["seed"] == 0)
        rate = min(own, key=lambda run: run["valid"])["rate"]
        board[model] = np.mean([run["score"] for run in runs if run["rate"] == rate])
    return board


def sorting(runs):
    runs.sort(key=lambda run: run["valid"])
    return read_board(runs)


def rounding(runs):
    for run in runs:
        run["score"] = round(run["score"], 1)
    return read_board(runs)


def over_all(summary):
    return lambda runs: {model: summary([r["score"] for r in runs if r["model"] == model]) for model in "AB"}


def gain_outside(dy, x, gain):
    """The gain outside the brackets, as batch norm allows (1204al/cs231n_2019)."""
    _, dgain, dbias = layer_norm_backward(dy, x, gain)
    return gain * layer_norm_backward(dy, x, np.ones_like(gain))[0], dgain, dbias


def batch_norm(dy, x, gain):
    """Statistics of every feature over steps and sequences."""
    deviation = np.sqrt(x.var((0, 1)) + 1e-5)
    x_hat, d = (x - x.mean((0, 1))) / deviation, dy * gain
    dx = (d - d.mean((0, 1)) - x_hat * (d * x_hat).mean((0, 1))) / deviation
    return dx, (dy * x_hat).sum((0, 1)), dy.sum((0, 1))


def mean_of_squares(dy, x, gain):
    """mean(x²) - mean(x)² loses its digits where x is large."""
    mean = x.mean(-1, keepdims=True)
    deviation = np.sqrt(np.maximum((x**2).mean(-1, keepdims=True) - mean**2, 0) + 1e-5)
    x_hat, d = (x - mean) / deviation, dy * gain
    dx = (d - d.mean(-1, keepdims=True) - x_hat * (d * x_hat).mean(-1, keepdims=True)) / deviation
    return dx, (dy * x_hat).sum((0, 1)), dy.sum((0, 1))


def overflowing(x, W_q, W_k, W_v, keys, values):
    """Softmax without subtracting the largest."""
    keys, values = np.vstack([keys, x @ W_k]), np.vstack([values, x @ W_v])
    with np.errstate(all="ignore"):
        a = np.exp(keys @ (x @ W_q) / np.sqrt(keys.shape[1]))
        return a / a.sum() @ values, keys, values


def linear_decay(step, lr, warmup):
    """Hugging Face's linear schedule."""
    return lr * step / warmup if step < warmup else lr * max(0, 10 * warmup - step) / (9 * warmup)


def one_step_late(step, lr, warmup):
    """Counts from 0 (EleutherAI/gpt-neox PR 1379)."""
    step -= 1
    return lr * step / warmup if step < warmup else lr * np.sqrt(warmup / step)


def one_step_short(step, lr, warmup):
    return lr * min(1, step / max(1, warmup - 1)) if step < warmup else lr * np.sqrt(warmup / step)


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
    return {model: sum(run["score"] for run in runs if run["model"] == model and run["rate"] == rate) / 3
            for model, rate in best_rates(runs).items()}  # fmt: skip


def best_rates(runs):
    first = [run for run in runs if run["seed"] == 0]
    return {model: min((run for run in first if run["model"] == model), key=lambda run: run["valid"])["rate"]
            for model in {run["model"] for run in runs}}  # fmt: skip


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
    return {model: float(np.average([run["score"] for run in runs if run["model"] == model and run["rate"] == rate]))
            for model, rate in best_rates(runs).items()}  # fmt: skip


WRONG = [
    ("15.1", lambda dy, x, gain: (0 * x, 0 * gain, 0 * gain), "what the stub did"),
    ("15.1", norm(lambda dy, h, s, g, x: dy * g / s), "as constants"),
    ("15.1", norm(lambda dy, h, s, g, x: (dy * g - h * m(dy * g * h)) / s), "misses the path through the mean"),
    ("15.1", norm(lambda dy, h, s, g, x: (dy * g - m(dy * g)) / s), "misses the path through the deviation"),
    ("15.1", norm(lambda dy, h, s, g, x: dy * g - m(dy * g) - h * m(dy * g * h)), "not divided by the deviation"),
    ("15.1", norm(lambda dy, h, s, g, x: (dy * g - m(dy * g) - h * m(dy * g * h)) / s**2), "divided by the variance"),
    ("15.1", norm(lambda dy, h, s, g, x: (dy - m(dy) - h * m(dy * h)) / s), "the gain is missing"),
    ("15.1", norm(lambda dy, h, s, g, x: (dy * g - m(dy * g) - m(dy * g * h)) / s), "it still has to be"),
    ("15.1", norm(lambda dy, h, s, g, x: (dy * g - m(dy * g) + h * m(dy * g * h)) / s), "the sign of the path"),
    ("15.1", norm(lambda dy, h, s, g, x: (dy * g - m(dy * g) - s * h * m(dy * g * h)) / s), "x - mean where x_hat belongs"),
    ("15.1", norm(lambda dy, h, s, g, x: (dy * g - (dy * g).mean((0, 1)) - h * (dy * g * h).mean((0, 1))) / s),
     "over steps and sequences"),
    ("15.1", norm(lambda dy, h, s, g, x: 2 * dy), "dx: the shape is right, but"),
    ("15.1", norm(dgain=lambda dy, h, s, g, x: dy.sum((0, 1))), "dgain misses x_hat"),
    ("15.1", norm(dgain=lambda dy, h, s, g, x: (dy * x).sum((0, 1))), "dgain has x in it"),
    ("15.1", norm(dgain=lambda dy, h, s, g, x: (dy * h).mean((0, 1))), "dgain is a mean"),
    ("15.1", norm(dgain=lambda dy, h, s, g, x: (dy * g * h).sum((0, 1))), "multiplied by the gain itself"),
    ("15.1", norm(dbias=lambda dy, h, s, g, x: (dy * g).sum((0, 1))), "dbias was multiplied by the gain"),
    *(("15.1", deviating(deviation), "epsilon is missing, or elsewhere") for deviation in (
        np.sqrt, lambda var: np.sqrt(var + 1e-6), lambda var: np.sqrt(var + 1e-8), lambda var: np.sqrt(var) + 1e-5
    )),
    ("15.1", norm(dbias=lambda dy, h, s, g, x: 6 * dy.mean((0, 1))), "but not for another one"),
    ("15.2", lambda dy, n, a, k, f: (dy, dy), "what the stub did"),
    ("15.2", in_place, "writes into dh"),
    ("15.2", lambda *given: block_backward(*given)[::-1], "dx and dh are swapped"),
    ("15.2", lambda dy, n, a, k, f: (n(a(k(f(dy)))), k(f(dy))), "dh misses the residual path"),
    ("15.2", lambda dy, n, a, k, f: (dy, dy + f(k(dy))), "in the order of the forward pass. Going back, the last"),
    ("15.2", lambda dy, n, a, k, f: (dy + n(a(dy)), dy), "dh misses the feed-forward branch"),
    ("15.2", lambda dy, n, a, k, f: (dy, dy + f(dy)), "the feed-forward branch misses its norm"),
    ("15.2", lambda dy, n, a, k, f: block_backward(dy, k, f, n, a), "the blocks were undone"),
    ("15.2", lambda dy, n, a, k, f: (dy, 2 * dy + k(f(dy))), "added twice"),
    ("15.2", lambda dy, n, a, k, f: (dy + k(f(dy)),) * 2, "dx misses the attention branch"),
    ("15.2", lambda dy, n, a, k, f: (n(a(dy + k(f(dy)))), dy + k(f(dy))), "dx misses the residual path"),
    ("15.2", lambda dy, n, a, k, f: (dy + n(a(dy + k(f(dy)))), dy + k(f(dy))), "starts at h, not at y"),
    ("15.2", lambda dy, n, a, k, f: (dy + k(f(dy)) + n(a(dy)), dy + k(f(dy))), "attention got dy"),
    ("15.2", lambda dy, n, a, k, f: (dy + k(f(dy)) + a(n(dy + k(f(dy)))), dy + k(f(dy))), "norm_1 and attention were passed"),
    ("15.2", lambda dy, n, a, k, f: (dy + k(f(dy)) + a(dy + k(f(dy))), dy + k(f(dy))), "attention branch misses its norm"),
    ("15.2", lambda dy, n, a, k, f: (dy + block_backward(dy, n, a, k, f)[0], dy + k(f(dy))), "dy was added to dx once more"),
    ("15.2", lambda dy, n, a, k, f: (block_backward(dy, n, a, k, f)[0], dy + k(f(dy))), "was run twice"),
    ("15.3", lambda x, q, k, v, K, V: (np.zeros(3), more(x, k, K), more(x, v, V)), "what the stub did"),
    ("15.3", cached(keys=lambda x, q, k, v, K, V: K), "the keys come back as they went in"),
    ("15.3", cached(values=lambda x, q, k, v, K, V: V), "the values come back as they went in"),
    ("15.3", cached(keys=lambda x, q, k, v, K, V: (x @ k)[None]), "only the new row of keys"),
    ("15.3", cached(values=lambda x, q, k, v, K, V: np.concatenate([[x @ v], V])), "the new row of values stands in front"),
    ("15.3", cached(keys=lambda x, q, k, v, K, V: more(x, k, K[:-1])), "has replaced the last one"),
    ("15.3", cached(keys=lambda x, q, k, v, K, V: more(x, q, K)), "the query was put among the keys"),
    ("15.3", cached(lambda x, q, k, v, K, V: look(x @ q, K, V, 3**-0.5)), "does not see itself"),
    ("15.3", cached(lambda x, q, k, v, K, V: look(x @ q, more(x, k, K), more(x, v, V), 1.0)), "not divided by the square root"),
    ("15.3", cached(lambda x, q, k, v, K, V: look(x @ q, more(x, k, K), more(x, v, V), 5**-0.5)), "the root of D"),
    ("15.3", cached(lambda x, q, k, v, K, V: look(x @ q, more(x, k, K), more(x, v, V), 1 / 3)), "divided by d, not"),
    ("15.3", cached(lambda x, q, k, v, K, V: look(x @ k, more(x, k, K), more(x, v, V), 3**-0.5)), "used as its query"),
    ("15.3", cached(lambda x, q, k, v, K, V: look(x @ q, more(x, k, K), more(x, k, K), 3**-0.5)), "a mean of keys"),
    ("15.3", cached(lambda x, q, k, v, K, V: more(x, k, K) @ (x @ q) / 3**0.5 @ more(x, v, V)), "miss their softmax"),
    ("15.3", cached(lambda x, q, k, v, K, V: more(x, v, V).mean(0)), "the same weight"),
    ("15.3", cached(lambda x, q, k, v, K, V: look(x @ q, more(x, k, K), more(x, v, V), 3**-0.5) if len(K) else x @ v),
     "but not for another one"),
    ("15.4", lambda step, lr, w: lr, "what the stub did"),
    ("15.4", lambda step, lr, w: lr * min(1, step / w), "rises and then stays"),
    ("15.4", lambda step, lr, w: lr * (w / step) ** 0.5, "the warm-up is missing"),
    ("15.4", lambda step, lr, w: lr * max(step / w, (w / step) ** 0.5), "you took the larger"),
    ("15.4", lambda step, lr, w: min(step / w, (w / step) ** 0.5), "the peak must be lr"),
    ("15.4", lambda step, lr, w: lr * min(step**-0.5, step * w**-1.5), "the formula of the paper"),
    ("15.4", lambda step, lr, w: lr * (step / w if step < w else step**-0.5), "jumps at the end"),
    ("15.4", lambda step, lr, w: lr * min((step - 1) / w, (w / step) ** 0.5), "learns nothing"),
    ("15.4", lambda step, lr, w: lr * min(step / w, w / step), "falls with 1 / step"),
    ("15.4", lambda step, lr, w: lr * min((step / w) ** 0.5, (w / step) ** 0.5), "the rise is a root"),
    ("15.4", lambda step, lr, w: learning_rate(step, lr, 100), "but not for another one"),
    ("15.4", lambda step, lr, w: learning_rate(step, 4.0, w), "but not for another one"),
    ("15.5", lambda runs: {"A": 0.0, "B": 0.0}, "what the stub did"),
    ("15.5", lambda runs: {"A": 1.0}, "wanted a dictionary"),
    ("15.5", chosen("score", "score", np.mean), "has seen the exam"),
    ("15.5", over_all(min), "luckiest run"),
    ("15.5", over_all(np.mean), "the mean is over all runs"),
    ("15.5", chosen("valid", "score", min), "of its seeds you took the best"),
    ("15.5", chosen("valid", "score", lambda s: s[0]), "only seed 0 was counted"),
    ("15.5", chosen("valid", "valid", np.mean), "on the validation text, which chose"),
    ("15.5", chosen("valid", "score", lambda s: np.mean(s[1:])), "seed 0 is missing"),
    ("15.5", lowest_mean, "with the single seed of the others"),
    ("15.5", of_every_model, "runs of other models are in the mean"),
    ("15.5", sorting, "changed what it was given"),
    ("15.5", rounding, "changed what it was given"),
    ("15.5", chosen("valid", "score", np.mean), "but not for another one"),  # it knows A and B alone
    ("15.1", gain_outside, "outside the brackets"),
    ("15.1", batch_norm, "that is batch norm"),
    ("15.1", mean_of_squares, "large numbers"),
    ("15.2", lambda *given: tuple(map(np.squeeze, block_backward(*given))), "one step, one sequence, one feature"),
    ("15.3", overflowing, "scores in the thousands"),
    ("15.4", linear_decay, "it falls in a straight line"),
    ("15.4", one_step_late, "step 1 has the rate 0"),
    ("15.4", lambda step, lr, w: lr * min((step - 1) / w, (w / step) ** 0.5), "step 1 has the rate 0"),
    ("15.4", one_step_short, "one step too early"),
    ("15.4", lambda step, lr, w: learning_rate(step + 1, lr, w), "one step too early"),
    (
        "15.4",
        lambda step, lr, w: lr * (step / w if step < w else (1 + np.cos(np.pi * min(1, (step - w) / (9 * w)))) / 2),
        "on a cosine",
    ),
    ("15.4", lambda step, lr, w: np.zeros(()), "it filled"),
    ("15.5", first_is_seed_0, "the runs in another order"),
    ("15.5", exactly_three, "one model with a single run"),
]  # fmt: skip

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
