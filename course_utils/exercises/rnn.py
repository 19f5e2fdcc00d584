"""Exercises of chapter 04: one step, a whole pass, one step backward, consecutive windows, drawing with temperature."""

from collections.abc import Callable
from functools import wraps
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from course_utils.exercises.backward import proportional
from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.math import sigmoid, softmax
from course_utils.tree import Array


def rnn_step(
    x: Float[Array, "B D"],
    h: Float[Array, "B H"],
    W_xh: Float[Array, "D H"],
    W_hh: Float[Array, "H H"],
    b_h: Float[Array, " H"],
) -> Float[Array, "B H"]:
    return np.tanh(x @ W_xh + h @ W_hh + b_h)


def diagnose_step(answer: Callable[..., Any]) -> None:
    x, h_0, *weights = _network(T=1)
    W_xh, W_hh, b_h = weights
    x, h = x[0], h_0
    want = rnn_step(x, h, *weights)
    got = same_shape(call(answer, x, h, *weights), want.shape)
    z = x @ W_xh + h @ W_hh + b_h
    if close(got, h):
        raise NotYet("the state comes out as it went in, which is what the stub did.", "x @ W_xh + h @ W_hh + b_h")
    if close(got, z):
        raise NotYet("the sum is right; the activation is missing.", "np.tanh of all of it")
    if close(got, sigmoid(z)):
        raise NotYet(
            "you squashed with the sigmoid, whose values lie in (0, 1): here it is tanh, in (-1, 1).", "np.tanh"
        )
    if close(got, np.maximum(z, 0)):
        raise NotYet("that is the ReLU; here the activation is tanh.", "np.tanh")
    read, kept = x @ W_xh, h @ W_hh
    in_parts = (
        np.tanh(read) + np.tanh(kept + b_h), np.tanh(read) + np.tanh(kept) + b_h, np.tanh(read + b_h) + kept,
        np.tanh(read + kept) + b_h, read + np.tanh(kept + b_h),
    )  # fmt: skip
    if any(close(got, part) for part in in_parts):
        raise NotYet("tanh was applied to a part only; the sum can leave (-1, 1).", "first add everything, then tanh")
    for wrong, what, hint in (
        (np.tanh(x @ W_xh + b_h), "the old state plays no part: this layer forgets everything at every step.",
         "the second term is h @ W_hh"),
        (np.tanh(h @ W_hh + b_h), "the input plays no part: this layer never reads.", "the first term is x @ W_xh"),
        (np.tanh(x @ W_xh + h @ W_hh), "the bias b_h is missing.", "it is added to every row of the batch"),
        (np.tanh(z - 2 * b_h), "the bias is subtracted.", "+ b_h"),
        (np.tanh(z + b_h), "the bias is in there twice: one b_h serves both products.", "x @ W_xh + h @ W_hh + b_h"),
        (rnn_step(x, h, W_xh, W_hh.T, b_h), "W_hh is transposed. As it is square, its shape did not warn you: W_hh[i, j] "
         "leads from the old unit i to the new unit j.", "states are rows, so the product is h @ W_hh"),
        (rnn_step(x, h, W_xh, W_hh.T, 0 * b_h), "two mistakes at once: W_hh is transposed, and the bias b_h is missing.",
         "x @ W_xh + h @ W_hh + b_h"),
        (h + want, "the old state is added to the new one; in this layer it has one path, through W_hh.",
         "np.tanh of the sum, and nothing else"),
        ((h + want) / 2, "that is the mean of the old state and the new one; here the new one takes its place.",
         "np.tanh of the sum, and nothing else"),
        (np.tanh(want), "tanh was applied twice.", "one np.tanh around the sum"),
        (np.tanh(z / 2), "you halved the sum: tanh(z / 2) is 2 σ(z) - 1, the sigmoid stretched to (-1, 1).", "np.tanh(z)"),
        (np.clip(z, -1, 1), "you cut the sum off at -1 and 1; tanh bends towards them.", "np.tanh"),
        (np.sin(z), "that is the sine.", "np.tanh"),
        (np.arctan(z), "that is the arc tangent.", "np.tanh, the hyperbolic tangent"),
        (softmax(z), "that is softmax, which makes a row sum to 1; here each unit has its own tanh.", "np.tanh"),
        (np.tanh(x @ W_xh) * np.tanh(h @ W_hh), "the two products are multiplied; they are added.", "x @ W_xh + h @ W_hh"),
    ):  # fmt: skip
        if close(got, wrong):
            raise NotYet(what, hint)
    agree(got, want, "the new state", "np.tanh(x @ W_xh + h @ W_hh + b_h)")
    again(answer, rnn_step, (2 * x[::-1], want, *weights))
    for words, _, *sizes in SIZES:
        (x, *others) = _network(1, *sizes)
        edge(words, answer, rnn_step, x[0], *others)
    edge(
        "sums of a thousand and more, where tanh is 1 or -1", answer, rnn_step, 1e5 * x[0], *others,
        hint="np.tanh does no harm there; a tanh made of np.exp overflows",
    )  # fmt: skip


