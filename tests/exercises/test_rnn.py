"""Chapter 05's checks: the references agree with the package, and each plausible mistake gets its own name."""

import random
from itertools import accumulate

import numpy as np

from course_utils.exercises.rnn import consecutive_windows, rnn_forward, rnn_step, rnn_step_backward, sample
from course_utils.gradcheck import numerical_gradient
from course_utils.layers.rnn import RNN
from course_utils.math import sigmoid, softmax
from course_utils.text.batching import sequential_partition

IDS = ["05.1", "05.2", "05.3", "05.4", "05.5"]


def test_the_references_are_the_package(rng):
    rnn = RNN.init(3, 4, rng=rng)
    x, h_0 = rng.normal(size=(6, 2, 3)), rng.normal(size=(2, 4))
    np.testing.assert_allclose(rnn_forward(x, h_0, *list(rnn)[:3]), rnn.forward(x, state=h_0)[1].h)
    tokens = rng.integers(0, 9, 100)
    ours, theirs = consecutive_windows(tokens, 7, 3), list(sequential_partition(tokens, 7, 3))
    assert len(theirs) == len(ours[0])
    for n, window in enumerate(theirs):
        np.testing.assert_array_equal([ours[0][n], ours[1][n]], window[:2])


def test_the_backward_reference_agrees_with_finite_differences(rng):
    x, h, W_xh, W_hh, b_h = (rng.normal(size=s) for s in ((3, 2), (3, 4), (2, 4), (4, 4), (4,)))
    dh = rng.normal(size=(3, 4))
    got = rnn_step_backward(dh, x, h, rnn_step(x, h, W_xh, W_hh, b_h), W_xh, W_hh)
    for gradient, a in zip(got, (x, h, W_xh, W_hh, b_h), strict=True):
        want = numerical_gradient(lambda: float((rnn_step(x, h, W_xh, W_hh, b_h) * dh).sum()), a)
        np.testing.assert_allclose(gradient, want, atol=1e-8)


def single_precision(x, h_0, *weights):
    h = np.zeros((len(x) + 1, *h_0.shape), np.float32)
    h[0] = h_0
    for t, x_t in enumerate(x):
        h[t + 1] = rnn_step(x_t, h[t], *weights)
    return h


def the_same_array(x, h_0, *weights):
    h = h_0.copy()
    out = [h]
    for x_t in x:
        h[:] = rnn_step(x_t, h, *weights)
        out.append(h)
    return np.stack(out)


def single_precision_slope(dh, x, h_before, h_after, W_xh, W_hh):
    dz = dh * (1 - np.square(np.tanh(h_after), dtype="float32"))
    return dz @ W_xh.T, dz @ W_hh.T, x.T @ dz, h_before.T @ dz, dz.sum(axis=0)


def columns(tokens, T, B):
    L = (len(tokens) - 1) // B
    N = L // T
    return L, N


def dealt_like_cards(tokens, T, B):
    _, N = columns(tokens, T, B)
    x = tokens[: N * B * T].reshape(N, B, T).transpose(0, 2, 1)
    return x, x + (tokens[1] - tokens[0])


def side_by_side(tokens, T, B):
    _, N = columns(tokens, T, B)
    return tuple(part[: N * T * B].reshape(N, T, B) for part in (tokens, tokens[1:]))


def rolled_targets(tokens, T, B):
    x, _ = consecutive_windows(tokens, T, B)
    return x, np.roll(x, -1, axis=1)


