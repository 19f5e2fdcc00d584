"""Exercises of chapter 05: one step, a whole pass, one step backward, consecutive windows, drawing with temperature."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.backward import proportional
from course_utils.exercises.drawing import diagnose_sample, sample
from course_utils.exercises.exercise import Exercise, NotYet, again, call, close, edge, several
from course_utils.exercises.returned import shape_of
from course_utils.exercises.slips import Diagnosis, Part, Slip, slips
from course_utils.exercises.windows import consecutive_windows, diagnose_windows
from course_utils.tree import Array


def rnn_step(
    x: Float[Array, "B D"],
    h: Float[Array, "B H"],
    W_xh: Float[Array, "D H"],
    W_hh: Float[Array, "H H"],
    b_h: Float[Array, "H"],
) -> Float[Array, "B H"]:
    return np.tanh(x @ W_xh + h @ W_hh + b_h)


def _step(B: int = 3, D: int = 2, H: int = 5) -> tuple[Array, ...]:
    x, *others = _network(1, B, D, H)
    return x[0], *others


def _network(T: int = 4, B: int = 3, D: int = 2, H: int = 5) -> tuple[Array, ...]:
    """x (T, B, D), h_0 (B, H) and the three arrays of a small layer, whose axes all differ in length as they stand here."""
    rng = np.random.default_rng(4)
    shapes = ((T, B, D), (B, H), (D, H), (H, H), (H,))
    return tuple(0.7 * rng.normal(size=shape) for shape in shapes)


SUM, NEW = "x @ W_xh + h @ W_hh + b_h", "np.tanh(x @ W_xh + h @ W_hh + b_h)"
PART_ONLY = "tanh was applied to a part only; the sum can leave (-1, 1)."

mistakes_in_step = Diagnosis(
    rnn_step, _step, "the new state", hint=NEW,
    slips=(
        Slip(NEW, "h", "the state comes out as it went in, which is what the stub did.", SUM),
        Slip(NEW, SUM, "the sum is right; the activation is missing.", "np.tanh of all of it"),
        *slips(NEW, "np.tanh", {
            f"1 / (1 + np.exp(-({SUM})))": "you squashed with the sigmoid, whose values lie in (0, 1): here it is tanh, in (-1, "
                   "1).",
            f"np.maximum({SUM}, 0)": "that is the ReLU; here the activation is tanh.",
            f"np.clip({SUM}, -1, 1)": "you cut the sum off at -1 and 1; tanh bends towards them.",
            f"np.sin({SUM})": "that is the sine.",
            f"np.arctan({SUM})": "that is the arc tangent.",
            f"np.tanh(({SUM}) / 2)": "you halved the sum: tanh(z / 2) is 2 σ(z) - 1, the sigmoid stretched to (-1, 1).",
            f"np.tanh({NEW})": "tanh was applied twice.",
        }),
        Slip(f"return {NEW}", f"e = np.exp({SUM})\n    return e / e.sum(axis=1, keepdims=True)", "that is softmax, which makes "
             "a row sum to 1; here each unit has its own tanh.", "np.tanh"),
        *slips(NEW, "first add everything, then tanh", {
            "np.tanh(x @ W_xh) + np.tanh(h @ W_hh + b_h)": PART_ONLY,
            "np.tanh(x @ W_xh) + np.tanh(h @ W_hh) + b_h": PART_ONLY,
            "np.tanh(x @ W_xh + b_h) + h @ W_hh": PART_ONLY,
            "np.tanh(x @ W_xh + h @ W_hh) + b_h": PART_ONLY,
            "x @ W_xh + np.tanh(h @ W_hh + b_h)": PART_ONLY,
        }),
        *slips(SUM, SUM, {
            "x @ W_xh + b_h": "the old state plays no part: this layer forgets everything at every step.",
            "h @ W_hh + b_h": "the input plays no part: this layer never reads.",
            "x @ W_xh + h @ W_hh": "the bias b_h is missing.",
            "x @ W_xh + h @ W_hh - b_h": "the bias is subtracted.",
            "x @ W_xh + b_h + h @ W_hh + b_h": "the bias is in there twice: one b_h serves both products.",
            "x @ W_xh + h @ W_hh.T + b_h": "W_hh is transposed. As it is square, its shape did not warn you: W_hh[i, j] leads "
                                           "from the old unit i to the new unit j.",
            "x @ W_xh + h @ W_hh.T": "two mistakes at once: W_hh is transposed, and the bias b_h is missing.",
        }),
        *slips(NEW, "np.tanh of the sum, and nothing else", {
            f"h + {NEW}": "the old state is added to the new one; in this layer it has one path, through W_hh.",
            f"(h + {NEW}) / 2": "that is the mean of the old state and the new one; here the new one takes its place.",
            "np.tanh(x @ W_xh) * np.tanh(h @ W_hh)": "the two products are multiplied; they are added.",
        }),
    ),
)  # fmt: skip


def diagnose_step(answer: Callable[..., Any]) -> None:
    mistakes_in_step(answer)
    x, h, *weights = _step()
    again(answer, rnn_step, (2 * x[::-1], rnn_step(x, h, *weights), *weights))
    for words, _, *sizes in SIZES:
        edge(words, answer, rnn_step, *(case := _step(*sizes)))
    edge(
        "sums of a thousand and more, where tanh is 1 or -1",
        answer,
        rnn_step,
        1e5 * case[0],
        *case[1:],
        hint="np.tanh does no harm there; a tanh made of np.exp overflows",
    )


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
    b_h: Float[Array, "H"],
) -> Float[Array, "T+1 B H"]:
    T, (B, H) = len(x), h_0.shape
    h = np.empty((T + 1, B, H))
    h[0] = h_0
    for t in range(T):
        h[t + 1] = np.tanh(x[t] @ W_xh + h[t] @ W_hh + b_h)
    return h


STEP, EACH_STEP = "np.tanh(x[t] @ W_xh + h[t] @ W_hh + b_h)", "each step is exercise 05.1: h[t + 1] from x[t] and h[t]"

mistakes_in_forward = Diagnosis(
    rnn_forward, _network, "h",
    parts=(
        Part("h[0], the initial state", lambda h: h[0], "h[0] = h_0; the loop fills the rest"),
        Part("h[1]", lambda h: h[1], EACH_STEP),
        Part("h", lambda h: h, EACH_STEP),
    ),
    slips=(
        Slip("return h", "h[:] = h[-1]\n    return h", "all rows are the last state: one and the same array was appended each "
             "time, and h[:] = ... changes them all.", "make a new array at each step: h = np.tanh(...)", whole=True),
        Slip(STEP, "h_0", "every row is h_0, which is what the stub did.", "h[t + 1] is made from x[t] and h[t]", whole=True),
        *(Slip("return h", wrong, what, "h[0] = h_0, and h[t + 1] from x[t] and h[t]", whole=True) for wrong, what in (
            ("return h[::-1]", "the states stand in reverse order."),
            ("return np.roll(h, -1, axis=0)", "the initial state stands in the last row (h[-1]); it is to be row 0."),
        )),
        Slip("h[0] = h_0", "h[0] = 0", "the first row is 0, but there is an initial state.", "h[0] = h_0 before the loop"),
        Slip("return h", "h[0] = h[1]\n    return h", "h[0] is not the initial state: row 0 is what came in.", "h[0] = h_0; the "
             "loop fills the rest"),
        *(Slip(old, new, "all is right but the last state: the loop stops one step early.", "for t in range(T)") for old, new in (
            (("np.empty", "range(T)"), ("np.zeros", "range(T - 1)")), ("return h", "h[-1] = h[-2]\n    return h"),
        )),
        *slips(STEP, "np.tanh, as in exercise 05.1", {
            "x[t] @ W_xh + h[t] @ W_hh + b_h": "the steps have no activation, so the states can leave (-1, 1).",
            "1 / (1 + np.exp(-(x[t] @ W_xh + h[t] @ W_hh + b_h)))": "the activation is the sigmoid; here it is tanh.",
            "np.maximum(x[t] @ W_xh + h[t] @ W_hh + b_h, 0)": "the activation is the ReLU; here it is tanh.",
        }),
        Slip("h[t] @", "h_0 @", "every step starts from h_0 again: nothing is carried along.", "step t gets h[t], not h_0"),
        Slip("h[t] @", "(h[t] if t else 0 * h_0) @", "h[0] holds the initial state, but the first step started from zeros.",
             "let step 0 read h[0]"),
        Slip("x[t] @", "x[-1 - t] @", "the sequence was read from its end.", "for t in range(T), in this order", whole=True),
        *slips("x[t] @", "h[t + 1] comes from x[t] and h[t]", {
            "x[t - 1] @": "the first step reads x[-1], the last input: x counts from 0.",
            "x[(t + 1) % T] @": "the first step reads x[1]: inputs and states are out of step.",
        }),
        Slip("h[t + 1] = ", "h[t + 1] = h[t] + ", "each new state is added to the old one; it takes its place.",
             "h[t + 1] = np.tanh(...)"),
        Slip(f"h[t + 1] = {STEP}", """for b in range(B):
            before = h[t + 1, b - 1] if b else h[t, -1] if t else h_0[0]
            h[t + 1, b] = np.tanh(x[t, b] @ W_xh + before @ W_hh + b_h)""", "the state runs from one sequence of the batch into "
             "the next, as if they were one text.", "axis 0 is time, axis 1 the batch: loop over the first, never over the second"
),
        Slip("h[t] @ W_hh", "h[t] @ W_hh.T", "W_hh is transposed.", "h[t] @ W_hh"),
        *slips("h[t] @ W_hh + b_h", "exercise 05.1, once per step", {
            "h[t] @ W_hh": "the bias b_h is missing.",
            "h[t] @ W_hh.T": "two mistakes at once: W_hh is transposed, and the bias b_h is missing.",
        }),
    ),
)  # fmt: skip


def diagnose_forward(answer: Callable[..., Any]) -> None:
    x, h_0, *weights = given = _network()
    T, (B, H) = len(x), h_0.shape
    got, want = call(answer, *given), rnn_forward(*given)
    shape = shape_of(got)
    if shape == (B, H):
        last = ", the last one" if close(got, want[-1]) else ""
        raise NotYet(f"that is one state{last}; wanted all T + 1 of them.", "np.empty((T + 1, B, H))")
    if shape in ((B, T, H), (B, T + 1, H)):
        raise NotYet(
            "your states are (B, T, H). In this course time stands first.", "h[t] is the state (B, H) of step t"
        )
    if shape == (T, B, H):
        raise NotYet(
            f"there are {T} states, one for each step; the state that came in is missing. (T+1 rows keep the "
            "bookkeeping simple: h[t] is what step t gets, h[t+1] what it makes.)",
            "np.empty((T + 1, B, H)), and h[0] = h_0",
        )
    if shape == (T + 1, B, H) and np.asarray(got).dtype.kind in "iu":
        raise NotYet("your array holds integers, so every state lost its fraction.", "np.empty((T + 1, B, H))")
    mistakes_in_forward.name(got)
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


def _step_backward(B: int = 3, D: int = 2, H: int = 5) -> tuple[Array, ...]:
    x, h, W_xh, W_hh, b_h = _step(B, D, H)
    return np.random.default_rng(9).normal(size=(B, H)), x, h, rnn_step(x, h, W_xh, W_hh, b_h), W_xh, W_hh


GRADIENTS = ("dx", "dh_before", "dW_xh", "dW_hh", "db_h")
FORWARD = "what was it multiplied by on the way forward? Use the transpose of that"

mistakes_in_step_backward = Diagnosis(
    rnn_step_backward, _step_backward, ", ".join(GRADIENTS),
    parts=(
        Part("db_h", lambda *got: got[4], "db_h is the sum of dz over the batch: with dz right, it is right"),
        *(Part(name, lambda *got, k=k: got[k], FORWARD) for k, name in enumerate(GRADIENTS[:4])),
    ),
    slips=(
        Slip("dz.sum(axis=0)", "dz", "db_h has a row for each sequence of the batch. One b_h served them all, so its gradient is "
             "their sum.", "dz.sum(axis=0)"),
        Slip("dh * (1 - h_after**2)", "0 * dh", "all gradients are 0, which is what the stub did.", "start with dz, the gradient "
             "before the tanh", whole=True),
        Slip("dh * (1 - h_after**2)", "-dh * (1 - h_after**2)", "all five have the opposite sign. Going downhill is the "
             "optimiser's business.", "no minus", whole=True),
        *slips("dh * (1 - h_after**2)", "dz = dh * (1 - h_after**2)", {
            "0 * dh + 1 - h_after**2": "that is the slope alone: dh, what comes back from the loss, plays no part.",
            "dh / (1 - h_after**2)": "you divided by the slope of tanh; going back through tanh multiplies by it.",
            "dh * (1 - h_after**2) ** 2": "the slope is in there twice.",
            "dh * np.sqrt(1 - h_after**2)": "the slope is the root of 1 - h^2; take it as it is.",
            "dh * h_after": "you multiplied by h_after, which is tanh(z), not its slope.",
            "dh * (1 + h_after**2)": "the slope of tanh is 1 - h^2, not 1 + h^2.",
            "dh * (1 - np.abs(h_after))": "the slope of tanh is 1 - h^2; you took 1 - |h|.",
            "dh": "the slope of tanh is missing: dz must be dh times the slope.",
            "dh * 1 - h_after**2": "the parentheses around the slope are missing: dh * 1 - h**2 is dh minus h^2.",
            "dh * (1 - np.arctanh(h_after) ** 2)": "the slope of tanh is 1 - h^2 with h = tanh(z); you squared z, the number "
                                                   "before the tanh.",
            "dh * (1 - h_before**2)": "you took the slope at the state before the step; the tanh made the state after it.",
            "dh * h_after * (1 - h_after)": "that is the slope of the sigmoid, h (1 - h); for tanh it is 1 - h^2.",
            "dh * (1 - np.tanh(h_after) ** 2)": "h was squashed a second time: it already is tanh(z).",
            "dh * (1 - h_after)": "the slope is 1 - h^2, not 1 - h.",
            "dh / (1 + np.exp(-h_after)) / (1 + np.exp(h_after))": "the slope of the sigmoid was taken, of a sigmoid besides: "
                                                                   "σ(h) (1 - σ(h)).",
        }),
        Slip("dz.sum(axis=0)", "dh.sum(axis=0) * (1 - h_after**2).sum(axis=0)", "dh and the slope were summed on their own and "
             "then multiplied.", "multiply row by row, then sum"),
        Slip(("dz @ W_hh.T", "h_before.T @ dz"), ("dz @ W_hh", "dz.T @ h_before"), "two mistakes at once: dh_before goes "
             "through W_hh without the transpose, and dW_hh is transposed.", "dz @ W_hh.T, and h_before.T @ dz", whole=True),
        *slips("dz @ W_hh.T", "dz @ W_hh.T", {
            "dz @ W_hh": "dh_before goes through W_hh the same way as the state did. Backward it is the transpose; the square "
                         "shape hides the mistake.",
            "dh @ W_hh.T": "dh_before skips the tanh: it must start from dz, not from dh.",
            "dz @ W_hh.T + dh": "dh was added to dh_before; in this layer the old state has one way out, through W_hh.",
            "dz @ W_hh.T * (1 - h_before**2)": "dh_before went through the slope of the step before, too. That is the next step "
                                               "back, and not asked for.",
        }),
        *slips("h_before.T @ dz", "h_before.T @ dz", {
            "h_after.T @ dz": "dW_hh was made with the state after the step. W_hh was multiplied by the one before it.",
            "dz.T @ h_before": "dW_hh is transposed: row i belongs to the old unit i.",
        }),
        *(Slip(right, right.replace("dz", "dh"), f"{name} goes around the tanh: you took dh where dz belongs.", "only dz comes "
          "from dh")
          for name, right in (("dx", "dz @ W_xh.T"), ("dW_xh", "x.T @ dz"), ("dW_hh", "h_before.T @ dz"))),
        *(Slip(right, f"{right} / len(dh)", f"{name} is a mean over the batch; gradients of a shared parameter add up.", "sum, "
               "not mean") for name, right in (("dW_xh", "x.T @ dz"), ("dW_hh", "h_before.T @ dz"), ("db_h", "dz.sum(axis=0)"))),
    ),
)  # fmt: skip


def diagnose_step_backward(answer: Callable[..., Any]) -> None:
    dh, *saved, W_xh, W_hh = given = _step_backward()
    got = several(call(answer, *given), ", ".join(GRADIENTS), 5)
    shapes, returned = [part.shape for part in rnn_step_backward(*given)], list(map(shape_of, got))
    if returned != shapes and None not in returned and sorted(map(str, returned)) == sorted(map(str, shapes)):
        raise NotYet("the five gradients come in another order.", f"return {', '.join(GRADIENTS)}")
    mistakes_in_step_backward.name(got)
    again(answer, rnn_step_backward, (dh[::-1], *saved, W_xh, W_hh))
    proportional(answer, rnn_step_backward, 1, *given)
    for words, _, *sizes in SIZES:
        edge(words, answer, rnn_step_backward, *_step_backward(*sizes))
    x, h_before, h_after = saved
    saturated = np.where(np.arange(h_after.size).reshape(h_after.shape) % 3, np.sign(h_after), h_after)
    case = dh, x, h_before, saturated, W_xh, W_hh
    edge("units at exactly 1 and -1, where the slope is 0", answer, rnn_step_backward, *case)


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
