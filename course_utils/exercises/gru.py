"""Exercises of chapter 08: a step, a memory of given length, a step backward, the weights' gradients, PyTorch's step."""

from collections.abc import Callable, Iterator
from itertools import combinations, permutations
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.backward import proportional
from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape
from course_utils.exercises.gates import other_orders, other_planes
from course_utils.exercises.gru_examples import edges, gates, network, real_pass
from course_utils.exercises.slips import Diagnosis, Instead, Part, Slip, slips
from course_utils.tree import Array

GATES = ("r", "z", "candidate")


def gru_step(
    x: Float[Array, "B D"],
    h: Float[Array, "B H"],
    W_x: Float[Array, "3 D H"],
    W_h: Float[Array, "3 H H"],
    b: Float[Array, "3 H"],
) -> Float[Array, "B H"]:
    def sigmoid(a):  # type: ignore[no-untyped-def]
        return 1 / (1 + np.exp(-a))

    r = sigmoid(x @ W_x[0] + h @ W_h[0] + b[0])
    z = sigmoid(x @ W_x[1] + h @ W_h[1] + b[1])
    h_tilde = np.tanh(x @ W_x[2] + (r * h) @ W_h[2] + b[2])
    return z * h + (1 - z) * h_tilde


MIXED, KEEP = "z * h + (1 - z) * h_tilde", "H_t = Z_t ⊙ H_{t-1} + (1 - Z_t) ⊙ H̃_t"
CANDIDATE = "np.tanh(x @ W_x[2] + (r * h) @ W_h[2] + b[2])"
INVERTED, LATE = "(1 - z) * h + z * h_tilde", "r * (h @ W_h[2])"


def _several_at_once() -> Iterator[Instead]:
    """The weights read in another order, z the other way round, the reset after the product: any of these together."""
    inverted = "z works the other way round: here 1 keeps the old state.", (MIXED, INVERTED)
    late = "the reset gate acts after the matrix product.", ("(r * h) @ W_h[2]", LATE)
    hint = "r, z, candidate; z * h + (1 - z) * h_tilde; (r * h) @ W_h[2]"
    for mistakes in ((), (inverted,), (late,), (inverted, late)):
        said = [what for what, _ in mistakes]
        wrong = Slip(tuple(old for _, (old, _) in mistakes), tuple(new for _, (_, new) in mistakes), "").of(gru_step)
        if len(said) == 2:
            yield Instead(wrong, f"two mistakes at once: {' '.join(said)}", hint)
        for order, read in other_orders(wrong, GATES):
            if said or order != ("z", "r", "candidate"):
                many = ("", "two mistakes at once: ", "three mistakes at once: ")[len(said)]
                what = " ".join([f"you read the weights in the order {', '.join(order)}.", *said])
                yield Instead(read, many + what, hint)