def columns_too_long(tokens, T, B):
    L = len(tokens) // B
    at = np.arange(B) * L + np.arange(L // T * T)[:, None]
    return tokens[at].reshape(-1, T, B), tokens[at + 1].reshape(-1, T, B)


def columns_too_short(tokens, T, B):
    L = (len(tokens) - 1) // B // T * T
    at = np.arange(B) * L + np.arange(L)[:, None]
    return tokens[at].reshape(-1, T, B), tokens[at + 1].reshape(-1, T, B)


def plus_1(tokens, T, B):
    x, _ = consecutive_windows(tokens, T, B)
    return x, x + 1


def batch_first(tokens, T, B):
    return tuple(part.transpose(0, 2, 1) for part in consecutive_windows(tokens, T, B))


def overflowing(logits, temperature, rng):
    with np.errstate(all="ignore"):
        p = np.exp(logits / temperature)
        return int(rng.choice(len(p), p=p / p.sum()))


def divided_p(logits, temperature, rng):
    p = np.exp(logits - logits.max()) / temperature
    return int(rng.choice(len(p), p=p / p.sum()))


def total(x, h, W, U, b):
    return x @ W + h @ U + b


def adds_to_h(x, h, W, U, b):
    h += x @ W
    return np.tanh(h)


def squeezed(x, h_0, W, U, b):
    h = [h_0]
    for step in np.split(x, len(x)):
        h.append(np.tanh(np.squeeze(step) @ W + h[-1] @ U + b))
    return np.array(h)


def by_einsum(dh, x, h_before, h_after, W_xh, W_hh):
    dz = np.einsum("bh,bh->bh", dh, 1 - h_after**2)
    back = (np.einsum("bh,kh->bk", dz, W) for W in (W_xh, W_hh))
    return *back, np.einsum("bd,bh->dh", x, dz), np.einsum("bk,bh->kh", h_before, dz), np.einsum("bh->h", dz)


def by_samples(dh, x, h_before, h_after, W_xh, W_hh):
    dz = [d * (1 - h) * (1 + h) for d, h in zip(dh, h_after, strict=True)]
    dW = (sum(np.outer(a, d) for a, d in zip(given, dz, strict=True)) for given in (x, h_before))
    return np.array([W_xh @ d for d in dz]), np.array([W_hh @ d for d in dz]), *dW, sum(dz)


def overlapping(tokens, T, B):
    L = (len(tokens) - 1) // B
    at = np.arange(B) * L + np.arange(L - T + 1)[:, None, None] + np.arange(T)[:, None]
    return tokens[at], tokens[at + 1]


def by_index(tokens, T, B):
    L, N = columns(tokens, T, B)
    at = np.arange(B) * L + np.arange(N * T)[:, None]
    return tokens[at].reshape(N, T, B), tokens[at + 1].reshape(N, T, B)


def by_loops(tokens, T, B):
    L, N = columns(tokens, T, B)
    return tuple(
        [[[int(tokens[b * L + n * T + t + late]) for b in range(B)] for t in range(T)] for n in range(N)]
        for late in (0, 1)
    )


def clipped(logits, temperature, rng):
    p = np.exp(np.clip(logits / temperature, -500, 500))
    return rng.choice(len(p), p=p / p.sum())


def with_shift(z, shift, rng, factor=1.0):
    p = factor * np.exp(z - shift(z))
    return rng.choice(len(p), p=p / p.sum())


def small_underflow(logits, temperature, rng):
    """Only what is large is made smaller."""
    z = logits / temperature
    p = np.exp(z - max(z.max(), 0))
    return rng.choice(len(p), p=p / p.sum())


def divided_in_place(z, temperature, rng):
    z /= temperature
    return sample(z, 1.0, rng)


OTHER_RNG = np.random.default_rng(11)


def best_only(number):
    """Draws among the best few only (top-k sampling)."""

    def answer(logits, temperature, rng):
        best = np.argsort(-logits, kind="stable")[:number]
        return int(best[sample(logits[best], temperature, rng)])

    return answer


WRONG = [
    *(("05.5", best_only(number), "draw from the whole distribution") for number in (5, 10, 40)),
    ("05.1", lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U + b), "your function stopped with ValueError"),
    ("05.1", lambda x, h, W, U, b: 1.1 * rnn_step(x, h, W, U, b), "numbers differ"),
    ("05.1", lambda x, h, *w: np.zeros_like(h), "all is 0: was it filled?"),
    (
        "05.1",
        lambda *g: (np.exp(total(*g)) - np.exp(-total(*g))) / (np.exp(total(*g)) + np.exp(-total(*g))),
        "but not for sums of a thousand and more",
    ),
    ("05.1", lambda *g: rnn_step(*g).squeeze(), "for a batch of one"),
    ("05.1", lambda *g: (rnn_step(*g), total(*g)), "two things came back"),
    ("05.1", adds_to_h, "h was changed: `h += ...`"),
    ("05.2", squeezed, "with one feature your function stopped"),
    ("05.2", lambda *g: (rnn_forward(*g), rnn_forward(*g)[-1]), "two things came back"),
    ("05.2", lambda *g: rnn_forward(*g)[-1], "that is one state, the last one"),
    ("05.2", lambda *g: rnn_forward(*g).swapaxes(0, 1), "time stands first"),
    (
        "05.2",
        lambda x, h_0, *w: np.pad(rnn_forward(x[:50], h_0, *w), ((0, max(0, len(x) - 50)), (0, 0), (0, 0))),
        "60 steps",
    ),
    (
        "05.2",
        lambda *g: rnn_forward(*(part.astype(np.float32) for part in g)).astype(float),
        "right to a few digits only",
    ),
    ("05.2", lambda x, h_0, *w: rnn_forward(x, h_0, *w)[1:], "the state that came in is missing"),
    ("05.2", lambda *a: rnn_forward(*a).astype(int), "your array holds integers"),
    ("05.2", lambda x, h_0, W, U, b: rnn_forward(x, h_0, W, U, 2 * b), "numbers differ"),
    ("05.2", the_same_array, "one and the same array was appended"),
    ("05.3", single_precision_slope, "squashed a second time"),
    ("05.3", lambda *g: rnn_step_backward(*g)[:4], "wanted 5 arrays"),
    ("05.3", lambda *g: (lambda r: (*r[2:4], *r[:2], r[4]))(rnn_step_backward(*g)), "in another order"),
    ("05.3", lambda *g: (*rnn_step_backward(*g)[:4], 2 * rnn_step_backward(*g)[4]), "db_h: the shape is right, but"),
    (
        "05.3",
        lambda *g: [part * (part.shape != g[5].shape or 2) for part in rnn_step_backward(*g)],
        "dW_hh: the shape is right, but",
    ),
    ("05.3", lambda *g: (*rnn_step_backward(*g), g[0]), "got 6"),
    ("05.3", lambda *g: (*rnn_step_backward(*g)[:4], None), "db_h is None"),
    ("05.3", lambda dh, *g: rnn_step_backward(np.clip(dh, -5, 5), *g), "a million times as much must be handed on"),
    ("05.3", lambda *g: tuple(np.squeeze(part) for part in rnn_step_backward(*g)), "for a batch of one"),
    (
        "05.3",
        lambda dh, x, h, after, *w: rnn_step_backward(dh, x, h, np.clip(after, -0.999, 0.999), *w),
        "exactly 1 and -1",
    ),
    ("05.4", lambda t, T, B: tuple(0 * part for part in consecutive_windows(t, T, B)), "what the stub did"),
    ("05.4", lambda t, T, B: tuple(p.reshape(-1, B) for p in consecutive_windows(t, T, B)), "not yet cut into windows"),
    ("05.4", lambda t, T, B: tuple(p.swapaxes(0, 1) for p in consecutive_windows(t, T, B)), "not the first axis"),
    ("05.4", overlapping, "your windows overlap"),
    ("05.4", lambda t, T, B: (*consecutive_windows(t, T, B), T), "got 3"),
    ("05.4", lambda t, T, B: tuple(p.squeeze() for p in consecutive_windows(t, T, B)), "for B = 1"),
    ("05.4", lambda t, T, B: tuple(p % 2**15 for p in consecutive_windows(t, T, B)), "for B = 1"),
    ("05.4", lambda t, T, B: consecutive_windows(t[:50], T, B), "token numbers up to 100,000"),
    ("05.4", lambda t, T, B: consecutive_windows(t, T, B)[0], "wanted 2 arrays"),
    ("05.4", batch_first, "time stands first"),
    ("05.4", lambda t, T, B: tuple(1.0 * part for part in consecutive_windows(t, T, B)), "became real numbers"),
    ("05.4", lambda t, T, B: (consecutive_windows(t, T, B)[0],) * 2, "only have to repeat"),
    ("05.4", lambda t, T, B: consecutive_windows(t, T, B)[::-1], "before* the inputs"),
    ("05.4", side_by_side, "stand side by side"),
    ("05.4", dealt_like_cards, "dealt out like cards"),
    ("05.4", lambda t, T, B: tuple(p[[1, 0, 2]] for p in consecutive_windows(t, T, B)), "does not go on where"),
    ("05.4", rolled_targets, "not the next token"),
    ("05.4", columns_too_short, "x of 38 tokens with T = 5 and B = 2: the shape is right, but"),
    ("05.4", plus_1, "y of 38 tokens with T = 5 and B = 2: the shape is right, but"),
    ("05.4", lambda t, T, B: consecutive_windows(t, 4, B), "x of 38 tokens with T = 5 and B = 2: shape (4, 4, 2)"),
    ("05.4", lambda t, T, B: consecutive_windows(t, T, 3), "x of 38 tokens with T = 5 and B = 2: shape (2, 5, 3)"),
    ("05.4", columns_too_long, "have len(tokens) // B tokens"),
    ("05.4", lambda t, T, B: tuple(p[:-1] for p in consecutive_windows(t, T, B)), "x: shape"),
    ("05.4", lambda t, T, B: tuple(p[:, ::-1] for p in consecutive_windows(t, T, B)), "must follow each other"),
    ("05.5", lambda z, temperature, rng: int(np.argmax(z)), "what the stub did"),
    ("05.5", lambda z, temperature, rng: sample(z, temperature, np.random.default_rng(0)), "made anew inside"),
    ("05.5", lambda z, temperature, rng: sample(z, temperature, np.random.default_rng(3)), "made anew inside"),
    ("05.5", lambda z, temperature, rng: int(rng.integers(len(z))), "equally often"),
    ("05.5", lambda z, temperature, rng: sample(z, 1.0, rng), "temperature changes nothing"),
    ("05.5", divided_p, "temperature changes nothing"),
    ("05.5", lambda z, temperature, rng: sample(z, 1 / temperature, rng), "swapped"),
    ("05.5", lambda z, temperature, rng: sample(z, temperature**2, rng), "do not come with probability"),
    ("05.5", lambda z, temperature, rng: sample(z, temperature**0.5, rng), "the root of the temperature"),
    ("05.5", clipped, "clipping them makes all alike"),
    (
        "05.5",
        lambda z, temperature, rng: with_shift(z / temperature, np.mean, rng),
        "also after the mean is subtracted",
    ),
    ("05.5", lambda z, temperature, rng: with_shift(z / temperature, np.min, rng), "make exp overflow"),
    ("05.5", lambda z, temperature, rng: with_shift(z, np.max, rng, 1 / temperature), "temperature changes nothing"),
    ("05.5", small_underflow, "of logits near -1000 exp is 0"),
    ("05.5", lambda z, temperature, rng: sample(np.sort(z)[::-1], temperature, rng), "the logits need not be sorted"),
    ("05.5", lambda z, temperature, rng: min(sample(z, temperature, rng), 2), "the logits need not be sorted"),
    ("05.5", lambda z, temperature, rng: sample(z, min(temperature, 2.0), rng), "at a high temperature"),
    (
        "05.5",
        lambda z, temperature, rng: int(z.argmax()) if temperature < 0.01 else sample(z, temperature, rng),
        "the two best come equally often",
    ),
    (
        "05.5",
        lambda z, temperature, rng: random.choices(range(len(z)), softmax(z / temperature))[0],
        "comes from elsewhere",
    ),
    ("05.5", divided_in_place, "z was changed: `z /= ...`"),
    ("05.5", lambda z, temperature, rng: np.array([sample(z, temperature, rng)]), "wanted one token"),
    ("05.5", lambda z, temperature, rng: float(sample(z, temperature, rng)), "wanted one token"),
    ("05.5", lambda z, temperature, rng: len(z), "wanted one token"),
    ("05.5", overflowing, "make exp overflow"),
    ("05.5", lambda z, temperature, rng: sample(z, temperature, OTHER_RNG), "comes from elsewhere"),
]

