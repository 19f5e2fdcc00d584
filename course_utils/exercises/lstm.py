"""Exercises of chapter 09: one step, one step backward, half-lives and biases to match, who put what into the cell."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.backward import proportional
from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.exercises.gates import diagnose_planes, other_orders
from course_utils.exercises.lstm_examples import edges, gradients, inputs, step
from course_utils.exercises.lstm_mistakes import LINES, gate_mistakes
from course_utils.math import sigmoid
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


def diagnose_step(answer: Callable[..., Any]) -> None:
    x, h_0, c_0, *weights = step()
    a = inputs(x, h_0, *weights)
    i, f, o, c_tilde = *sigmoid(a[:3]), np.tanh(a[3])
    want_h, want_c = lstm_step(x, h_0, c_0, *weights)
    h, c = several(call(answer, x, h_0, c_0, *weights), "h and c", 2)
    h, c = same_shape(h, want_h.shape, "h"), same_shape(c, want_c.shape, "c")
    if close(h, h_0) and close(c, c_0):
        raise NotYet("state and cell come out as they went in, which is what the stub did.", "begin with the four a")
    if close(h, want_c) and close(c, want_h):
        raise NotYet("the two are swapped.", "return h, c")
    swapped = ("f", "i", "o", "c_tilde")  # the first of the names below
    for order, used in other_orders(GATES, weights):
        if order != swapped and all(map(close, (h, c), lstm_step(x, h_0, c_0, *used))):
            said = f"you read the weights in the order {', '.join(order)}{LIBRARIES.get(order, '')}."
            raise NotYet(said, "weights 0 belong to i, 1 to f, 2 to o, 3 to c_tilde")
    for wrong, what, hint in (
        (i * c_0 + f * c_tilde, "the input gate and the forget gate are swapped: f must act on the old cell, i on the "
         "candidate. (Nothing warns you: the shapes are the same.)", "weights 0 belong to i, 1 to f, 2 to o, 3 to c_tilde"),
        (o * c_0 + i * c_tilde, "the output gate acts on the old cell.", "weights 0 belong to i, 1 to f, 2 to o"),
        (f * c_0 + o * c_tilde, "the output gate acts on the candidate.", "weights 0 belong to i, 1 to f, 2 to o"),
        (f * c_0 + c_tilde, "the input gate is missing: everything enters the cell.", "i * c_tilde"),
        (c_0 + i * c_tilde, "the forget gate is missing: nothing is ever dropped. (So it was in 1997!)", "f * c"),
        (i * c_tilde, "the old cell plays no part.", "c = f * c + i * c_tilde"),
        (f * c_0, "nothing new enters the cell.", "c = f * c + i * c_tilde"),
        (f * c_0 + i * sigmoid(a[3]), "the candidate went through the sigmoid, so it can only add; it is tanh, which "
         "adds and subtracts.", "c_tilde = np.tanh(a[3])"),
        (f * c_0 + i * a[3], "the candidate misses its tanh.", "c_tilde = np.tanh(a[3])"),
        (f * c_0 + (1 - f) * c_tilde, "you took 1 - f where i belongs, as a GRU does. In an LSTM keeping and adding are "
         "two decisions.", "c = f * c + i * c_tilde"),
        (a[1] * c_0 + a[0] * c_tilde, "the gates miss their sigmoid.", "1 / (1 + np.exp(-a))"),
        (np.tanh(a[1]) * c_0 + np.tanh(a[0]) * c_tilde, "the gates went through tanh, which reaches from -1 to 1; a gate is a "
         "share, between 0 and 1.", "1 / (1 + np.exp(-a)) for i, f and o"),
        (f * c_0 + i * np.tanh(a[2]), "the candidate was made with weights 2, as PyTorch has it. Here they belong to the output "
         "gate.", "weights 0 belong to i, 1 to f, 2 to o, 3 to c_tilde"),
        (np.tanh(want_c), "the cell itself was squashed. It stays as it is; only what h shows of it goes through tanh.",
         "h = o * np.tanh(c)"),
    ):  # fmt: skip
        if close(c, wrong):
            raise NotYet(what, hint)
    for wrong_a, what in (
        (inputs(x, 0 * h_0, *weights), "the gates do not see the old state h."),
        (inputs(0 * x, h_0, *weights), "the gates do not see the input x."),
        (inputs(x, c_0, *weights), "the gates look at the cell; they look at h."),
        (inputs(x, h_0, weights[0], weights[1], 0 * weights[2]), "the biases are missing."),
        (inputs(x, h_0, weights[0], weights[1].swapaxes(1, 2), weights[2]), "W_h is transposed."),
    ):
        if close(c, sigmoid(wrong_a[1]) * c_0 + sigmoid(wrong_a[0]) * np.tanh(wrong_a[3])):
            raise NotYet(what, "a[k] = x @ W_x[k] + h @ W_h[k] + b[k]")
    diagnose_planes(lambda used: all(map(close, (h, c), lstm_step(x, h_0, c_0, *used))), GATES, weights)
    agree(c, want_c, "the cell c", "print i, f and c_tilde, and compare each with its equation: which one differs?")
    for wrong, what in (
        (o * want_c, "c is right; h misses the tanh: it can leave (-1, 1)."),
        (o * np.tanh(c_0), "c is right; h was told from the old cell, before this step."),
        (o * sigmoid(want_c), "c is right; h has the sigmoid of the cell where tanh belongs."),
        (a[2] * np.tanh(want_c), "c is right; the output gate misses its sigmoid."),
        (np.tanh(a[2]) * np.tanh(want_c), "c is right; the output gate went through tanh; a gate is a sigmoid."),
        (o * c_tilde, "c is right; h shows the candidate, not the cell."),
        (np.tanh(want_c), "c is right; h misses the output gate."),
        (np.tanh(o * want_c), "c is right; in h the gate stands inside the tanh."),
        (i * np.tanh(want_c), "c is right; h uses the input gate in place of the output gate."),
        (f * np.tanh(want_c), "c is right; h uses the forget gate in place of the output gate."),
    ):
        if close(h, wrong):
            raise NotYet(what, "h = o * np.tanh(c), with the new c")
    agree(h, want_h, "the state h", "h = o * np.tanh(c), with the new c")
    again(answer, lstm_step, (x[::-1], -h_0, -c_0, *weights), step(2, 5, 3, seed=80))
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


def diagnose_step_backward(answer: Callable[..., Any]) -> None:
    dh, future, i, f, o, c_tilde, c_0, c = given = gradients(9, *step())
    want_da, want_dc = lstm_step_backward(*given)
    returned = several(call(answer, *given), "da and dc_before", 2)
    if np.shape(returned[1]) == want_da.shape:
        raise NotYet("the two are swapped.", "return da, dc_before")
    da, dc_before = same_shape(returned[0], want_da.shape, "da"), same_shape(returned[1], want_dc.shape, "dc_before")
    if close(da, 0 * da) and close(dc_before, 0 * dc_before):
        raise NotYet("all gradients are 0, which is what the stub did.", "begin with dc, all that reaches the cell c_t")
    # The cell first: whatever is wrong with dc is wrong in three gates, and has one cause.
    told = np.tanh(c)
    slope = 1 - told**2
    for dc, what, hint in (
        (dh * o * slope, "dc misses the path through f_{t+1}: the cell goes on to the next step, and what comes back from "
         "there, dc_future, is not added. It is the path that makes memory last.", "dc = dc_future + ..."),
        (future, "dc misses the path through h_t: the cell is also told, h_t = o * tanh(c_t).", "dh * o * (1 - tanh(c)²)"),
        (future + dh * o, "in dc the slope of tanh is missing, on the path from h_t to c_t.", "1 - np.tanh(c)**2"),
        (future + dh * slope, "dc misses the output gate, on the path from h_t to c_t.", "dh * o * (1 - tanh(c)²)"),
        (future + dh * o * (1 - c**2), "you took the slope of tanh as 1 - c²; but c is what tanh was applied to.",
         "1 - np.tanh(c)**2"),
        (future + dh * o * (1 - np.tanh(c_0) ** 2), "the slope of tanh was taken at the old cell; h_t tells the new one.",
         "1 - np.tanh(c)**2"),
        (future * f + dh * o * slope, "dc_future was multiplied by this step's forget gate before it reached c_t. It has "
         "passed f_{t+1} already; f_t belongs to what goes on to c_{t-1}.", "dc = dc_future + ..., and dc_before = dc * f"),
        ((future + dh * o) * slope, "dc_future was sent through the tanh, too; it arrives at c_t itself.",
         "dc = dc_future + dh * o * (1 - tanh(c)²)"),
        ((future + dh) * o * slope, "dc_future was sent through the output gate and the tanh, too; it arrives at c_t itself.",
         "dc = dc_future + dh * o * (1 - tanh(c)²)"),
        (future + dh * o * (1 - np.tanh(told) ** 2), "in dc tanh was applied twice: the slope is 1 - tanh(c)².",
         "1 - np.tanh(c)**2"),
        (future + dh * o * slope**2, "the slope of tanh is in dc twice.", "dh * o * (1 - tanh(c)²)"),
        (future + dh * o - told**2, "the parentheses around the slope are missing: dh * o * 1 - tanh(c)² is dh * o minus "
         "tanh(c)².", "dh * o * (1 - tanh(c)²)"),
        (future + dh * o * (1 - told), "the slope of tanh is 1 - tanh(c)², you used 1 - tanh(c).", "1 - np.tanh(c)**2"),
        (future + dh * o * told, "you multiplied by tanh(c), which is not its slope.", "1 - np.tanh(c)**2"),
        (future + dh, "dh was added to dc as it is: between h_t and c_t stand the output gate and a tanh.",
         "dh * o * (1 - tanh(c)²)"),
    ):  # fmt: skip
        if close(da[0], dc * c_tilde * i * (1 - i)) or close(da[3], dc * i * (1 - c_tilde**2)):
            raise NotYet(what, hint)
    dc = future + dh * o * slope
    if close(da[0], dc * c_0 * i * (1 - i)) and close(da[1], dc * c_tilde * f * (1 - f)):
        raise NotYet(
            "the input gate and the forget gate are swapped: i_t was multiplied by the candidate, f_t by the old cell.",
            "da_i has c_tilde in it, da_f has c_before",
        )
    for other in permutations(GATES):
        if other != GATES and close(da, want_da[[GATES.index(name) for name in other]]):
            known = LIBRARIES.get(other, "")
            raise NotYet(
                f"the four are right and stand in another order: {', '.join(other)}{known}.", "i, f, o, c_tilde"
            )
    for k, (name, wrong) in enumerate(gate_mistakes(*given).items()):
        for what, gradient in wrong.items():
            if close(da[k], gradient):
                raise NotYet(f"the gradient of {name}: {what}.", LINES[name])
        for another, gradient in zip(GATES, want_da, strict=True):
            if another != name and close(da[k], gradient):
                raise NotYet(
                    f"the gradient of {name}, da[{k}], is that of {another}.", "each gate has a line of its own"
                )
        agree(da[k], want_da[k], f"the gradient of {name}, da[{k}]", "product rule, then the slope of its activation")
    for wrong_dc, what in (
        (dc, "all gates are right; dc_before is dc as it is. Going forward the old cell was multiplied by f_t."),
        (
            future * f,
            "all gates are right; dc_before carries on only what came from the future, not what came through h_t.",
        ),
        (dh * o * slope * f, "all gates are right; dc_before misses dc_future."),
        (dc * i, "all gates are right; dc_before went through the input gate."),
        (dc * o, "all gates are right; dc_before went through the output gate."),
        (
            dc * f * (1 - f),
            "all gates are right; dc_before needs no slope: f_t is a plain factor, dc_{t-1}/dc_t = f_t.",
        ),
    ):
        if close(dc_before, wrong_dc):
            raise NotYet(what, "dc_before = dc * f")
    agree(dc_before, want_dc, "dc_before", "dc_before = dc * f")
    again(answer, lstm_step_backward, (future, dh, *given[2:]), gradients(90, *step(2, 5, 3, seed=80)))
    proportional(answer, lstm_step_backward, 2, *given)
    for seed, (words, case) in enumerate(edges()):
        edge(words, answer, lstm_step_backward, *gradients(seed, *case))


def half_life(b_f: Float[Array, " H"]) -> Float[Array, " H"]:
    log_f = -np.logaddexp(0, -b_f)  # of f = 1 / (1 + exp(-b_f)), also where f itself would round to 1
    return np.log(0.5) / log_f


def diagnose_half_life(answer: Callable[..., Any]) -> None:
    b_f = np.array([-1.0, 0.0, 1.0, 4.0])
    f, want = sigmoid(b_f), half_life(b_f)
    got = same_shape(call(answer, b_f), (4,), "the half-lives")
    if np.isnan(got).any():
        raise NotYet(
            "at some of the biases -1, 0, 1 and 4 the result is not a number: a bias may be negative, a gate may not.",
            "first f = 1 / (1 + np.exp(-b_f)), then the logarithm of f",
        )
    for wrong, what, hint in (
        (0 * b_f, "all are 0, which is what the stub did.", "after n steps f**n is left; for which n is that 1/2?"),
        (f, "these are the forget gates themselves.", "for which n is f**n = 1/2?"),
        (-1 / np.log(f), "after so many steps 1/e is left, 37 %; asked is one half.", "np.log(0.5) / np.log(f)"),
        (1 / (1 - f), "1 / (1 - f) is how long something stays on average; asked is when half is left.",
         "np.log(0.5) / np.log(f)"),
        (np.log(f) / np.log(0.5), "the fraction is upside down.", "n log(f) = log(1/2), so n = log(1/2) / log(f)"),
        (np.log(0.5) / np.log(1 - f), "that is the half-life for 1 - f: the gate is read the wrong way round.",
         "f = 1 keeps, f = 0 forgets"),
        (-want, "the sign is wrong: a half-life is positive.", "both logarithms are negative"),
        (np.ceil(want), "rounded up to whole steps; return the exact number.", "np.log(0.5) / np.log(f)"),
    ):  # fmt: skip
        if close(got, wrong):
            raise NotYet(what, hint)
    agree(got, want, "the half-life at b_f = -1, 0, 1, 4", "f = sigmoid(b_f); n = log(1/2) / log(f)")
    again(answer, half_life, (np.array([3.0, -2.0, 0.5, 0.5, 2.0]),))
    for bias in (0.0, 12.0, -10.0):
        edge(f"one unit with b_f = {bias:g}", answer, half_life, np.array([bias]))


def spread_biases(H: int, shortest: float, longest: float) -> Float[Array, " H"]:
    steps = np.geomspace(shortest, longest, H)
    log_f = np.log(0.5) / steps  # of f = 0.5 ** (1 / steps)
    return log_f - np.log(-np.expm1(log_f))  # log(f / (1 - f)), also where f itself would round to 1


def diagnose_spread(answer: Callable[..., Any]) -> None:
    H, shortest, longest = 5, 2.0, 162.0
    got, want = same_shape(call(answer, H, shortest, longest), (H,), "the biases"), spread_biases(H, shortest, longest)
    steps = np.geomspace(shortest, longest, H)  # 2, 6, 18, 54, 162
    f, even = 0.5 ** (1 / steps), np.linspace(shortest, longest, H)
    undo = "undo the sigmoid: np.log(f / (1 - f))"
    for wrong, what, hint in (
        (np.zeros(H), "all are 0, as from the stub: there half is lost at every step.", "first the half-lives, then the gates"),
        (steps, "these are the half-lives; asked are the biases that give them.", "f = 0.5 ** (1 / steps), and then its bias"),
        (f, "these are the forget gates; asked are the biases that give them.", undo),
        (sigmoid(f), "you applied the sigmoid to the gates; it has to be undone.", "np.log(f / (1 - f))"),
        (np.log(f), "only half of the inverse of the sigmoid.", "np.log(f / (1 - f))"),
        (-want, "the sign is wrong: these gates forget.", "log(f / (1 - f)), positive where f > 1/2"),
        (want[::-1], "they run from the longest memory to the shortest.", "np.geomspace(shortest, longest, H)"),
        (np.full(H, want[0]), "all units have the shortest memory.", "np.geomspace(shortest, longest, H)"),
        (np.full(H, want[-1]), "all units have the longest memory.", "np.geomspace(shortest, longest, H)"),
        (_bias(0.5 ** (1 / even)), "the half-lives grow by the same number of steps; asked is the same factor.",
         "np.geomspace in place of np.linspace"),
        (np.linspace(want[0], want[-1], H), "you spread the biases evenly. The two ends are right and the middle is near, as "
         "a bias is roughly the logarithm of a half-life; spread the half-lives.", "np.geomspace(shortest, longest, H)"),
        (_bias(np.linspace(f[0], f[-1], H)), "you spread the gates evenly; asked is an even factor between half-lives.",
         "first np.geomspace(shortest, longest, H), then the gates"),
        (_bias(0.5 ** (1 / np.geomspace(shortest, longest, H + 1)[:-1])), "the last unit falls short of the longest memory: "
         "between H units there are H - 1 gaps.", "np.geomspace(shortest, longest, H)"),
        (_bias(np.exp(-1 / steps)), "with these biases 1/e is left, 37 %; asked is one half.", "f = 0.5 ** (1 / steps)"),
        (_bias(1 - 1 / steps), "f = 1 - 1/steps is how long something stays on average; asked is when half is left.",
         "f ** steps = 1/2, so f = 0.5 ** (1 / steps)"),
        (np.log(steps), "log(steps) is the rule of thumb, and close; asked is the exact bias.", "f = 0.5 ** (1 / steps)"),
        (np.log(steps / np.log(2)), "log(1.44 · steps) comes near for a long memory; asked is the exact bias.",
         "f = 0.5 ** (1 / steps)"),
    ):  # fmt: skip
        if close(got, wrong):
            raise NotYet(what, hint)
    agree(got, want, "the biases for half-lives of 2, 6, 18, 54 and 162 steps", "sigmoid(b) ** steps must be 1/2")
    more = spread_biases(3, 1.0, 64.0)
    agree(call(answer, 3, 1.0, 64.0), more, "the biases for half-lives of 1, 8 and 64 steps", "use all three arguments")
    for words, case in (
        ("2 units", (2, 3.0, 48.0)),
        ("20 units and half-lives from half a step to 100,000", (20, 0.5, 100_000.0)),
        ("units that all have the same half-life", (3, 7.0, 7.0)),
        ("a single unit, whose half-life is the shortest and the longest", (1, 7.0, 7.0)),
    ):
        edge(words, answer, spread_biases, *case)


def _bias(f: Array) -> Array:
    return np.log(f / (1 - f))


def contributions(i: Float[Array, "T H"], f: Float[Array, "T H"], c_tilde: Float[Array, "T H"]) -> Float[Array, "T H"]:
    left, parts = np.ones(i.shape[1]), np.zeros_like(i)
    for t in reversed(range(len(i))):
        parts[t] = left * i[t] * c_tilde[t]
        left = left * f[t]
    return parts


def diagnose_contributions(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(5)
    i, f, c_tilde = rng.uniform(0.1, 0.9, (5, 3)), rng.uniform(0.1, 0.9, (5, 3)), rng.uniform(-0.9, 0.9, (5, 3))
    added, want = i * c_tilde, contributions(i, f, c_tilde)
    got = same_shape(call(answer, i, f, c_tilde), want.shape, "the contributions")
    from_end = np.cumprod(f[::-1], axis=0)[::-1]
    cell, cells = np.zeros(3), []
    for t in range(5):
        cell = f[t] * cell + added[t]
        cells.append(cell)
    for wrong, what, hint in (
        (0 * i, "all are 0, which is what the stub did.", "the last step added i[-1] * c_tilde[-1], all of which is there"),
        (added, "that is what each step added when it came; since then the forget gates of all later steps have acted on it.",
         "multiply by f[t+1] · ... · f[T-1]"),
        (added * from_end, "each part was also multiplied by the forget gate of its own step. f_t acts on the old cell, not on "
         "what step t adds.", "f[t+1] · ... · f[T-1]; for the last step that product is 1"),
        (added * np.cumprod(f, axis=0), "you multiplied the forget gates of the steps before; what step t adds is thinned out "
         "by those after it.", "start at the end: left = 1, then left *= f[t]"),
        (added * np.concatenate([f[1:], np.ones((1, 3))]), "only the next step's forget gate has acted; all later ones do.",
         "a product, from t+1 to the end"),
        (added * np.prod(f, axis=0), "every part was multiplied by the forget gates of all steps; only those after it have "
         "acted on it.", "f[t+1] · ... · f[T-1]; for the last step that product is 1"),
        (want[::-1], "the numbers are right, in reverse order: row 0 belongs to the first step.", "parts[t] = ..."),
        (np.diff(np.stack([np.zeros(3), *cells]), axis=0), "that is the change of the cell at each step, c_t - c_{t-1}. It also "
         "holds what f_t dropped of earlier steps, and what step t added is thinned out later.",
         "i[t] * c_tilde[t], times the forget gates of all later steps"),
        (np.stack(cells), "that is the cell after every step. Asked is which part of the last cell each step put there.",
         "the rows must add up to the last cell"),
        (i * from_end / f, "the candidates are missing.", "i[t] * c_tilde[t] is what step t adds"),
        (c_tilde * from_end / f, "the input gates are missing.", "i[t] * c_tilde[t] is what step t adds"),
    ):  # fmt: skip
        if close(got, wrong):
            raise NotYet(what, hint)
    agree(
        got, want, "the table of contributions", "what step t added, i[t] * c_tilde[t], and what later gates left of it"
    )

    def gates(T: int, H: int) -> tuple[Array, ...]:
        return rng.uniform(0.1, 0.9, (T, H)), rng.uniform(0.1, 0.9, (T, H)), rng.uniform(-0.9, 0.9, (T, H))

    again(answer, contributions, gates(5, 3), gates(7, 2))
    shut = gates(6, 3)
    shut[1][2, 0] = shut[1][4] = shut[0][3, 1] = 0
    opened = gates(6, 3)
    opened[1][:] = 1
    for words, case in (
        ("a single step", gates(1, 3)),
        ("a single unit", gates(6, 1)),
        ("forget gates of exactly 1", opened),
        ("forget gates of exactly 0", shut),
        ("a text of 2,000 steps", gates(2000, 2)),
    ):
        products = "is something divided by a product of gates? It can be 0, or underflow to 0: multiply from the end"
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