SIZES = (
    ("a batch of one", 5, 1, 3, 2),
    ("one feature", 5, 4, 1, 3),
    ("one feature in a batch of one", 6, 1, 1, 4),
    ("one unit", 5, 3, 2, 1),
    ("one step", 1, 2, 3, 4),
    ("T = B = D = H", 3, 3, 3, 3),
    ("all sizes 1", 1, 1, 1, 1),
    ("another size", 9, 6, 8, 7),
)
"""In words, and then T, B, D and H."""


def rnn_forward(
    x: Float[Array, "T B D"],
    h_0: Float[Array, "B H"],
    W_xh: Float[Array, "D H"],
    W_hh: Float[Array, "H H"],
    b_h: Float[Array, " H"],
) -> Float[Array, "T+1 B H"]:
    T, (B, H) = len(x), h_0.shape
    h = np.empty((T + 1, B, H))
    h[0] = h_0
    for t in range(T):
        h[t + 1] = np.tanh(x[t] @ W_xh + h[t] @ W_hh + b_h)
    return h


def diagnose_forward(answer: Callable[..., Any]) -> None:
    x, h_0, *weights = _network(T=4)
    T, (B, H) = len(x), h_0.shape
    want = rnn_forward(x, h_0, *weights)
    got = call(answer, x, h_0, *weights)
    if np.shape(got) == (B, H):
        last = ", the last one" if close(got, want[-1]) else ""
        raise NotYet(f"that is one state{last}; wanted all T + 1 of them.", "np.empty((T + 1, B, H))")
    if np.shape(got) in ((B, T, H), (B, T + 1, H)):
        raise NotYet(
            "your states are (B, T, H). In this course time stands first.", "h[t] is the state (B, H) of step t"
        )
    if np.shape(got) == (T, B, H):
        raise NotYet(
            f"there are {T} states, one for each step; the state that came in is missing. (T+1 rows keep the "
            "bookkeeping simple: h[t] is what step t gets, h[t+1] what it makes.)",
            "np.empty((T + 1, B, H)), and h[0] = h_0",
        )
    h = same_shape(got, (T + 1, B, H), "h")
    if h.dtype.kind in "iu":
        raise NotYet("your array holds integers, so every state lost its fraction.", "np.empty((T + 1, B, H))")
    if close(h, np.broadcast_to(want[-1], h.shape)):
        raise NotYet(
            "all rows are the last state: one and the same array was appended each time, and h[:] = ... changes them all.",
            "make a new array at each step: h = np.tanh(...)",
        )
    if close(h, np.broadcast_to(h_0, h.shape)):
        raise NotYet("every row is h_0, which is what the stub did.", "h[t + 1] is made from x[t] and h[t]")
    if close(h[-1], h_0) and not close(h[0], h_0):
        backward = "the states stand in reverse order." if close(h, want[::-1]) else ""
        raise NotYet(
            backward or "the initial state stands in the last row (h[-1]); it is to be row 0.",
            "h[0] = h_0, and h[t + 1] from x[t] and h[t]",
        )
    if not close(h[0], h_0, 1e-4):  # single precision comes out at the end
        if close(h[0], 0 * h_0):
            raise NotYet("the first row is 0, but there is an initial state.", "h[0] = h_0 before the loop")
        raise NotYet("h[0] is not the initial state: row 0 is what came in.", "h[0] = h_0; the loop fills the rest")
    if close(h[:-1], want[:-1]) and (close(h[-1], 0 * h_0) or close(h[-1], h[-2])):
        raise NotYet("all is right but the last state: the loop stops one step early.", "for t in range(T)")
    if close(h[1], x[0] @ weights[0] + h_0 @ weights[1] + weights[2]):
        raise NotYet("the steps have no activation, so the states can leave (-1, 1).", "np.tanh, as in exercise 04.1")
    if close(h[1:], np.stack([rnn_step(x_t, h_0, *weights) for x_t in x])):
        raise NotYet("every step starts from h_0 again: nothing is carried along.", "step t gets h[t], not h_0")
    if close(h[1:], rnn_forward(x, 0 * h_0, *weights)[1:]):
        raise NotYet("h[0] holds the initial state, but the first step started from zeros.", "let step 0 read h[0]")
    if close(h[1:], rnn_forward(x[::-1], h_0, *weights)[1:]):
        raise NotYet("the sequence was read from its end.", "for t in range(T), in this order")
    if close(h[1], rnn_step(x[-1], h_0, *weights)):
        raise NotYet(
            "the first step reads x[-1], the last input: x counts from 0.", "h[t + 1] comes from x[t] and h[t]"
        )
    z = x[0] @ weights[0] + h_0 @ weights[1] + weights[2]
    for squashed, name in ((sigmoid(z), "the sigmoid"), (np.maximum(z, 0), "the ReLU")):
        if close(h[1], squashed):
            raise NotYet(f"the activation is {name}; here it is tanh.", "np.tanh, as in exercise 04.1")
    if close(h[1], h_0 + want[1]):
        raise NotYet("each new state is added to the old one; it takes its place.", "h[t + 1] = np.tanh(...)")
    if close(h[1], rnn_step(x[1], h_0, *weights)):
        raise NotYet(
            "the first step reads x[1]: inputs and states are out of step.", "h[t + 1] comes from x[t] and h[t]"
        )
    if B > 1 and close(h[1, 1], rnn_step(x[0, 1:2], h[1, 0:1], *weights)[0]):
        raise NotYet(
            "the state runs from one sequence of the batch into the next, as if they were one text.",
            "axis 0 is time, axis 1 the batch: loop over the first, never over the second",
        )
    if close(h, rnn_forward(x, h_0, weights[0], weights[1].T, weights[2])):
        raise NotYet("W_hh is transposed.", "h[t] @ W_hh")
    if close(h, rnn_forward(x, h_0, weights[0], weights[1], 0 * weights[2])):
        raise NotYet("the bias b_h is missing.", "exercise 04.1, once per step")
    if close(h, rnn_forward(x, h_0, weights[0], weights[1].T, 0 * weights[2])):
        raise NotYet(
            "two mistakes at once: W_hh is transposed, and the bias b_h is missing.", "exercise 04.1, once per step"
        )
    agree(h, want, "h", "each step is exercise 04.1: h[t + 1] from x[t] and h[t]")
    again(answer, rnn_forward, (x[::-1], want[-1], *weights))
    for words, *sizes in SIZES:
        edge(words, answer, rnn_forward, *_network(*sizes))
    edge("a text of 60 steps", answer, rnn_forward, *_network(60, 2, 3, 2))