mistakes_in_step = Diagnosis(
    gru_step, network, "the new state",
    hint="print r, z and the candidate, and compare each with its equation",
    slips=(
        Slip(MIXED, "h", "the state comes out as it went in, which is what the stub did.", "begin with r and z"),
        *slips(MIXED, KEEP, {
            "h_tilde": "that is the candidate; the update gate plays no part yet.",
            INVERTED: "the update gate works the wrong way round: here 1 keeps the old state. (Cho et al. have it so, some "
                      "papers and libraries the other way.)",
            "z * h + h_tilde": "past and candidate are added; they should share: what z keeps, 1 - z does not take.",
        }),
        Slip(MIXED, "z * h + 1 - z * h_tilde", "parentheses are missing: 1 - z * h_tilde is 1 - (z * h_tilde).",
             "(1 - z) * h_tilde"),
        Slip(("r = sigmoid", "z = sigmoid"), ("z = sigmoid", "r = sigmoid"), "the two gates are swapped.",
             "the order is r, z, candidate: r = ...[0], z = ...[1]"),
        *slips("(r * h) @ W_h[2]", "(r * h) @ W_h[2]", {
            "h @ W_h[2]": "the reset gate plays no part: the candidate sees the whole old state.",
            LATE: "the reset gate acts after the matrix product, as in PyTorch. Here the state is reset first: each unit is "
                  "scaled before it is mixed with the others.",
        }),
        *slips(CANDIDATE, "h_tilde = np.tanh(x @ W_x[2] + (r * h) @ W_h[2] + b[2])", {
            "np.tanh(r * (x @ W_x[2] + h @ W_h[2] + b[2]))": "the reset gate also holds back the input.",
            "sigmoid(x @ W_x[2] + (r * h) @ W_h[2] + b[2])": "the candidate was squashed with the sigmoid.",
            "x @ W_x[2] + (r * h) @ W_h[2] + b[2]": "the candidate has no tanh, so the state can leave (-1, 1).",
        }),
        *slips("1 / (1 + np.exp(-a))", "sigmoid(a) = 1 / (1 + np.exp(-a))", {
            "np.tanh(a)": "the gates are squashed with tanh, so they can be negative.",
            "a": "the gates are not squashed: they can leave (0, 1).",
            "1 / (1 + np.exp(a))": "your sigmoid falls: it has the wrong sign.",
        }),
        Slip((" + b[0]", " + b[1]", " + b[2]"), ("", "", ""), "the three biases are missing.", "+ b[0], + b[1], + b[2]"),
        Slip(("W_h[0]", "W_h[1]", "W_h[2]"), ("W_h[0].T", "W_h[1].T", "W_h[2].T"), "W_h is transposed; square matrices do not "
             "warn you.", "h @ W_h[0]"),
        Slip((" + h @ W_h[0]", " + h @ W_h[1]"), ("", ""), "the gates look at the input only, not at the old state.",
             "+ h @ W_h[0], + h @ W_h[1]"),
        *_several_at_once(),
        *other_planes(gru_step, ("r", "z", "the candidate")),
    ),
)  # fmt: skip


def diagnose_step(answer: Callable[..., Any]) -> None:
    mistakes_in_step(answer)
    x, h, *weights = network()
    again(answer, gru_step, (x[::-1], -h, *weights), network(3, 2, 6, seed=70))
    for words, case in edges():
        edge(words, answer, gru_step, *case)


def bias_for(half_life: float) -> float:
    log_z = np.log(0.5) / half_life  # of z = 0.5 ** (1 / half_life)
    return float(log_z - np.log(-np.expm1(log_z)))  # log(z / (1 - z)), also where z itself would round to 1


LOG_Z, BIAS = "np.log(0.5) / half_life", "log_z - np.log(-np.expm1(log_z))"
UNDO, POWER = "b = log(z / (1 - z))", "solve zⁿ = 1/2 for z"

mistakes_in_bias = Diagnosis(
    bias_for, lambda: (10.0,), "the bias",
    parts=(Part("the bias for a half-life of 10 steps", lambda got: got, "z = 0.5 ** (1 / n), then invert the sigmoid"),),
    slips=(
        Slip(BIAS, "0", "a bias of 0 is a gate of 1/2: the stub forgets half at every step.", "which z has zⁿ = 1/2?"),
        Slip(BIAS, "np.exp(log_z)", "that is the gate itself; the bias is what the sigmoid turns into it.",
             "invert z = 1 / (1 + exp(-b))"),
        Slip(BIAS, "np.log(-np.expm1(log_z)) - log_z", "the sign is wrong: this gate is nearly shut.",
             "log(z / (1 - z)), not log((1 - z) / z)"),
        *slips(BIAS, UNDO, {
            "1 / (1 + np.exp(-np.exp(log_z)))": "you applied the sigmoid to z once more; it has to be undone.",
            "log_z": "the logarithm alone does not undo the sigmoid.",
        }),
        *slips(LOG_Z, POWER, {
            "np.log(1 - 1 / half_life)": "you kept the share 1 - 1/n per step: after n steps about 1/e is left, not a half.",
            "-1 / half_life": "after n steps your gate leaves 1/e; half-life means a half.",
        }),
        Slip(LOG_Z, "np.log(0.5) * half_life", "you raised 1/2 to the power n; it is z that is raised, zⁿ = 1/2.",
             "z = 0.5 ** (1 / n)"),
    ),
)  # fmt: skip


