"""Exercises of chapter 04: one step, a whole pass, one step backward, consecutive windows, drawing with temperature."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, same_shape, several
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
    if close(got, np.tanh(x @ W_xh + b_h)):
        raise NotYet(
            "the old state plays no part: this layer forgets everything at every step.", "the second term is h @ W_hh"
        )
    if close(got, np.tanh(h @ W_hh + b_h)):
        raise NotYet("the input plays no part: this layer never reads.", "the first term is x @ W_xh")
    if close(got, np.tanh(x @ W_xh + h @ W_hh)):
        raise NotYet("the bias b_h is missing.", "it is added to every row of the batch")
    if close(got, np.tanh(z + b_h)):
        raise NotYet("the bias is in there twice: one b_h serves both products.", "x @ W_xh + h @ W_hh + b_h")
    if close(got, rnn_step(x, h, W_xh, W_hh.T, b_h)):
        raise NotYet(
            "W_hh is transposed. As it is square, its shape did not warn you: W_hh[i, j] leads from the old unit i to "
            "the new unit j.",
            "states are rows, so the product is h @ W_hh",
        )
    agree(got, want, "the new state")


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
    if not close(h[0], h_0):
        if close(h[0], 0 * h_0):
            raise NotYet("the first row is 0, but there is an initial state.", "h[0] = h_0 before the loop")
        raise NotYet("h[0] is not the initial state: row 0 is what came in.", "h[0] = h_0; the loop fills the rest")
    if close(h[:-1], want[:-1]) and not close(h[-1], want[-1]):
        raise NotYet("all is right but the last state: the loop stops one step early.", "for t in range(T)")
    if close(h[1], x[0] @ weights[0] + h_0 @ weights[1] + weights[2]):
        raise NotYet("the steps have no activation, so the states can leave (-1, 1).", "np.tanh, as in exercise 04.1")
    if close(h[1:], np.stack([rnn_step(x_t, h_0, *weights) for x_t in x])):
        raise NotYet("every step starts from h_0 again: nothing is carried along.", "step t gets h[t], not h_0")
    if close(h[1:], rnn_forward(x, 0 * h_0, *weights)[1:]):
        raise NotYet("h[0] holds the initial state, but the first step started from zeros.", "let step 0 read h[0]")
    if close(h[1:], rnn_forward(x[::-1], h_0, *weights)[1:]):
        raise NotYet("the sequence was read from its end.", "for t in range(T), in this order")
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
    agree(h, want, "h", "each step is exercise 04.1: h[t + 1] from x[t] and h[t]")
    again(answer, rnn_forward, (x[:1], h_0, *weights), (x[:, :2], h_0[:2], *weights))


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
    result = call(answer, *given)
    if not isinstance(result, tuple | list) or len(result) != 5:
        raise NotYet(f"wanted five gradients: {', '.join(GRADIENTS)}.", "end with `return dx, dh_before, ...`")
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
    z = x @ W_xh + h_0 @ W_hh + b_h
    wrong = {
        "the slope of tanh is missing: dz must be dh times the slope.": dh,
        "the parentheses around the slope are missing: dh * 1 - h**2 is dh minus h^2.": dh - h**2,
        "the slope of tanh is 1 - h^2 with h = tanh(z); you squared z, the number before the tanh.": dh * (1 - z**2),
        "you took the slope at the state before the step; the tanh made the state after it.": dh * (1 - h_0**2),
        "that is the slope of the sigmoid, h (1 - h); for tanh it is 1 - h^2.": dh * h * (1 - h),
        "h was squashed a second time: it already is tanh(z).": dh * (1 - np.tanh(h) ** 2),
        "the slope is 1 - h^2, not 1 - h.": dh * (1 - h),
    }
    for what, dz in wrong.items():
        if close(got["db_h"], dz.sum(axis=0)):
            raise NotYet(what, "dz = dh * (1 - h_after**2)")
    if close(got["db_h"], want["db_h"] / len(dh)):
        raise NotYet("db_h is a mean over the batch; gradients of a shared parameter add up.", "sum, not mean")
    agree(got["db_h"], want["db_h"], "db_h", "db_h is the sum of dz over the batch: with dz right, it is right")
    dz = dh * (1 - h**2)
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
    if close(got["dW_hh"], want["dW_hh"].T):
        raise NotYet("dW_hh is transposed: row i belongs to the old unit i.", "h_before.T @ dz")
    around = dict(zip(GRADIENTS, (dh @ W_xh.T, dh @ W_hh.T, x.T @ dh, h_0.T @ dh, dh.sum(axis=0)), strict=True))
    for name in GRADIENTS:
        if close(got[name], around[name]):
            raise NotYet(f"{name} goes around the tanh: you took dh where dz belongs.", "only dz comes from dh")
        if name.startswith("dW") and close(got[name], want[name] / len(x)):
            raise NotYet(f"{name} is a mean over the batch; gradients of a shared parameter add up.", "sum, not mean")
        agree(got[name], want[name], name, "what was it multiplied by on the way forward? Use the transpose of that")


def consecutive_windows(tokens: Int[Array, " L"], T: int, B: int) -> tuple[Int[Array, "N T B"], Int[Array, "N T B"]]:
    L = (len(tokens) - 1) // B
    N = L // T
    columns = np.arange(B) * L
    at = columns + np.arange(N * T)[:, None]
    return tokens[at].reshape(N, T, B), tokens[at + 1].reshape(N, T, B)


def diagnose_windows(answer: Callable[..., Any]) -> None:
    B, T = 3, 4
    tokens = np.arange(100, 139)  # 39 tokens, each once: the numbers say where they stood; N = 3, L = 12 (not 39 // 3)
    want = consecutive_windows(tokens, T, B)
    N = len(want[0])
    result = call(answer, tokens, T, B)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise NotYet("wanted two arrays, inputs and targets.", "end with `return x, y`")
    shape = (N, T, B)
    if np.shape(result[0]) == (N, B, T):
        raise NotYet("your windows are (B, T). In this course time stands first.", "one window has the axes (T, B)")
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


def sample(logits: Float[Array, " V"], temperature: float, rng: np.random.Generator) -> int:
    z = logits / temperature
    p = np.exp(z - z.max())
    return int(rng.choice(len(p), p=p / p.sum()))


def diagnose_sample(answer: Callable[..., Any]) -> None:
    logits, draws = np.log([0.5, 0.3, 0.2]), 3_000

    def shares(temperature: float) -> Float[Array, " V"]:
        rng, no = (
            np.random.default_rng(4),
            NotYet("wanted one token, an integer from 0 to V - 1.", "rng.choice(len(p), p=p)"),
        )
        if np.asarray(call(answer, logits, temperature, np.random.default_rng(4))).dtype.kind not in "iu":
            raise no
        drawn = np.array([call(answer, logits, temperature, rng) for _ in range(draws)])
        if drawn.ndim != 1 or drawn.min() < 0 or drawn.max() >= len(logits):
            raise no
        return np.bincount(drawn, minlength=len(logits)) / draws

    def like(got: Float[Array, " V"], p: Float[Array, " V"]) -> bool:
        return bool(np.abs(got - p).max() < 0.04)  # over four standard errors

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
    if not (like(cold, softmax(logits / 0.5)) and like(warm, softmax(logits / 2))):
        raise NotYet(
            "the tokens do not come with probability softmax(logits / temperature): at temperature 0.5 token 0 came "
            f"in {cold[0]:.0%} of {draws:,} draws, wanted {softmax(logits / 0.5)[0]:.0%}.",
            "z = logits / temperature; p = exp(z) / sum",
        )
    large = np.array([1000.0, 0.0])
    with np.errstate(all="ignore"):
        try:
            token = call(answer, large, 1.0, np.random.default_rng(0))
        except NotYet as no:
            raise NotYet(
                "logits of 1000 make exp overflow.", "subtract the largest z before the exp: p is the same"
            ) from no
    agree(token, 0, "the token drawn from logits [1000, 0]", "subtract the largest z before the exp")
    texts = [[call(answer, logits, 2.0, rng) for _ in range(30)] for rng in map(np.random.default_rng, (7, 7))]
    if texts[0] != texts[1]:
        raise NotYet(
            "with the same generator you draw different tokens: some of the chance comes from elsewhere.", "use rng"
        )


def _network(T: int) -> tuple[Array, ...]:
    """x (T, B, D), h_0 (B, H) and the three arrays of a small layer whose axes all differ in length."""
    rng = np.random.default_rng(4)
    B, D, H = 3, 2, 5
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
            "Column b holds positions b L ... b L + L - 1. Reshape B * L tokens to (B, L), transpose, keep N * T rows, "
            "reshape to (N, T, B). The targets are the same cut of tokens[1:].",
        ),
        praise="Every column goes on where it stopped, so a state carried to the next window is the right one.",
    ),
    Exercise(
        "04.5", "drawing with a temperature", sample, diagnose_sample,
        hints=(
            "Divide the logits by the temperature, turn them into probabilities, draw with rng.choice.",
            "z = logits / temperature; p = np.exp(z - z.max()); p /= p.sum(); rng.choice(len(p), p=p).",
        ),
        praise="Cold is bold, warm is wild, and large logits do no harm.",
    ),
)  # fmt: skip