def rnn_step_backward(
    dh: Float[Array, "B H"],
    x: Float[Array, "B D"],
    h_before: Float[Array, "B H"],
    h_after: Float[Array, "B H"],
    W_xh: Float[Array, "D H"],
    W_hh: Float[Array, "H H"],
) -> tuple[Array, Array, Array, Array, Array]:
    dz = dh * (1 - h_after**2)
    return dz @ W_xh.T, dz @ W_hh.T, x.T @ dz, h_before.T @ dz, dz.sum(axis=0)


GRADIENTS = ("dx", "dh_before", "dW_xh", "dW_hh", "db_h")


def diagnose_step_backward(answer: Callable[..., Any]) -> None:
    x, h_0, *weights = _network(T=1)
    (W_xh, W_hh, b_h), x = weights, x[0]
    h = rnn_step(x, h_0, *weights)
    dh = np.random.default_rng(9).normal(size=h.shape)
    given = (dh, x, h_0, h, W_xh, W_hh)
    want = dict(zip(GRADIENTS, rnn_step_backward(*given), strict=True))
    result = several(call(answer, *given), ", ".join(GRADIENTS), 5)
    got = dict(zip(GRADIENTS, result, strict=True))
    if np.shape(got["db_h"]) == dh.shape:
        raise NotYet(
            "db_h has a row for each sequence of the batch. One b_h served them all, so its gradient is their sum.",
            "dz.sum(axis=0)",
        )
    shapes = [gradient.shape for gradient in want.values()]
    returned = [np.shape(got[name]) for name in GRADIENTS]
    if returned != shapes and sorted(returned) == sorted(shapes):
        raise NotYet("the five gradients come in another order.", f"return {', '.join(GRADIENTS)}")
    for name, gradient in want.items():
        same_shape(got[name], gradient.shape, name)
    if all(close(got[name], 0 * want[name]) for name in GRADIENTS):
        raise NotYet("all gradients are 0, which is what the stub did.", "start with dz, the gradient before the tanh")
    if all(close(got[name], -want[name]) for name in GRADIENTS):
        raise NotYet("all five have the opposite sign. Going downhill is the optimiser's business.", "no minus")
    z = x @ W_xh + h_0 @ W_hh + b_h
    slope = 1 - h**2
    wrong = {
        "that is the slope alone: dh, what comes back from the loss, plays no part.": slope + 0 * dh,
        "you divided by the slope of tanh; going back through tanh multiplies by it.": dh / slope,
        "the slope is in there twice.": dh * slope**2,
        "the slope is the root of 1 - h^2; take it as it is.": dh * np.sqrt(slope),
        "you multiplied by h_after, which is tanh(z), not its slope.": dh * h,
        "the slope of tanh is 1 - h^2, not 1 + h^2.": dh * (1 + h**2),
        "the slope of tanh is 1 - h^2; you took 1 - |h|.": dh * (1 - np.abs(h)),
        "the slope of tanh is missing: dz must be dh times the slope.": dh,
        "the parentheses around the slope are missing: dh * 1 - h**2 is dh minus h^2.": dh - h**2,
        "the slope of tanh is 1 - h^2 with h = tanh(z); you squared z, the number before the tanh.": dh * (1 - z**2),
        "you took the slope at the state before the step; the tanh made the state after it.": dh * (1 - h_0**2),
        "that is the slope of the sigmoid, h (1 - h); for tanh it is 1 - h^2.": dh * h * (1 - h),
        "h was squashed a second time: it already is tanh(z).": dh * (1 - np.tanh(h) ** 2),
        "the slope is 1 - h^2, not 1 - h.": dh * (1 - h),
        "the slope of the sigmoid was taken, of a sigmoid besides: σ(h) (1 - σ(h)).": dh
        * sigmoid(h)
        * (1 - sigmoid(h)),
    }
    for what, dz in wrong.items():
        if close(got["db_h"], dz.sum(axis=0)):
            raise NotYet(what, "dz = dh * (1 - h_after**2)")
    if close(got["db_h"], dh.sum(axis=0) * slope.sum(axis=0)):
        raise NotYet("dh and the slope were summed on their own and then multiplied.", "multiply row by row, then sum")
    if close(got["db_h"], want["db_h"] / len(dh)):
        raise NotYet("db_h is a mean over the batch; gradients of a shared parameter add up.", "sum, not mean")
    agree(got["db_h"], want["db_h"], "db_h", "db_h is the sum of dz over the batch: with dz right, it is right")
    dz = dh * (1 - h**2)
    if close(got["dh_before"], dz @ W_hh) and close(got["dW_hh"], want["dW_hh"].T):
        raise NotYet(
            "two mistakes at once: dh_before goes through W_hh without the transpose, and dW_hh is transposed.",
            "dz @ W_hh.T, and h_before.T @ dz",
        )
    if close(got["dh_before"], dz @ W_hh):
        raise NotYet(
            "dh_before goes through W_hh the same way as the state did. Backward it is the transpose; the square shape "
            "hides the mistake.",
            "dz @ W_hh.T",
        )
    if close(got["dh_before"], dh @ W_hh.T):
        raise NotYet("dh_before skips the tanh: it must start from dz, not from dh.", "dz @ W_hh.T")
    if close(got["dh_before"], want["dh_before"] + dh):
        raise NotYet(
            "dh was added to dh_before; in this layer the old state has one way out, through W_hh.", "dz @ W_hh.T"
        )
    if close(got["dW_hh"], h.T @ dz):
        raise NotYet(
            "dW_hh was made with the state after the step. W_hh was multiplied by the one before it.",
            "h_before.T @ dz",
        )
    if close(got["dh_before"], want["dh_before"] * (1 - h_0**2)):
        raise NotYet(
            "dh_before went through the slope of the step before, too. That is the next step back, and not asked for.",
            "dz @ W_hh.T",
        )
    if close(got["dW_hh"], want["dW_hh"].T):
        raise NotYet("dW_hh is transposed: row i belongs to the old unit i.", "h_before.T @ dz")
    around = dict(zip(GRADIENTS, (dh @ W_xh.T, dh @ W_hh.T, x.T @ dh, h_0.T @ dh, dh.sum(axis=0)), strict=True))
    for name in GRADIENTS:
        if close(got[name], around[name]):
            raise NotYet(f"{name} goes around the tanh: you took dh where dz belongs.", "only dz comes from dh")
        if name.startswith("dW") and close(got[name], want[name] / len(x)):
            raise NotYet(f"{name} is a mean over the batch; gradients of a shared parameter add up.", "sum, not mean")
        agree(got[name], want[name], name, "what was it multiplied by on the way forward? Use the transpose of that")
    again(answer, rnn_step_backward, (dh[::-1], x, h_0, h, W_xh, W_hh))
    proportional(answer, rnn_step_backward, 1, *given)
    for words, _, B, D, H in SIZES:
        x, h_0, W_xh, W_hh, b_h = _network(1, B, D, H)
        case = (
            np.random.default_rng(9).normal(size=(B, H)),
            x[0],
            h_0,
            rnn_step(x[0], h_0, W_xh, W_hh, b_h),
            W_xh,
            W_hh,
        )
        edge(words, answer, rnn_step_backward, *case)
    saturated = np.where(np.arange(given[3].size).reshape(h.shape) % 3, np.sign(h), h)
    edge(
        "units at exactly 1 and -1, where the slope is 0", answer, rnn_step_backward, *given[:3], saturated, *given[4:]
    )