def diagnose_bias(answer: Callable[..., Any]) -> None:
    if close(call(answer, 10.0), np.log(10 / np.log(2)), 5e-3):  # some have the constant as 0.69, or as 1.44
        raise NotYet(
            "log(n / 0.69) comes near for a long memory; asked is the exact bias.",
            "z = 0.5 ** (1 / n), then invert the sigmoid",
        )
    mistakes_in_bias(answer)
    for n in (2.5, 1.0, 0.5, 1.5, 3.0, 1000.0, 100_000.0):
        got = same_shape(call(answer, n), (), "the bias")
        hint = "is it the formula, or an approximation for long memories? z = 0.5 ** (1 / n), b = log(z / (1 - z))"
        agree(got, bias_for(n), f"the bias for a half-life of {n:g} steps", hint)


def backward_step(
    dh: Float[Array, "B H"],
    h: Float[Array, "B H"],
    r: Float[Array, "B H"],
    z: Float[Array, "B H"],
    h_tilde: Float[Array, "B H"],
    W_h: Float[Array, "3 H H"],
) -> tuple[Float[Array, "B H"], Float[Array, "B H"], Float[Array, "B H"], Float[Array, "B H"]]:
    da_z = dh * (h - h_tilde) * z * (1 - z)  # (B, H), as all the others; W_h is (3, H, H)
    da_h = dh * (1 - z) * (1 - h_tilde**2)
    dpast = da_h @ W_h[2].T
    da_r = dpast * h * r * (1 - r)
    dh_before = dh * z + dpast * r + da_r @ W_h[0].T + da_z @ W_h[1].T
    return da_r, da_z, da_h, dh_before


GRADIENTS = ("da_r", "da_z", "da_h", "dh_before")
RETURNED = f"return {', '.join(GRADIENTS)}"
PATHS = {
    "the copy (z ⊙ h)": "dh * z",
    "the candidate ((r ⊙ h) W_h[2])": "dpast * r",
    "the reset gate (h W_h[0])": "da_r @ W_h[0].T",
    "the update gate (h W_h[1])": "da_z @ W_h[1].T",
}
"""The four ways of the old state into the new one, and what comes back on each."""
STANDS = "write down where it stands in the equations, and differentiate there"
DA_Z, DA_H, DA_R = "dh * (h - h_tilde) * z * (1 - z)", "dh * (1 - z) * (1 - h_tilde**2)", "dpast * h * r * (1 - r)"


def _backward_case() -> tuple[Array, ...]:
    x, h, W_x, W_h, b = network()
    return np.random.default_rng(8).normal(size=h.shape), *gates(x, h, W_x, W_h, b), W_h


