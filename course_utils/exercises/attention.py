"""Exercises of chapter 13: masked weights, the way back through a look, one step of a beam, and reading an alignment."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.exercises.slips import Diagnosis, Part, Slip, slips
from course_utils.math import log_softmax, softmax
from course_utils.tree import Array


def weights(scores: Float[Array, "T S"], mask: Bool[Array, "S"]) -> Float[Array, "T S"]:
    scores = np.where(mask, scores, -np.inf)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _scores() -> tuple[Array, Array]:
    return np.random.default_rng(1).normal(size=(3, 5)), np.array([1, 0, 1, 1, 0], bool)


MASKED = "np.where(mask, scores, -np.inf)"

mistakes_in_weights = Diagnosis(
    weights, _scores, "the result",
    parts=(
        Part("the weights of padding", lambda a: a[:, ~_scores()[1]], "exactly 0: -np.inf, not a large negative number"),
        Part("the weights", lambda a: a, "exp of the scores that are left, divided by their sum over s"),
    ),
    slips=(
        Slip("return e / e.sum(axis=1, keepdims=True)", "return np.full(e.shape, 1 / e.shape[1])", "all weights are alike, "
             "which is what the stub did.", "softmax over the axis of s"),
        Slip(MASKED, "scores", "padding gets a share of the weights: the mask was not used.", "put -inf where the mask is False"),
        Slip((MASKED, "return e"), ("scores", "return mask * e"), "padding gets 0, but the weights of a row no longer sum to 1: "
             "the mask came after the softmax.", "mask the scores, before exp"),
        Slip("-np.inf", "0", "padding gets a share of the weights: a score of 0 is a score like any other, exp(0) = 1.",
             "-np.inf in place of 0: exp(-inf) = 0"),
        Slip(MASKED, "np.where(mask, -np.inf, scores)", "real steps are hidden and padding is seen.", "the mask is True at real "
             "steps"),
        Slip(("max(axis=1, keepdims=True)", "sum(axis=1, keepdims=True)"), ("max()", "sum()"), "all weights together sum to 1; "
             "each row should.", "axis=1, keepdims=True"),
        Slip("np.where(mask,", "np.where(np.arange(len(mask)) < mask.sum(),", "you took the first mask.sum() steps for the real "
             "ones; the mask says which they are.", "np.where(mask, scores, -np.inf)"),
    ),
)  # fmt: skip
shared_among_columns = Slip(
    ("max(axis=1", "sum(axis=1"),
    ("max(axis=0", "sum(axis=0"),
    "the columns sum to 1 where the rows should: every step that writes shares its look among the steps read.",
    "sum over s, the last axis",
)
"""Not among the others, as what it gives to padding is not a number."""


def diagnose_weights(answer: Callable[..., Any]) -> None:
    scores, mask = _scores()
    result = call(answer, scores, mask)
    got = same_shape(result, scores.shape)
    with np.errstate(invalid="ignore"):
        if close(got[:, mask], shared_among_columns.of(weights)(scores, mask)[:, mask]):
            raise NotYet(shared_among_columns.what, shared_among_columns.hint)
    mistakes_in_weights.name(result)
    if not close(got[:, ~mask], np.zeros((3, 2)), 1e-300):
        raise NotYet("padding gets a little weight; it must be exactly 0.", "-np.inf, not a large negative number")
    near = 1_000 + 100 * scores
    far = near - np.array([[0], [2_500], [0]]) + 3_000 * ~mask  # one row is far below the others, and padding far above
    with np.errstate(all="ignore"):
        large, apart = (same_shape(call(answer, s, mask), scores.shape) for s in (near, far))
    if not np.isfinite(large).all():
        raise NotYet(
            "with scores around 1000, exp overflows and the weights are nan.",
            "subtract the row's maximum before exp; the weights stay the same",
        )
    agree(large, weights(near, mask), "the weights of large scores", "subtract each row's own maximum")
    if not np.isfinite(apart).all():
        raise NotYet(
            "where scores lie far apart, all of a row became 0, and 0 / 0 is nan.",
            "subtract each row's own maximum, over what may be seen: mask first, then scores.max(axis=1, keepdims=True)",
        )
    if apart[:, ~mask].any():
        raise NotYet("padding gets weight where the other scores are very low: no number is below them all.", "-np.inf")
    agree(apart, weights(far, mask), "the weights of scores that lie far apart", "subtract each row's own maximum")
    rng = np.random.default_rng(10)
    again(answer, weights, (rng.normal(size=(2, 7)), np.array([0, 1, 1, 0, 1, 1, 1], bool)))
    edge("one step that writes and one to see", answer, weights, np.array([[3.0]]), np.array([True]))
    edge("as many steps that write as are read", answer, weights, rng.normal(size=(4, 4)), np.array([1, 1, 0, 1], bool))
    edge("only one step may be seen", answer, weights, rng.normal(size=(3, 4)), np.array([0, 0, 1, 0], bool))
    edge("scores that are all alike", answer, weights, np.full((2, 3), -700.0), np.array([1, 0, 1], bool))
    edge(
        "padding whose scores are nan",
        answer,
        weights,
        np.array([[0.5, np.nan, 1.0]]),
        np.array([1, 0, 1], bool),
        hint="np.where(mask, scores, -np.inf): adding or multiplying leaves nan as it is",
    )


def look_back(
    dy: Float[Array, "T D_v"], a: Float[Array, "T S"], v: Float[Array, "S D_v"]
) -> tuple[Float[Array, "T S"], Float[Array, "S D_v"]]:
    dv = a.T @ dy
    da = dy @ v.T
    dscores = a * (da - (a * da).sum(axis=1, keepdims=True))
    return dscores, dv


def _looks_back(T: int = 3, S: int = 5, D: int = 4, seed: int = 2) -> tuple[Array, ...]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(T, D)), softmax(rng.normal(size=(T, S))), rng.normal(size=(S, D))


SLOPE = "a * (da - (a * da).sum(axis=1, keepdims=True))"

mistakes_in_look_back = Diagnosis(
    look_back, _looks_back, "dscores and dv",
    parts=(
        Part("dv", lambda dscores, dv: dv, "v_s is read by every step t, with the weight a_ts: sum over t"),
        Part("dscores", lambda dscores, dv: dscores, f"dscores = {SLOPE} with da = dy v^T"),
    ),
    slips=(
        Slip("return dscores, dv", "return dv, dscores", "dscores and dv are swapped.", "return dscores, dv", whole=True),
        Slip("return dscores, dv", "return 0 * dscores, 0 * dv", "both gradients are 0, which is what the stub did.", "begin "
             "with dv: y is linear in v", whole=True),
        Slip("a.T @ dy", "np.ones_like(a).T @ dy", "dv is right only if every weight were 1.", "y_t = sum_s a_ts v_s, so v_s "
             "receives a_ts dy_t from every t"),
        Slip(SLOPE, "da", "that is da, the gradient by the weights; the softmax is still between them and the scores.", "a "
             "change of one score moves all weights of its row"),
        Slip(SLOPE, "a * da", "dscores misses the path through the sum in the softmax's denominator: one weight grows, the "
             "others must shrink.", "subtract the row's mean of da, taken with the weights a: (a * da).sum(...)"),
        Slip(SLOPE, "a * (1 - a) * da", "that is the slope of each weight by its own score; the scores of the other steps move "
             "it, too.", "dscores_s = a_s (da_s - sum over r of a_r da_r)"),
        *slips(SLOPE, "axis=1, keepdims=True", {
            "a * (da - (a * da).sum(axis=0))": "the sum was taken over t; a softmax never mixes rows.",
            "a * (da - (a * da).sum())": "the sum was taken over everything; each row has its own.",
        }),
        Slip(SLOPE, "a * (da - da.mean(axis=1, keepdims=True))", "the mean of da was subtracted with equal weights.", "weigh "
             "with a: (a * da).sum(axis=1)"),
        Slip(SLOPE, "da - (a * da).sum(axis=1, keepdims=True)", "the factor a in front is missing: a step that gets no weight "
             "cannot be moved.", "a * (...)"),
    ),
)  # fmt: skip


def diagnose_look_back(answer: Callable[..., Any]) -> None:
    mistakes_in_look_back(answer)
    rng = np.random.default_rng(20)
    again(answer, look_back, _looks_back(4, 6, 2))
    for words, *sizes in (
        ("one step that writes, one to see, one feature", 1, 1, 1),
        ("three axes of the same length", 3, 3, 3),
    ):
        edge(words, answer, look_back, *_looks_back(*sizes))
    edge(
        "weights of exactly 0 and 1",
        answer,
        look_back,
        rng.normal(size=(3, 2)),
        np.eye(3)[[0, 2, 2]],
        rng.normal(size=(3, 2)),
        hint="no logarithm and no division by a",
    )


def beam_step(
    total: Float[Array, "W"], log_p: Float[Array, "W V"], width: int
) -> tuple[Int[Array, "N"], Int[Array, "N"], Float[Array, "N"]]:
    totals = total[:, None] + log_p
    best = np.argsort(-totals.ravel())[:width]
    parent, sign = np.divmod(best, log_p.shape[1])
    return parent, sign, totals.ravel()[best]


def diagnose_beam_step(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(3)
    total, log_p = np.array([-0.3, -1.0, -4.0]), log_softmax(2 * rng.normal(size=(3, 5)))
    names = "the numbers of the answers that are continued, the signs, and the new totals"
    parts = several(call(answer, total, log_p, 4), names, 3)
    if close(np.sort(parts[2]), np.sort(total + log_p.max(1))):
        raise NotYet(
            "from each answer only its best sign was taken; one answer may have several children.",
            "choose among all W · V",
        )
    parent, sign, new = (same_shape(p, (4,), n) for p, n in zip(parts, ("parent", "sign", "total"), strict=True))
    if parent.dtype.kind not in "iu" or sign.dtype.kind not in "iu":
        raise NotYet(
            "parent and sign are numbers of answers and of signs, integers; yours became real numbers.",
            "keep them in arrays of their own: beside the totals they become real numbers, too",
        )
    wanted = beam_step(total, log_p, 4)
    if not parent.any() and not sign.any():
        raise NotYet(
            "only the first answer is continued, and with sign 0: that is what the stub did.",
            "begin with all totals, (W, V)",
        )
    if close(np.sort(new), np.sort((total[:, None] * log_p).ravel())[-4:]):
        raise NotYet("log-probabilities were multiplied.", "the probabilities multiply, so their logarithms add up")
    by_last = np.argsort(-log_p.ravel())[:4]
    if close(np.sort(parent * 5 + sign), np.sort(by_last)):
        raise NotYet(
            "the best next signs were chosen, whatever the answers before them had cost.", "total[:, None] + log_p"
        )
    if close(new[::-1], wanted[2]):
        raise NotYet("the least likely of the chosen stands first.", "argsort goes upwards: sort the negative totals")
    if close(np.sort(new), np.sort((total[:, None] + log_p).ravel())[:4]):
        raise NotYet("those are the least likely continuations.", "argsort goes upwards: sort the negative totals")
    if close(parent, wanted[1]) and close(sign, wanted[0]):
        raise NotYet("parent and sign are swapped.", "the row is the answer, the column is the sign")
    if close(parent * 3 + sign, wanted[0] * 5 + wanted[1]):
        raise NotYet("a place in the flattened table was divided by W.", "its rows have V numbers: np.divmod(best, V)")
    if close(parent, wanted[0]) and close(sign, wanted[1]):
        for wrong, what, hint in (
            (
                log_p[wanted[0], wanted[1]],
                "the right ones were chosen, but their new total leaves out what the answer had cost before.",
                "return the numbers that you sorted",
            ),
            (
                np.exp(wanted[2]),
                "the right ones were chosen, but the new totals are probabilities; wanted are their "
                "logarithms, which do not underflow.",
                "without np.exp",
            ),
        ):
            if close(new, wrong):
                raise NotYet(what, hint)
    for got, want, name in zip((parent, sign, new), wanted, ("parent", "sign", "total"), strict=True):
        agree(got, want, name, "sort all totals together, keep the best `width`, and say where each came from")
    few = several(call(answer, total[:1], log_p[:1], 9), names, 3)
    for got, want, name in zip(few, beam_step(total[:1], log_p[:1], 9), ("parent", "sign", "total"), strict=True):
        agree(got, want, f"{name}, where there are fewer continuations than the beam is wide", "keep what there is")
    again(answer, beam_step, (-rng.uniform(size=2), log_softmax(rng.normal(size=(2, 7))), 3))
    edge("a beam of width 1", answer, beam_step, -rng.uniform(size=3), log_softmax(rng.normal(size=(3, 4))), 1)
    edge("one answer and a single sign", answer, beam_step, np.array([-2.0]), np.zeros((1, 1)), 1)
    edge("as many answers as signs", answer, beam_step, -rng.uniform(size=4), log_softmax(rng.normal(size=(4, 4))), 6)
    _diagnose_ties(answer, names)
    edge(
        "very unlikely answers",
        answer,
        beam_step,
        np.array([-2_000.0, -2_001.0]),
        log_softmax(rng.normal(size=(2, 3))),
        4,
        hint="exp(-2000) is 0: stay with logarithms",
    )
    edge(
        "a sign that is impossible",
        answer,
        beam_step,
        np.array([-1.0, -2.0]),
        np.array([[-np.inf, -0.1], [-0.2, -np.inf]]),
        2,
    )


def _diagnose_ties(answer: Callable[..., Any], names: str) -> None:
    """Where continuations are equally likely, any of them will do, but each only once."""
    total, log_p = np.array([-1.0, -1.0, -3.0]), np.array([[-1.0, -2.0, -1.0], [-2.0, -1.0, -1.0], [-0.5, -9.0, -9.0]])
    parent, sign, new = several(call(answer, total, log_p, 5), names, 3)
    parent, sign = same_shape(parent, (5,), "parent"), same_shape(sign, (5,), "sign")
    if len(set(zip(parent.tolist(), sign.tolist(), strict=True))) < 5:
        raise NotYet(
            "where several continuations are equally likely, one of them came twice, and another was lost.",
            "sort the places, as argsort does, instead of looking for each of the values",
        )
    _, _, best = beam_step(total, log_p, 5)
    agree(new, best, "total, where several continuations are equally likely")
    agree((total[:, None] + log_p)[parent, sign], best, "the totals of the chosen, where several are equally likely")


def order_of(a: Float[Array, "T S"]) -> str:
    place = a @ np.arange(a.shape[1])
    where = {"y": place[:4].mean(), "m": place[5:7].mean(), "d": place[8:].mean()}
    return "".join(sorted(where, key=lambda part: where[part]))


def diagnose_order(answer: Callable[..., Any]) -> None:
    cases = {order: _looks(order) for order in ("dmy", "mdy", "ymd", "ydm")}
    said = {order: call(answer, a) for order, a in cases.items()}
    if not all(isinstance(word, str) and sorted(word) == ["d", "m", "y"] for word in said.values()):
        raise NotYet(
            "wanted the letters d, m and y in some order, such as 'dmy'.", "sort the three by where they are read"
        )
    if set(said.values()) == {"ymd"}:
        raise NotYet(
            "the answer is always ymd: that is the order of the rows, in which every answer is written.",
            "which columns do these rows look at?",
        )
    for what, hint, mistaken in (
        ("rows were counted as if the answer had no dashes, YYYYMMDD.", "it is written as YYYY-MM-DD: rows 4 and 7 are dashes",
         lambda order: _read(cases[order], {"y": (0, 4), "m": (4, 6), "d": (6, 8)})),
        ("month and day are mistaken for each other.", "the answer is YYYY-MM-DD: rows 5 and 6 write the month, 8 and 9 the day",
         lambda order: order.translate(str.maketrans("dm", "md"))),
        ("only the place of the year counts in your answer: dmy and mdy come out alike.", "three places, not one: sort them",
         lambda order: said["dmy"] if order.endswith("y") else said["ymd"]),
    ):  # fmt: skip
        if all(word == mistaken(order) for order, word in said.items()):
            raise NotYet(what, hint)
    if all(word[::-1] == order for order, word in said.items()):
        raise NotYet("the order is backwards.", "small s comes first in the text")
    if all(word == _inverse(order) for order, word in said.items()) and said["mdy"] != "mdy":
        raise NotYet(
            "you say at which place each part stands; wanted are the parts, in the order of their places.",
            "sorted(where, key=where.get)",
        )
    for order, word in said.items():
        if word != order:
            raise NotYet(
                f"of an alignment in which the looks go to {order}, you say {word}.",
                "rows 0-3 write the year, 5-6 the month, 8-9 the day: where, on average, do they look?",
            )
    spread = {order: 0.7 * a + 0.3 / a.shape[1] for order, a in cases.items()}
    said = {order: call(answer, a) for order, a in spread.items()}
    rows = {"y": (0, 4), "m": (5, 7), "d": (8, 10)}
    if said["ydm"] != "ydm" and all(word == _read(spread[order], rows, np.sum) for order, word in said.items()):
        raise NotYet(
            "you added up the places; the year has four signs, and so the largest sum, wherever it is read.",
            "the mean place of each part",
        )
    for order, word in said.items():
        if word != order:
            raise NotYet(
                f"with three tenths of every look spread over the whole text, {order} is read as {word}.",
                "do not ask where there is any weight at all, but where most of it is",
            )
    for order in ("myd", "dym"):
        if (word := call(answer, _looks(order))) != order:
            raise NotYet(
                f"right for {', '.join(cases)}; but a text may have its year in the middle, too, and {order} is read as {word}.",
                "one mean place for each of the three parts, then sort",
            )
    if (word := call(answer, _looks("mdy", dashes=(20, 0)))) != "mdy":
        raise NotYet(
            f"when the dashes look elsewhere, mdy is read as {word}: rows 4 and 7 write a dash and read no part of the date.",
            "leave rows 4 and 7 out",
        )


def _read(a: Array, rows: Mapping[str, tuple[int, int]], summary: Callable[..., Any] = np.mean) -> str:
    """The order of the parts if these rows, from and up to, were theirs."""
    where = {part: summary(a[slice(*at)] @ np.arange(a.shape[1])) for part, at in rows.items()}
    return "".join(sorted(where, key=lambda part: where[part]))


def _inverse(order: str) -> str:
    places = sorted(range(3), key=lambda k: "ymd".index(order[k]))
    return "".join("ymd"[k] for k in places)


def _looks(order: str, dashes: tuple[int, int] = (20, 20)) -> Array:
    """An alignment of 10 signs with 21 letters, in which the three parts of a date stand in this order."""
    start = {part: 2 + 6 * k for k, part in enumerate(order)}
    at = [start["y"] + k for k in range(4)] + [dashes[0]] + [start["m"] + k for k in (0, 1)] + [dashes[1]]
    at += [start["d"] + k for k in (0, 1)]
    return 0.9 * np.eye(21)[at] + 0.1 * np.eye(21)[np.minimum(np.array(at) + 1, 20)]


EXERCISES = (
    Exercise(
        "13.1", "weights of a look, with padding", weights, diagnose_weights,
        hints=(
            "Softmax makes positive numbers that sum to 1. A weight of exactly 0 needs a score of minus infinity.",
            "np.where(mask, scores, -np.inf) works for all rows at once: the mask (S,) stands beside the last axis.",
            "To keep exp from overflowing, subtract each row's maximum first: scores.max(axis=1, keepdims=True).",
        ),
        praise="Padding gets exactly 0, rows sum to 1, and large scores do not overflow.",
    ),
    Exercise(
        "13.2", "back through a look", look_back, diagnose_look_back,
        hints=(
            "y = a @ v. So dv and da are what every matrix product has: a.T @ dy and dy @ v.T.",
            "Softmax: a_s = e^(z_s) / sum. Its slope is da_s/dz_r = a_s (1[s = r] - a_r).",
            "Summed up: dscores_s = a_s (da_s - sum over r of a_r da_r). One row at a time.",
        ),
        praise="Both gradients agree. In a row of dscores the numbers sum to 0: attention is moved, never made.",
    ),
    Exercise(
        "13.3", "one step of a beam", beam_step, diagnose_beam_step,
        hints=(
            "Every answer can go on with every sign: total[:, None] + log_p has shape (W, V).",
            "np.argsort(-totals.ravel())[:width] are the places of the best, in the flattened table.",
            "np.divmod(place, V) gives the row (which answer) and the column (which sign).",
        ),
        praise="The likeliest continuations, best first, and where each came from.",
    ),
    Exercise(
        "13.4", "read an alignment", order_of, diagnose_order,
        hints=(
            "The answer is written as YYYY-MM-DD: rows 0 to 3 write the year, 5 and 6 the month, 8 and 9 the day.",
            "a @ np.arange(S) is, for each row, the mean place it looks at.",
            "Average that over the rows of each part, and sort the three letters by it.",
        ),
        praise="From the looks alone you can tell how the date was written.",
    ),
)  # fmt: skip
