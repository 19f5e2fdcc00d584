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


def step(slope=lambda h: 1 - h**2, both=lambda dy, future: dy + future, back=lambda dz, dh, W: dz @ W.T):
    def answer(dy_t, dh_future, h_t, W_hh):
        dh = both(dy_t, dh_future)
        dz = dh * slope(h_t)
        return dz, back(dz, dh, W_hh)

    return answer


def five_steps(h, dz):
    return sum(np.outer(h[t], dz[t]) for t in range(5))


def kept_between_calls(h, dz, dW=np.zeros((3, 3))):  # noqa: B008 (that is the mistake)
    for t in range(len(dz)):
        dW += np.outer(h[t], dz[t])
    return dW.copy()


def last_step(h, dz):
    for t in range(len(dz)):
        dW = np.outer(h[t], dz[t])
    return dW


def loop(dy, x, h, W_hh, *, future=True, late=0, stop=0, sequences=slice(None), only_last=False):
    if only_last:
        dy = dy * (np.arange(len(dy)) == len(dy) - 1)[:, None, None]
    dW_xh, dW_hh, db, dh = np.zeros((x.shape[2], h.shape[2])), 0 * W_hh, np.zeros(h.shape[2]), 0 * h[0]
    for t in reversed(range(len(x))):
        dz = (dy[t] + (dh if future else 0)) * (1 - h[t + 1] ** 2)
        chosen = dz[sequences]
        dW_xh, dW_hh = dW_xh + x[t][sequences].T @ chosen, dW_hh + h[t + late][sequences].T @ chosen
        db = db + chosen.sum(0)
        if t >= stop:
            dh = dz @ W_hh.T
    return dW_xh, dW_hh, db, dh


def mistaken(dy, x, h, W_hh, *, steps=range(3, -1, -1), keep=1, at=1, bent=1, back=lambda dz, dh: dz, beside=0):
    dW_xh, dW_hh, db, future = 0, 0, 0, 0 * h[0]
    for t in steps:
        dh = dy[t] + future
        dz = dh * (1 - bent * h[t + at] ** 2)
        dW_xh, dW_hh, db = keep * dW_xh + x[t].T @ dz, keep * dW_hh + h[t].T @ dz, keep * db + dz.sum(0)
        future = beside * future + back(dz, dh) @ W_hh.T
    return dW_xh, dW_hh, db, future


def dW_hh_transposed(*given):
    dW_xh, dW_hh, db_h, dh_0 = bptt(*given)
    return dW_xh, dW_hh.T, db_h, dh_0


def mean_over_batch(dy, x, h, W_hh):
    *weights, dh_0 = bptt(dy, x, h, W_hh)
    return (*(w / dy.shape[1] for w in weights), dh_0)


def in_place(dy, x, h, W_hh):
    for t in reversed(range(1, len(x))):
        dy[t - 1] += (dy[t] * (1 - h[t + 1] ** 2)) @ W_hh.T
    return bptt(dy, x, h, W_hh)


def linear_part(dy, x, h, W_hh, *, dz_of, carry=True, keep=1, clip=np.inf, dh_0=None):
    """A loop whose dz is a function of dh, of the state after the step and of the one before."""
    dW_xh, dW_hh, db, future = 0, 0, 0, 0 * h[0]
    for t in reversed(range(len(x))):
        dz = dz_of(dy[t] + future, h[t + 1], h[t])
        dW_xh, dW_hh, db = keep * dW_xh + x[t].T @ dz, keep * dW_hh + h[t].T @ dz, keep * db + dz.sum(0)
        future = dz @ W_hh.T if carry else 0 * h[0]
    return (*(np.clip(part, -clip, clip) for part in (dW_xh, dW_hh, db)), future if dh_0 is None else dh_0(dy, future))


def usual(dh, after, before):
    return dh * (1 - after**2)


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


def last_steps_only(dy, x, h, W_hh):
    return bptt(dy[-5:], x[-5:], h[-6:], W_hh)


def by_arctanh(dy, x, h, W_hh):
    with np.errstate(divide="ignore"):
        return linear_part(dy, x, h, W_hh, dz_of=lambda dh, after, before: dh / np.cosh(np.arctanh(after)) ** 2)


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


def weighted(norms):
    k = np.flatnonzero(norms)
    return np.exp(np.polyfit(k, np.log(norms[k]), 1, w=np.sqrt(norms[k]))[0])