mistakes_in_backward = Diagnosis(
    backward_step, _backward_case, ", ".join(GRADIENTS),
    parts=(
        Part("da_z", lambda da_r, da_z, da_h, dh_before: da_z, STANDS),
        Part("da_h", lambda da_r, da_z, da_h, dh_before: da_h, STANDS),
        Part("da_r", lambda da_r, da_z, da_h, dh_before: da_r, STANDS),
        Part("dh_before", lambda da_r, da_z, da_h, dh_before: dh_before, "four paths: the copy, the candidate, and both gates"),
    ),
    slips=(
        Slip(RETURNED, "return 0 * h, 0 * h, 0 * h, 0 * h", "all gradients are 0, which is what the stub did.",
             "begin with da_z: where does z stand in h_t?", whole=True),
        Slip(RETURNED, "return da_z, da_r, da_h, dh_before", "da_r and da_z are swapped: the reset gate comes first.", RETURNED,
             whole=True),
        *(Slip(RETURNED, f"return {', '.join(order)}", f"right, in another order: {', '.join(order)}.", RETURNED, whole=True)
          for order in permutations(GRADIENTS) if order not in (GRADIENTS, ("da_z", "da_r", "da_h", "dh_before"))),
        *slips(DA_Z, "z multiplies h, and 1 - z multiplies h_tilde: h - h_tilde", {
            "dh * h * z * (1 - z)": "z also stands in (1 - z): opening it lets less of the candidate in.",
            "dh * -h_tilde * z * (1 - z)": "z also stands in z * h: opening it keeps more of the past.",
            "dh * (h_tilde - h) * z * (1 - z)": "the sign is wrong: z multiplies the past, 1 - z the candidate.",
            "dh * z * (1 - z)": "z is multiplied by h, and 1 - z by h_tilde: their difference is missing.",
        }, "da_z: {}"),
        *slips(DA_Z, "dh * (h - h_tilde) * z * (1 - z)", {
            "dh * (h - h_tilde)": "the slope of the sigmoid is missing.",
            "dh * (h - h_tilde) * (1 - z**2)": "that is the slope of tanh; a gate is a sigmoid.",
            "dh * (h - h_tilde) / (1 + np.exp(-z)) / (1 + np.exp(z))": "z is a sigmoid already: you applied it once more.",
            "dh * (h - h_tilde) * (z * (1 - z)) ** 2": "the slope of the sigmoid is in there twice.",
            "(h - h_tilde) * z * (1 - z)": "what comes back, dh, plays no part.",
        }, "da_z: {}"),
        *slips(DA_H, "dh * (1 - z) * (1 - h_tilde**2)", {
            "dh * (1 - h_tilde**2)": "the candidate only enters with the share 1 - z.",
            "dh * z * (1 - h_tilde**2)": "the candidate enters with 1 - z, not with z.",
            "dh * (1 - z)": "the slope of tanh is missing.",
            "dh * (1 - z) * (1 - np.tanh(h_tilde) ** 2)": "h_tilde is tanh(a) already: you applied tanh once more.",
            "dh * (1 - z) * (1 - h_tilde)": "the slope of tanh is 1 - h_tilde², you used 1 - h_tilde.",
            "dh * (1 - z) * h_tilde * (1 - h_tilde)": "that is the slope of the sigmoid; the candidate is a tanh.",
        }, "da_h: {}"),
        *slips(DA_R, "dpast * h * r * (1 - r)", {
            "dpast * r * (1 - r)": "r multiplies h on the way forward, so h is its slope.",
            "dpast * h": "the slope of the sigmoid is missing.",
            "dpast * r * r * (1 - r)": "r multiplies h: the slope by r is h, not r.",
            "dpast * h / (1 + np.exp(-r)) / (1 + np.exp(r))": "r is a sigmoid already: you applied it once more.",
            "dpast * h * (1 - r**2)": "that is the slope of tanh; a gate is a sigmoid.",
            "dpast * h_tilde * r * (1 - r)": "r multiplies the old state h, not the candidate.",
        }, "da_r: {}"),
        *slips(DA_R, "start from dpast = da_h @ W_h[2].T", {
            "da_h * h * r * (1 - r)": "r acts before the matrix product, so the gradient must come back through W_h[2] first.",
            "da_h @ W_h[2] * h * r * (1 - r)": "W_h[2] is used as on the way forward.",
            "dh * h * r * (1 - r)": "r moves the state only by way of the candidate: dh has to pass its tanh first.",
        }, "da_r: {}"),
        *(Slip(RETURNED, RETURNED.replace(name, other), f"{name} is a copy of {other}.", "each has a line of its own")
          for name, other in permutations(GRADIENTS, 2)),
        *slips(" + ".join(PATHS.values()), "the old state stands in four places of the equations; add up what comes back from "
               "each", {
            " + ".join(path for name, path in PATHS.items() if name not in lost): " and through ".join(lost)
            for number in (1, 2, 3) for lost in combinations(PATHS, number)
        }, "the gates are right. dh_before misses the path through {}."),
        *slips("dh * z +", "dh * z", {
            "dh +": "the copy passes the whole gradient; it should pass the share z.",
            "dh * (1 - z) +": "the copy passes the share 1 - z; it should pass z.",
        }, "the gates are right. dh_before: {}"),
        *slips("dpast * r + da_r @ W_h[0].T + da_z @ W_h[1].T", "dpast * r + da_r @ W_h[0].T + da_z @ W_h[1].T", {
            "dpast + da_r @ W_h[0].T + da_z @ W_h[1].T": "the path through the candidate passes the reset gate, too: r ⊙ h.",
            "dpast * r + da_r @ W_h[0] + da_z @ W_h[1]": "the gates' paths use W_h as on the way forward.",
            "dpast * r + da_r @ W_h[1].T + da_z @ W_h[0].T": "the matrices of the two gates are swapped.",
        }, "the gates are right. dh_before: {}"),
    ),
)  # fmt: skip


