"""Exercises of chapter 09: one step, one step backward, half-lives and biases to match, who put what into the cell."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.backward import proportional
from course_utils.exercises.exercise import Exercise, NotYet, again, call, edge
from course_utils.exercises.gates import other_orders, other_planes
from course_utils.exercises.lstm_examples import edges, gradients, step
from course_utils.exercises.slips import Diagnosis, Instead, Part, Slip, slips
from course_utils.tree import Array

GATES = ("i", "f", "o", "c_tilde")
LIBRARIES: dict[tuple[str, ...], str] = {
    ("i", "f", "c_tilde", "o"): ", which is that of PyTorch and Keras",
    ("i", "c_tilde", "f", "o"): ", which is that of TensorFlow's BasicLSTMCell",
}
"""Orders of the gates that learners bring along."""


def lstm_step(
    x: Float[Array, "B D"],
    h: Float[Array, "B H"],
    c: Float[Array, "B H"],
    W_x: Float[Array, "4 D H"],
    W_h: Float[Array, "4 H H"],
    b: Float[Array, "4 H"],
) -> tuple[Float[Array, "B H"], Float[Array, "B H"]]:
    a = [x @ W_x[k] + h @ W_h[k] + b[k] for k in range(4)]
    i, f, o = (1 / (1 + np.exp(-a[k])) for k in range(3))
    c_tilde = np.tanh(a[3])
    c = f * c + i * c_tilde
    return o * np.tanh(c), c


PLANES = "weights 0 belong to i, 1 to f, 2 to o, 3 to c_tilde"
CELL = "c = f * c + i * c_tilde"
SHOWN = "h = o * np.tanh(c), with the new c"

mistakes_in_step = Diagnosis(
    lstm_step, step, "h and c",
    parts=(
        Part("the cell c", lambda h, c: c, "print i, f and c_tilde, and compare each with its equation: which one differs?"),
        Part("the state h", lambda h, c: h, SHOWN),
    ),
    slips=(
        Instead(lambda x, h, c, *weights: (h, c), "state and cell come out as they went in, which is what the stub did.",
                "begin with the four a", whole=True),
        Slip("o * np.tanh(c), c", "c, o * np.tanh(c)", "the two are swapped.", "return h, c", whole=True),
        *slips("f * c + i * c_tilde", PLANES, {
            "i * c + f * c_tilde": "the input gate and the forget gate are swapped: f must act on the old cell, i on the "
                                   "candidate. (Nothing warns you: the shapes are the same.)",
            "o * c + i * c_tilde": "the output gate acts on the old cell.",
            "f * c + o * c_tilde": "the output gate acts on the candidate.",
        }),
        *slips("f * c + i * c_tilde", CELL, {
            "f * c + c_tilde": "the input gate is missing: everything enters the cell.",
            "c + i * c_tilde": "the forget gate is missing: nothing is ever dropped. (So it was in 1997!)",
            "i * c_tilde": "the old cell plays no part.",
            "f * c": "nothing new enters the cell.",
            "f * c + (1 - f) * c_tilde": "you took 1 - f where i belongs, as a GRU does. In an LSTM keeping and adding are two "
                                         "decisions.",
            "np.tanh(f * c + i * c_tilde)": "the cell itself was squashed. It stays as it is; only what h shows of it goes "
                                            "through tanh.",
        }),
        *slips("np.tanh(a[3])", "c_tilde = np.tanh(a[3])", {
            "1 / (1 + np.exp(-a[3]))": "the candidate went through the sigmoid, so it can only add; it is tanh, which adds and "
                                       "subtracts.",
            "a[3]": "the candidate misses its tanh.",
            "np.tanh(a[2])": "the candidate was made with weights 2, as PyTorch has it. Here they belong to the output gate.",
        }),
        *slips("1 / (1 + np.exp(-a[k]))", "1 / (1 + np.exp(-a)) for i, f and o", {
            "a[k]": "the gates miss their sigmoid.",
            "np.tanh(a[k])": "the gates went through tanh, which reaches from -1 to 1; a gate is a share, between 0 and 1.",
        }),
        *slips("x @ W_x[k] + h @ W_h[k] + b[k]", "a[k] = x @ W_x[k] + h @ W_h[k] + b[k]", {
            "x @ W_x[k] + b[k]": "the gates do not see the old state h.",
            "h @ W_h[k] + b[k]": "the gates do not see the input x.",
            "x @ W_x[k] + c @ W_h[k] + b[k]": "the gates look at the cell; they look at h.",
            "x @ W_x[k] + h @ W_h[k]": "the biases are missing.",
            "x @ W_x[k] + h @ W_h[k].T + b[k]": "W_h is transposed.",
        }),
        *(Instead(read, f"you read the weights in the order {', '.join(order)}{LIBRARIES.get(order, '')}.", PLANES, whole=True)
          for order, read in other_orders(lstm_step, GATES) if order != ("f", "i", "o", "c_tilde")),  # which swaps i and f
        *other_planes(lstm_step, GATES),
        *slips("o * np.tanh(c), c", SHOWN, {
            "o * c, c": "h misses the tanh: it can leave (-1, 1).",
            "o / (1 + np.exp(-c)), c": "h has the sigmoid of the cell where tanh belongs.",
            "a[2] * np.tanh(c), c": "the output gate misses its sigmoid.",
            "np.tanh(a[2]) * np.tanh(c), c": "the output gate went through tanh; a gate is a sigmoid.",
            "o * c_tilde, c": "h shows the candidate, not the cell.",
            "np.tanh(c), c": "h misses the output gate.",
            "np.tanh(o * c), c": "in h the gate stands inside the tanh.",
            "i * np.tanh(c), c": "h uses the input gate in place of the output gate.",
            "f * np.tanh(c), c": "h uses the forget gate in place of the output gate.",
        }, "c is right; {}"),
        Slip(("c = f * c", "np.tanh(c), c"), ("new = f * c", "np.tanh(c), new"), "c is right; h was told from the old cell, "
             "before this step.", SHOWN),
    ),
)  # fmt: skip


def diagnose_step(answer: Callable[..., Any]) -> None:
    mistakes_in_step(answer)
    x, h, c, *weights = step()
    again(answer, lstm_step, (x[::-1], -h, -c, *weights), step(2, 5, 3, seed=80))
    for words, case in edges():
        edge(words, answer, lstm_step, *case)


def lstm_step_backward(
    dh: Float[Array, "B H"],
    dc_future: Float[Array, "B H"],
    i: Float[Array, "B H"],
    f: Float[Array, "B H"],
    o: Float[Array, "B H"],
    c_tilde: Float[Array, "B H"],
    c_before: Float[Array, "B H"],
    c: Float[Array, "B H"],
) -> tuple[Float[Array, "4 B H"], Float[Array, "B H"]]:
    told = np.tanh(c)  # (B, H), as all that is given
    dc = dc_future + dh * o * (1 - told**2)
    da_i = dc * c_tilde * i * (1 - i)
    da_f = dc * c_before * f * (1 - f)
    da_o = dh * told * o * (1 - o)
    da_c = dc * i * (1 - c_tilde**2)
    return np.stack([da_i, da_f, da_o, da_c]), dc * f


SOURCES = {
    "i": ("dc * c_tilde * i * (1 - i)", "dc times c_tilde, which i was multiplied by going forward, times its slope i * (1 - i)"),
    "f": ("dc * c_before * f * (1 - f)", "dc times c_before, which f was multiplied by going forward, times its slope f * (1 - f)"
          ),
    "o": ("dh * told * o * (1 - o)", "dh times tanh(c), which o was multiplied by going forward, times its slope o * (1 - o)"),
    "c_tilde": ("dc * i * (1 - c_tilde**2)", "dc times i, which c_tilde was multiplied by going forward, times its slope "
                                             "1 - c_tilde²"),
}  # fmt: skip
"""Of each gate, the gradient and what it consists of."""
LATE = "a parenthesis closes too late: (1 - tanh(c)²) is one factor, and dh multiplies it from outside"
FROM_H, TANH = "dh * o * (1 - tanh(c)²)", "1 - np.tanh(c)**2"
GATE_MISTAKES = {
    "i": {
        "dc * c_tilde": "the slope of the sigmoid is missing",
        "dc * c_tilde * (1 - i**2)": "its slope is that of tanh",
        "dc * c_before * i * (1 - i)": "it was multiplied by the old cell, which is what the forget gate acts on",
        "dc * i * (1 - i)": "it misses the candidate",
        "dc * c_tilde / (1 + np.exp(-i)) / (1 + np.exp(i))": "i is a sigmoid already, and the sigmoid was applied once more",
        "(dc_future * c_tilde + o * (1 - told**2 * c_tilde * dh)) * i * (1 - i)": LATE,
    },
    "f": {
        "dc * c_before": "the slope of the sigmoid is missing",
        "dc * c_before * (1 - f**2)": "its slope is that of tanh",
        "dc * c * f * (1 - f)": "it was multiplied by the cell after the step; f_t acted on the one before",
        "dc * c_tilde * f * (1 - f)": "it was multiplied by the candidate, which is what the input gate acts on",
        "dc * f * (1 - f)": "it misses the old cell",
        "dc * c_before / (1 + np.exp(-f)) / (1 + np.exp(f))": "f is a sigmoid already, and the sigmoid was applied once more",
        "(dc_future * c_before + o * (1 - told**2 * c_before * dh)) * f * (1 - f)": LATE,
    },
    "o": {
        "dh * told": "the slope of the sigmoid is missing",
        "dh * told * (1 - o**2)": "its slope is that of tanh",
        "dh * c * o * (1 - o)": "it was multiplied by c_t; the gate acts on tanh(c_t)",
        "dc * told * o * (1 - o)": "it starts from dc; the output gate touches only h_t, so it starts from dh",
        "dh * told / (1 + np.exp(-o)) / (1 + np.exp(o))": "o is a sigmoid already, and the sigmoid was applied once more",
        "dh * np.tanh(told) * o * (1 - o)": "it was multiplied by the tanh of tanh(c)",
        "dh * (1 - told**2) * o * (1 - o)": "the slope of tanh is in it; that stands on the way from h to the cell",
    },
    "c_tilde": {
        "dc * i": "the slope of tanh is missing",
        "dc * i * c_tilde * (1 - c_tilde)": "its slope is that of the sigmoid; the candidate is tanh",
        "dc * (1 - c_tilde**2)": "it misses the input gate",
        "dc * i * (1 - np.tanh(c_tilde) ** 2)": "c_tilde is tanh(a) already, and tanh was applied once more",
        "dc * i * (1 - c_tilde)": "the slope of tanh is 1 - c_tilde², not 1 - c_tilde",
        "(dc_future * i + o * (1 - told**2 * i * dh)) * (1 - c_tilde**2)": LATE,
        "dc * f * (1 - c_tilde**2)": "it was multiplied by the forget gate; it enters the cell through the input gate",
    },
}
"""Of each gate, what can be written for its gradient."""

mistakes_in_step_backward = Diagnosis(
    lstm_step_backward, lambda: gradients(9, *step()), "da and dc_before",
    parts=(
        *(Part(f"the gradient of {gate}, da[{k}]", lambda da, dc, k=k: da[k], "product rule, then the slope of its activation")
          for k, gate in enumerate(GATES)),
        Part("dc_before", lambda da, dc: dc, "dc_before = dc * f"),
    ),
    slips=(
        Slip("np.stack([da_i, da_f, da_o, da_c]), dc * f", "dc * f, np.stack([da_i, da_f, da_o, da_c])", "the two are swapped.",
             "return da, dc_before", whole=True),
        Slip("np.stack([da_i, da_f, da_o, da_c]), dc * f", "np.zeros((4, *c.shape)), 0 * c", "all gradients are 0, which is what "
             "the stub did.", "begin with dc, all that reaches the cell c_t", whole=True),
        # The cell first: whatever is wrong with dc is wrong in three gates, and has one cause.
        *slips("dc_future + dh * o * (1 - told**2)", "dc = dc_future + dh * o * (1 - tanh(c)²), and dc_before = dc * f", {
            "dh * o * (1 - told**2)": "dc misses the path through f_{t+1}: the cell goes on to the next step, and what comes "
                                      "back from there, dc_future, is not added. It is the path that makes memory last.",
            "dc_future * f + dh * o * (1 - told**2)": "dc_future was multiplied by this step's forget gate before it reached "
                                                      "c_t. It has passed f_{t+1} already; f_t belongs to what goes on to "
                                                      "c_{t-1}.",
            "(dc_future + dh * o) * (1 - told**2)": "dc_future was sent through the tanh, too; it arrives at c_t itself.",
            "(dc_future + dh) * o * (1 - told**2)": "dc_future was sent through the output gate and the tanh, too; it arrives at "
                                                    "c_t itself.",
        }),
        *slips("dh * o * (1 - told**2)", FROM_H, {
            "0": "dc misses the path through h_t: the cell is also told, h_t = o * tanh(c_t).",
            "dh": "dh was added to dc as it is: between h_t and c_t stand the output gate and a tanh.",
            "dh * (1 - told**2)": "dc misses the output gate, on the path from h_t to c_t.",
            "dh * o * (1 - told**2) ** 2": "the slope of tanh is in dc twice.",
            "dh * o * 1 - told**2": "the parentheses around the slope are missing: dh * o * 1 - tanh(c)² is dh * o minus "
                                    "tanh(c)².",
        }),
        *slips("dh * o * (1 - told**2)", TANH, {
            "dh * o": "in dc the slope of tanh is missing, on the path from h_t to c_t.",
            "dh * o * (1 - c**2)": "you took the slope of tanh as 1 - c²; but c is what tanh was applied to.",
            "dh * o * (1 - np.tanh(c_before) ** 2)": "the slope of tanh was taken at the old cell; h_t tells the new one.",
            "dh * o * (1 - np.tanh(told) ** 2)": "in dc tanh was applied twice: the slope is 1 - tanh(c)².",
            "dh * o * (1 - told)": "the slope of tanh is 1 - tanh(c)², you used 1 - tanh(c).",
            "dh * o * told": "you multiplied by tanh(c), which is not its slope.",
        }),
        Slip(("dc * c_tilde", "dc * c_before"), ("dc * c_before", "dc * c_tilde"), "the input gate and the forget gate are "
             "swapped: i_t was multiplied by the candidate, f_t by the old cell.", "da_i has c_tilde in it, da_f has c_before",
             whole=True),
        *(Slip("da_i, da_f, da_o, da_c", ", ".join(f"da_{name[0]}" for name in order), "the four are right and stand in another "
               f"order: {', '.join(order)}{LIBRARIES.get(order, '')}.", "i, f, o, c_tilde", whole=True)
          for order in permutations(GATES) if order != GATES),
        *(slip for gate, (right, hint) in SOURCES.items()
          for slip in slips(right, hint, GATE_MISTAKES[gate], f"the gradient of {gate}: {{}}.")),
        *(Slip(SOURCES[gate][0], SOURCES[other][0], f"the gradient of {gate}, da[{k}], is that of {other}.", "each gate has a "
               "line of its own") for k, gate in enumerate(GATES) for other in GATES if other != gate),
        *slips(", dc * f", "dc_before = dc * f", {
            ", dc": "dc_before is dc as it is. Going forward the old cell was multiplied by f_t.",
            ", dc_future * f": "dc_before carries on only what came from the future, not what came through h_t.",
            ", (dc - dc_future) * f": "dc_before misses dc_future.",
            ", dc * i": "dc_before went through the input gate.",
            ", dc * o": "dc_before went through the output gate.",
            ", dc * f * (1 - f)": "dc_before needs no slope: f_t is a plain factor, dc_{t-1}/dc_t = f_t.",
        }, "all gates are right; {}"),
    ),
)  # fmt: skip


def diagnose_step_backward(answer: Callable[..., Any]) -> None:
    mistakes_in_step_backward(answer)
    dh, future, *saved = given = gradients(9, *step())
    again(answer, lstm_step_backward, (future, dh, *saved), gradients(90, *step(2, 5, 3, seed=80)))
    proportional(answer, lstm_step_backward, 2, *given)
    for seed, (words, case) in enumerate(edges()):
        edge(words, answer, lstm_step_backward, *gradients(seed, *case))


def half_life(b_f: Float[Array, "H"]) -> Float[Array, "H"]:
    log_f = -np.logaddexp(0, -b_f)  # of f = 1 / (1 + exp(-b_f)), also where f itself would round to 1
    return np.log(0.5) / log_f


FRACTION, LOGARITHMS = "np.log(0.5) / log_f", "np.log(0.5) / np.log(f)"

mistakes_in_half_life = Diagnosis(
    half_life, lambda: (np.array([-1.0, 0.0, 1.0, 4.0]),), "the half-lives",
    parts=(Part("the half-life at b_f = -1, 0, 1, 4", lambda got: got, "f = sigmoid(b_f); n = log(1/2) / log(f)"),),
    slips=(
        Slip(FRACTION, "0 * b_f", "all are 0, which is what the stub did.", "after n steps f**n is left; for which n is that 1/2?"
             ),
        Slip(FRACTION, "np.exp(log_f)", "these are the forget gates themselves.", "for which n is f**n = 1/2?"),
        Slip(FRACTION, "log_f / np.log(0.5)", "the fraction is upside down.", "n log(f) = log(1/2), so n = log(1/2) / log(f)"),
        Slip(FRACTION, "np.log(0.5) / np.log(1 - np.exp(log_f))", "that is the half-life for 1 - f: the gate is read the wrong "
             "way round.", "f = 1 keeps, f = 0 forgets"),
        Slip(FRACTION, "-np.log(0.5) / log_f", "the sign is wrong: a half-life is positive.", "both logarithms are negative"),
        *slips(FRACTION, LOGARITHMS, {
            "-1 / log_f": "after so many steps 1/e is left, 37 %; asked is one half.",
            "1 / (1 - np.exp(log_f))": "1 / (1 - f) is how long something stays on average; asked is when half is left.",
            "np.ceil(np.log(0.5) / log_f)": "rounded up to whole steps; return the exact number.",
        }),
    ),
)  # fmt: skip


def diagnose_half_life(answer: Callable[..., Any]) -> None:
    got = call(answer, *mistakes_in_half_life.given())
    if isinstance(got, np.ndarray) and got.dtype.kind == "f" and np.isnan(got).any():
        raise NotYet(
            "at some of the biases -1, 0, 1 and 4 the result is not a number: a bias may be negative, a gate may not.",
            "first f = 1 / (1 + np.exp(-b_f)), then the logarithm of f",
        )
    mistakes_in_half_life.name(got)
    again(answer, half_life, (np.array([3.0, -2.0, 0.5, 0.5, 2.0]),))
    for bias in (0.0, 12.0, -10.0):
        edge(f"one unit with b_f = {bias:g}", answer, half_life, np.array([bias]))


def spread_biases(H: int, shortest: float, longest: float) -> Float[Array, "H"]:
    steps = np.geomspace(shortest, longest, H)
    log_f = np.log(0.5) / steps  # of f = 0.5 ** (1 / steps)
    return log_f - np.log(-np.expm1(log_f))  # log(f / (1 - f)), also where f itself would round to 1


STEPS, LOG_F, BIAS = "np.geomspace(shortest, longest, H)", "np.log(0.5) / steps", "log_f - np.log(-np.expm1(log_f))"
UNDO, POWER = "undo the sigmoid: np.log(f / (1 - f))", "f = 0.5 ** (1 / steps)"

mistakes_in_spread = Diagnosis(
    spread_biases, lambda: (5, 2.0, 162.0), "the biases",
    parts=(Part("the biases for half-lives of 2, 6, 18, 54 and 162 steps", lambda got: got, "sigmoid(b) ** steps must be 1/2"),),
    slips=(
        Slip(BIAS, "np.zeros(H)", "all are 0, as from the stub: there half is lost at every step.", "first the half-lives, then "
             "the gates"),
        *slips(BIAS, UNDO, {
            "0.5 ** (1 / steps)": "these are the forget gates; asked are the biases that give them.",
            "1 / (1 + np.exp(-np.exp(log_f)))": "you applied the sigmoid to the gates; it has to be undone.",
            "log_f": "only half of the inverse of the sigmoid.",
            "np.log(-np.expm1(log_f)) - log_f": "the sign is wrong: these gates forget.",
        }),
        *slips(BIAS, POWER, {
            "steps": "these are the half-lives; asked are the biases that give them.",
            "np.log(steps)": "log(steps) is the rule of thumb, and close; asked is the exact bias.",
            "np.log(steps / np.log(2))": "log(1.44 · steps) comes near for a long memory; asked is the exact bias.",
        }),
        *slips(STEPS, STEPS, {
            "np.geomspace(longest, shortest, H)": "they run from the longest memory to the shortest.",
            "np.full(H, shortest)": "all units have the shortest memory.",
            "np.full(H, longest)": "all units have the longest memory.",
            "np.linspace(shortest, longest, H)": "the half-lives grow by the same number of steps; asked is the same factor.",
            "np.geomspace(shortest, longest, H + 1)[:-1]": "the last unit falls short of the longest memory: between H units "
                                                           "there are H - 1 gaps.",
        }),
        Slip(f"return {BIAS}", f"b = {BIAS}\n    return np.linspace(b[0], b[-1], H)", "you spread the biases evenly. The two "
             "ends are right and the middle is near, as a bias is roughly the logarithm of a half-life; spread the half-lives.",
             STEPS),
        Slip(LOG_F, "np.log(np.linspace(0.5 ** (1 / shortest), 0.5 ** (1 / longest), H))", "you spread the gates evenly; asked "
             "is an even factor between half-lives.", "first np.geomspace(shortest, longest, H), then the gates"),
        Slip(LOG_F, "-1 / steps", "with these biases 1/e is left, 37 %; asked is one half.", POWER),
        Slip(LOG_F, "np.log(1 - 1 / steps)", "f = 1 - 1/steps is how long something stays on average; asked is when half is "
             "left.", "f ** steps = 1/2, so f = 0.5 ** (1 / steps)"),
    ),
)  # fmt: skip


def diagnose_spread(answer: Callable[..., Any]) -> None:
    mistakes_in_spread(answer)
    again(answer, spread_biases, (3, 1.0, 64.0), hint="use all three arguments")
    for words, case in (
        ("2 units", (2, 3.0, 48.0)),
        ("20 units and half-lives from half a step to 100,000", (20, 0.5, 100_000.0)),
        ("units that all have the same half-life", (3, 7.0, 7.0)),
        ("a single unit, whose half-life is the shortest and the longest", (1, 7.0, 7.0)),
    ):
        edge(words, answer, spread_biases, *case)


def contributions(i: Float[Array, "T H"], f: Float[Array, "T H"], c_tilde: Float[Array, "T H"]) -> Float[Array, "T H"]:
    left, parts = np.ones(i.shape[1]), np.zeros_like(i)
    for t in reversed(range(len(i))):
        parts[t] = left * i[t] * c_tilde[t]
        left = left * f[t]
    return parts


def _gates(T: int = 5, H: int = 3, seed: int = 5) -> tuple[Array, ...]:
    """i, f and c_tilde of a pass over T steps."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.1, 0.9, (T, H)), rng.uniform(0.1, 0.9, (T, H)), rng.uniform(-0.9, 0.9, (T, H))


