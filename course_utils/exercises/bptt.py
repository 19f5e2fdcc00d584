"""Exercises of chapter 06: one step back, the sum over time, the whole backward pass, reading a plot, a bound."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.backward import proportional
from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape
from course_utils.exercises.over_time import diagnose_reach
from course_utils.exercises.slips import Diagnosis, Part, Slip, slips, two_at_once
from course_utils.layers.rnn import RNN
from course_utils.tree import Array

STUB = "it is all 0, which is what the stub did."


def backward_step(
    dy_t: Float[Array, "H"], dh_future: Float[Array, "H"], h_t: Float[Array, "H"], W_hh: Float[Array, "H H"]
) -> tuple[Float[Array, "H"], Float[Array, "H"]]:
    dh_t = dy_t + dh_future
    dz_t = dh_t * (1 - h_t**2)
    return dz_t, dz_t @ W_hh.T


def _step(H: int = 4, seed: int = 1) -> tuple[Array, ...]:
    rng = np.random.default_rng(seed)
    (dy_t, dh_future, z), W_hh = rng.normal(size=(3, H)), rng.normal(size=(H, H))
    return dy_t, dh_future, np.tanh(z), W_hh


BOTH, DZ, BACK = "dy_t + dh_future", "dh_t * (1 - h_t**2)", "dz_t @ W_hh.T"
LOST = "h_t goes two ways, into its output and into h_{{t+1}}; what comes back from {} is missing."
ADD_UP = "gradients of several paths add up: dy_t + dh_future"

mistakes_in_step = Diagnosis(
    backward_step, _step, "dz_t and dh_{t-1}",
    parts=(
        Part("dz_t", lambda dz, dh: dz, "add what comes back from both readers of h_t, then multiply by the slope"),
        Part("dh_{t-1}", lambda dz, dh: dh, BACK),
    ),
    slips=(
        Slip("return dz_t, dz_t @ W_hh.T", "return dz_t @ W_hh.T, dz_t", "the two are swapped.", "return dz_t, dh_prev",
             whole=True),
        Slip(DZ, "0 * dh_t", f"dz_t: {STUB}", "first add what reaches h_t: dy_t + dh_future"),
        *slips(BOTH, ADD_UP, {"dy_t": "the future", "dh_future": "the output of its own step"}, LOST),
        *slips(DZ, ADD_UP, {"dy_t": "the future", "dh_future": "the output of its own step"}, LOST),
        *slips(DZ, "tanh'(z_t) = 1 - tanh(z_t)² = 1 - h_t²", {
            "dh_t": "the slope of tanh is missing: dz_t is dh_t itself.",
            "1 - h_t**2": "that is the slope of tanh alone: what comes back, dy_t + dh_future, plays no part.",
            "dh_t / (1 - h_t**2)": "you divided by the slope of tanh; going back through tanh multiplies by it.",
            "dh_t * 1 - h_t**2": "the parentheses around the slope are missing: dh_t * 1 - h_t**2 is dh_t minus h_t².",
            "dh_t * (1 - h_t)": "the slope of tanh is 1 - h², you used 1 - h.",
            "dh_t * h_t": "you multiplied by h_t, which is tanh(z_t), not its slope.",
            "dh_t * h_t * (1 - h_t)": "that is the slope of the sigmoid, h (1 - h); for tanh it is 1 - h².",
            "dh_t * (1 - np.tanh(h_t) ** 2)": "h_t is tanh(z_t) already: you applied tanh a second time.",
            "dh_t * (1 - h_t**2) ** 2": "the slope is in there twice.",
        }),
        *slips(DZ, "add first, then multiply the sum by the slope", {
            "dy_t * (1 - h_t**2) + dh_future": "only one of the two parts went through tanh.",
            "dy_t + dh_future * (1 - h_t**2)": "only one of the two parts went through tanh.",
        }),
        Slip(BOTH, "dy_t + dh_future @ W_hh.T", "W_hh was applied to dh_future, which has been through it already: it is what "
             "arrives at h_t.", "dy_t + dh_future, as it is"),
        Slip(BACK, "dz_t @ W_hh", "dz_t is right, but W_hh is used as on the way forward.", "forward, unit i reaches unit j by "
             "W_hh[i, j]; on the way back the same weight leads from j to i: W_hh.T"),
        *slips(BACK, "dz_t @ W_hh.T, nothing else", {
            "dh_t @ W_hh.T": "dh_{t-1} goes around the tanh.",
            "dh_t": "dh_{t-1} has not been through W_hh.",
            "dz_t": "dh_{t-1} has not been through W_hh.",
            "dz_t @ W_hh.T * (1 - h_t**2)": "dh_{t-1} went through the slope once more.",
        } | {
            f"dz_t @ W_hh.T + {more}": "to dh_{t-1} something was added: h_{t-1} has one path into h_t, through W_hh."
            for more in ("dh_t", "dh_future", "dy_t")
        }, "dz_t is right, but {}"),
    ),
)  # fmt: skip


def diagnose_step(answer: Callable[..., Any]) -> None:
    mistakes_in_step(answer)
    dy_t, dh_future, h_t, W_hh = given = _step()
    again(answer, backward_step, (dh_future, dy_t, h_t[::-1], W_hh))
    proportional(answer, backward_step, 2, *given)
    saturated = np.array([1.0, -1.0, 0.0, 0.5])
    edge("units at exactly 1, -1 and 0", answer, backward_step, dy_t, dh_future, saturated, W_hh)
    for H in (7, 1):
        edge(f"H = {H}", answer, backward_step, *_step(H, seed=11))


def sum_over_time(h: Float[Array, "S H"], dz: Float[Array, "T H"]) -> Float[Array, "H H"]:
    dW_hh = np.zeros((h.shape[1], h.shape[1]))
    for t in range(len(dz)):
        dW_hh += np.outer(h[t], dz[t])
    return dW_hh


def _uses(T: int, H: int, seed: int = 2) -> tuple[Array, Array]:
    """h and dz: the T + 1 states of a text, as tanh makes them, and a gradient for each step."""
    rng = np.random.default_rng(seed)
    return _pass(rng, T, 1, 2, H)[2][:, 0], rng.normal(size=(T, H))


TOGETHER = "h[t] belongs with dz[t]"

mistakes_in_sum = Diagnosis(
    sum_over_time, lambda: _uses(5, 3), "dW_hh", hint="the sum of np.outer(h[t], dz[t]) over all t",
    slips=(
        Slip("return dW_hh", "return 0 * dW_hh", STUB, "start with the contribution of one step, np.outer(h[t], dz[t])"),
        *slips("return dW_hh", "add up with +=", {
            f"return np.outer(h[{s}], dz[{t}])": "that is the contribution of a single step; W_hh was used at all of them."
            for t in range(5) for s in (t, t + 1)
        }),
        Slip("return dW_hh", "return dW_hh / len(dz)", "you took the mean over time; the loss depends on every use of the "
             "weights, so the contributions add up.", "do not divide"),
        Slip("h[t]", "h[t + 1]", "dz_t meets h_t, the state it produced; W_hh was multiplied by the one before.",
             "in the code h[t] is the state before step t, and h[t + 1] the one after it"),
        Slip("h[t], dz[t]", "dz[t], h[t]", "the result is transposed.", "entry [i, j] belongs to the weight from unit i to unit "
             "j: h[i] · dz[j]"),
        Slip("return dW_hh", "return np.outer(h[:-1].sum(axis=0), dz.sum(axis=0))", "you summed the states and the dz on their "
             "own, and multiplied the sums: that pairs every state with every step.", "multiply step by step, then sum"),
        Slip("dz[t]", "dz[t] * (1 - h[t + 1] ** 2)", "the slope of tanh is in there twice: dz is already the gradient before the "
             "tanh.", "np.outer(h[t], dz[t]), nothing else"),
        Slip("h[t]", "h[-2 - t]", "the first state meets the last dz: one of the two runs backward.", TOGETHER),
        Slip(("range(len(dz))", "dz[t]"), ("range(len(dz) - 1)", "dz[t + 1]"), "dz is one step late: h[t] was multiplied into "
             "z[t].",
             TOGETHER),
        *slips("range(len(dz))", "for t in range(len(dz))", {
            f"set(range(len(dz))) - {{{t}}}": f"the contribution of step {t} (of 0 to 4) is missing." for t in range(5)
        }),
    ),
)  # fmt: skip


def diagnose_sum(answer: Callable[..., Any]) -> None:
    mistakes_in_sum(answer)
    again(answer, sum_over_time, _uses(5, 3, seed=20))
    T, H = 12, 4
    h, dz = _uses(T, H)
    got = same_shape(call(answer, h, dz), (H, H), "dW_hh")
    for k in range(1, T):
        for end, some in (("first", slice(k)), ("last", slice(T - k, T))):
            if close(got, h[:-1][some].T @ dz[some]):
                raise NotYet(
                    f"right for the first example; of {T} steps only the {end} {k} are added up.",
                    "for t in range(len(dz))",
                )
    edge(f"a text of {T} steps", answer, sum_over_time, h, dz)
    edge("a single step", answer, sum_over_time, *_uses(1, 3))
    edge("H = 1", answer, sum_over_time, *_uses(6, 1))


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


def _pass(rng: np.random.Generator, T: int = 4, B: int = 2, D: int = 3, H: int = 5) -> tuple[Array, ...]:
    """dy, x, h and W_hh of a forward pass through a layer whose gradients reach far."""
    layer = RNN.init(D, H, rng=rng, radius=1.2)
    x, h_0, dy = 0.5 * rng.normal(size=(T, B, D)), np.tanh(rng.normal(size=(B, H))), rng.normal(size=(T, B, H))
    return dy, x, layer.forward(x, state=h_0)[1].h, layer.W_hh


LOOP_MISTAKES = (
    Slip("reversed(range(len(x)))", "range(len(x))", "the loop runs from the first step to the last; a gradient comes from the "
         "end.", "reversed(range(T))"),
    Slip(("dW_xh +=", "dW_hh +=", "db_h +="), ("dW_xh =", "dW_hh =", "db_h ="), "only one step is left: each step overwrote the "
         "sums.", "dW_hh += ..., not dW_hh = ..."),
    Slip(" + dh_future", "", "each step stands alone: nothing comes back from the steps after it.", "dh = dy[t] + dh_future"),
    Slip("t + 1", "t", "the slope is taken at the state before the step; tanh made the one after it.", "1 - h[t + 1] ** 2"),
    Slip((" * (1 - h[t + 1] ** 2)", "dz @ W_hh.T"), ("", "(dy[t] + dh_future) @ W_hh.T"), "the slope of tanh is missing: dz is "
         "dh itself.", "dz = dh * (1 - h[t + 1] ** 2)"),
    Slip(("1 - h[", "] ** 2"), ("1 - np.tanh(h[", "]) ** 2"), "h is tanh(z) already: you applied tanh a second time in the "
         "slope.", "1 - h[t + 1] ** 2"),
    Slip(" * (1", " / (1", "you divided by the slope of tanh; going back multiplies by it.", "dz = dh * (1 - h[t + 1] ** 2)"),
    Slip("(dy[t] + dh_future) * ", "", "dz is the slope of tanh alone: what comes back, dh, plays no part.",
         "dz = dh * (1 - h[t + 1] ** 2)"),
    Slip("dz @ W_hh.T", "(dy[t] + dh_future) @ W_hh.T", "what goes on to the step before goes around the tanh.",
         "dz @ W_hh.T, not dh @ W_hh.T"),
    Slip("        dh_future = ", "        dh_future = dh_future + ", "the gradient of h[t + 1] is also handed on as it is; the "
         "old state has one path, through W_hh.", "dh_future = dz @ W_hh.T, not +="),
)  # fmt: skip
"""What can be wrong in a line of the loop; often it is two things at once."""
SUMS = "return dW_xh, dW_hh, db_h, dh_future"
LINE_BY_LINE, HANDED_BACK = "compare with the loop of this chapter, one line at a time", "the dz of step 0 @ W_hh.T"


mistakes_in_bptt = Diagnosis(
    bptt, lambda: _pass(np.random.default_rng(3)), "dW_xh, dW_hh, db_h, dh_0",
    parts=(
        Part("dW_xh", lambda dW_xh, dW_hh, db_h, dh_0: dW_xh, LINE_BY_LINE),
        Part("dW_hh", lambda dW_xh, dW_hh, db_h, dh_0: dW_hh, LINE_BY_LINE),
        Part("db_h", lambda dW_xh, dW_hh, db_h, dh_0: db_h, LINE_BY_LINE),
        Part("dh_0", lambda dW_xh, dW_hh, db_h, dh_0: dh_0, f"it is what step 0 hands back: {HANDED_BACK}"),
    ),
    slips=(
        Slip(SUMS, "return 0 * dW_xh, 0 * dW_hh, 0 * db_h, 0 * dh_future", f"everything: {STUB}", "put exercise 06.1 into a "
             "loop over reversed(range(T))", whole=True),
        Slip(("np.zeros(h.shape[2])", "dz.sum(axis=0)"), ("np.zeros(h[0].shape)", "dz"), "db_h has a row for each sequence; one "
             "bias served them all.", "sum over the batch, too"),
        Slip("dy[t] +", "(t == len(x) - 1) * dy[t] +", "only the last step's output sends a gradient; dy has one for every step.",
             "add dy[t] at step t"),
        Slip("W_hh.T", "W_hh", "W_hh is used as on the way forward.", "on the way back: W_hh.T"),
        *(Slip(("x[t].T @ dz", "h[t].T @ dz", "dz.sum"), (f"x[t, {b}].T @ dz[{b}]", f"h[t, {b}].T @ dz[{b}]", f"dz[{b}].sum"),
               "that is the gradient of one sequence; the batch holds two.", "x[t].T @ dz sums over the batch")
          for b in ([0], [1])),
        *slips(SUMS, "dy holds what the loss says already: sum, do not average", {
            f"return dW_xh / {count}, dW_hh / {count}, db_h / {count}, dh_future": f"you took the mean over {over}."
            for count, over in (("x.shape[1]", "the batch"), ("len(x)", "time"), ("x[..., 0].size", "time and the batch"))
        }),
        *LOOP_MISTAKES,
        Slip("h[t].T @ dz", "h[t + 1].T @ dz", "dW_hh pairs dz_t with the state after step t.", "it was multiplied by the one "
             "before: h[t]"),
        Slip("h[t].T @ dz", "dz.T @ h[t]", "dW_hh is transposed: row i belongs to the old unit i.", "h[t].T @ dz, not dz.T @ h[t]"
             ),
        *two_at_once(bptt, LOOP_MISTAKES),
        *slips("dh_future = dz @ W_hh.T", f"return what step 0 hands back: {HANDED_BACK}", {
            "dh_future = dz @ W_hh.T if t else dh_future": "stops one step early: it is what step 1 hands back to h_1.",
            "dh_future = dz @ W_hh.T if t else dy[0]": "is dy[0], the gradient of the first output; h_0 is the state before it.",
            "dh_future = dz @ W_hh.T if t else dy[0] + dh_future": "is the whole gradient of h_1; one step back is missing.",
            "dh_future = dz @ W_hh.T if t else dz": "is the dz of step 0: it has not been through W_hh.",
            "dh_future = dz @ W_hh.T if t else 0 * dz": "is 0; the three weights' gradients are right.",
        }, "dh_0 {}"),
    ),
)  # fmt: skip


def diagnose_bptt(answer: Callable[..., Any]) -> None:
    mistakes_in_bptt(answer)
    rng = np.random.default_rng(31)
    again(answer, bptt, _pass(rng))
    proportional(answer, bptt, 1, *mistakes_in_bptt.given())
    diagnose_reach(answer, bptt, _pass(rng, 12, 2, 2, 3))
    for T, B, D, H in ((1, 3, 2, 4), (6, 1, 2, 3), (6, 3, 1, 2), (5, 2, 3, 1), (1, 1, 1, 1)):
        edge(f"T = {T}, B = {B}, D = {D}, H = {H}", answer, bptt, *_pass(rng, T, B, D, H))


def rate(norms: Float[Array, "K"]) -> float:
    there = np.flatnonzero(norms > 0)
    slope = np.polyfit(there, np.log(norms[there]), 1)[0]
    return float(np.exp(slope))


CLEAN = 3 * 0.8 ** np.arange(30)
NOISY = CLEAN * np.exp(np.random.default_rng(4).normal(scale=0.5, size=30))
FACTOR, FIT, FIRST = (
    "np.exp(slope)",
    "np.polyfit(there, np.log(norms[there]), 1)[0]",
    "np.polyfit gives the slope first",
)
BASES = "np.log goes with np.exp, np.log10 with 10 **"

mistakes_in_rate = Diagnosis(
    rate, lambda: (CLEAN,), "the result", tolerance=1e-6,
    parts=(Part("the factor of 3 · 0.8**k", lambda got: got, "log(3 · 0.8**k) is a line in k; what is its slope?"),),
    slips=(
        Slip(FACTOR, "1.0", "it always says 1, as the stub did.", "an exponential is a straight line on a log axis: fit one"),
        Slip(FACTOR, "slope", "that is the slope of the logarithm.", "the factor per step is its exponential: np.exp(slope)"),
        Slip(FACTOR, "slope / np.log(10)", "that is the slope in powers of ten per step.", "the factor per step is 10 ** slope"),
        Slip("np.log(norms[there])", "np.log10(norms[there])", "you mixed log10 and exp.", BASES),
        Slip(FACTOR, "10**slope", "you mixed np.log and 10 **.", BASES),
        Slip(FACTOR, "np.exp(-slope)", "that is how much it grows towards the loss.", "norms[k] is k steps before the loss: "
             "step away from it"),
        Slip("1)[0]", "1)[1]", "that is the norm at distance 0, where the line starts.", FIRST),
        Slip(("1)[0]", FACTOR), ("1)[1]", "slope"), "that is the logarithm at distance 0, where the line starts.", FIRST),
        Slip("np.log(norms[there])", "norms[there]", "you fitted a line to the norms themselves.", "take their logarithm first"),
        Slip(("np.log(norms[there])", FACTOR), ("norms[there]", "slope"), "you fitted a line to the norms themselves.", "take "
             "their logarithm first"),
        Slip(FACTOR, "norms[-1] / norms[0]", "that is the last norm relative to the first, over all 29 steps.", "per step: fit "
             "a line to the logarithms"),
    ),
)  # fmt: skip
mistakes_in_noisy_rate = Diagnosis(
    rate, lambda: (NOISY,), "the result", tolerance=1e-6,
    parts=(Part("the factor of a noisy curve", lambda got: got, "least squares on the logarithms"),),
    slips=(
        Slip(FIT, "np.diff(np.log(norms)).mean()", "on a curve with noise only its two ends count for you: the mean of all "
             "ratios is the last norm against the first.", "fit a line through all points: np.polyfit(k, np.log(norms), 1)"),
        Slip(FACTOR, "np.mean(norms[1:] / norms[:-1])", "you took the mean of the ratios. Where the noise is down, the next "
             "ratio is huge, and a mean believes it.", "factors multiply: work with their logarithms, and fit a line"),
        *slips(FIT, "np.polyfit(k, np.log(norms), 1), without weights", {
            f"np.polyfit(there, np.log(norms), 1, w={weights})[0]": "the larger norms count more in your fit."
            for weights in ("norms", "np.sqrt(norms)", "norms**2")
        }),
    ),
)  # fmt: skip


def diagnose_rate(answer: Callable[..., Any]) -> None:
    mistakes_in_rate(answer)
    mistakes_in_noisy_rate(answer)
    clean, noisy, k, rng = CLEAN, NOISY, np.arange(30), np.random.default_rng(40)
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


SIGMA, POWER = "np.linalg.svd(W_hh, compute_uv=False)[0]", "(slope * sigma_max) ** k"
LARGEST = "the largest singular value: np.linalg.svd(W, compute_uv=False)[0]"

mistakes_in_bound = Diagnosis(
    bound, lambda: (np.array([[0.5, 2.0, 0.1], [0.0, 0.4, 1.0], [0.2, 0.0, -0.3]]), 0.9, 5), "the result",
    parts=(Part("the bound", lambda got: got, "(slope · σ_max) ** k"),),
    slips=(
        Slip(POWER, "0.0", STUB, "which number says how much a matrix can stretch a vector at most?"),
        Slip(SIGMA, "np.abs(np.linalg.eigvals(W_hh)).max()", "you used the spectral radius. It tells the rate in the long run, "
             "and it is no bound: before that, a gradient may grow.", "the largest stretch of a single step is the largest "
             "singular value"),
        Slip(SIGMA, "np.linalg.svd(W_hh, compute_uv=False)[-1]", "you used the smallest singular value: that is the least "
             "stretch.", "svd sorts from large to small"),
        Slip(SIGMA, "np.linalg.svd(W_hh, compute_uv=False)[0] ** 2", "you squared the singular value (an eigenvalue of W Wᵀ, "
             "perhaps?).", "take its square root"),
        *slips(SIGMA, LARGEST, {
            "np.linalg.norm(W_hh)": "you used the norm over all entries (Frobenius). Nothing exceeds it, but a smaller number "
                                    "will do.",
            "np.linalg.norm(W_hh, 1)": "you used the largest column sum, the 1-norm. It bounds another length of vectors.",
            "np.linalg.norm(W_hh, np.inf)": "you used the largest row sum, the ∞-norm. It bounds another length of vectors.",
            "np.linalg.svd(W_hh, compute_uv=False).sum()": "you added up the singular values.",
            "np.abs(W_hh).max()": "you used the largest entry, but a vector is stretched by all entries together.",
        }),
        Slip(POWER, "slope**k * np.linalg.norm(np.linalg.matrix_power(W_hh, k), 2)", "you bounded the power W^k. That would do "
             "without slopes; but between one use of W_hh and the next each unit is multiplied by a slope of its own, and then "
             "W^k never forms.", "bound each step by itself, and multiply the bounds"),
        *slips(POWER, "(slope · σ_max) ** k", {
            "sigma_max**k": "the slopes are missing: each step goes through the activation too.",
            "slope * sigma_max**k": "the slope counts at every step, not only once.",
            "slope * sigma_max": "k steps multiply: one factor for each.",
            "k * slope * sigma_max": "k steps multiply: one factor for each.",
            "(slope * sigma_max) ** (k - 1)": "for k = 5 you took the factor 4 times.",
            "(slope * sigma_max) ** (k + 1)": "for k = 5 you took the factor 6 times.",
        }),
        Slip(POWER, "min(1, (slope * sigma_max) ** k)", "you stop at 1; a bound above 1 says that the gradient may grow.",
             "return it as it is"),
    ),
)  # fmt: skip


def diagnose_bound(answer: Callable[..., Any]) -> None:
    answered = call(answer, *mistakes_in_bound.given())
    if np.iscomplexobj(answered):
        raise NotYet("a bound is a real number; yours is complex, as eigenvalues are.", "singular values are real")
    mistakes_in_bound.name(answered)
    W_hh, *_ = mistakes_in_bound.given()
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
