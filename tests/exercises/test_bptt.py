"""Chapter 06's checks: the references agree with the package, and each plausible mistake gets its own name."""

import numpy as np

from course_utils.exercises.bptt import backward_step, bound, bptt, rate, sum_over_time
from course_utils.layers.rnn import RNN


def test_the_references_agree_with_the_layer(rng):
    rnn = RNN.init(3, 4, rng=rng)
    x, dy = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2, 4))
    _, trace = rnn.forward(x)
    _, drnn, dtrace = rnn.backward(dy, trace)
    for got, want in zip(bptt(dy, x, trace.h, rnn.W_hh), (*list(drnn)[:3], dtrace.h[0]), strict=True):
        np.testing.assert_allclose(got, want, atol=1e-13)
    _, trace = rnn.forward(x[:, 0])
    _, drnn, dtrace = rnn.backward(dy[:, 0], trace)
    np.testing.assert_allclose(sum_over_time(trace.h, dtrace.z), drnn.W_hh, atol=1e-13)
    dz, dh_prev = backward_step(dy[2, 0], dtrace.z[3] @ rnn.W_hh.T, trace.h[3], rnn.W_hh)
    np.testing.assert_allclose(dz, dtrace.z[2], atol=1e-13)
    np.testing.assert_allclose(dh_prev + dy[1, 0], dtrace.h[2], atol=1e-13)


def five_steps(h, dz):
    return sum(np.outer(h[t], dz[t]) for t in range(5))


def kept_between_calls(h, dz, dW=np.zeros((3, 3))):  # noqa: B008 (that is the mistake)
    for t in range(len(dz)):
        dW += np.outer(h[t], dz[t])
    return dW.copy()


def in_place(dy, x, h, W_hh):
    for t in reversed(range(1, len(x))):
        dy[t - 1] += (dy[t] * (1 - h[t + 1] ** 2)) @ W_hh.T
    return bptt(dy, x, h, W_hh)


def truncated(dy, x, h, W_hh, reach=5):
    """Each loss goes back `reach` steps and no further."""
    sums = [np.zeros((x.shape[2], len(W_hh))), np.zeros_like(W_hh), np.zeros(len(W_hh)), np.zeros_like(h[0])]
    for t in range(len(x)):
        dh = dy[t]
        for s in range(t, max(-1, t - reach - 1), -1):
            dz = dh * (1 - h[s + 1] ** 2)
            sums[0], sums[1], sums[2] = sums[0] + x[s].T @ dz, sums[1] + h[s].T @ dz, sums[2] + dz.sum(0)
            dh = dz @ W_hh.T
        if t <= reach:
            sums[3] = sums[3] + dh
    return tuple(sums)


def in_windows(dy, x, h, W_hh, k=5):
    parts = [bptt(dy[s : s + k], x[s : s + k], h[s : s + k + 1], W_hh) for s in range(0, len(x), k)]
    return (*(sum(which) for which in list(zip(*parts, strict=True))[:3]), parts[0][3])


def first_steps_only(dy, x, h, W_hh):
    return bptt(dy[:4], x[:4], h[:5], W_hh)


def last_steps_only(dy, x, h, W_hh):
    return bptt(dy[-5:], x[-5:], h[-6:], W_hh)


def by_arctanh(dy, x, h, W_hh):
    dW_xh, dW_hh, db, future = 0, 0, 0, 0 * h[0]
    for t in reversed(range(len(x))):
        with np.errstate(divide="ignore"):
            dz = (dy[t] + future) / np.cosh(np.arctanh(h[t + 1])) ** 2
        dW_xh, dW_hh, db, future = dW_xh + x[t].T @ dz, dW_hh + h[t].T @ dz, db + dz.sum(0), dz @ W_hh.T
    return dW_xh, dW_hh, db, future