def diagnose_backward(answer: Callable[..., Any]) -> None:
    mistakes_in_backward(answer)
    dh, *_ = given = _backward_case()
    (x, h, *weights), elsewhere = network(), network(3, 2, 6, seed=70)
    again(
        answer,
        backward_step,
        (dh[::-1], *gates(x[::-1], -h, *weights), weights[1]),
        (elsewhere[1], *gates(*elsewhere), elsewhere[3]),
    )
    proportional(answer, backward_step, 1, *given)
    rng = np.random.default_rng(11)
    for words, (x, h, *weights) in edges():
        edge(words, answer, backward_step, rng.normal(size=h.shape), *gates(x, h, *weights), weights[1])


def weight_gradients(
    x: Float[Array, "T B D"],
    h: Float[Array, "T+1 B H"],
    r: Float[Array, "T B H"],
    da: Float[Array, "3 T B H"],
) -> tuple[Float[Array, "3 D H"], Float[Array, "3 H H"], Float[Array, "3 H"]]:
    T, D, H = len(x), x.shape[2], h.shape[2]
    dW_x, dW_h, db = np.zeros((3, D, H)), np.zeros((3, H, H)), np.zeros((3, H))
    for t in range(T):
        for k, seen in enumerate((h[t], h[t], r[t] * h[t])):
            dW_x[k] += x[t].T @ da[k, t]
            dW_h[k] += seen.T @ da[k, t]
            db[k] += da[k, t].sum(axis=0)
    return dW_x, dW_h, db


SUMS = {
    "dW_x": "what was this matrix multiplied by? x[t].T @ da[k, t], summed over t",
    "dW_h": "what was this matrix multiplied by? h[t], or r[t] * h[t] for the candidate",
    "db": "the bias was added to every row at every step: sum da[k] over time and batch",
}
"""The three arrays of gradients, each with a hint."""
PLANES = ("reset gate", "update gate", "candidate")
SEEN, ALL = "(h[t], h[t], r[t] * h[t])", "return dW_x, dW_h, db"


def _one_step_only() -> Iterator[Slip]:
    """= in place of +=, in all three arrays or in some."""
    for t in range(3):
        for number in (3, 2, 1):
            for names in combinations(SUMS, number):
                old, new = zip(*((f"{name}[k] += ", f"{name}[k] += (t == {t}) * ") for name in names), strict=True)
                where = "" if number == 3 else f" in {' and '.join(names)}"
                what = f"only step {t} is left{where}; every step used the same weights."
                yield Slip(old, new, what, "+= inside the loop, not =", whole=number > 1)


def _one_sequence_only(b: int) -> Instead:
    return Instead(
        lambda x, h, r, da: weight_gradients(x[:, [b]], h[:, [b]], r[:, [b]], da[:, :, [b]]),
        "that is the gradient of one sequence; the batch holds two.",
        "x[t].T @ da[k, t] sums over both",
    )


