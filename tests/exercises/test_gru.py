"""Chapter 08's checks: the references agree with the package, and each plausible mistake gets its own name."""

from itertools import permutations

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
        *da[:, t], dh = backward_step(
            dtrace.h[t + 1], trace.h[t], trace.r[t], trace.z[t], trace.h_tilde[t], gru.W_h
        )  # fmt: skip
        np.testing.assert_allclose(dh + (dy[t - 1] if t else 0), dtrace.h[t], atol=1e-13)
    for got, want in zip(weight_gradients(x, trace.h, trace.r, da), dgru, strict=True):
        np.testing.assert_allclose(got, want, atol=1e-12)
    after = ResetAfterGRU(*gru, b_past=rng.normal(size=4))
    np.testing.assert_allclose(reset_after_step(x[0], h_0, *after), after.forward(x[:1], state=h_0)[0][0], atol=1e-14)


@pytest.mark.parametrize("half_life", [1.0, 7.0, 100.0])
def test_the_bias_gives_the_half_life(half_life):
    z = 1 / (1 + np.exp(-bias_for(half_life)))
    assert z**half_life == pytest.approx(0.5)


def logit(z):
    return np.log(z / (1 - z))


def step(
    *,
    gate=sigmoid,
    phi=np.tanh,
    order=(0, 1, 2),
    shown=lambda r, h, W: (r * h) @ W,
    mix=lambda z, h, c: z * h + (1 - z) * c,
    see=True,
    biased=1,
    transposed=False,
    whole=False,
):
    def answer(x, h, W_x, W_h, b):
        W_h, b = W_h.swapaxes(1, 2) if transposed else W_h, biased * b
        r, z = (gate(x @ W_x[k] + (h @ W_h[k] if see else 0) + b[k]) for k in order[:2])
        read = x @ W_x[2] + b[2]
        return mix(z, h, phi(r * (read + h @ W_h[2]) if whole else read + shown(r, h, W_h[2])))

    return answer


PATHS = ("copy", "candidate", "reset", "update")


def back(
    *,
    gap=lambda h, c: h - c,
    slope_z=lambda z: z * (1 - z),
    enters=lambda z: 1 - z,
    slope_h=lambda c: 1 - c**2,
    through=lambda da_h, W: da_h @ W.T,
    by_r=lambda h, r: h,
    slope_r=lambda r: r * (1 - r),
    paths=PATHS,
    change=lambda dh, r, z, dpast, da_r, da_z, W: 0,
):
    def answer(dh, h, r, z, c, W):
        da_z, da_h = dh * gap(h, c) * slope_z(z), dh * enters(z) * slope_h(c)
        dpast = through(da_h, W[2])
        da_r = dpast * by_r(h, r) * slope_r(r)
        ways = {"copy": dh * z, "candidate": dpast * r, "reset": da_r @ W[0].T, "update": da_z @ W[1].T}
        return da_r, da_z, da_h, sum(ways[path] for path in paths) + change(dh, r, z, dpast, da_r, da_z, W)

    return answer


def without(*lost):
    return back(paths=[path for path in PATHS if path not in lost])


def weights(*, seen=lambda h, r, t: (h[t], h[t], r[t] * h[t]), steps=lambda T: range(T), share=1.0, keep=1):
    def answer(x, h, r, da):
        dW_x, dW_h, db = 0 * da[:, 0, 0, :1, None] * x[0, 0][:, None], 0, 0
        for t in steps(len(x)):
            dW_x = keep * dW_x + np.stack([x[t].T @ d for d in da[:, t]])
            dW_h = keep * dW_h + np.stack([s.T @ d for s, d in zip(seen(h, r, t), da[:, t], strict=True)])
            db = keep * db + da[:, t].sum(axis=1)
        return share * dW_x, share * dW_h, share * db

    return answer


def changed(at, change):
    """The right gradients of the weights, but one of the three arrays."""

    def answer(*arguments):
        parts = list(weight_gradients(*arguments))
        parts[at] = change(parts[at], *arguments)
        return tuple(parts)

    return answer