def consecutive_windows(tokens: Int[Array, " L"], T: int, B: int) -> tuple[Int[Array, "N T B"], Int[Array, "N T B"]]:
    L = (len(tokens) - 1) // B
    N = L // T
    columns = (part[: B * L].reshape(B, L).T for part in (tokens, tokens[1:]))  # each (L, B)
    x, y = (part[: N * T].reshape(N, T, B) for part in columns)
    return x, y


def diagnose_windows(answer: Callable[..., Any]) -> None:
    B, T = 3, 4
    tokens = np.arange(100, 139)  # 39 tokens, each once: the numbers say where they stood; N = 3, L = 12 (not 39 // 3)
    want = consecutive_windows(tokens, T, B)
    N, L = len(want[0]), 12
    result = call(answer, tokens, T, B)
    result = several(result, "inputs and targets", 2)
    shape = (N, T, B)
    if np.shape(result[0]) == (N, B, T):
        raise NotYet("your windows are (B, T). In this course time stands first.", "one window has the axes (T, B)")
    if np.shape(result[0]) == (N * T, B):
        raise NotYet("these are the columns, not yet cut into windows.", "the first N * T rows, reshaped to (N, T, B)")
    if np.shape(result[0]) in ((T, N, B), (T, B, N), (B, N, T)):
        raise NotYet("the windows are not the first axis.", "x[n] is window n, with the axes (T, B)")
    if np.shape(result[0]) == (L - T + 1, T, B):
        raise NotYet(
            "your windows overlap: each begins one step after the one before.", "window n begins at step n * T"
        )
    x, y = (same_shape(part, shape, what) for part, what in zip(result, ("x", "y"), strict=True))
    if x.dtype.kind not in "iu" or y.dtype.kind not in "iu":
        raise NotYet("tokens are integers; yours became real numbers.", "index tokens, or give new arrays dtype int")
    if close(x, 0 * x):
        raise NotYet("all tokens are 0, which is what the stub did.", "cut the text into B columns first")
    if close(y, x):
        raise NotYet(
            "the targets are the inputs: the model would only have to repeat what it reads.", "y is one step later"
        )
    if close(y, x - 1):
        raise NotYet("the targets are the tokens *before* the inputs.", "y is one step later: at position + 1")
    if (np.diff(x, axis=1) != 1).any():
        if (np.diff(x, axis=2) == 1).all():
            raise NotYet(
                "neighbours in the text stand side by side in the batch; down a column they are B tokens apart.",
                "reshape to (B, L) first, then transpose",
            )
        raise NotYet("down a column (axis 1, time), neighbours of the text must follow each other.", "try B = 1 first")
    if any((later[0] != before[-1] + 1).any() for before, later in pairwise(x)):
        ordered = all((np.diff(window, axis=0) == 1).all() for window in x)
        at_once = ordered and np.array_equal(np.sort(x[:, 0].ravel()), np.sort(np.arange(N * B) * T + tokens[0]))
        raise NotYet(
            "inside a window all is well, but column b of the next window does not go on where column b of this one "
            "stopped"
            + (": the text was cut into windows and dealt out like cards" if at_once else "")
            + ". The carried state would belong to another place of the text.",
            "first B long columns of L tokens, then cut all of them into windows of T",
        )
    if not close(y, x + 1):
        raise NotYet(
            "a target is not the next token of the text, probably at the end of a window or of a column.",
            "take the targets from `tokens` at the positions of the inputs plus 1",
        )
    if close(x[0, 0], tokens[np.arange(B) * (len(tokens) // B)]):
        raise NotYet(
            "your columns have len(tokens) // B tokens: then the last one may have no next token to be its target.",
            "L = (len(tokens) - 1) // B",
        )
    agree(x, want[0], "x", "column b starts at position b * L, with L = (len(tokens) - 1) // B")
    agree(y, want[1], "y")
    other, case = np.random.default_rng(6).integers(0, 9, 38), "of 38 tokens with T = 5 and B = 2"
    x, y = several(call(answer, other, 5, 2), "x and y", 2)
    want = consecutive_windows(other, 5, 2)
    agree(x, want[0], f"x {case}", "L = (len(tokens) - 1) // B = 18, also where only 15 of a column fill windows")
    agree(y, want[1], f"y {case}", "take the targets from `tokens` at the positions of the inputs plus 1")
    rng = np.random.default_rng(7)
    for words, L, T, B in (
        ("B = 1", 25, 4, 1),
        ("T = 1", 7, 1, 3),
        ("T = B = 1", 6, 1, 1),
        ("one window", 14, 5, 2),
        ("a text that fills its windows to the last token", 25, 4, 2),
        ("a text with one token more than its windows hold", 26, 4, 2),
        ("as many steps as columns", 30, 3, 3),
        ("token numbers up to 100,000", 60, 5, 4),
    ):
        edge(words, answer, consecutive_windows, rng.integers(0, 100_000, L), T, B)


def sample(logits: Float[Array, " V"], temperature: float, rng: np.random.Generator) -> int:
    p = np.exp((logits - logits.max()) / temperature)  # the largest is 1, whatever the logits
    return int(rng.choice(len(p), p=p / p.sum()))


def diagnose_sample(answer: Callable[..., Any]) -> None:
    logits, draws = np.log([0.5, 0.3, 0.2]), 1_500

    def shares(temperature: float, logits: Float[Array, " V"] = logits, draws: int = draws) -> Float[Array, " V"]:
        @wraps(answer)
        def many(*given: Any) -> list[Any]:
            return [answer(*given) for _ in range(draws)]

        no = NotYet("wanted one token, an integer from 0 to V - 1.", "rng.choice(len(p), p=p)")
        if np.asarray(call(answer, logits, temperature, np.random.default_rng(4))).dtype.kind not in "iu":
            raise no
        drawn = np.array(call(many, logits, temperature, np.random.default_rng(4)))
        if drawn.ndim != 1 or drawn.dtype.kind not in "iu" or drawn.min() < 0 or drawn.max() >= len(logits):
            raise no
        return np.bincount(drawn, minlength=len(logits)) / draws

    def like(got: Float[Array, " V"], p: Float[Array, " V"]) -> bool:
        return bool(np.abs(got - p).max() < 0.05)  # four standard errors

    cold, warm = shares(0.5), shares(2.0)
    if cold.max() == 1 and warm.max() == 1:
        rng = np.random.default_rng(4)
        if {int(call(answer, np.zeros(50), 1.0, rng)) for _ in range(5)} == {0}:
            raise NotYet("it always takes the best token, which is what the stub did: nothing is drawn.", "rng.choice")
        raise NotYet("it draws the same token again and again.", "is the generator made anew inside? Use the one given")
    if like(cold, np.full(3, 1 / 3)) and like(warm, np.full(3, 1 / 3)):
        raise NotYet("all tokens come equally often: the logits play no part.", "rng.choice(len(p), p=p)")
    if like(cold, softmax(logits)) and like(warm, softmax(logits)):
        raise NotYet(
            "the temperature changes nothing. (Dividing *probabilities* by it has no effect: normalising undoes it.)",
            "divide the logits by the temperature, before the exp",
        )
    if like(cold, softmax(logits * 0.5)) and like(warm, softmax(logits * 2)):
        raise NotYet(
            "cold and warm are swapped: a low temperature must make the best token more likely.", "logits / temperature"
        )
    for power, what in ((2, "the temperature is in there twice"), (0.5, "the root of the temperature is taken")):
        if like(cold, softmax(logits / 0.5**power)) and like(warm, softmax(logits / 2**power)):
            raise NotYet(
                f"the tokens do not come with probability softmax(logits / temperature): {what}.",
                "divide the logits by the temperature, once",
            )
    if not (like(cold, softmax(logits / 0.5)) and like(warm, softmax(logits / 2))):
        raise NotYet(
            "the tokens do not come with probability softmax(logits / temperature): at temperature 0.5 token 0 came "
            f"in {cold[0]:.0%} of {draws:,} draws, wanted {softmax(logits / 0.5)[0]:.0%}.",
            "p = np.exp((logits - logits.max()) / temperature), divided by its sum",
        )
    largest = "subtract the largest logit before the exp: the probabilities are the same"
    for extreme, temperature, why, hint in (
        ([-1.0, 0.5, 0.2, 1.5, 0.0, 1.0], 1.0, "the logits need not be sorted", "return the place of the token in `logits`"),
        ([2.0, 0.0], 1.0, "there may be two tokens", "rng.choice(len(p), p=p)"),
        ([3.0], 0.7, "with one token there is no choice", "rng.choice(len(p), p=p)"),
        ([1000.0, 0.0], 1.0, "logits of 1000 make exp overflow", largest),
        ([1000.0, 0.0, 0.0, 0.0], 1.0, "logits of 1000 make exp overflow, also after the mean is subtracted", largest),
        ([1000.0, 999.0], 1.0, "logits of 1000 make exp overflow; clipping them makes all alike", largest),
        ([-1000.0, -1001.0, -1003.0], 1.0, "of logits near -1000 exp is 0, and nothing is left to divide by", largest),
        ([0.5, 2.0, 1.0], 1e-4, "at a temperature near 0 the quotients are large, and exp overflows", largest),
        ([-0.5, -1.0], 1e-4, "at a temperature near 0 the quotients are far below 0, and exp is 0", largest),
        ([1.0, 3.0, 3.0], 1e-4, "at a temperature near 0 the two best come equally often", "add nothing that breaks the tie"),
        ([1.0, 3.0, -2.0], 1e4, "at a high temperature all come about equally often", "logits / temperature"),
    ):  # fmt: skip
        _diagnose_extreme(shares, np.array(extreme), temperature, why, hint)
    texts = [[call(answer, logits, 2.0, rng) for _ in range(30)] for rng in map(np.random.default_rng, (7, 7))]
    if texts[0] != texts[1]:
        raise NotYet(
            "with the same generator you draw different tokens: some of the chance comes from elsewhere.", "use rng"
        )


def _diagnose_extreme(
    shares: Callable[..., Array], logits: Float[Array, " V"], temperature: float, why: str, hint: str
) -> None:
    """NotYet unless these logits, too, are drawn with their probabilities."""
    want = softmax((logits - logits.max()) / temperature)
    draws = 30 if want.max() > 0.9999 else 300
    case = f"logits {logits.tolist()} and temperature {temperature:g}"
    try:
        got = shares(temperature, logits, draws)
    except NotYet as no:
        raise NotYet(f"{why}: with {case} {no.what}", hint) from no
    if np.abs(got - want).max() > 0.12:  # over four standard errors
        k = int(np.abs(got - want).argmax())
        raise NotYet(
            f"{why}: with {case} token {k} came in {got[k]:.0%} of {draws:,} draws, wanted {want[k]:.0%}.", hint
        )


def _network(T: int, B: int = 3, D: int = 2, H: int = 5) -> tuple[Array, ...]:
    """x (T, B, D), h_0 (B, H) and the three arrays of a small layer, whose axes all differ in length as they stand here."""
    rng = np.random.default_rng(4)
    shapes = ((T, B, D), (B, H), (D, H), (H, H), (H,))
    return tuple(0.7 * rng.normal(size=shape) for shape in shapes)


EXERCISES = (
    Exercise(
        "04.1", "one step of a recurrent network", rnn_step, diagnose_step,
        hints=(
            "Two products and a bias are added, then tanh is applied to the whole sum.",
            "States and inputs are rows: x @ W_xh is (B, D)(D, H) = (B, H). Do the same with h and W_hh.",
        ),
        praise="Input and memory meet in one sum, and tanh keeps the result in (-1, 1).",
    ),
    Exercise(
        "04.2", "a whole sequence", rnn_forward, diagnose_forward,
        hints=(
            "Make an array with T + 1 rows and put h_0 into row 0. Which two things does step t need?",
            "Inside `for t in range(T)`: h[t + 1] = np.tanh(x[t] @ W_xh + h[t] @ W_hh + b_h).",
        ),
        praise="One set of weights, T steps, and every state is handed on to the next.",
    ),
    Exercise(
        "04.3", "one step backward", rnn_step_backward, diagnose_step_backward,
        hints=(
            "Call what stands inside the tanh z. First find dz from dh: the slope of tanh at z is 1 - tanh(z)**2, and "
            "tanh(z) is something you already have.",
            "z = x W_xh + h_before W_hh + b_h. For each product a b: the gradient of a is dz times b transposed, the "
            "gradient of b is a transposed times dz. The bias was added to every row.",
        ),
        praise="Through the tanh, then through each product with its transpose. Chapter 05 chains T of these.",
    ),
    Exercise(
        "04.4", "consecutive windows of a text", consecutive_windows, diagnose_windows,
        hints=(
            "Cut the text into B pieces of L tokens and lay them side by side as columns. Then cut across: the first T "
            "rows are window 0, the next T rows window 1.",
            "Column b holds positions b L ... b L + L - 1, with L = (len(tokens) - 1) // B. Reshape the first B * L tokens to "
            "(B, L), transpose, keep N * T rows with N = L // T, reshape to (N, T, B). The targets are the same cut of "
            "tokens[1:].",
        ),
        praise="Every column goes on where it stopped, so a state carried to the next window is the right one.",
    ),
    Exercise(
        "04.5", "drawing with a temperature", sample, diagnose_sample,
        hints=(
            "Divide the logits by the temperature, turn them into probabilities, draw with rng.choice.",
            "Subtract the largest before the exp: p = np.exp((logits - logits.max()) / temperature); then "
            "rng.choice(len(p), p=p / p.sum()).",
        ),
        praise="Cold is bold, warm is wild, and neither large logits nor a tiny temperature do harm.",
    ),
)  # fmt: skip