mistakes_in_weights = Diagnosis(
    weight_gradients, lambda: real_pass(np.random.default_rng(9), 3, 2, 3, 4), ", ".join(SUMS),
    parts=tuple(
        Part(f"{name}[{k}] (the {gate})", lambda *got, at=at, k=k: got[at][k], hint)
        for at, (name, hint) in enumerate(SUMS.items()) for k, gate in enumerate(PLANES)
    ),
    slips=(
        Slip(ALL, "return 0 * dW_x, 0 * dW_h, 0 * db", "all gradients are 0, which is what the stub did.", "begin with the "
             "bias: it was added at every step", whole=True),
        Slip(("np.zeros((3, H))", "da[k, t].sum(axis=0)"), ("np.zeros((3, *h[0].shape))", "da[k, t]"), "db has a row for each "
             "sequence; one bias served them all.", "sum over the batch, too"),
        *_one_step_only(),
        _one_sequence_only(0),
        _one_sequence_only(1),
        *(Slip(ALL, f"{name} /= {count}\n    {ALL}", f"{name} is a mean over {over}; gradients of shared weights add up.",
               "sum, do not average")
          for name in SUMS for count, over in (("T", "time"), ("x.shape[1]", "the batch"), ("T * x.shape[1]", "both axes"))),
        Slip("seen.T @ da[k, t]", "da[k, t].T @ seen", "dW_h is transposed: row i belongs to the old unit i.", "h[t].T @ da[k, t]"
             ),
        Slip(SEEN, "(h[t + 1], h[t + 1], r[t] * h[t])", "dW_h pairs da with the state after its step; the gates looked at the "
             "one before.", "h[t]"),
        Slip(SEEN, "(h[t], h[t], h[t])", "dW_h of the candidate is as if it had seen the whole old state. W_h[2] was multiplied "
             "by r ⊙ h.", "(r[t] * h[t]).T @ da[2, t]"),
        Slip(SEEN, "(h[t], h[t], r[t] * h[t + 1])", "dW_h of the candidate pairs da with r ⊙ the state after its step.",
             "(r[t] * h[t]).T @ da[2, t]"),
        Slip(SEEN, "3 * (r[t] * h[t],)", "the gates see the old state as it is; only the candidate sees r ⊙ h.", "h[t].T @ da[0, "
             "t]"),
        *(Slip(ALL, f"{name}[{k}] = {name}[{other}]\n    {ALL}", f"{name}[{k}] (the {PLANES[k]}) is that of the {PLANES[other]}.",
               f"{name}[{k}] comes from da[{k}]") for name in SUMS for k, other in permutations(range(3), 2)),
    ),
)  # fmt: skip


def diagnose_weights(answer: Callable[..., Any]) -> None:
    mistakes_in_weights(answer)
    rng = np.random.default_rng(90)
    again(answer, weight_gradients, real_pass(rng, 3, 2, 3, 4), real_pass(rng, 5, 3, 2, 6))
    for T, B, D, H in ((12, 2, 2, 3), (1, 3, 2, 4), (6, 1, 2, 3), (6, 3, 1, 2), (5, 2, 3, 1), (1, 1, 1, 1)):
        edge(f"T = {T}, B = {B}, D = {D}, H = {H}", answer, weight_gradients, *real_pass(rng, T, B, D, H))


def reset_after_step(
    x: Float[Array, "B D"],
    h: Float[Array, "B H"],
    W_x: Float[Array, "3 D H"],
    W_h: Float[Array, "3 H H"],
    b: Float[Array, "3 H"],
    b_past: Float[Array, "H"],
) -> Float[Array, "B H"]:
    def sigmoid(a):  # type: ignore[no-untyped-def]
        return 1 / (1 + np.exp(-a))

    r = sigmoid(x @ W_x[0] + h @ W_h[0] + b[0])
    z = sigmoid(x @ W_x[1] + h @ W_h[1] + b[1])
    h_tilde = np.tanh(x @ W_x[2] + b[2] + r * (h @ W_h[2] + b_past))
    return z * h + (1 - z) * h_tilde


def _reset_after_case() -> tuple[Array, ...]:
    return *network(), np.random.default_rng(10).normal(size=5)


_inverted = Slip(
    MIXED, INVERTED, "the candidate is right, but z works the wrong way round.", "PyTorch, too, keeps with z"
)

mistakes_in_reset_after = Diagnosis(
    reset_after_step, _reset_after_case, "the new state",
    hint="only the candidate differs from 08.1: r * (h @ W_h[2] + b_past)",
    slips=(
        Slip(MIXED, "h", "the state comes out as it went in, which is what the stub did.", "start from your answer to 08.1"),
        *slips("x @ W_x[2] + b[2] + r * (h @ W_h[2] + b_past)", "r * (h @ W_h[2] + b_past)", {
            "x @ W_x[2] + b[2] + (r * h) @ W_h[2]": "that is the GRU of the notes (08.1): the reset comes before the product.",
            "x @ W_x[2] + b[2] + (r * h) @ W_h[2] + b_past": "the reset still comes before the product.",
            "x @ W_x[2] + b[2] + r * (h @ W_h[2])": "b_past is missing.",
            "x @ W_x[2] + b[2] + r * (h @ W_h[2]) + b_past": "b_past stands outside the reset gate. There it could be added to "
                                                             "b[2] and would be no second bias at all.",
            "x @ W_x[2] + r * (h @ W_h[2] + b[2] + b_past)": "b[2] belongs to the input and is not reset.",
            "r * (x @ W_x[2] + b[2] + h @ W_h[2] + b_past)": "the reset gate also holds back the input.",
        }),
        _inverted,
        *(Instead(read, f"you read the weights in the order {', '.join(order)}.", "0 is the reset gate, 1 the update gate, 2 the "
                  "candidate") for order, read in other_orders(reset_after_step, GATES)),
        *(Instead(read, f"two mistakes at once: you read the weights in the order {', '.join(order)}. z works the wrong way "
          f"round.",
                  "r, z, candidate; z keeps") for order, read in other_orders(_inverted.of(reset_after_step), GATES)),
    ),
)  # fmt: skip