RIGHT = [
    ("05.1", lambda *g: 2 * sigmoid(2 * total(*g)) - 1, "tanh by the sigmoid"),
    ("05.1", lambda x, h, W, U, b: np.tanh(np.c_[x, h, np.ones(len(x))] @ np.r_[W, U, b[None]]), "one product"),
    (
        "05.1",
        lambda x, h, W, U, b: [np.tanh(W.T @ x[k] + U.T @ h[k] + b).tolist() for k in range(len(x))],
        "rows, lists",
    ),
    ("05.2", lambda x, h_0, *w: list(accumulate(x, lambda h, x_t: rnn_step(x_t, h, *w), initial=h_0)), "accumulate"),
    (
        "05.2",
        lambda x, h_0, *w: np.concatenate([rnn_forward(x[:, [b]], h_0[[b]], *w) for b in range(len(h_0))], 1),
        "text by text",
    ),
    ("05.3", lambda *g: [part.tolist() for part in rnn_step_backward(*g)], "lists"),
    ("05.3", by_einsum, "einsum"),
    ("05.3", lambda *g: (part for part in rnn_step_backward(*g)), "a generator"),
    ("05.3", by_samples, "one sequence after the other"),
    ("05.4", by_index, "indices"),
    ("05.4", by_loops, "loops"),
    ("05.4", lambda t, T, B: [part.astype(np.int32) for part in consecutive_windows(t, T, B)], "32-bit integers"),
    ("05.5", lambda z, t, rng: int(np.argmax(z / t + rng.gumbel(size=len(z)))), "Gumbel noise"),
    (
        "05.5",
        lambda z, t, rng: np.searchsorted(np.cumsum(softmax(z / t)), rng.random()),
        "the inverse of the distribution",
    ),
    ("05.5", lambda z, t, rng: rng.multinomial(1, softmax(z / t)).argmax(), "a multinomial draw"),
    ("05.5", lambda z, t, rng: rng.choice(np.arange(len(z), dtype=np.int8), p=softmax((z - 7) / t)), "another shift"),
    ("05.1", lambda *a: rnn_step(*a).astype(np.float32), "single precision"),
    ("05.2", single_precision, "single precision"),
]
