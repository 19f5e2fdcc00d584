"""Exercises of chapter 05: one step back, the sum over time, the whole backward pass, reading a plot, a bound."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, same_shape, several
from course_utils.tree import Array

STUB = "it is all 0, which is what the stub did."


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
        (both - h_t**2, "the parentheses around the slope are missing: dh_t * 1 - h_t**2 is dh_t minus h_t²."),
        (both * (1 - h_t), "the slope of tanh is 1 - h², you used 1 - h."),
        (both * h_t, "you multiplied by h_t, which is tanh(z_t), not its slope."),
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
    agree(dh_prev, want, "dh_{t-1}", "dz_t @ W_hh.T")


def sum_over_time(h: Float[Array, "S H"], dz: Float[Array, "T H"]) -> Float[Array, "H H"]:
    dW_hh = np.zeros((h.shape[1], h.shape[1]))
    for t in range(len(dz)):
        dW_hh += np.outer(h[t], dz[t])
    return dW_hh


def diagnose_sum(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(2)
    h, dz = rng.normal(size=(6, 3)), rng.normal(size=(5, 3))
    got, want = same_shape(call(answer, h, dz), (3, 3), "dW_hh"), sum_over_time(h, dz)
    if close(got, 0 * got):
        raise NotYet(STUB, "start with the contribution of one step, np.outer(h[t], dz[t])")
    if any(close(got, np.outer(h[t + late], dz[t])) for t in range(5) for late in (0, 1)):
        raise NotYet("that is the contribution of a single step; W_hh was used at all of them.", "add up with +=")
    if close(got, want / 5):
        raise NotYet(
            "you took the mean over time. The loss depends on every use of W_hh, so they add up.", "do not divide"
        )
    for wrong, what, hint in (
        (h[1:].T @ dz, "dz_t meets h_t, the state it produced; W_hh was multiplied by the one before.",
         "in the code h[t] is the state before step t, and h[t + 1] the one after it"),
        (want.T, "the result is transposed.", "entry [i, j] belongs to the weight from unit i to unit j: h[i] · dz[j]"),
        (h[:-1].sum(0)[:, None] * dz.sum(0), "you summed the states and the dz on their own, and multiplied the sums: "
         "that pairs every state with every step.", "multiply step by step, then sum"),
    ):  # fmt: skip
        if close(got, wrong):
            raise NotYet(what, hint)
    if close(got, h[:-2].T @ dz[1:]):
        raise NotYet("dz is one step late: h[t] was multiplied into z[t].", "h[t] belongs with dz[t]")
    for t in range(5):
        if close(got, want - np.outer(h[t], dz[t])):
            raise NotYet(f"the contribution of step {t} (of 0 to 4) is missing.", "for t in range(len(dz))")
    agree(got, want, "dW_hh", "the sum of np.outer(h[t], dz[t]) over all t")
    again(answer, sum_over_time, (2 * h, dz), (rng.normal(size=(9, 4)), rng.normal(size=(8, 4))))


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
    dy, x, W_hh = rng.normal(size=(T, B, H)), rng.normal(size=(T, B, D)), rng.normal(size=(H, H))
    h = np.tanh(rng.normal(size=(T + 1, B, H)))
    names, want = ("dW_xh", "dW_hh", "db_h", "dh_0"), bptt(dy, x, h, W_hh)
    parts = several(call(answer, dy, x, h, W_hh), "dW_xh, dW_hh, db_h, dh_0", 4)
    got = [same_shape(part, np.shape(w), name) for part, w, name in zip(parts, want, names, strict=True)]

    def matches(wrong: tuple[Array, ...], which: tuple[int, ...] = (0, 1, 2, 3)) -> bool:
        return all(close(got[k], wrong[k]) for k in which)

    if all(close(part, 0 * part) for part in got):
        raise NotYet(f"everything: {STUB}", "put exercise 05.1 into a loop over reversed(range(T))")
    last_only = np.concatenate([0 * dy[:-1], dy[-1:]])
    if matches(bptt(last_only, x, h, W_hh)):
        raise NotYet("only the last step's output sends a gradient; dy has one for every step.", "add dy[t] at step t")
    if matches(bptt(dy, x, h, 0 * W_hh), (0, 1, 2)):
        raise NotYet("each step stands alone: nothing comes back from the steps after it.", "add it to dy[t]")
    if matches(bptt(dy, x, h, W_hh.T)):
        raise NotYet("W_hh is used as on the way forward.", "on the way back: W_hh.T")
    each = [bptt(dy[:, b : b + 1], x[:, b : b + 1], h[:, b : b + 1], W_hh) for b in range(B)]
    if matches(each[0], (0, 1, 2)) or matches(each[-1], (0, 1, 2)):
        raise NotYet("that is the gradient of one sequence; the batch holds two.", "x[t].T @ dz sums over the batch")
    for factor, what in ((B, "the batch"), (T, "time"), (T * B, "time and the batch")):
        if matches(tuple(w / factor for w in want[:3]), (0, 1, 2)):
            raise NotYet(f"you took the mean over {what}.", "dy holds what the loss says already: sum, do not average")
    for kind, (what, hint) in MISTAKES.items():
        if matches(_mistaken(dy, x, h, W_hh, kind), (0, 1, 2)):
            raise NotYet(what, hint)
    if close(got[1], bptt(dy, h[1:], h, W_hh)[0]):
        raise NotYet("dW_hh pairs dz_t with the state after step t.", "it was multiplied by the one before: h[t]")
    if close(got[1], want[1].T):
        raise NotYet("dW_hh is transposed: row i belongs to the old unit i.", "h[t].T @ dz, not dz.T @ h[t]")
    if matches(want, (0, 1, 2)) and close(got[3], bptt(dy[1:], x[1:], h[1:], W_hh)[3]):
        raise NotYet("dh_0 stops one step early: it is the gradient of h_1.", "return what step 0 hands back")
    if matches(want, (0, 1, 2)):
        agree(got[3], want[3], "dh_0", "it is what step 0 hands back: the dz of step 0 @ W_hh.T")
    for name, part, right in zip(names, got, want, strict=True):
        agree(part, right, name, "compare with the loop of this chapter, one line at a time")
    longer = tuple(rng.normal(size=shape) for shape in ((6, 3, 2), (6, 3, 4), (7, 3, 2), (2, 2)))
    again(answer, bptt, (2 * dy, x, h, W_hh), longer)


MISTAKES = {
    "forward": ("the loop runs from the first step to the last; a gradient comes from the end.", "reversed(range(T))"),
    "overwrite": ("only step 0 is left: each step overwrote the sums.", "dW_hh += ..., not dW_hh = ..."),
    "before": ("the slope is taken at the state before the step; tanh made the one after it.", "1 - h[t + 1] ** 2"),
    "linear": ("the slope of tanh is missing: dz is dh itself.", "dz = dh * (1 - h[t + 1] ** 2)"),
    "around": ("what goes on to the step before goes around the tanh.", "dz @ W_hh.T, not dh @ W_hh.T"),
    "beside": (
        "the gradient of h[t + 1] is also handed on as it is; the old state has one way out, through W_hh.",
        "dh_future = dz @ W_hh.T, not +=",
    ),
}


def _mistaken(dy: Array, x: Array, h: Array, W_hh: Array, kind: str) -> tuple[Array, ...]:
    """`bptt` with one of the `MISTAKES`."""
    T, dh_future, sums = len(x), np.zeros_like(h[0]), [np.zeros((x.shape[2], h.shape[2])), 0 * W_hh, 0 * h[0, 0]]
    for t in range(T) if kind == "forward" else reversed(range(T)):
        dh = dy[t] + dh_future
        dz = dh * (1 if kind == "linear" else 1 - h[t if kind == "before" else t + 1] ** 2)
        own = [x[t].T @ dz, h[t].T @ dz, dz.sum(axis=0)]
        sums = own if kind == "overwrite" else [total + part for total, part in zip(sums, own, strict=True)]
        dh_future = (dh if kind == "around" else dz) @ W_hh.T + (dh_future if kind == "beside" else 0)
    return (*sums, dh_future)


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
    agree(got, 0.8, "the factor of 3 · 0.8**k", tolerance=1e-6)
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
    agree(call(answer, noisy[:9]), rate(noisy[:9]), "the factor of 9 norms", tolerance=1e-6)


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
    agree(got, want, "the bound")
    again(answer, bound, (W_hh, 0.25, 3), (W_hh[:2, :2], 0.9, 5))


EXERCISES = (
    Exercise(
        "05.1", "one step back", backward_step, diagnose_step,
        hints=(
            "h_t has two readers: the output of its step and the next state. Add what comes back from both, then go back "
            "through tanh (its slope is 1 - h_t²), then through W_hh.",
            "dz_t = (dy_t + dh_future) * (1 - h_t**2). Entry i of dh_{t-1} is the sum over j of dz_t[j] · W_hh[i, j].",
        ),
        praise="Two paths added, one slope, one transposed matrix: the rest of the chapter is a loop around this.",
    ),
    Exercise(
        "05.2", "the sum over time", sum_over_time, diagnose_sum,
        hints=(
            "z_t contains h_{t-1} W_hh. If W_hh were used at step t only, its gradient would be the outer product of "
            "h_{t-1} and dz_t.",
            "h[t] is the state before step t, so add np.outer(h[t], dz[t]) for every t; or, in one product, h[:-1].T @ dz.",
        ),
        praise="Every use of the weight counts, each with the state it was multiplied by.",
    ),
    Exercise(
        "05.3", "backpropagation through time, for a batch", bptt, diagnose_bptt,
        hints=(
            "Start with dh_future = 0 and go through the steps from the last to the first; 05.1 gives dz and the next "
            "dh_future. With a batch, np.outer(h[t], dz) becomes h[t].T @ dz, which sums over the sequences.",
            "Inside the loop: dz; dW_xh += x[t].T @ dz; dW_hh += h[t].T @ dz; db_h += dz.sum(axis=0); dh_future = "
            "dz @ W_hh.T. After it, dh_future is dh_0.",
        ),
        praise="All four gradients, summed over time and over the batch.",
    ),
    Exercise(
        "05.4", "read a gradient plot", rate, diagnose_rate,
        hints=(
            "If norms[k] = c · r**k, then log(norms[k]) = log(c) + k log(r): a line whose slope is log(r).",
            "Keep the k with norms[k] > 0, fit np.polyfit(k, np.log(norms[k]), 1), and return np.exp of the slope.",
        ),
        praise="One number for a curve, robust to noise and to underflow. Below 1 it vanishes, above 1 it explodes.",
    ),
    Exercise(
        "05.5", "a bound for every step", bound, diagnose_bound,
        hints=(
            "One step back multiplies by a slope (at most `slope`) and by W_hh. By how much can W_hh stretch a vector at "
            "most?",
            "The largest singular value is np.linalg.svd(W_hh, compute_uv=False)[0]; each of the k steps contributes one "
            "factor slope · σ_max.",
        ),
        praise="Valid for every gradient at every step; below 1 per step it proves that the gradient vanishes.",
    ),
)  # fmt: skip