def diagnose_reset_after(answer: Callable[..., Any]) -> None:
    mistakes_in_reset_after(answer)
    x, h, W_x, W_h, b, b_past = _reset_after_case()
    again(answer, reset_after_step, (x[::-1], -h, W_x, W_h, b, -b_past), (*network(3, 2, 5, seed=70), b_past))
    rng = np.random.default_rng(12)
    for words, case in edges():
        edge(words, answer, reset_after_step, *case, rng.normal(size=case[1].shape[1]))


EXERCISES = (
    Exercise(
        "08.1", "one step of a GRU", gru_step, diagnose_step,
        hints=(
            "Compute r and z first, each from x, the old state and its own bias; both go through a sigmoid. Index 0 is r, "
            "1 is z, 2 the candidate.",
            "h_tilde = np.tanh(x @ W_x[2] + (r * h) @ W_h[2] + b[2]); the new state is z * h + (1 - z) * h_tilde.",
        ),
        praise="Two gates, a candidate, and a mixture of old and new.",
    ),
    Exercise(
        "08.2", "a memory of given length", bias_for, diagnose_bias,
        hints=(
            "If z is the same at every step, the share zⁿ of a state is left after n steps. Which z makes that a half?",
            "z = 0.5 ** (1 / n). The sigmoid of b must be z: solve z = 1 / (1 + exp(-b)) for b.",
            "b = log(z / (1 - z)). (For memories of 1e17 steps z itself rounds to 1. Then log(z) - log(1 - z) with "
            "log(z) = log(0.5) / n and 1 - z = -np.expm1(log(z)) still works; the check does not go so far.)",
        ),
        praise="A bias is a length of memory: log(z / (1 - z)), about log(n / 0.69) for large n.",
    ),
    Exercise(
        "08.3", "one step backward through a GRU", backward_step, diagnose_backward,
        hints=(
            "Call a_r, a_z, a_h what the sigmoids and the tanh were applied to. z stands in two places of "
            "h_t = z h + (1 - z) h_tilde, so da_z = dh * (h - h_tilde) * (slope of the sigmoid).",
            "da_h = dh * (1 - z) * (1 - h_tilde**2). What was reset, r * h, receives dpast = da_h @ W_h[2].T; from "
            "there to a_r it is times h and times r * (1 - r).",
            "The old state has four ways: dh * z, dpast * r, da_r @ W_h[0].T, da_z @ W_h[1].T. Add them.",
        ),
        praise="Both gates, the candidate, and all four paths back to the old state.",
    ),
    Exercise(
        "08.4", "gradients of the weights, over all steps", weight_gradients, diagnose_weights,
        hints=(
            "Every weight was used at every step by every sequence, so its gradient is a sum over both. As in chapter 06: "
            "what it was multiplied by, transposed, times da.",
            "The gates were multiplied by h[t] (the state before the step), the candidate with r[t] * h[t].",
        ),
        praise="With 08.3 in a loop this is the whole backward pass of a GRU.",
    ),
    Exercise(
        "08.5", "the GRU of PyTorch", reset_after_step, diagnose_reset_after,
        hints=(
            "Only the candidate changes: first the matrix product of the whole old state, with a bias of its own, then the "
            "reset gate.",
            "h_tilde = np.tanh(x @ W_x[2] + b[2] + r * (h @ W_h[2] + b_past))",
        ),
        praise="One product with the old state now serves all three; that is what makes it fast on a GPU.",
    ),
)  # fmt: skip