def _cells(i: Array, f: Array, c_tilde: Array) -> Array:
    """The cell before every step and after the last, (T+1, H)."""
    c = np.zeros((len(i) + 1, i.shape[1]))
    for t in range(len(i)):
        c[t + 1] = f[t] * c[t] + i[t] * c_tilde[t]
    return c


PART, LATER = "left * i[t] * c_tilde[t]", "f[t+1] · ... · f[T-1]; for the last step that product is 1"

mistakes_in_contributions = Diagnosis(
    contributions, _gates, "the contributions",
    parts=(Part("the table of contributions", lambda got: got, "what step t added, i[t] * c_tilde[t], and what later gates left "
                "of it"),),
    slips=(
        Slip(PART, "0", "all are 0, which is what the stub did.", "the last step added i[-1] * c_tilde[-1], all of which is there"
             ),
        Slip(PART, "i[t] * c_tilde[t]", "that is what each step added when it came; since then the forget gates of all later "
             "steps have acted on it.", "multiply by f[t+1] · ... · f[T-1]"),
        Slip(PART, "np.prod(f[: t + 1], axis=0) * i[t] * c_tilde[t]", "you multiplied the forget gates of the steps before; what "
             "step t adds is thinned out by those after it.", "start at the end: left = 1, then left *= f[t]"),
        Slip("left * f[t]", "f[t]", "only the next step's forget gate has acted; all later ones do.", "a product, from t+1 to "
             "the end"),
        *slips(PART, LATER, {
            "f[t] * left * i[t] * c_tilde[t]": "each part was also multiplied by the forget gate of its own step. f_t acts on "
                                               "the old cell, not on what step t adds.",
            "np.prod(f, axis=0) * i[t] * c_tilde[t]": "every part was multiplied by the forget gates of all steps; only those "
                                                      "after it have acted on it.",
        }),
        *slips(PART, "i[t] * c_tilde[t] is what step t adds", {
            "left * i[t]": "the candidates are missing.",
            "left * c_tilde[t]": "the input gates are missing.",
        }),
        Slip("return parts", "return parts[::-1]", "the numbers are right, in reverse order: row 0 belongs to the first step.",
             "parts[t] = ..."),
        Instead(lambda *gates: np.diff(_cells(*gates), axis=0), "that is the change of the cell at each step, c_t - c_{t-1}. It "
                "also holds what f_t dropped of earlier steps, and what step t added is thinned out later.",
                "i[t] * c_tilde[t], times the forget gates of all later steps"),
        Instead(lambda *gates: _cells(*gates)[1:], "that is the cell after every step. Asked is which part of the last cell each "
                "step put there.", "the rows must add up to the last cell"),
    ),
)  # fmt: skip