def after(candidate, mix=lambda z, h, c: z * h + (1 - z) * c):
    def answer(x, h, W_x, W_h, b, b_past):
        r, z = (sigmoid(x @ W_x[k] + h @ W_h[k] + b[k]) for k in (0, 1))
        return mix(z, h, np.tanh(candidate(x @ W_x[2], r, h, W_h[2], b[2], b_past)))

    return answer


def right_after(read, r, h, W, b, b_past):
    return read + b + r * (h @ W + b_past)


def of_the_book(order=(1, 0, 2), inverted=True, late=False):
    """Weights read as z, r, candidate (or otherwise), and z the other way round."""
    shown = (lambda r, h, W: r * (h @ W)) if late else (lambda r, h, W: (r * h) @ W)
    mix = (lambda z, h, c: (1 - z) * h + z * c) if inverted else (lambda z, h, c: z * h + (1 - z) * c)

    def answer(x, h, W_x, W_h, b):
        r, z, c = order
        W_x, W_h, b = W_x[[r, z, c]], W_h[[r, z, c]], b[[r, z, c]]
        return step(shown=shown, mix=mix)(x, h, W_x, W_h, b)

    return answer


def copied(at, k, other):
    """One plane of the weights used for another gate."""

    def answer(x, h, *weights):
        weights = [array.copy() for array in weights]
        weights[at][k] = weights[at][other]
        return gru_step(x, h, *weights)

    return answer


def by_exp_over(x, h, W_x, W_h, b):
    """exp(a) / (1 + exp(a)): nan where exp(a) is infinite."""
    with np.errstate(all="ignore"):
        return step(gate=lambda a: np.exp(a) / (1 + np.exp(a)))(x, h, W_x, W_h, b)


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


