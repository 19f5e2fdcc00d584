"""Exercises of chapter 12: negative sampling's gradient, a step that freezes, reading a learning curve, neighbours."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, edge, same_shape
from course_utils.exercises.frozen import diagnose_frozen_step, frozen_step
from course_utils.exercises.slips import Diagnosis, Instead, Part, Slip
from course_utils.tree import Array


def negative_sampling_gradient(
    w: Float[Array, "D"], c: Float[Array, "D"], n: Float[Array, "K D"]
) -> tuple[Float[Array, "D"], Float[Array, "D"], Float[Array, "K D"]]:
    dnear = 1 / (1 + np.exp(-(w @ c))) - 1
    ddrawn = 1 / (1 + np.exp(-(n @ w)))
    dw = dnear * c + ddrawn @ n
    dc = dnear * w
    dn = ddrawn[:, None] * w
    return dw, dc, dn


def _vectors(rng: np.random.Generator, D: int, K: int) -> tuple[Array, Array, Array]:
    return rng.normal(size=D), rng.normal(size=D), rng.normal(size=(K, D))


DC, DN, DW = "dc = dnear * w", "ddrawn[:, None] * w", "dnear * c + ddrawn @ n"
NEAR, FAR = "the derivative of -log sigmoid(z) is sigmoid(z) - 1", "the derivative of -log sigmoid(-z) is +sigmoid(z)"
SLOPE = "has the slope of the sigmoid, not that of its logarithm."
MEAN = "takes the mean over the drawn words; the loss has their sum.", "do not divide by K"
INSIDE = "has sigmoid(w·c - 1): the 1 went inside the sigmoid.", "sigmoid(w·c) - 1"

mistakes_in_negative_sampling = Diagnosis(
    negative_sampling_gradient, lambda: _vectors(np.random.default_rng(1), 4, 3), "dw, dc and dn",
    parts=(
        Part("dc, the gradient by the neighbour", lambda dw, dc, dn: dc, "only -log sigmoid(w·c) has c in it"),
        Part("dn, the gradient by the drawn words", lambda dw, dc, dn: dn, "row k: sigmoid(w·n_k) * w"),
        Part("dw, the gradient by the centre", lambda dw, dc, dn: dw, "w is in every term: one part along c, one along each n_k"),
    ),
    slips=(
        Slip("return dw, dc, dn", "return 0 * dw, 0 * dc, 0 * dn", "all gradients are 0, which is what the stub did.",
             "begin with dc: only one term has c", whole=True),
        *(Slip(DC, f"dc = {new}", f"dc {what}", hint) for new, what, hint in (
            ("-dnear * w", "has the wrong sign: this is the direction that makes the loss smaller. The gradient is the one that "
             "makes it larger; the optimiser turns it round.", NEAR),
            ("(dnear + 1) * w", "treats the neighbour like a drawn word: it would be pushed away.", "the true neighbour has -log "
             "sigmoid(z), with derivative sigmoid(z) - 1; drawn words have -log sigmoid(-z)"),
            ("dnear * c", "points along c itself; the derivative of w·c by c is w.", "dc = (...) * w"),
            ("1 / (1 + np.exp(1 - w @ c)) * w", *INSIDE),
            ("-dnear * (1 + dnear) * w", SLOPE, NEAR),
        )),
        *(Slip(DN, new, f"dn {what}", hint) for new, what, hint in (
            ("-ddrawn[:, None] * w", "has the wrong sign: drawn words would be pulled nearer.", FAR),
            ("(ddrawn - 1)[:, None] * w", "treats the drawn words as neighbours: it pulls them nearer.",
             "their term is -log sigmoid(-z), with derivative sigmoid(z)"),
            ("(1 - ddrawn)[:, None] * w", "has sigmoid(-z) where sigmoid(z) belongs: words that the model rightly holds for "
             "strangers would be pushed hardest.", FAR),
            ("(ddrawn * (1 - ddrawn))[:, None] * w", SLOPE, FAR),
            ("ddrawn[:, None] * w / len(n)", *MEAN),
            ("ddrawn[:, None] * n", "points along the drawn words themselves; the derivative of w·n by n is w.",
             "dn[k] = (...) * w"),
        )),
        *(Slip(DW, new, f"dw {what}", hint) for new, what, hint in (
            ("dnear * c", "has only the pull of the neighbour; the push away from the drawn words is missing.", "add ... @ n"),
            ("ddrawn @ n", "has only the push away from the drawn words; the pull of the neighbour is missing.", "add ... * c"),
            ("dnear * c - ddrawn @ n", "subtracts the part of the drawn words. Gradients of a sum add up.", "pull + push"),
            ("dnear * c + ddrawn @ n / len(n)", *MEAN),
            ("1 / (1 + np.exp(1 - w @ c)) * c + ddrawn @ n", *INSIDE),
            ("-dnear * (1 + dnear) * c + ddrawn * (1 - ddrawn) @ n", SLOPE, "sigmoid(w·c) - 1 for the neighbour, sigmoid(w·n_k) "
             "for a drawn word"),
            ("dnear * c + ddrawn[0] * n[0]", "has only the first of the drawn words.", "sum over k: ddrawn @ n"),
        )),
    ),
)  # fmt: skip


def diagnose_negative_sampling(answer: Callable[..., Any]) -> None:
    mistakes_in_negative_sampling(answer)
    rng = np.random.default_rng(10)
    again(answer, negative_sampling_gradient, _vectors(rng, 6, 5))
    for words, D, K in (
        ("a single number as vector", 1, 3),
        ("one drawn word", 4, 1),
        ("as many drawn words as numbers", 3, 3),
    ):
        edge(words, answer, negative_sampling_gradient, *_vectors(rng, D, K))
    w, c, n = np.full(2, 40.0), np.array([1.0, -1.0]) * 40, np.array([[30.0, 30], [-30, -30]])
    edge(
        "products in the thousands",
        answer,
        negative_sampling_gradient,
        w,
        c,
        n,
        hint="1 / (1 + exp(-z)) is right for every z; a quotient of two large exponentials is nan",
    )


def worth(
    labels: Int[Array, "points"], scratch: Float[Array, "points seeds"], pretrained: Float[Array, "points seeds"]
) -> float:
    wanted = pretrained[0].mean()
    curve = scratch.mean(axis=1)
    if curve[0] >= wanted:
        return float(labels[0])
    for k in range(1, len(labels)):
        if curve[k] >= wanted:
            part = (wanted - curve[k - 1]) / (curve[k] - curve[k - 1])
            return float(labels[k - 1] * (labels[k] / labels[k - 1]) ** part)
    return float("inf")


def _curves() -> tuple[Array, Array, Array]:
    """Labels, and the accuracies of three seeds from scratch and pretrained."""
    scratch = np.array([[0.58, 0.62, 0.60], [0.66, 0.72, 0.72], [0.82, 0.85, 0.73], [0.86, 0.86, 0.86]])
    pretrained = np.array([[0.70, 0.78, 0.77], [0.79, 0.81, 0.80], [0.83, 0.83, 0.83], [0.86, 0.87, 0.88]])
    return np.array([100, 400, 1_600, 6_400]), scratch, pretrained


CROSSING, OVER_SEEDS = "labels[k - 1] * (labels[k] / labels[k - 1]) ** part", "mean over axis 1"
WANTED, CURVE = "pretrained[0].mean()", "scratch.mean(axis=1)"

mistakes_in_worth = Diagnosis(
    worth, _curves, "the number of labels", hint="the mean curves, interpolated in the logarithm of the labels", tolerance=1e-6,
    slips=(
        Instead(lambda *given: 0.0, "the answer is 0 labels, which is what the stub said.", "begin with the means over the "
                "seeds"),
        Slip((WANTED, CURVE), ("scratch[0].mean()", "pretrained.mean(axis=1)"), "the two curves have changed places: the "
             "question is how many labels training *from scratch* needs.", "the accuracy to be reached is pretrained[0].mean()"),
        *(Slip(CROSSING, *mistake) for mistake in (
            ("labels[k]", "you named the first number of labels at which the curve is above; it crosses before.", "interpolate "
             "between the last point below and the first above"),
            ("labels[k - 1]", "at this number of labels, training from scratch is still worse.", "interpolate to the next "
             "point"),
            ("labels[k - 1] + (labels[k] - labels[k - 1]) * part", "you interpolated on a linear axis. The curves are nearly "
             "straight on a logarithmic one, where the middle of 400 and 1,600 is 800.", "interpolate np.log(labels), and take "
             "np.exp of the result"),
            (f"{CROSSING} / labels[0]", "this is how many times as many labels; asked was the number of labels.",
             "times labels[0]"),
            (f"{CROSSING} - labels[0]", "these are the labels saved; asked was the number of labels.", "do not subtract "
             "labels[0]"),
            (f"np.log({CROSSING})", "this is the logarithm of the number of labels.", "np.exp"),
        )),
        Slip((WANTED, CURVE), ("pretrained[0].max()", "scratch.max(axis=1)"), "you compared the best seeds. Whoever trains once "
             "cannot choose.", OVER_SEEDS),
        Slip(CURVE, "np.median(scratch, axis=1)", "you took the median over the seeds for training from scratch; asked for is "
             "the mean curve.", OVER_SEEDS),
        Slip((WANTED, CURVE), ("pretrained[0, 0]", "scratch[:, 0]"), "you compared only the first seed.", OVER_SEEDS),
        Instead(lambda labels, *curves: np.mean([worth(labels, *(c[:, [k]] for c in curves)) for k in range(3)]), "you answered "
                "for every seed and averaged the answers: one seed that never gets there would spoil it.", "average the "
                "accuracies first"),
    ),
)  # fmt: skip


def diagnose_worth(answer: Callable[..., Any]) -> None:
    mistakes_in_worth(answer)
    labels, scratch, pretrained = _curves()

    def asked(scratch: Array, pretrained: Array, labels: Array = labels) -> Array:
        return same_shape(call(answer, labels, scratch, pretrained), (), "the number of labels")

    never = asked(scratch, pretrained + 0.2)
    if never != np.inf:
        raise NotYet(
            f"training from scratch never got that far in a second example, but the answer was {never:,.0f}.",
            "return np.inf there: a curve says nothing beyond its end",
        )
    agree(
        asked(scratch + 0.3, pretrained),
        100.0,
        "if the first point is already above, the number of labels",
        "return labels[0]: the curve says nothing before its beginning",
    )
    labels = np.array([50, 80, 300, 900, 2_000])
    scratch = np.array([[0.5, 0.5], [0.72, 0.68], [0.6, 0.6], [0.7, 0.74], [0.9, 0.9]])  # it falls for a while
    got = asked(scratch, scratch + 0.15, labels)
    if got > 300:
        raise NotYet(
            "a mean curve that falls for a while is crossed more than once, and you took a later crossing than the first.",
            "the first k with curve[k] >= wanted",
        )
    agree(
        got,
        worth(labels, scratch, scratch + 0.15),
        "the number of labels in an example with other labels",
        "labels[k] / labels[k - 1] is another number at every k",
        1e-6,
    )
    labels = np.array([19, 332, 865, 1_212, 1_511, 2_966, 3_358, 3_655])
    scratch = np.array([0.58, 0.63, 0.13, 0.62, 0.88, 0.44, 0.39, 0.7])[:, None]
    edge(
        "a curve with a dip",
        answer,
        worth,
        labels,
        scratch,
        np.full((8, 1), 0.74),
        hint="np.interp needs numbers that only rise; look for the first point at or above, and the one before it",
    )
    flat = np.array([[0.5], [0.6], [0.6], [0.7]])
    edge(
        "a curve that touches the accuracy at a point, and stays there",
        answer,
        worth,
        np.array([10, 20, 40, 80]),
        flat,
        np.full((4, 1), 0.6),
        hint="the first k with curve[k] >= wanted",
    )
    edge(
        "two points and one seed", answer, worth, np.array([5, 500]), np.array([[0.5], [0.9]]), np.array([[0.8], [0.9]])
    )
    for level, end in ((0.4, "is already as good"), (0.6, "never gets there")):
        edge(
            f"a curve of a single point, which {end}",
            answer,
            worth,
            np.array([30]),
            np.array([[0.5]]),
            np.array([[level]]),
        )


def nearest(W: Float[Array, "V D"], k: int, n: int) -> Int[Array, "n"]:
    length = np.linalg.norm(W, axis=1)
    cosine = W @ W[k] / np.where(length > 0, length, 1) / length[k]
    cosine[k] = -np.inf
    return np.argsort(-cosine, kind="stable")[:n]


def _table() -> tuple[Array, int, int]:
    return np.array([[0, 0], [4, 3], [1, 1], [8, 2], [0.4, 0.3], [-4, -3], [4, 4.5], [3, 0], [0, 2]], float), 1, 3


LENGTHS, ITSELF, SORTED = " / np.where(length > 0, length, 1) / length[k]", "cosine[k] = -np.inf", "-cosine"
LONG = "words with long vectors came first: a product is not yet a cosine."
BY_LENGTH = "divide by the lengths, np.linalg.norm(W, axis=1)"
FARTHEST = "these are the farthest words: argsort begins with the smallest."

mistakes_in_nearest = Diagnosis(
    nearest, _table, "the neighbours", hint="cosine = W @ W[k] / lengths, largest first",
    slips=tuple(Slip(*mistake) for mistake in (
        ('np.argsort(-cosine, kind="stable")[:n]', "np.arange(n)", "these are the first words of the table, which is what the "
         "stub did.", "start from W @ W[k]"),
        (LENGTHS, "", LONG, BY_LENGTH),
        ((LENGTHS, ITSELF), ("", "pass"), LONG, BY_LENGTH),
        (f"W @ W[k]{LENGTHS}", "-np.linalg.norm(W - W[k], axis=1)", "this is the smallest distance, not the largest cosine: a "
         "short vector in the very same direction was missed.", BY_LENGTH),
        ((ITSELF, SORTED), ("pass", "cosine"), FARTHEST, "np.argsort(-cosine)"),
        (SORTED, "cosine", FARTHEST, "np.argsort(-cosine), where cosine[k] = -np.inf comes last"),
        ("[:n]", "[:n][::-1]", "these are the right words, the nearest last.", "np.argsort(-cosine): largest first"),
        ("W @ W[k]", "np.abs(W @ W[k])", "a word in the opposite direction came along: a cosine of -1 is as far as can be.",
         "sort the cosine itself, not its size"),
        ("length = np.linalg.norm(W, axis=1)", "W, length = W / np.linalg.norm(W, axis=0), np.ones(len(W))", "you divided by the "
         "lengths of the columns; a word is a row.", "axis=1"),
        (ITSELF, "cosine = np.delete(cosine, k)", "k was removed before sorting, so every number behind it moved down by one.",
         f"keep its place: {ITSELF}"),
    )),
)  # fmt: skip


def diagnose_nearest(answer: Callable[..., Any]) -> None:
    def asked(W: Array, k: int, n: int) -> Array:
        with np.errstate(all="ignore"):  # 0 / 0 is among the mistakes
            return same_shape(call(answer, W, k, n), (n,), "the neighbours")

    W, k, n = _table()
    got = asked(W, k, n)
    if got.dtype.kind not in "iu":
        raise NotYet("wanted the numbers of words, integers; these are not.", "np.argsort gives places, np.sort values")
    mistakes_in_nearest.explain((got,))
    if got[0] == 0:
        raise NotYet(
            "a row of zeros (padding) came out nearest: 0 / 0 is nan, which sorts last, so first once it is reversed.",
            "divide rows of length 0 by 1",
        )
    if k in got:
        raise NotYet("the word itself is among its neighbours.", "set its cosine to -np.inf before you sort")
    mistakes_in_nearest.name(got)
    few = asked(W[[0, 1, 5]], 1, 2)  # padding, k, and its opposite
    if 1 in few:
        raise NotYet(
            "where the other cosines are 0 or less, k itself is among its neighbours: its own must be below all others.",
            "cosine[k] = -np.inf: 0 beats every negative cosine",
        )
    if np.array_equal(few, [2, 0]):
        raise NotYet(
            "a row of zeros (padding) came behind the opposite of k. Its cosine counts as 0, more than -1; nan would sort last.",
            "divide rows of length 0 by 1",
        )
    agree(few, [0, 2], "the neighbours in a table with a row of zeros")
    found = asked(np.array([[2.0, 0], [0, 1], [1, 0], [1, 1]]), 2, 2)
    if np.array_equal(found, [2, 3]):
        raise NotYet(
            "you dropped the first of the list, but a word in the same direction as k can stand before it.",
            "leave out k itself: cosine[k] = -np.inf before you sort",
        )
    agree(found, [0, 3], "the neighbours in a second table, with k = 2")
    rng = np.random.default_rng(7)
    again(
        answer,
        nearest,
        (rng.normal(size=(30, 5)), 11, 29),
        (rng.normal(size=(6, 3)), 0, 1),
        (rng.normal(size=(4, 2)), 3, 2),
    )
    alike = np.array([[1.0, 1], [1, 0], [3, 0], [2, 0], [0, 5], [0, 2], [-1, 0]])
    found = asked(alike, 1, 4)
    if len(set(found.tolist())) < 4 or 1 in found:
        raise NotYet(
            "where several words have the same cosine, one of them came twice (or k itself came), and another was lost.",
            "sort the places, as argsort does, instead of looking for each of the values",
        )
    cosine = alike @ alike[1] / np.linalg.norm(alike, axis=1)
    agree(
        cosine[found], np.sort(np.delete(cosine, 1))[::-1][:4], "the cosines of the neighbours, where several are equal"
    )
    edge("vectors of a single number", answer, nearest, np.array([[2.0], [-1.0]]), 1, 1)


EXERCISES = (
    Exercise(
        "12.1",
        "the gradient of negative sampling",
        negative_sampling_gradient,
        diagnose_negative_sampling,
        hints=(
            "Two derivatives are all you need: -log sigmoid(z) has sigmoid(z) - 1, and -log sigmoid(-z) has sigmoid(z).",
            "With z = w·c the derivative by c is w times that number, and by w it is c times that number; likewise for "
            "each n_k.",
            "w stands in every term, so dw adds up: (sigmoid(w·c) - 1) c, and sigmoid(w·n_k) n_k for every k.",
        ),
        praise="The neighbour pulls, the drawn words push, and each only as much as the model is wrong about it.",
    ),
    Exercise(
        "12.2",
        "a step that leaves the frozen alone",
        frozen_step,
        diagnose_frozen_step,
        hints=(
            "First write the step as if nothing were frozen; then choose, number by number, between the new and the old.",
            "np.where(free, moved, p) copies the frozen numbers bit by bit. Do the same with the velocity.",
        ),
        praise="Not a bit of the frozen numbers moved, neither by the gradient nor by decay, velocity or nan.",
    ),
    Exercise(
        "12.3",
        "what pretraining is worth",
        worth,
        diagnose_worth,
        hints=(
            "The accuracy to be reached is pretrained[0].mean(). Where does the mean curve from scratch cross it?",
            "Find the first k at which the curve from scratch is at least that high. The crossing lies between k - 1 and k.",
            "part = (wanted - curve[k-1]) / (curve[k] - curve[k-1]) of the way on a logarithmic axis: "
            "labels[k-1] * (labels[k] / labels[k-1]) ** part.",
        ),
        praise="You read the mean curves on a logarithmic axis, and say nothing beyond their ends.",
    ),
    Exercise(
        "12.4",
        "neighbours by angle",
        nearest,
        diagnose_nearest,
        hints=(
            "The cosine of the angle between two vectors is their product divided by both their lengths.",
            "cosine = W @ W[k] / lengths orders the words rightly (the length of W[k] is the same for all). Leave k out, "
            "and mind rows of length 0.",
        ),
    ),
)