def diagnose_contributions(answer: Callable[..., Any]) -> None:
    mistakes_in_contributions(answer)
    again(answer, contributions, _gates(5, 3, seed=6), _gates(7, 2, seed=7))
    shut, opened = _gates(6, 3, seed=8), _gates(6, 3, seed=9)
    shut[1][2, 0] = shut[1][4] = shut[0][3, 1] = 0
    opened[1][:] = 1
    products = "is something divided by a product of gates? It can be 0, or underflow to 0: multiply from the end"
    for words, case in (
        ("a single step", _gates(1, 3)),
        ("a single unit", _gates(6, 1)),
        ("forget gates of exactly 1", opened),
        ("forget gates of exactly 0", shut),
        ("a text of 2,000 steps", _gates(2000, 2)),
    ):
        edge(words, answer, contributions, *case, hint=products)


EXERCISES = (
    Exercise(
        "09.1", "one step of an LSTM", lstm_step, diagnose_step,
        hints=(
            "Four times the same form, a[k] = x @ W_x[k] + h @ W_h[k] + b[k]. Three go through the sigmoid, one through tanh.",
            "c = f * c + i * c_tilde, and then h = o * np.tanh(c), told from the new cell.",
        ),
        praise="Three gates, one candidate, one cell: the forget gate keeps, the input gate adds, the output gate tells.",
    ),
    Exercise(
        "09.2", "one step of an LSTM backward", lstm_step_backward, diagnose_step_backward,
        hints=(
            "Two ways lead back to c_t: from c_{t+1}, which is dc_future, and from h_t = o * tanh(c_t). Add them to get dc.",
            "dc = dc_future + dh * o * (1 - tanh(c)²). Then c_t = f * c_before + i * c_tilde: the product rule gives each "
            "factor dc times the other one.",
            "After the product rule comes the slope of each activation: s (1 - s) for a sigmoid s, 1 - c_tilde² for tanh. "
            "The output gate starts from dh, since it does not touch the cell. dc_before = dc * f.",
        ),
        praise="Both paths to the cell, all four slopes, and dc_before = dc * f: no matrix, no slope, one gate.",
    ),
    Exercise(
        "09.3", "read a forget bias as a half-life", half_life, diagnose_half_life,
        hints=(
            "With the input shut out, a unit keeps f = sigmoid(b_f) of its cell at every step, f**n after n steps.",
            "f**n = 1/2 means n * log(f) = log(1/2).",
            "n = np.log(0.5) / np.log(f). (Above b_f = 36 f rounds to 1 and its logarithm to 0; -np.logaddexp(0, -b_f) is "
            "log(f) there, too. The check does not go so far.)",
        ),
        praise="At b_f = 0 a cell halves with every step, at 1 in 2.2 steps, at 4 in 38.",
    ),
    Exercise(
        "09.4", "forget biases for short and long memories", spread_biases, diagnose_spread,
        hints=(
            "Three steps: the half-lives of the H units, from each half-life the gate, and from each gate its bias.",
            "np.geomspace(shortest, longest, H) grows by the same factor. Which gate, multiplied by itself `steps` times, "
            "gives one half?",
            "f = 0.5 ** (1 / steps). And which number has this sigmoid? Solve f = 1 / (1 + exp(-b)) for b, as in 08.2: "
            "b = log(f) - log(1 - f).",
        ),
        praise="Roughly log(1.44 · steps): memory for ten times as long costs 2.3 more of bias.",
    ),
    Exercise(
        "09.5", "who put it into the cell?", contributions, diagnose_contributions,
        hints=(
            "Step t added i[t] * c_tilde[t]. Which gates have acted on that by the end?",
            "Walk from the end: left = 1 for the last step; for each step back, multiply left by f of the step you leave.",
        ),
        praise="The rows add up to the cell: a cell is a sum over everything read, weighted by products of forget gates.",
    ),
)  # fmt: skip
