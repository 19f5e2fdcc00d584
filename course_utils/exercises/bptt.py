"""Exercises of chapter 06: one step back, the sum over time, the whole backward pass, reading a plot, a bound."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.backward import proportional
from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.exercises.over_time import MISTAKES, diagnose_reach, mistaken
from course_utils.layers.rnn import RNN
from course_utils.tree import Array

STUB = "it is all 0, which is what the stub did."
EACH_USE = "the loss depends on every use of the weights"


def backward_step(
    dy_t: Float[Array, "H"], dh_future: Float[Array, "H"], h_t: Float[Array, "H"], W_hh: Float[Array, "H H"]
) -> tuple[Float[Array, "H"], Float[Array, "H"]]:
    dh_t = dy_t + dh_future
    dz_t = dh_t * (1 - h_t**2)
    return dz_t, dz_t @ W_hh.T


def diagnose_step(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(1)
    (dy_t, future), h_t, W_hh = rng.normal(size=(2, 4)), np.tanh(rng.normal(size=4)), rng.normal(size=(4, 4))
    dz, dh_prev = several(call(answer, dy_t, future, h_t, W_hh), "dz_t and dh_{t-1}", 2)
    dz, dh_prev = same_shape(dz, (4,), "dz_t"), same_shape(dh_prev, (4,), "dh_{t-1}")
    slope, both = 1 - h_t**2, dy_t + future
    want_dz, want = backward_step(dy_t, future, h_t, W_hh)
    if close(dz, want) and close(dh_prev, want_dz):
        raise NotYet("the two are swapped.", "return dz_t, dh_prev")
    if close(dz, 0 * dz):
        raise NotYet(f"dz_t: {STUB}", "first add what reaches h_t: dy_t + dh_future")
    for one, missing in ((dy_t, "the future"), (future, "the output of its own step")):
        if close(dz, one * slope) or close(dz, one):
            raise NotYet(
                f"h_t goes two ways, into its output and into h_{{t+1}}; what comes back from {missing} is missing.",
                "gradients of several paths add up: dy_t + dh_future",
            )
    for wrong, what in (
        (both, "the slope of tanh is missing: dz_t is dh_t itself."),
        (slope, "that is the slope of tanh alone: what comes back, dy_t + dh_future, plays no part."),
        (both / slope, "you divided by the slope of tanh; going back through tanh multiplies by it."),
        (both - h_t**2, "the parentheses around the slope are missing: dh_t * 1 - h_t**2 is dh_t minus h_t²."),
        (both * (1 - h_t), "the slope of tanh is 1 - h², you used 1 - h."),
        (both * h_t, "you multiplied by h_t, which is tanh(z_t), not its slope."),
        (both * h_t * (1 - h_t), "that is the slope of the sigmoid, h (1 - h); for tanh it is 1 - h²."),
        (both * (1 - np.tanh(h_t) ** 2), "h_t is tanh(z_t) already: you applied tanh a second time."),
        (both * slope**2, "the slope is in there twice."),
    ):
        if close(dz, wrong):
            raise NotYet(what, "tanh'(z_t) = 1 - tanh(z_t)² = 1 - h_t²")
    if close(dz, dy_t * slope + future) or close(dz, dy_t + future * slope):
        raise NotYet("only one of the two parts went through tanh.", "add first, then multiply the sum by the slope")
    if close(dz, (dy_t + future @ W_hh.T) * slope):
        raise NotYet(
            "W_hh was applied to dh_future, which has been through it already: it is what arrives at h_t.",
            "dy_t + dh_future, as it is",
        )
    agree(dz, want_dz, "dz_t", "add what comes back from both readers of h_t, then multiply by the slope")
    if close(dh_prev, want_dz @ W_hh):
        raise NotYet(
            "dz_t is right, but W_hh is used as on the way forward.",
            "forward, unit i reaches unit j by W_hh[i, j]; on the way back the same weight leads from j to i: W_hh.T",
        )
    if close(dh_prev, both @ W_hh.T):
        raise NotYet("dz_t is right, but dh_{t-1} goes around the tanh.", "pass dz_t through W_hh, not dh_t")
    if close(dh_prev, both) or close(dh_prev, want_dz):
        raise NotYet("dz_t is right, but dh_{t-1} has not been through W_hh.", "dz_t @ W_hh.T")
    if close(dh_prev, want * slope):
        raise NotYet("dz_t is right, but dh_{t-1} went through the slope once more.", "dz_t @ W_hh.T")
    if any(close(dh_prev, want + more) for more in (both, future, dy_t)):
        raise NotYet(
            "dz_t is right, but to dh_{t-1} something was added: h_{t-1} has one path into h_t, through W_hh.",
            "dz_t @ W_hh.T, nothing else",
        )
    agree(dh_prev, want, "dh_{t-1}", "dz_t @ W_hh.T")
    again(answer, backward_step, (future, dy_t, h_t[::-1], W_hh))
    proportional(answer, backward_step, 2, dy_t, future, h_t, W_hh)
    saturated = np.array([1.0, -1.0, 0.0, 0.5])
    edge("units at exactly 1, -1 and 0", answer, backward_step, dy_t, future, saturated, W_hh)
    for H in (7, 1):
        (dy_t, future, z), W_hh = rng.normal(size=(3, H)), rng.normal(size=(H, H))
        edge(f"H = {H}", answer, backward_step, dy_t, future, np.tanh(z), W_hh)


def sum_over_time(h: Float[Array, "S H"], dz: Float[Array, "T H"]) -> Float[Array, "H H"]:
    dW_hh = np.zeros((h.shape[1], h.shape[1]))
    for t in range(len(dz)):
        dW_hh += np.outer(h[t], dz[t])
    return dW_hh


def diagnose_sum(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(2)
    h, dz = _states(rng, 5, 3), rng.normal(size=(5, 3))
    got, want = same_shape(call(answer, h, dz), (3, 3), "dW_hh"), sum_over_time(h, dz)
    if close(got, 0 * got):
        raise NotYet(STUB, "start with the contribution of one step, np.outer(h[t], dz[t])")
    if any(close(got, np.outer(h[t + late], dz[t])) for t in range(5) for late in (0, 1)):
        raise NotYet("that is the contribution of a single step; W_hh was used at all of them.", "add up with +=")
    if close(got, want / 5):
        raise NotYet(f"you took the mean over time; {EACH_USE}, so the contributions add up.", "do not divide")
    for wrong, what, hint in (
        (h[1:].T @ dz, "dz_t meets h_t, the state it produced; W_hh was multiplied by the one before.",
         "in the code h[t] is the state before step t, and h[t + 1] the one after it"),
        (want.T, "the result is transposed.", "entry [i, j] belongs to the weight from unit i to unit j: h[i] · dz[j]"),
        (h[:-1].sum(0)[:, None] * dz.sum(0), "you summed the states and the dz on their own, and multiplied the sums: "
         "that pairs every state with every step.", "multiply step by step, then sum"),
        (h[:-1].T @ (dz * (1 - h[1:] ** 2)), "the slope of tanh is in there twice: dz is already the gradient before the "
         "tanh.", "np.outer(h[t], dz[t]), nothing else"),
        (h[:-1][::-1].T @ dz, "the first state meets the last dz: one of the two runs backward.", "h[t] belongs with dz[t]"),
        (h[:-2].T @ dz[1:], "dz is one step late: h[t] was multiplied into z[t].", "h[t] belongs with dz[t]"),
    ):  # fmt: skip
        if close(got, wrong):
            raise NotYet(what, hint)
    for t in range(5):
        if close(got, want - np.outer(h[t], dz[t])):
            raise NotYet(f"the contribution of step {t} (of 0 to 4) is missing.", "for t in range(len(dz))")
    agree(got, want, "dW_hh", "the sum of np.outer(h[t], dz[t]) over all t")
    again(answer, sum_over_time, (_states(rng, 5, 3), rng.normal(size=(5, 3))))
    T, H = 12, 4
    h, dz = _states(rng, T, H), rng.normal(size=(T, H))
    got = same_shape(call(answer, h, dz), (H, H), "dW_hh")
    for k in range(1, T):
        for end, part in (("first", slice(k)), ("last", slice(T - k, T))):
            if close(got, h[:-1][part].T @ dz[part]):
                raise NotYet(
                    f"right for the first example; of {T} steps only the {end} {k} are added up.",
                    "for t in range(len(dz))",
                )
    edge(f"a text of {T} steps", answer, sum_over_time, h, dz)
    edge("a single step", answer, sum_over_time, _states(rng, 1, 3), rng.normal(size=(1, 3)))
    edge("H = 1", answer, sum_over_time, _states(rng, 6, 1), rng.normal(size=(6, 1)))


def bptt(
    dy: Float[Array, "T B H"],
    x: Float[Array, "T B D"],
    h: Float[Array, "T+1 B H"],
    W_hh: Float[Array, "H H"],
) -> tuple[Float[Array, "D H"], Float[Array, "H H"], Float[Array, "H"], Float[Array, "B H"]]:
    dW_xh, dW_hh, db_h = np.zeros((x.shape[2], h.shape[2])), np.zeros_like(W_hh), np.zeros(h.shape[2])
    dh_future = np.zeros_like(h[0])
    for t in reversed(range(len(x))):
        dz = (dy[t] + dh_future) * (1 - h[t + 1] ** 2)
        dW_xh += x[t].T @ dz
        dW_hh += h[t].T @ dz
        db_h += dz.sum(axis=0)
        dh_future = dz @ W_hh.T
    return dW_xh, dW_hh, db_h, dh_future


def diagnose_bptt(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(3)
    T, B, D, H = 4, 2, 3, 5
    dy, x, h, W_hh = given = _pass(rng, T, B, D, H)
    names, want = ("dW_xh", "dW_hh", "db_h", "dh_0"), bptt(*given)
    parts = several(call(answer, *given), "dW_xh, dW_hh, db_h, dh_0", 4)
    if np.shape(parts[2]) == (B, H):
        raise NotYet("db_h has a row for each sequence; one bias served them all.", "sum over the batch, too")
    got = [same_shape(part, np.shape(w), name) for part, w, name in zip(parts, want, names, strict=True)]

    def matches(wrong: tuple[Array, ...], which: tuple[int, ...] = (0, 1, 2)) -> bool:
        return all(close(got[k], wrong[k]) for k in which)

    if all(close(part, 0 * part) for part in got):
        raise NotYet(f"everything: {STUB}", "put exercise 06.1 into a loop over reversed(range(T))")
    last_only = np.concatenate([0 * dy[:-1], dy[-1:]])
    if matches(bptt(last_only, x, h, W_hh)):
        raise NotYet("only the last step's output sends a gradient; dy has one for every step.", "add dy[t] at step t")
    if matches(bptt(dy, x, h, W_hh.T)):
        raise NotYet("W_hh is used as on the way forward.", "on the way back: W_hh.T")
    each = [bptt(dy[:, b : b + 1], x[:, b : b + 1], h[:, b : b + 1], W_hh) for b in range(B)]
    if matches(each[0]) or matches(each[-1]):
        raise NotYet("that is the gradient of one sequence; the batch holds two.", "x[t].T @ dz sums over the batch")
    for factor, what in ((B, "the batch"), (T, "time"), (T * B, "time and the batch")):
        if matches(tuple(w / factor for w in want[:3])):
            raise NotYet(f"you took the mean over {what}.", "dy holds what the loss says already: sum, do not average")
    for number in (1, 2, 3):
        for kinds in combinations(MISTAKES, number):
            if matches(mistaken(*given, kinds=kinds)):
                said, hints = zip(*(MISTAKES[kind] for kind in kinds), strict=True)
                many = {1: "", 2: "two mistakes at once: ", 3: "three mistakes at once: "}[number]
                raise NotYet(many + " ".join(said), "; ".join(hints))
    if close(got[1], bptt(dy, h[1:], h, W_hh)[0]):
        raise NotYet("dW_hh pairs dz_t with the state after step t.", "it was multiplied by the one before: h[t]")
    if close(got[1], want[1].T):
        raise NotYet("dW_hh is transposed: row i belongs to the old unit i.", "h[t].T @ dz, not dz.T @ h[t]")
    if matches(want):
        dh_1 = bptt(dy[1:], x[1:], h[1:], W_hh)[3]
        for wrong, what in (
            (dh_1, "dh_0 stops one step early: it is what step 1 hands back to h_1."),
            (dy[0], "dh_0 is dy[0], the gradient of the first output; h_0 is the state before it."),
            (dy[0] + dh_1, "dh_0 is the whole gradient of h_1; one step back is missing."),
            ((dy[0] + dh_1) * (1 - h[1] ** 2), "dh_0 is the dz of step 0: it has not been through W_hh."),
            (0 * dh_1, "dh_0 is 0; the three weights' gradients are right."),
        ):
            if close(got[3], wrong):
                raise NotYet(what, "return what step 0 hands back: the dz of step 0 @ W_hh.T")
        agree(got[3], want[3], "dh_0", "it is what step 0 hands back: the dz of step 0 @ W_hh.T")
    for name, part, right in zip(names, got, want, strict=True):
        agree(part, right, name, "compare with the loop of this chapter, one line at a time")
    again(answer, bptt, _pass(rng, T, B, D, H))
    proportional(answer, bptt, 1, *given)
    diagnose_reach(answer, bptt, _pass(rng, 12, B, 2, 3))
    for T, B, D, H in ((1, 3, 2, 4), (6, 1, 2, 3), (6, 3, 1, 2), (5, 2, 3, 1), (1, 1, 1, 1)):
        edge(f"T = {T}, B = {B}, D = {D}, H = {H}", answer, bptt, *_pass(rng, T, B, D, H))


def _states(rng: np.random.Generator, T: int, H: int) -> Float[Array, "S H"]:
    """The T + 1 states of a text, as tanh makes them."""
    return _pass(rng, T, 1, 2, H)[2][:, 0]


def _pass(rng: np.random.Generator, T: int, B: int, D: int, H: int) -> tuple[Array, ...]:
    """dy, x, h and W_hh of a forward pass through a layer whose gradients reach far."""
    layer = RNN.init(D, H, rng=rng, radius=1.2)
    x, h_0, dy = 0.5 * rng.normal(size=(T, B, D)), np.tanh(rng.normal(size=(B, H))), rng.normal(size=(T, B, H))
    return dy, x, layer.forward(x, state=h_0)[1].h, layer.W_hh


def rate(norms: Float[Array, "K"]) -> float:
    there = np.flatnonzero(norms > 0)
    slope = np.polyfit(there, np.log(norms[there]), 1)[0]
    return float(np.exp(slope))


def diagnose_rate(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(4)
    clean, k = 3 * 0.8 ** np.arange(30), np.arange(30)
    noisy = clean * np.exp(rng.normal(scale=0.5, size=30))
    got = same_shape(call(answer, clean), ())
    if close(got, 1.0):
        raise NotYet("it always says 1, as the stub did.", "an exponential is a straight line on a log axis: fit one")
    line, log10 = np.polyfit(k, clean, 1)[0], np.log10(0.8)
    for wrong, what, hint in (
        (np.log(0.8), "that is the slope of the logarithm.", "the factor per step is its exponential: np.exp(slope)"),
        (log10, "that is the slope in powers of ten per step.", "the factor per step is 10 ** slope"),
        (np.exp(log10), "you mixed log10 and exp.", "np.log goes with np.exp, np.log10 with 10 **"),
        (10 ** np.log(0.8), "you mixed np.log and 10 **.", "np.log goes with np.exp, np.log10 with 10 **"),
        (1 / 0.8, "that is how much it grows towards the loss.", "norms[k] is k steps before the loss: step away from it"),
        (3.0, "that is the norm at distance 0, where the line starts.", "np.polyfit gives the slope first"),
        (np.log(3), "that is the logarithm at distance 0, where the line starts.", "np.polyfit gives the slope first"),
        (line, "you fitted a line to the norms themselves.", "take their logarithm first"),
        (np.exp(line), "you fitted a line to the norms themselves.", "take their logarithm first"),
        (0.8**29, "that is the last norm relative to the first, over all 29 steps.", "per step: fit a line to the logarithms"),
    ):  # fmt: skip
        if close(got, wrong, 1e-6):
            raise NotYet(what, hint)
    agree(got, 0.8, "the factor of 3 · 0.8**k", "log(3 · 0.8**k) is a line in k; what is its slope?", tolerance=1e-6)
    got = same_shape(call(answer, noisy), ())
    if close(got, (noisy[-1] / noisy[0]) ** (1 / 29), 1e-6) or close(got, np.exp(np.diff(np.log(noisy)).mean()), 1e-6):
        raise NotYet(
            "on a curve with noise only its two ends count for you: the mean of all ratios is the last norm against the "
            "first.",
            "fit a line through all points: np.polyfit(k, np.log(norms), 1)",
        )
    if close(got, np.mean(noisy[1:] / noisy[:-1]), 1e-6):
        raise NotYet(
            "you took the mean of the ratios. Where the noise is down, the next ratio is huge, and a mean believes it.",
            "factors multiply: work with their logarithms, and fit a line",
        )
    for weights in (noisy, np.sqrt(noisy), noisy**2):
        if close(got, np.exp(np.polyfit(k, np.log(noisy), 1, w=weights)[0]), 1e-6):
            raise NotYet("the larger norms count more in your fit.", "np.polyfit(k, np.log(norms), 1), without weights")
    agree(got, rate(noisy), "the factor of a noisy curve", "least squares on the logarithms", tolerance=1e-6)
    holes = np.where((k == 5) | (k == 6) | (k > 20), 0.0, clean)
    try:
        with np.errstate(all="ignore"):
            got = same_shape(call(answer, holes), ())
    except NotYet as no:
        raise NotYet(f"a norm can underflow to exactly 0, and then {no.what}", "leave out norms that are 0") from no
    if not np.isfinite(got):
        raise NotYet(f"a norm can underflow to exactly 0; then you answer {got}.", "leave out norms that are 0")
    if close(got, rate(holes[holes > 0]), 1e-6):
        raise NotYet(
            "what is left after leaving out zeros was numbered anew; each norm keeps its own k.",
            "k = np.flatnonzero(norms > 0) goes with norms[k]",
        )
    if not close(got, 0.8, 1e-6):
        raise NotYet(
            f"with zeros among the norms of 3 · 0.8**k the factor is {got:.2g}, wanted 0.8.",
            "leave the zeros out, put nothing in their place, and keep each k",
        )
    _diagnose_tiny(answer, 3 * 0.05 ** np.arange(28) * np.exp(rng.normal(scale=0.5, size=28)))
    growing = 3 * 20.0 ** np.arange(28)
    if close(call(answer, growing), 1.0):
        raise NotYet(
            "for norms that grow you answer 1; a factor above 1 is an exploding gradient.", "return it as it is"
        )
    for words, norms, hint in (
        ("9 norms", noisy[:9], "does it need 30 of them?"),
        ("2 norms", noisy[:2], "does it need more than the line through both?"),
        ("norms whose first is 0", np.where(k == 0, 0.0, noisy), "leave it out like any other"),
        ("norms that grow from 3 to 1e35", growing, "a factor above 1 is an exploding gradient"),
        ("norms that stay the same", np.full(6, 0.3), "then the line is flat: a factor of 1"),
    ):
        agree(same_shape(call(answer, norms), ()), rate(norms), f"the factor of {words}", hint, tolerance=1e-6)


def _diagnose_tiny(answer: Callable[..., Any], norms: Float[Array, "K"]) -> None:
    """Tiny is not 0: are norms of 1e-30 part of the line, and unspoilt?"""
    got, want = same_shape(call(answer, norms), ()), rate(norms)
    for power in range(1, 0 if close(got, want, 1e-6) else 36):
        least = 10.0**-power
        for changed, what in (
            (
                np.where(norms < least, 0, norms),
                "norms below {} are left out; only those that are exactly 0 should be.",
            ),
            (norms + least, "{} is added to the norms: that bends the line where they are smaller."),
            (np.maximum(norms, least), "norms below {} count as {}: that bends the line."),
        ):
            if np.count_nonzero(changed) > 1 and close(got, rate(changed), 1e-6):
                raise NotYet(what.replace("{}", f"{least:.0e}"), "leave out norms that are 0, and change nothing else")
    agree(
        got, want, "the factor of norms that fall to 1e-35", "leave out norms that are 0, and no others", tolerance=1e-6
    )


def bound(W_hh: Float[Array, "H H"], slope: float, k: int) -> float:
    sigma_max = np.linalg.svd(W_hh, compute_uv=False)[0]
    return float((slope * sigma_max) ** k)


def diagnose_bound(answer: Callable[..., Any]) -> None:
    W_hh, slope, k = np.array([[0.5, 2.0, 0.1], [0.0, 0.4, 1.0], [0.2, 0.0, -0.3]]), 0.9, 5
    answered, want = call(answer, W_hh, slope, k), bound(W_hh, slope, k)
    if np.iscomplexobj(answered):
        raise NotYet("a bound is a real number; yours is complex, as eigenvalues are.", "singular values are real")
    got = same_shape(answered, ())
    sigma, values = np.linalg.svd(W_hh, compute_uv=False), np.abs(np.linalg.eigvals(W_hh))
    if close(got, 0.0):
        raise NotYet(STUB, "which number says how much a matrix can stretch a vector at most?")
    for wrong, what, hint in (
        (values.max(), "you used the spectral radius. It tells the rate in the long run, and it is no bound: before that, a "
         "gradient may grow.", "the largest stretch of a single step is the largest singular value"),
        (np.sqrt((W_hh**2).sum()), "you used the norm over all entries (Frobenius). Nothing exceeds it, but a smaller number "
         "will do.", "the largest singular value: np.linalg.svd(W, compute_uv=False)[0]"),
        (sigma[-1], "you used the smallest singular value: that is the least stretch.", "svd sorts from large to small"),
        (np.abs(W_hh).sum(axis=0).max(), "you used the largest column sum, the 1-norm. It bounds another length of vectors.",
         "the largest singular value: np.linalg.norm(W, 2)"),
        (np.abs(W_hh).sum(axis=1).max(), "you used the largest row sum, the ∞-norm. It bounds another length of vectors.",
         "the largest singular value: np.linalg.norm(W, 2)"),
        (sigma.sum(), "you added up the singular values.", "the largest one is the largest stretch"),
        (np.abs(W_hh).max(), "you used the largest entry, but a vector is stretched by all entries together.",
         "the largest singular value: np.linalg.svd(W, compute_uv=False)[0]"),
        (sigma[0] ** 2, "you squared the singular value (an eigenvalue of W Wᵀ, perhaps?).", "take its square root"),
    ):  # fmt: skip
        if close(got, (slope * wrong) ** k):
            raise NotYet(what, hint)
    if close(got, slope**k * np.linalg.norm(np.linalg.matrix_power(W_hh, k), 2)):
        raise NotYet(
            "you bounded the power W^k. That would do without slopes; but between one use of W_hh and the next each unit "
            "is multiplied by a slope of its own, and then W^k never forms.",
            "bound each step by itself, and multiply the bounds",
        )
    if close(got, sigma[0] ** k):
        raise NotYet("the slopes are missing: each step goes through the activation too.", "(slope · σ_max) ** k")
    if close(got, slope * sigma[0] ** k):
        raise NotYet("the slope counts at every step, not only once.", "(slope · σ_max) ** k")
    if close(got, slope * sigma[0]) or close(got, k * slope * sigma[0]):
        raise NotYet("k steps multiply: one factor for each.", "raise the factor of one step to the power k")
    for power in (k - 1, k + 1):
        if close(got, (slope * sigma[0]) ** power):
            raise NotYet(f"for k = {k} you took the factor {power} times.", "one factor for each of the k steps")
    if close(got, 1.0):
        raise NotYet("you stop at 1; a bound above 1 says that the gradient may grow.", "return it as it is")
    agree(got, want, "the bound", "(slope · σ_max) ** k")
    other = np.random.default_rng(5).normal(size=(6, 6))
    again(answer, bound, (W_hh, 0.25, 3), (W_hh[:2, :2], 0.9, 5))
    for words, *case in (
        ("H = 6", other, 0.7, 4),
        ("a bound far below 1", 0.1 * other, 0.5, 20),
        ("a bound far above 1", 10 * other, 1.0, 20),
        ("k = 1", other, 0.9, 1),
        ("k = 0, where nothing has happened yet", other, 0.9, 0),
        ("one unit with a negative weight", np.array([[-2.0]]), 0.9, 3),
        ("a matrix of zeros", np.zeros((3, 3)), 0.9, 2),
    ):
        edge(words, answer, bound, *case)


EXERCISES = (
    Exercise(
        "06.1", "one step back", backward_step, diagnose_step,
        hints=(
            "h_t has two readers: the output of its step and the next state. Add what comes back from both, then go back "
            "through tanh (its slope is 1 - h_t²), then through W_hh.",
            "dz_t = (dy_t + dh_future) * (1 - h_t**2). Entry i of dh_{t-1} is the sum over j of dz_t[j] · W_hh[i, j].",
        ),
        praise="Two paths added, one slope, one transposed matrix: the rest of the chapter is a loop around this.",
    ),
    Exercise(
        "06.2", "the sum over time", sum_over_time, diagnose_sum,
        hints=(
            "z_t contains h_{t-1} W_hh. If W_hh were used at step t only, its gradient would be the outer product of "
            "h_{t-1} and dz_t.",
            "h[t] is the state before step t, so add np.outer(h[t], dz[t]) for every t; or, in one product, h[:-1].T @ dz.",
        ),
        praise="Every use of the weight counts, each with the state it was multiplied by.",
    ),
    Exercise(
        "06.3", "backpropagation through time, for a batch", bptt, diagnose_bptt,
        hints=(
            "Start with dh_future = 0, for the last step has no step after it, and go through the steps from the last to "
            "the first. What does 06.1 need at step t, and what does it hand to step t - 1?",
            "dz = (dy[t] + dh_future) * (1 - h[t + 1] ** 2), because x[t] made the state h[t + 1] from h[t]. Then the sums "
            "get the contribution of step t, and dh_future becomes what 06.1 hands back.",
            "With a batch, np.outer(h[t], dz) of 06.2 becomes h[t].T @ dz, which sums over the sequences. W_xh was "
            "multiplied by x[t]. The bias was added to every row, so its gradient is a sum over the rows of dz.",
            "Inside the loop: dz; dW_xh += x[t].T @ dz; dW_hh += h[t].T @ dz; db_h += dz.sum(axis=0); dh_future = "
            "dz @ W_hh.T. After it, dh_future is dh_0.",
        ),
        praise="Three gradients, summed over time and over the batch, and dh_0 for each sequence; in long texts, too.",
    ),
    Exercise(
        "06.4", "read a gradient plot", rate, diagnose_rate,
        hints=(
            "If norms[k] = c · r**k, then log(norms[k]) = log(c) + k log(r): a line whose slope is log(r).",
            "Keep the k with norms[k] > 0, fit np.polyfit(k, np.log(norms[k]), 1), and return np.exp of the slope.",
        ),
        praise="One number for a curve, robust to noise and to underflow. Below 1 it vanishes, above 1 it explodes.",
    ),
    Exercise(
        "06.5", "a bound for every step", bound, diagnose_bound,
        hints=(
            "One step back multiplies by a slope (at most `slope`) and by W_hh. By how much can W_hh stretch a vector at "
            "most?",
            "The largest singular value is np.linalg.svd(W_hh, compute_uv=False)[0]; each of the k steps contributes one "
            "factor slope · σ_max.",
        ),
        praise="Valid for every gradient at every step; below 1 per step it proves that the gradient vanishes.",
    ),
)  # fmt: skip