def k_of(norms):
    return np.arange(len(norms))


def from_single_precision(norms):
    k = np.flatnonzero(norms)
    return np.exp(np.polyfit(k, np.log(norms[k].astype(np.float32)), 1)[0])


def numbered_anew(norms):
    return np.exp(line(norms[norms > 0]))


def line(norms):
    return np.polyfit(k_of(norms), np.log(norms), 1)[0]


def sigma(W):
    return np.linalg.svd(W, compute_uv=False)


WRONG = [
    ("06.1", lambda dy, f, h, W: (np.zeros_like(h), np.zeros_like(h)), "what the stub did"),
    ("06.1", step(both=lambda dy, f: dy), "what comes back from the future is missing"),
    ("06.1", step(both=lambda dy, f: f), "from the output of its own step is missing"),
    ("06.1", step(slope=lambda h: 1), "the slope of tanh is missing"),
    ("06.1", lambda dy, f, h, W: (dz := (dy + f) * 1 - h**2, dz @ W.T), "the parentheses around the slope are missing"),
    ("06.1", step(slope=lambda h: 1 - h), "you used 1 - h"),
    ("06.1", step(slope=lambda h: h), "not its slope"),
    ("06.1", step(slope=lambda h: 1 - np.tanh(h) ** 2), "tanh a second time"),
    ("06.1", step(slope=lambda h: (1 - h**2) ** 2), "in there twice"),
    ("06.1", step(back=lambda dz, dh, W: dz @ W), "as on the way forward"),
    ("06.1", step(back=lambda dz, dh, W: dh @ W.T), "goes around the tanh"),
    ("06.1", lambda *a: backward_step(*a)[0], "wanted 2 arrays"),
    ("06.1", step(back=lambda dz, dh, W: dh), "has not been through W_hh"),
    ("06.1", lambda *a: backward_step(*a)[::-1], "the two are swapped"),
    ("06.1", lambda dy, f, h, W: backward_step(dy, f / (1 - h**2), h, W), "only one of the two parts"),
    ("06.1", lambda dy, f, h, W: backward_step(dy, f @ W.T, h, W), "has been through it already"),
    ("06.1", lambda *a: tuple(1.1 * part for part in backward_step(*a)), "numbers differ"),
    ("06.1", lambda dy, f, h, W: (s := 1 - h**2, s @ W.T), "the slope of tanh alone"),
    ("06.1", step(slope=lambda h: 1 / (1 - h**2)), "you divided by the slope"),
    ("06.1", step(slope=lambda h: h * (1 - h)), "the slope of the sigmoid"),
    ("06.1", step(back=lambda dz, dh, W: dz @ W.T + dh), "something was added"),
    ("06.1", lambda *a: [np.clip(part, -5, 5) for part in backward_step(*a)], "cut off at ±5"),
    ("06.1", lambda dy, f, h, W: backward_step(dy, f, np.clip(h, -0.99, 0.99), W), "exactly 1, -1 and 0"),
    ("06.1", lambda dy, f, h, W: [np.squeeze(part) for part in backward_step(dy, f, h, W)], "H = 1"),
    ("06.1", lambda *a: (*backward_step(*a), 0), "wanted 2"),
    ("06.2", lambda h, dz: np.zeros((3, 3)), "what the stub did"),
    ("06.2", lambda h, dz: h[:-1].T @ (dz * (1 - h[1:] ** 2)), "the slope of tanh is in there twice"),
    ("06.2", lambda h, dz: h[-2::-1].T @ dz, "one of the two runs backward"),
    ("06.2", lambda h, dz: h[:-1][-5:].T @ dz[-5:], "of 12 steps only the last 5"),
    ("06.2", five_steps, "of 12 steps only the first 5"),
    ("06.2", lambda h, dz: np.squeeze(h[:-1].T @ dz), "H = 1"),
    ("06.2", last_step, "of a single step"),
    ("06.2", lambda h, dz: sum_over_time(h, dz) / len(dz), "the mean over time"),
    ("06.2", lambda h, dz: h[1:].T @ dz, "the state it produced"),
    ("06.2", lambda h, dz: dz.T @ h[:-1], "transposed"),
    ("06.2", lambda h, dz: np.outer(h[:-1].sum(0), dz.sum(0)), "every state with every step"),
    ("06.2", lambda h, dz: h[:-2].T @ dz[1:], "one step late"),
    ("06.2", lambda h, dz: h[1:-1].T @ dz[1:], "the contribution of step 0"),
    ("06.2", lambda h, dz: h[:-2].T @ dz[:-1], "the contribution of step 4"),
    ("06.2", five_steps, "right for the first example"),
    ("06.2", kept_between_calls, "something kept from call to call"),
    ("06.2", lambda h, dz: h.T @ dz, "stopped with ValueError"),
    ("06.3", lambda dy, x, h, W: tuple(0 * part for part in bptt(dy, x, h, W)), "what the stub did"),
    ("06.3", lambda *a: loop(*a, only_last=True), "only the last step's output"),
    ("06.3", lambda *a: loop(*a, future=False), "each step stands alone"),
    ("06.3", lambda dy, x, h, W: bptt(dy, x, h, W.T), "as on the way forward"),
    ("06.3", lambda *a: loop(*a, sequences=slice(1)), "the gradient of one sequence"),
    ("06.3", mean_over_batch, "the mean over the batch"),
    ("06.3", lambda *a: loop(*a, late=1), "the state after step t"),
    ("06.3", lambda *a: loop(*a, stop=1), "one step early"),
    ("06.3", lambda *a: mistaken(*a, steps=range(4)), "from the first step to the last"),
    ("06.3", lambda *a: mistaken(*a, keep=0), "each step overwrote the sums"),
    ("06.3", lambda *a: mistaken(*a, bent=0), "the slope of tanh is missing"),
    ("06.3", lambda *a: mistaken(*a, at=0), "at the state before the step"),
    ("06.3", lambda *a: mistaken(*a, back=lambda dz, dh: dh), "goes around the tanh"),
    ("06.3", lambda *a: mistaken(*a, beside=1), "handed on as it is"),
    ("06.3", lambda *a: (*bptt(*a)[:3], 2 * bptt(*a)[3]), "what step 0 hands back"),
    ("06.3", dW_hh_transposed, "dW_hh is transposed"),
    ("06.3", lambda *a: mistaken(*a, steps=[3, 2, 1, 0]), "right for the first example"),
    ("06.3", in_place, "changed what it was given"),
    ("06.3", lambda *a: bptt(*a)[:3], "wanted 4 arrays"),
    ("06.3", truncated, "the gradient stops after 5 steps"),
    ("06.3", lambda *a: truncated(*a, reach=10), "the gradient stops after 10 steps"),
    ("06.3", in_windows, "the gradient stops after 5 steps"),
    ("06.3", last_steps_only, "the loop stops after 5 steps"),
    ("06.3", lambda *a: mistaken(*a, steps=[3, 2, 1, 0]), "only the first 4 are counted"),
    ("06.3", lambda *a: linear_part(*a, dz_of=lambda dh, h, _: dh * (1 - np.tanh(h) ** 2)), "tanh a second time"),
    ("06.3", lambda *a: linear_part(*a, dz_of=lambda dh, h, _: 1 - h**2), "what comes back, dh, plays no part"),
    ("06.3", lambda *a: linear_part(*a, dz_of=lambda dh, h, _: dh / (1 - h**2)), "you divided by the slope"),
    (
        "06.3",
        lambda *a: linear_part(*a, dz_of=usual, keep=0, carry=False),
        "two mistakes at once: only one step is left",
    ),
    ("06.3", lambda *a: linear_part(*a, dz_of=usual, dh_0=lambda dy, _: dy[0]), "dh_0 is dy[0]"),
    ("06.3", lambda *a: linear_part(*a, dz_of=usual, dh_0=lambda _, dh: 0 * dh), "dh_0 is 0"),
    ("06.3", lambda *a: linear_part(*a, dz_of=usual, clip=5), "cut off at ±5"),
    ("06.3", lambda dy, x, h, W: (*bptt(dy, x, h, W)[:2], dy.sum(0), h[0]), "db_h has a row for each sequence"),
    ("06.3", squeezed, "D = 1"),
    ("06.3", remembers, "something kept from call to call"),
    ("06.4", lambda norms: 1.0, "as the stub did"),
    ("06.4", above(1e-12), "norms below 1e-12 are left out"),
    ("06.4", lambda norms: rate(np.where(norms > 0, norms + 1e-12, 0)), "1e-12 is added to the norms"),
    ("06.4", lambda norms: rate(np.where(norms > 0, np.maximum(norms, 1e-20), 0)), "norms below 1e-20 count as 1e-20"),
    ("06.4", weighted, "the larger norms count more"),
    ("06.4", lambda norms: min(1.0, rate(norms)), "for norms that grow you answer 1"),
    ("06.4", lambda norms: rate(norms / norms[0] if norms[0] else 0 * norms + 1), "whose first is 0"),
    ("06.4", lambda norms: 0.0, "the factor of 3"),
    ("06.4", line, "the slope of the logarithm"),
    ("06.4", lambda norms: line(norms) / np.log(10), "powers of ten"),
    ("06.4", lambda norms: np.exp(line(norms) / np.log(10)), "mixed log10 and exp"),
    ("06.4", lambda norms: 10 ** line(norms), "mixed np.log and 10 **"),
    ("06.4", lambda norms: np.exp(-line(norms)), "towards the loss"),
    ("06.4", lambda norms: np.polyfit(k_of(norms), norms, 1)[0], "a line to the norms themselves"),
    ("06.4", lambda norms: norms[-1] / norms[0], "over all 29 steps"),
    ("06.4", lambda norms: (norms[-1] / norms[0]) ** (1 / (len(norms) - 1)), "only its two ends count"),
    ("06.4", lambda norms: np.mean(norms[1:] / norms[:-1]), "the mean of the ratios"),
    ("06.4", lambda norms: np.median(norms[1:] / norms[:-1]), "the factor of a noisy curve is"),
    ("06.4", lambda norms: np.exp(np.polyfit(k_of(norms), np.log(norms), 1)[1]), "at distance 0"),
    ("06.4", lambda norms: np.exp(line(norms)), "underflow to exactly 0"),
    ("06.4", lambda norms: np.exp(line(np.maximum(norms, 1e-300))), "with zeros among the norms"),
    ("06.4", numbered_anew, "each norm keeps its own k"),
    ("06.4", lambda norms: rate(norms) if (norms > 0).all() else np.nan, "then you answer nan"),
    ("06.5", lambda W, slope, k: 0.0, "what the stub did"),
    ("06.5", lambda W, slope, k: (slope * np.abs(np.linalg.eigvals(W)).max()) ** k, "the spectral radius"),
    ("06.5", lambda W, slope, k: (slope * np.linalg.norm(W)) ** k, "Frobenius"),
    ("06.5", lambda W, slope, k: (slope * sigma(W)[-1]) ** k, "smallest singular value"),
    ("06.5", lambda W, slope, k: (slope * np.abs(W).max()) ** k, "the largest entry"),
    ("06.5", lambda W, slope, k: (slope * np.linalg.eigvalsh(W @ W.T).max()) ** k, "you squared"),
    ("06.5", lambda W, slope, k: sigma(W)[0] ** k, "the slopes are missing"),
    ("06.5", lambda W, slope, k: slope * sigma(W)[0] ** k, "at every step, not only once"),
    ("06.5", lambda W, slope, k: slope**k * np.linalg.norm(np.linalg.matrix_power(W, k), 2), "then W^k never forms"),
    ("06.5", lambda W, slope, k: (slope * np.linalg.eigvals(W).max()) ** k, "yours is complex"),
    ("06.5", lambda W, slope, k: slope * sigma(W)[0], "one factor for each"),
    ("06.5", lambda W, slope, k: bound(W, slope, 5), "right for the first example"),
    ("06.5", lambda W, slope, k: bound(W, 0.9, k), "right for the first example"),
    ("06.5", lambda W, slope, k: 2 * bound(W, slope, k), "the bound is"),
    ("06.5", lambda W, slope, k: (slope * np.linalg.norm(W, 1)) ** k, "the 1-norm"),
    ("06.5", lambda W, slope, k: (slope * np.linalg.norm(W, np.inf)) ** k, "the ∞-norm"),
    ("06.5", lambda W, slope, k: (slope * sigma(W).sum()) ** k, "added up the singular values"),
    ("06.5", lambda W, slope, k: bound(W, slope, k - 1), "the factor 4 times"),
    ("06.5", lambda W, slope, k: min(1.0, bound(W, slope, k)), "you stop at 1"),
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