def all_at_once(dy, x, h, W_hh):
    """One big linear system over all steps in place of a loop."""
    T, B, H = dy.shape
    dW, db = np.zeros((x.shape[2] + H, H)), np.zeros(H)
    dh_0 = np.zeros((B, H))
    for b in range(B):
        slopes = 1 - h[1:, b] ** 2
        back = np.zeros((T * H, T * H))
        for t in range(T - 1):
            back[t * H : (t + 1) * H, (t + 1) * H : (t + 2) * H] = W_hh * slopes[t + 1]
        dh = np.linalg.solve(np.eye(T * H) - back, dy[:, b].ravel()).reshape(T, H)
        dz = dh * slopes
        dW, db = dW + np.hstack([x[:, b], h[:-1, b]]).T @ dz, db + dz.sum(0)
        dh_0[b] = W_hh @ dz[0]
    return dW[: x.shape[2]], dW[x.shape[2] :], db, dh_0


def squeezed(dy, x, h, W_hh):
    dW_xh, dW_hh, db, dh_0 = bptt(dy, x, h, W_hh)
    return np.squeeze(dW_xh), dW_hh, db, dh_0


def remembers(dy, x, h, W_hh, seen={}):  # noqa: B006 (that is the mistake)
    """Kept from the first call of these shapes."""
    return tuple(part.copy() for part in seen.setdefault((dy.shape, x.shape), bptt(dy, x, h, W_hh)))


def above(least):
    return lambda norms: rate(np.where(norms < least, 0.0, norms))


def by_lstsq(norms):
    k = np.flatnonzero(norms)
    A = np.stack([k, np.ones(len(k))], axis=1)
    return np.exp(np.linalg.lstsq(A, np.log(norms[k]), rcond=None)[0][0])


def by_covariance(norms):
    k = np.array([k for k, norm in enumerate(norms) if norm])
    log = np.log2(norms[k])
    return 2.0 ** (np.cov(k, log)[0, 1] / np.var(k, ddof=1))


def k_of(norms):
    return np.arange(len(norms))


def from_single_precision(norms):
    k = np.flatnonzero(norms)
    return np.exp(np.polyfit(k, np.log(norms[k].astype(np.float32)), 1)[0])


def numbered_anew(norms):
    return np.exp(line(norms[norms > 0]))


def line(norms):
    return np.polyfit(k_of(norms), np.log(norms), 1)[0]