def mean_of_biases(db, *_):
    return db.mean(axis=0) + 0 * db


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
    ("08.1", lambda x, h, *w: h, "what the stub did"),
    ("08.1", step(mix=lambda z, h, c: c), "the update gate plays no part yet"),
    ("08.1", step(mix=lambda z, h, c: (1 - z) * h + z * c), "the wrong way round"),
    ("08.1", step(mix=lambda z, h, c: z * h + 1 - z * c), "parentheses are missing"),
    ("08.1", step(mix=lambda z, h, c: z * h + c), "what z keeps, 1 - z does not take"),
    ("08.1", step(order=(1, 0, 2)), "the two gates are swapped"),
    ("08.1", step(shown=lambda r, h, W: h @ W), "the reset gate plays no part"),
    ("08.1", step(shown=lambda r, h, W: r * (h @ W)), "after the matrix product"),
    ("08.1", step(whole=True), "also holds back the input"),
    ("08.1", step(phi=sigmoid), "the candidate was squashed with the sigmoid"),
    ("08.1", step(phi=lambda a: a), "the candidate has no tanh"),
    ("08.1", step(gate=np.tanh), "squashed with tanh"),
    ("08.1", step(gate=lambda a: a), "the gates are not squashed"),
    ("08.1", step(gate=lambda a: sigmoid(-a)), "your sigmoid falls"),
    ("08.1", step(biased=0), "the three biases are missing"),
    ("08.1", step(biased=np.array([[1], [1], [0]])), "the bias of the candidate is missing"),
    ("08.1", step(transposed=True), "W_h is transposed"),
    ("08.1", step(see=False), "look at the input only"),
    ("08.1", lambda *a: 1.1 * gru_step(*a), "numbers differ"),
    ("08.1", of_the_book(), "two mistakes at once: you read the weights in the order z, r, candidate"),
    ("08.1", of_the_book(late=True), "three mistakes at once"),
    *(
        ("08.1", of_the_book(order, inverted=False), f"you read the weights in the order {names}")
        for order, names in (
            ((0, 2, 1), "r, candidate, z"),
            ((1, 2, 0), "candidate, r, z"),
            ((2, 0, 1), "z, candidate, r"),
            ((2, 1, 0), "candidate, z, r"),
        )
    ),
    ("08.1", of_the_book((2, 1, 0)), "in the order candidate, z, r. z works the other way round"),
    ("08.1", copied(2, 1, 0), "for z you took b[0]"),
    ("08.1", copied(1, 0, 1), "for r you took W_h[1]"),
    ("08.1", by_exp_over, "fully open"),
    ("08.1", lambda *a: np.squeeze(gru_step(*a)), "B = 1"),
    ("08.1", lambda x, h, *w: gru_step(x, h, *w) if h.any() else 0 * h, "a state of 0"),
    ("08.2", lambda n: np.log(n / np.log(2)), "asked is the exact bias"),
    ("08.2", lambda n: bias_for(n) if n > 1 else 0.0, "a half-life of 0.5 steps"),
    ("08.2", lambda n: bias_for(min(n, 100.0)), "a half-life of 1000 steps"),
    ("08.2", lambda n: 0.0, "the stub forgets half"),
    ("08.2", lambda n: 0.5 ** (1 / n), "that is the gate itself"),
    ("08.2", lambda n: -bias_for(n), "the sign is wrong"),
    ("08.2", lambda n: 1 / (1 + np.exp(-(0.5 ** (1 / n)))), "the sigmoid to z once more"),
    ("08.2", lambda n: np.log(0.5 ** (1 / n)), "does not undo the sigmoid"),
    ("08.2", lambda n: logit(1 - 1 / n), "about 1/e is left"),
    ("08.2", lambda n: logit(np.exp(-1 / n)), "half-life means a half"),
    ("08.2", lambda n: logit(0.5**n), "it is z that is raised"),
    ("08.2", lambda n: np.log(n / 0.69), "asked is the exact bias"),
    ("08.2", lambda n: np.log(1.44 * n), "log(n / 0.69) comes near"),
    ("08.2", lambda n: 2 * bias_for(n), "the bias for a half-life of 10 steps is"),
    ("08.3", lambda dh, h, r, z, c, W: (0 * h, 0 * h, 0 * h, 0 * h), "what the stub did"),
    ("08.3", lambda *a: backward_step(*a)[:3], "wanted 4 arrays"),
    ("08.3", lambda *a: [backward_step(*a)[k] for k in (1, 0, 2, 3)], "da_r and da_z are swapped"),
    *(
        ("08.3", lambda *a, order=order: [backward_step(*a)[k] for k in order], "right, in another order: ")
        for order in permutations(range(4))
        if order not in ((0, 1, 2, 3), (1, 0, 2, 3))
    ),
    ("08.3", back(slope_z=lambda z: sigmoid(z) * (1 - sigmoid(z))), "da_z: z is a sigmoid already"),
    ("08.3", back(slope_r=lambda r: sigmoid(r) * (1 - sigmoid(r))), "da_r: r is a sigmoid already"),
    ("08.3", back(slope_h=lambda c: 1 - np.tanh(c) ** 2), "da_h: h_tilde is tanh(a) already"),
    ("08.3", back(slope_h=lambda c: 1 - c), "you used 1 - h_tilde"),
    ("08.3", back(gap=lambda h, c: 1), "their difference is missing"),
    ("08.3", back(slope_z=lambda z: (z * (1 - z)) ** 2), "in there twice"),
    ("08.3", back(slope_r=lambda r: 1 - r**2), "da_r: that is the slope of tanh"),
    ("08.3", lambda *a: [np.clip(part, -1000, 1000) for part in backward_step(*a)], "cut off at ±1000"),
    ("08.3", squared_slopes, "shut"),
    ("08.3", lambda *a: [np.squeeze(part) for part in backward_step(*a)], "B = 1"),
    ("08.3", back(gap=lambda h, c: h), "da_z: z also stands in (1 - z)"),
    ("08.3", back(gap=lambda h, c: -c), "da_z: z also stands in z * h"),
    ("08.3", back(gap=lambda h, c: c - h), "da_z: the sign is wrong"),
    ("08.3", back(slope_z=lambda z: 1), "da_z: the slope of the sigmoid is missing"),
    ("08.3", back(slope_z=lambda z: 1 - z**2), "da_z: that is the slope of tanh"),
    ("08.3", back(enters=lambda z: 1), "da_h: the candidate only enters"),
    ("08.3", back(enters=lambda z: z), "da_h: the candidate enters with 1 - z"),
    ("08.3", back(slope_h=lambda c: 1), "da_h: the slope of tanh is missing"),
    ("08.3", back(slope_h=lambda c: c * (1 - c)), "da_h: that is the slope of the sigmoid"),
    ("08.3", back(by_r=lambda h, r: 1), "da_r: r multiplies h on the way forward"),
    ("08.3", back(slope_r=lambda r: 1), "da_r: the slope of the sigmoid is missing"),
    ("08.3", back(by_r=lambda h, r: r), "da_r: r multiplies h: the slope by r is h"),
    ("08.3", back(through=lambda da_h, W: da_h), "da_r: r acts before the matrix product"),
    ("08.3", back(through=lambda da_h, W: da_h @ W), "da_r: W_h[2] is used as on the way forward"),
    (
        "08.3",
        lambda dh, h, r, z, c, W: (dh * h * r * (1 - r), *backward_step(dh, h, r, z, c, W)[1:]),
        "has to pass its tanh",
    ),
    ("08.3", without("copy"), "misses the path through the copy"),
    ("08.3", without("candidate"), "misses the path through the candidate"),
    ("08.3", without("reset"), "misses the path through the reset gate"),
    ("08.3", without("update"), "misses the path through the update gate"),
    ("08.3", without("reset", "update"), "the reset gate (h W_h[0]) and through the update gate"),
    ("08.3", without("candidate", "reset", "update"), "the candidate ((r ⊙ h) W_h[2]) and through the reset gate"),
    ("08.3", back(change=lambda dh, r, z, dpast, *_: dpast * (1 - r)), "passes the reset gate, too"),
    ("08.3", back(change=lambda dh, r, z, *_: dh * (1 - z)), "the copy passes the whole gradient"),
    ("08.3", back(change=lambda dh, r, z, *_: dh * (1 - 2 * z)), "the copy passes the share 1 - z"),
    (
        "08.3",
        back(change=lambda dh, r, z, dpast, a, u, W: a @ (W[0] - W[0].T) + u @ (W[1] - W[1].T)),
        "the gates' paths use W_h as on the way forward",
    ),
    (
        "08.3",
        back(change=lambda dh, r, z, dpast, a, u, W: a @ (W[1] - W[0]).T + u @ (W[0] - W[1]).T),
        "the matrices of the two gates are swapped",
    ),
    ("08.3", back(change=lambda *_: 0.1), "dh_before: the shape is right, but"),
    ("08.4", lambda x, h, r, da: tuple(0 * part for part in weight_gradients(x, h, r, da)), "what the stub did"),
    ("08.4", lambda *a: weight_gradients(*a)[:2], "wanted 3 arrays"),
    ("08.4", weights(keep=0), "only step 2 is left"),
    ("08.4", weights(keep=0, steps=lambda T: reversed(range(T))), "only step 0 is left"),
    ("08.4", weights(share=1 / 3), "a mean over time"),
    ("08.4", weights(share=1 / 2), "a mean over the batch"),
    ("08.4", weights(share=1 / 6), "a mean over both axes"),
    ("08.4", changed(2, lambda db, x, h, r, da: da.sum(axis=1)), "a row for each sequence"),
    ("08.4", changed(1, lambda dW, *_: dW.swapaxes(1, 2)), "dW_h is transposed"),
    ("08.4", weights(seen=lambda h, r, t: (h[t + 1], h[t + 1], r[t] * h[t])), "the state after its step"),
    ("08.4", weights(seen=lambda h, r, t: (h[t], h[t], h[t])), "W_h[2] was multiplied by r ⊙ h"),
    ("08.4", weights(seen=lambda h, r, t: (r[t] * h[t],) * 3), "only the candidate sees r ⊙ h"),
    ("08.4", changed(0, lambda dW, *_: dW[[1, 0, 2]]), "dW_x[0] (the reset gate)"),
    ("08.4", changed(2, lambda db, *_: db[[0, 0, 2]]), "db[1] (the update gate) is that of the reset gate"),
    ("08.4", changed(2, lambda db, *_: db[[0, 1, 1]]), "db[2] (the candidate) is that of the update gate"),
    ("08.4", changed(1, lambda dW, *_: dW[[1, 1, 2]]), "dW_h[0] (the reset gate) is that of the update gate"),
    ("08.4", changed(2, mean_of_biases), "sum da[k] over time and batch"),
    (
        "08.4",
        changed(0, lambda dW, x, h, r, da: np.stack([x[-1].T @ d[-1] for d in da])),
        "only step 2 is left in dW_x",
    ),
    ("08.4", changed(1, lambda dW, x, h, r, da: weight_gradients(x[:1], h[:2], r[:1], da[:, :1])[1]), "left in dW_h"),
    ("08.4", lambda x, h, r, da: weight_gradients(x[:, :1], h[:, :1], r[:, :1], da[:, :, :1]), "of one sequence"),
    ("08.4", weights(steps=lambda T: range(max(0, T - 5), T)), "T = 12"),
    ("08.4", changed(0, lambda dW, *_: np.squeeze(dW)), "D = 1"),
    ("08.4", weights(seen=lambda h, r, t: (h[t], h[t], r[t] * h[t + 1])), "the state after its step"),
    ("08.4", weights(steps=lambda T: range(3)), "not for another one: (an array of shape (5, 3, 2)"),
    ("08.5", lambda x, h, *w: h, "what the stub did"),
    ("08.5", lambda x, h, W_x, W_h, b, b_past: gru_step(x, h, W_x, W_h, b), "that is the GRU of the notes"),
    ("08.5", after(lambda read, r, h, W, b, p: read + (r * h) @ W + b + p), "the reset still comes before"),
    ("08.5", after(lambda read, r, h, W, b, p: read + b + r * (h @ W)), "b_past is missing"),
    ("08.5", after(lambda read, r, h, W, b, p: read + b + p + r * (h @ W)), "b_past stands outside the reset gate"),
    ("08.5", after(lambda read, r, h, W, b, p: read + r * (h @ W + b + p)), "b[2] belongs to the input"),
    ("08.5", after(lambda read, r, h, W, b, p: r * (read + b + h @ W + p)), "also holds back the input"),
    ("08.5", after(right_after, mix=lambda z, h, c: (1 - z) * h + z * c), "z works the wrong way round"),
    ("08.5", lambda *a: 2 * reset_after_step(*a), "numbers differ"),
    (
        "08.5",
        lambda x, h, W_x, W_h, b, p: reset_after_step(x, h, W_x[[1, 0, 2]], W_h[[1, 0, 2]], b[[1, 0, 2]], p),
        "you read the weights in the order z, r, candidate",
    ),
    (
        "08.5",
        lambda x, h, W_x, W_h, b, p: after(right_after, mix=lambda z, h, c: (1 - z) * h + z * c)(
            x, h, W_x[[1, 0, 2]], W_h[[1, 0, 2]], b[[1, 0, 2]], p
        ),
        "two mistakes at once: you read the weights in the order z, r, candidate",
    ),
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
    ("08.3", back(), "a sum of paths"),
    ("08.4", by_einsum, "einsum"),
    ("08.4", weights(steps=lambda T: reversed(range(T))), "from the end"),
    ("08.5", after(lambda read, r, h, W, b, p: b + read + r * p + r * (h @ W)), "the product written out"),
    ("08.1", lambda *a: gru_step(*map(np.float32, a)), "single precision"),
    ("08.2", lambda n: np.float32(bias_for(n)), "single precision"),
    ("08.3", lambda *a: backward_step(*map(np.float32, a)), "single precision"),
    ("08.4", lambda *a: [np.float32(part) for part in weights()(*a)], "a list, in single precision"),
]
