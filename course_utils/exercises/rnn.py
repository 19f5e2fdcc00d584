"""Exercises of chapter 05: one step, a whole pass, one step backward, consecutive windows, drawing with temperature."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.backward import proportional
from course_utils.exercises.drawing import diagnose_sample, sample
from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.exercises.windows import consecutive_windows, diagnose_windows
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
        raise NotYet("the steps have no activation, so the states can leave (-1, 1).", "np.tanh, as in exercise 05.1")
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
            raise NotYet(f"the activation is {name}; here it is tanh.", "np.tanh, as in exercise 05.1")
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
        raise NotYet("the bias b_h is missing.", "exercise 05.1, once per step")
    if close(h, rnn_forward(x, h_0, weights[0], weights[1].T, 0 * weights[2])):
        raise NotYet(
            "two mistakes at once: W_hh is transposed, and the bias b_h is missing.", "exercise 05.1, once per step"
        )
    agree(h, want, "h", "each step is exercise 05.1: h[t + 1] from x[t] and h[t]")
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


def _network(T: int, B: int = 3, D: int = 2, H: int = 5) -> tuple[Array, ...]:
    """x (T, B, D), h_0 (B, H) and the three arrays of a small layer, whose axes all differ in length as they stand here."""
    rng = np.random.default_rng(4)
    shapes = ((T, B, D), (B, H), (D, H), (H, H), (H,))
    return tuple(0.7 * rng.normal(size=shape) for shape in shapes)


EXERCISES = (
    Exercise(
        "05.1", "one step of a recurrent network", rnn_step, diagnose_step,
        hints=(
            "Two products and a bias are added, then tanh is applied to the whole sum.",
            "States and inputs are rows: x @ W_xh is (B, D)(D, H) = (B, H). Do the same with h and W_hh.",
        ),
        praise="Input and memory meet in one sum, and tanh keeps the result in (-1, 1).",
    ),
    Exercise(
        "05.2", "a whole sequence", rnn_forward, diagnose_forward,
        hints=(
            "Make an array with T + 1 rows and put h_0 into row 0. Which two things does step t need?",
            "Inside `for t in range(T)`: h[t + 1] = np.tanh(x[t] @ W_xh + h[t] @ W_hh + b_h).",
        ),
        praise="One set of weights, T steps, and every state is handed on to the next.",
    ),
    Exercise(
        "05.3", "one step backward", rnn_step_backward, diagnose_step_backward,
        hints=(
            "Call what stands inside the tanh z. First find dz from dh: the slope of tanh at z is 1 - tanh(z)**2, and "
            "tanh(z) is something you already have.",
            "z = x W_xh + h_before W_hh + b_h. For each product a b: the gradient of a is dz times b transposed, the "
            "gradient of b is a transposed times dz. The bias was added to every row.",
        ),
        praise="Through the tanh, then through each product with its transpose. Chapter 06 chains T of these.",
    ),
    Exercise(
        "05.4", "consecutive windows of a text", consecutive_windows, diagnose_windows,
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
        "05.5", "drawing with a temperature", sample, diagnose_sample,
        hints=(
            "Divide the logits by the temperature, turn them into probabilities, draw with rng.choice.",
            "Subtract the largest before the exp: p = np.exp((logits - logits.max()) / temperature); then "
            "rng.choice(len(p), p=p / p.sum()).",
        ),
        praise="Cold is bold, warm is wild, and neither large logits nor a tiny temperature do harm.",
    ),
)  # fmt: skip