WRONG = [
    ("06.1", lambda *a: backward_step(*a)[0], "wanted 2 arrays"),
    ("06.1", lambda *a: tuple(1.1 * part for part in backward_step(*a)), "numbers differ"),
    ("06.1", lambda *a: [np.clip(part, -5, 5) for part in backward_step(*a)], "cut off at ±5"),
    ("06.1", lambda dy, f, h, W: backward_step(dy, f, np.clip(h, -0.99, 0.99), W), "exactly 1, -1 and 0"),
    ("06.1", lambda dy, f, h, W: [np.squeeze(part) for part in backward_step(dy, f, h, W)], "H = 1"),
    ("06.1", lambda *a: (*backward_step(*a), 0), "wanted 2"),
    ("06.2", lambda h, dz: h[:-1][-5:].T @ dz[-5:], "of 12 steps only the last 5"),
    ("06.2", five_steps, "of 12 steps only the first 5"),
    ("06.2", lambda h, dz: np.squeeze(h[:-1].T @ dz), "H = 1"),
    ("06.2", five_steps, "right for the first example"),
    ("06.2", kept_between_calls, "something kept from call to call"),
    ("06.2", lambda h, dz: h.T @ dz, "stopped with ValueError"),
    ("06.3", lambda *a: (*bptt(*a)[:3], 2 * bptt(*a)[3]), "what step 0 hands back"),
    ("06.3", first_steps_only, "right for the first example"),
    ("06.3", in_place, "changed what it was given"),
    ("06.3", lambda *a: bptt(*a)[:3], "wanted 4 arrays"),
    ("06.3", truncated, "the gradient stops after 5 steps"),
    ("06.3", lambda *a: truncated(*a, reach=10), "the gradient stops after 10 steps"),
    ("06.3", in_windows, "the gradient stops after 5 steps"),
    ("06.3", last_steps_only, "the loop stops after 5 steps"),
    ("06.3", first_steps_only, "only the first 4 are counted"),
    ("06.3", lambda *a: [np.clip(part, -5, 5) for part in bptt(*a)], "cut off at ±5"),
    ("06.3", squeezed, "D = 1"),
    ("06.3", remembers, "something kept from call to call"),
    ("06.4", above(1e-12), "norms below 1e-12 are left out"),
    ("06.4", lambda norms: rate(np.where(norms > 0, norms + 1e-12, 0)), "1e-12 is added to the norms"),
    ("06.4", lambda norms: rate(np.where(norms > 0, np.maximum(norms, 1e-20), 0)), "norms below 1e-20 count as 1e-20"),
    ("06.4", lambda norms: min(1.0, rate(norms)), "for norms that grow you answer 1"),
    ("06.4", lambda norms: rate(norms / norms[0] if norms[0] else 0 * norms + 1), "whose first is 0"),
    ("06.4", lambda norms: 0.0, "the factor of 3"),
    ("06.4", lambda norms: np.median(norms[1:] / norms[:-1]), "the factor of a noisy curve is"),
    ("06.4", lambda norms: np.exp(line(norms)), "underflow to exactly 0"),
    ("06.4", lambda norms: np.exp(line(np.maximum(norms, 1e-300))), "with zeros among the norms"),
    ("06.4", numbered_anew, "each norm keeps its own k"),
    ("06.4", lambda norms: rate(norms) if (norms > 0).all() else np.nan, "then you answer nan"),
    ("06.5", lambda W, slope, k: (slope * np.linalg.eigvals(W).max()) ** k, "yours is complex"),
    ("06.5", lambda W, slope, k: bound(W, slope, 5), "right for the first example"),
    ("06.5", lambda W, slope, k: bound(W, 0.9, k), "right for the first example"),
    ("06.5", lambda W, slope, k: 2 * bound(W, slope, k), "the bound is"),
    ("06.5", lambda W, slope, k: bound(W, slope, k) if k else 0.0, "k = 0"),
    ("06.5", lambda W, slope, k: bound(W, slope, k) if len(W) > 1 else (slope * W[0, 0]) ** k, "a negative weight"),
    ("06.5", lambda W, slope, k: max(1e-9, bound(W, slope, k)), "a bound far below 1"),
]

RIGHT = [
    (
        "06.1",
        lambda dy, f, h, W: (dz := (dy + f) * (1 - h) * (1 + h), np.einsum("ij,j->i", W, dz)),
        "a product of two sums",
    ),
    ("06.1", lambda dy, f, h, W: [np.array(part) for part in backward_step(f, dy, h, W)], "the two summands exchanged"),
    ("06.2", lambda h, dz: np.einsum("ti,tj->ij", h[:-1], dz), "einsum"),
    ("06.2", lambda h, dz: (h[:-1, :, None] * dz[:, None]).sum(axis=0), "one product of three axes"),
    ("06.3", by_arctanh, "the slope of tanh through its inverse"),
    ("06.3", all_at_once, "a linear system in place of the loop"),
    ("06.3", lambda *a: truncated(*a, reach=99), "each loss on its own"),
    ("06.4", by_lstsq, "lstsq"),
    ("06.4", by_covariance, "covariance over variance, in powers of two"),
    ("06.5", lambda W, slope, k: np.prod([slope * np.linalg.norm(W, 2)] * k), "a product of k norms"),
    (
        "06.5",
        lambda W, slope, k: slope**k * np.sqrt(np.linalg.eigvalsh(W.T @ W).max().clip(0)) ** k,
        "the root of an eigenvalue",
    ),
    ("06.3", lambda *a: tuple(part.astype(np.float32) for part in bptt(*a)), "single precision"),
    ("06.4", lambda norms: np.float32(rate(norms)), "single precision"),
    ("06.4", from_single_precision, "single precision"),
    ("06.5", lambda W, slope, k: np.float32(bound(W, slope, k)), "single precision"),
]
