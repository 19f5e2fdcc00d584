"""Exercises of chapter 08: a step, a memory of given length, a step backward, the weights' gradients, PyTorch's step."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.backward import proportional
from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.exercises.gates import diagnose_planes, other_orders
from course_utils.exercises.gru_examples import edges, gates, network, real_pass
from course_utils.exercises.gru_paths import diagnose_paths
from course_utils.math import sigmoid
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


def diagnose_step(answer: Callable[..., Any]) -> None:
    x, h, W_x, W_h, b = network()
    want = gru_step(x, h, W_x, W_h, b)
    got = same_shape(call(answer, x, h, W_x, W_h, b), want.shape, "the new state")
    if close(got, h):
        raise NotYet("the state comes out as it went in, which is what the stub did.", "begin with r and z")
    a = np.stack([x @ W_x[k] + h @ W_h[k] + b[k] for k in range(3)])
    r, z, read = sigmoid(a[0]), sigmoid(a[1]), x @ W_x[2] + b[2]
    h_tilde = np.tanh(read + (r * h) @ W_h[2])

    def withgates(r: Array, z: Array) -> Array:
        return z * h + (1 - z) * np.tanh(read + (r * h) @ W_h[2])

    def mixed(candidate: Array) -> Array:
        return z * h + (1 - z) * candidate

    keep = "H_t = Z_t ⊙ H_{t-1} + (1 - Z_t) ⊙ H̃_t"
    for wrong, what, hint in (
        (h_tilde, "that is the candidate; the update gate plays no part yet.", keep),
        ((1 - z) * h + z * h_tilde, "the update gate works the wrong way round: here 1 keeps the old state. (Cho et al. have "
         "it so, some papers and libraries the other way.)", keep),
        (z * h + 1 - z * h_tilde, "parentheses are missing: 1 - z * h_tilde is 1 - (z * h_tilde).", "(1 - z) * h_tilde"),
        (z * h + h_tilde, "past and candidate are added; they should share: what z keeps, 1 - z does not take.", keep),
        (withgates(z, r), "the two gates are swapped.", "the order is r, z, candidate: r = ...[0], z = ...[1]"),
        (mixed(np.tanh(a[2])), "the reset gate plays no part: the candidate sees the whole old state.", "(r * h) @ W_h[2]"),
        (mixed(np.tanh(read + r * (h @ W_h[2]))), "the reset gate acts after the matrix product, as in PyTorch. Here the state "
         "is reset first: each unit is scaled before it is mixed with the others.", "(r * h) @ W_h[2]"),
        (mixed(np.tanh(r * a[2])), "the reset gate also holds back the input.", "x @ W_x[2] + (r * h) @ W_h[2] + b[2]"),
        (mixed(sigmoid(read + (r * h) @ W_h[2])), "the candidate was squashed with the sigmoid.", "the candidate: tanh"),
        (mixed(read + (r * h) @ W_h[2]), "the candidate has no tanh, so the state can leave (-1, 1).", "np.tanh"),
        (withgates(np.tanh(a[0]), np.tanh(a[1])), "the gates are squashed with tanh, so they can be negative.", "sigmoid"),
        (withgates(a[0], a[1]), "the gates are not squashed: they can leave (0, 1).", "sigmoid(a) = 1 / (1 + exp(-a))"),
        (withgates(sigmoid(-a[0]), sigmoid(-a[1])), "your sigmoid falls: it has the wrong sign.", "1 / (1 + np.exp(-a))"),
        (mixed(np.tanh(read - b[2] + (r * h) @ W_h[2])), "the gates are right, but the bias of the candidate is missing.",
         "+ b[2]"),
        (gru_step(x, h, W_x, W_h, 0 * b), "the three biases are missing.", "+ b[0], + b[1], + b[2]"),
        (gru_step(x, h, W_x, W_h.swapaxes(1, 2), b), "W_h is transposed; square matrices do not warn you.", "h @ W_h[0]"),
        (withgates(sigmoid(x @ W_x[0] + b[0]), sigmoid(x @ W_x[1] + b[1])), "the gates look at the input only, not at the "
         "old state.", "+ h @ W_h[0], + h @ W_h[1]"),
    ):  # fmt: skip
        if close(got, wrong):
            raise NotYet(what, hint)
    _diagnose_weights_used(got, x, h, W_x, W_h, b)
    agree(got, want, "the new state", "print r, z and the candidate, and compare each with its equation")
    again(answer, gru_step, (x[::-1], -h, W_x, W_h, b), network(3, 2, 6, seed=70))
    for words, case in edges():
        edge(words, answer, gru_step, *case)


def _diagnose_weights_used(got: Array, x: Array, h: Array, *weights: Array) -> None:
    """Which planes of the weights were read for which gate, and was z read the other way round as well?"""
    for order, (W_x, W_h, b) in ((GATES, weights), *other_orders(GATES, weights)):
        r, z = (sigmoid(x @ W_x[k] + h @ W_h[k] + b[k]) for k in (0, 1))
        read = x @ W_x[2] + b[2]
        early, late = np.tanh(read + (r * h) @ W_h[2]), np.tanh(read + r * (h @ W_h[2]))
        named = [f"you read the weights in the order {', '.join(order)}."] if order != GATES else []
        inverted = "z works the other way round: here 1 keeps the old state."
        reset = "the reset gate acts after the matrix product."
        for wrong, said in (
            (z * h + (1 - z) * early, named),
            ((1 - z) * h + z * early, [*named, inverted]),
            (z * h + (1 - z) * late, [*named, reset]),
            ((1 - z) * h + z * late, [*named, inverted, reset]),
        ):
            if said and close(got, wrong):
                many = {1: "", 2: "two mistakes at once: ", 3: "three mistakes at once: "}[len(said)]
                raise NotYet(many + " ".join(said), "r, z, candidate; z * h + (1 - z) * h_tilde; (r * h) @ W_h[2]")
    diagnose_planes(lambda used: close(got, gru_step(x, h, *used)), ("r", "z", "the candidate"), weights)


def bias_for(half_life: float) -> float:
    log_z = np.log(0.5) / half_life  # of z = 0.5 ** (1 / half_life)
    return float(log_z - np.log(-np.expm1(log_z)))  # log(z / (1 - z)), also where z itself would round to 1


def diagnose_bias(answer: Callable[..., Any]) -> None:
    for n in (10.0, 2.5):
        z = 0.5 ** (1 / n)
        got = same_shape(call(answer, n), (), "the bias")
        if got == 0:
            raise NotYet("a bias of 0 is a gate of 1/2: the stub forgets half at every step.", "which z has zⁿ = 1/2?")
        for wrong, what, hint in (
            (z, "that is the gate itself; the bias is what the sigmoid turns into it.", "invert z = 1 / (1 + exp(-b))"),
            (-bias_for(n), "the sign is wrong: this gate is nearly shut.", "log(z / (1 - z)), not log((1 - z) / z)"),
            (1 / (1 + np.exp(-z)), "you applied the sigmoid to z once more; it has to be undone.", "b = log(z / (1 - z))"),
            (np.log(z), "the logarithm alone does not undo the sigmoid.", "b = log(z / (1 - z))"),
            (
                np.log(n - 1), "you kept the share 1 - 1/n per step: after n steps about 1/e is left, not a half.",
                "solve zⁿ = 1/2 for z",
            ),
            (
                _logit(np.exp(-1 / n)), "after n steps your gate leaves 1/e; half-life means a half.",
                "solve zⁿ = 1/2 for z",
            ),
            (_logit(0.5**n), "you raised 1/2 to the power n; it is z that is raised, zⁿ = 1/2.", "z = 0.5 ** (1 / n)"),
        ):  # fmt: skip
            if close(got, wrong):
                raise NotYet(what, hint)
        if close(got, np.log(n / np.log(2)), 5e-3):  # some have the constant as 0.69, or as 1.44
            raise NotYet(
                "log(n / 0.69) comes near for a long memory; asked is the exact bias.",
                "z = 0.5 ** (1 / n), then invert the sigmoid",
            )
        agree(
            got, bias_for(n), f"the bias for a half-life of {n:g} steps", "z = 0.5 ** (1 / n), then invert the sigmoid"
        )
    for n in (1.0, 0.5, 1.5, 3.0, 1000.0, 100_000.0):
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


def diagnose_backward(answer: Callable[..., Any]) -> None:
    x, h, W_x, W_h, b = network()
    dh = np.random.default_rng(8).normal(size=h.shape)
    r, z = (sigmoid(x @ W_x[k] + h @ W_h[k] + b[k]) for k in (0, 1))
    h_tilde = np.tanh(x @ W_x[2] + (r * h) @ W_h[2] + b[2])
    names = ("da_r", "da_z", "da_h", "dh_before")
    parts = several(call(answer, dh, h, r, z, h_tilde, W_h), ", ".join(names), 4)
    got = {name: same_shape(part, h.shape, name) for name, part in zip(names, parts, strict=True)}
    want = dict(zip(names, backward_step(dh, h, r, z, h_tilde, W_h), strict=True))
    if all(close(part, 0 * part) for part in got.values()):
        raise NotYet("all gradients are 0, which is what the stub did.", "begin with da_z: where does z stand in h_t?")
    for order in permutations(names):
        if order != names and all(close(got[name], want[other]) for name, other in zip(names, order, strict=True)):
            if order == ("da_z", "da_r", "da_h", "dh_before"):
                raise NotYet("da_r and da_z are swapped: the reset gate comes first.", f"return {', '.join(names)}")
            raise NotYet(f"right, in another order: {', '.join(order)}.", f"return {', '.join(names)}")
    slope_z, slope_r, slope_h = z * (1 - z), r * (1 - r), 1 - h_tilde**2
    gap, dpast = h - h_tilde, want["da_h"] @ W_h[2].T
    for name, wrong, what, hint in (
        ("da_z", dh * h * slope_z, "z also stands in (1 - z): opening it lets less of the candidate in.", "h - h_tilde"),
        ("da_z", -dh * h_tilde * slope_z, "z also stands in z * h: opening it keeps more of the past.", "h - h_tilde"),
        ("da_z", -dh * gap * slope_z, "the sign is wrong: z multiplies the past, 1 - z the candidate.", "h - h_tilde"),
        ("da_z", dh * gap, "the slope of the sigmoid is missing.", "times z * (1 - z)"),
        ("da_z", dh * gap * (1 - z**2), "that is the slope of tanh; a gate is a sigmoid.", "times z * (1 - z)"),
        ("da_z", dh * gap * sigmoid(z) * (1 - sigmoid(z)), "z is a sigmoid already: you applied it once more.", "z * (1 - z)"),
        ("da_z", dh * (1 - z) * z, "z is multiplied by h, and 1 - z by h_tilde: their difference is missing.", "h - h_tilde"),
        ("da_z", dh * gap * slope_z**2, "the slope of the sigmoid is in there twice.", "times z * (1 - z)"),
        ("da_z", gap * slope_z, "what comes back, dh, plays no part.", "dh * (h - h_tilde) * z * (1 - z)"),
        ("da_h", dh * slope_h, "the candidate only enters with the share 1 - z.", "dh * (1 - z) * (1 - h_tilde**2)"),
        ("da_h", dh * z * slope_h, "the candidate enters with 1 - z, not with z.", "dh * (1 - z) * (1 - h_tilde**2)"),
        ("da_h", dh * (1 - z), "the slope of tanh is missing.", "times 1 - h_tilde**2"),
        (
            "da_h", dh * (1 - z) * (1 - np.tanh(h_tilde) ** 2), "h_tilde is tanh(a) already: you applied tanh once more.",
            "times 1 - h_tilde**2",
        ),
        ("da_h", dh * (1 - z) * (1 - h_tilde), "the slope of tanh is 1 - h_tilde², you used 1 - h_tilde.", "1 - h_tilde**2"),
        (
            "da_h", dh * (1 - z) * h_tilde * (1 - h_tilde), "that is the slope of the sigmoid; the candidate is a tanh.",
            "times 1 - h_tilde**2",
        ),
        ("da_r", dpast * slope_r, "r multiplies h on the way forward, so h is its slope.", "dpast * h * r * (1 - r)"),
        ("da_r", dpast * h, "the slope of the sigmoid is missing.", "times r * (1 - r)"),
        ("da_r", dpast * r * slope_r, "r multiplies h: the slope by r is h, not r.", "dpast * h * r * (1 - r)"),
        (
            "da_r", dpast * h * sigmoid(r) * (1 - sigmoid(r)), "r is a sigmoid already: you applied it once more.",
            "times r * (1 - r)",
        ),
        ("da_r", dpast * h * (1 - r**2), "that is the slope of tanh; a gate is a sigmoid.", "times r * (1 - r)"),
        ("da_r", dpast * h_tilde * slope_r, "r multiplies the old state h, not the candidate.", "dpast * h * r * (1 - r)"),
        (
            "da_r", want["da_h"] * h * slope_r, "r acts before the matrix product, so the gradient must come back through "
            "W_h[2] first.", "dpast = da_h @ W_h[2].T",
        ),
        (
            "da_r", (want["da_h"] @ W_h[2]) * h * slope_r, "W_h[2] is used as on the way forward.", "da_h @ W_h[2].T",
        ),
        (
            "da_r", dh * h * slope_r, "r moves the state only by way of the candidate: dh has to pass its tanh first.",
            "start from dpast = da_h @ W_h[2].T",
        ),
    ):  # fmt: skip
        if close(got[name], wrong):
            raise NotYet(f"{name}: {what}", hint)
    for name in ("da_z", "da_h", "da_r"):
        agree(got[name], want[name], name, "write down where it stands in the equations, and differentiate there")
    for name, other in permutations(names, 2):
        if close(got[name], want[other]):
            raise NotYet(f"{name} is a copy of {other}.", "each has a line of its own")
    diagnose_paths(got["dh_before"], want, dh, r, z, dpast, W_h)
    elsewhere = network(3, 2, 6, seed=70)
    again(
        answer,
        backward_step,
        (dh[::-1], *gates(x[::-1], -h, W_x, W_h, b), W_h),
        (elsewhere[1], *gates(*elsewhere), elsewhere[3]),
    )
    proportional(answer, backward_step, 1, dh, h, r, z, h_tilde, W_h)
    rng = np.random.default_rng(11)
    for words, (x, h, W_x, W_h, b) in edges():
        edge(words, answer, backward_step, rng.normal(size=h.shape), *gates(x, h, W_x, W_h, b), W_h)


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


def diagnose_weights(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(9)
    T, B, D, H = 3, 2, 3, 4
    x, h, r, da = given = real_pass(rng, T, B, D, H)
    names = ("dW_x", "dW_h", "db")
    want = dict(zip(names, weight_gradients(*given), strict=True))
    parts = several(call(answer, *given), ", ".join(names), 3)
    if np.shape(parts[2]) == (3, B, H):
        raise NotYet("db has a row for each sequence; one bias served them all.", "sum over the batch, too")
    got = {name: same_shape(part, want[name].shape, name) for name, part in zip(names, parts, strict=True)}
    if all(close(part, 0 * part) for part in got.values()):
        raise NotYet(
            "all gradients are 0, which is what the stub did.", "begin with the bias: it was added at every step"
        )
    for t in range(T):
        alone = weight_gradients(x[t : t + 1], h[t : t + 2], r[t : t + 1], da[:, t : t + 1])
        only = [name for name, part in zip(names, alone, strict=True) if close(got[name], part)]
        if only:
            where = "" if len(only) == 3 else f" in {' and '.join(only)}"
            raise NotYet(
                f"only step {t} is left{where}; every step used the same weights.", "+= inside the loop, not ="
            )
    for b in range(B):
        one = weight_gradients(x[:, b : b + 1], h[:, b : b + 1], r[:, b : b + 1], da[:, :, b : b + 1])
        if any(close(got[name], part) for name, part in zip(names, one, strict=True)):
            raise NotYet(
                "that is the gradient of one sequence; the batch holds two.", "x[t].T @ da[k, t] sums over both"
            )
    for name, (count, over) in ((n, c) for n in names for c in ((T, "time"), (B, "the batch"), (T * B, "both axes"))):
        if close(got[name], want[name] / count):
            raise NotYet(f"{name} is a mean over {over}; gradients of shared weights add up.", "sum, do not average")
    if close(got["dW_h"], want["dW_h"].swapaxes(1, 2)):
        raise NotYet("dW_h is transposed: row i belongs to the old unit i.", "h[t].T @ da[k, t]")
    whole, shown = h[:-1], r * h[:-1]
    if close(got["dW_h"][:2], np.einsum("tbi,ktbj->kij", h[1:], da[:2])):
        raise NotYet("dW_h pairs da with the state after its step; the gates looked at the one before.", "h[t]")
    if close(got["dW_h"][2], np.einsum("tbi,tbj->ij", whole, da[2])):
        raise NotYet(
            "dW_h of the candidate is as if it had seen the whole old state. W_h[2] was multiplied by r ⊙ h.",
            "(r[t] * h[t]).T @ da[2, t]",
        )
    if close(got["dW_h"][2], np.einsum("tbi,tbj->ij", r * h[1:], da[2])):
        raise NotYet("dW_h of the candidate pairs da with r ⊙ the state after its step.", "(r[t] * h[t]).T @ da[2, t]")
    if close(got["dW_h"][0], np.einsum("tbi,tbj->ij", shown, da[0])):
        raise NotYet("the gates see the old state as it is; only the candidate sees r ⊙ h.", "h[t].T @ da[0, t]")
    hints = {
        "dW_x": "what was this matrix multiplied by? x[t].T @ da[k, t], summed over t",
        "dW_h": "what was this matrix multiplied by? h[t], or r[t] * h[t] for the candidate",
        "db": "the bias was added to every row at every step: sum da[k] over time and batch",
    }
    gates = ("reset gate", "update gate", "candidate")
    for name in names:
        for k, gate in enumerate(gates):
            for other, another in enumerate(gates):
                if other != k and close(got[name][k], want[name][other]):
                    raise NotYet(
                        f"{name}[{k}] (the {gate}) is that of the {another}.", f"{name}[{k}] comes from da[{k}]"
                    )
            agree(got[name][k], want[name][k], f"{name}[{k}] (the {gate})", hints[name])
    again(answer, weight_gradients, real_pass(rng, T, B, D, H), real_pass(rng, 5, 3, 2, 6))
    for T, B, D, H in ((12, 2, 2, 3), (1, 3, 2, 4), (6, 1, 2, 3), (6, 3, 1, 2), (5, 2, 3, 1), (1, 1, 1, 1)):
        edge(f"T = {T}, B = {B}, D = {D}, H = {H}", answer, weight_gradients, *real_pass(rng, T, B, D, H))


def reset_after_step(
    x: Float[Array, "B D"],
    h: Float[Array, "B H"],
    W_x: Float[Array, "3 D H"],
    W_h: Float[Array, "3 H H"],
    b: Float[Array, "3 H"],
    b_past: Float[Array, " H"],
) -> Float[Array, "B H"]:
    def sigmoid(a):  # type: ignore[no-untyped-def]
        return 1 / (1 + np.exp(-a))

    r = sigmoid(x @ W_x[0] + h @ W_h[0] + b[0])
    z = sigmoid(x @ W_x[1] + h @ W_h[1] + b[1])
    h_tilde = np.tanh(x @ W_x[2] + b[2] + r * (h @ W_h[2] + b_past))
    return z * h + (1 - z) * h_tilde


def diagnose_reset_after(answer: Callable[..., Any]) -> None:
    x, h, W_x, W_h, b = network()
    b_past = np.random.default_rng(10).normal(size=(h.shape[1],))
    want = reset_after_step(x, h, W_x, W_h, b, b_past)
    got = same_shape(call(answer, x, h, W_x, W_h, b, b_past), want.shape, "the new state")
    if close(got, h):
        raise NotYet("the state comes out as it went in, which is what the stub did.", "start from your answer to 08.1")
    r, z = (sigmoid(x @ W_x[k] + h @ W_h[k] + b[k]) for k in (0, 1))
    read, kept = x @ W_x[2], h @ W_h[2]
    for candidate, what, hint in (
        (
            read + (r * h) @ W_h[2] + b[2],
            "that is the GRU of the notes (08.1): the reset comes before the product.",
            "r * (h @ W_h[2])",
        ),
        (
            read + (r * h) @ W_h[2] + b[2] + b_past,
            "the reset still comes before the product.",
            "r * (h @ W_h[2] + b_past)",
        ),
        (read + b[2] + r * kept, "b_past is missing.", "r * (h @ W_h[2] + b_past)"),
        (
            read + b[2] + b_past + r * kept,
            "b_past stands outside the reset gate. There it could be added to b[2] and would be no second bias at all.",
            "r * (h @ W_h[2] + b_past)",
        ),
        (read + r * (kept + b[2] + b_past), "b[2] belongs to the input and is not reset.", "r * (h @ W_h[2] + b_past)"),
        (
            r * (read + b[2] + kept + b_past),
            "the reset gate also holds back the input.",
            "only h @ W_h[2] + b_past is reset",
        ),
    ):
        if close(got, z * h + (1 - z) * np.tanh(candidate)):
            raise NotYet(what, hint)
    if close(got, (1 - z) * h + z * np.tanh(read + b[2] + r * (kept + b_past))):
        raise NotYet("the candidate is right, but z works the wrong way round.", "PyTorch, too, keeps with z")
    opposite = np.array([1, -1, 1])[:, None]  # a gate with the other sign is 1 - z
    for order, (W, U, bias) in other_orders(GATES, (W_x, W_h, b)):
        named = f"you read the weights in the order {', '.join(order)}."
        if close(got, reset_after_step(x, h, W, U, bias, b_past)):
            raise NotYet(named, "0 is the reset gate, 1 the update gate, 2 the candidate")
        if close(
            got, reset_after_step(x, h, opposite[..., None] * W, opposite[..., None] * U, opposite * bias, b_past)
        ):
            raise NotYet(f"two mistakes at once: {named} z works the wrong way round.", "r, z, candidate; z keeps")
    agree(got, want, "the new state", "only the candidate differs from 08.1: r * (h @ W_h[2] + b_past)")
    again(answer, reset_after_step, (x[::-1], -h, W_x, W_h, b, -b_past), (*network(3, 2, 5, seed=70), b_past))
    rng = np.random.default_rng(12)
    for words, case in edges():
        edge(words, answer, reset_after_step, *case, rng.normal(size=case[1].shape[1]))


def _logit(z: float) -> float:
    return float(np.log(z / (1 - z)))


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
