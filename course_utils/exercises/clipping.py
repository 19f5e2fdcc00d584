"""Exercises of chapter 07: one norm over all arrays, a generator, two kinds of clipping, gradients of two weights."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, same_shape, several
from course_utils.exercises.gradient_lists import KINDS, all_agree, all_close, arrays_like, diagnose_kind
from course_utils.exercises.slips import Diagnosis, Part, Slip, slips
from course_utils.tree import Array

COSINES, SLOPES = "the cosine for clipping by norm, and that by value", "dL/dw and dL/db"


def clip(gradients: Sequence[Array], c: float) -> list[Array]:
    norm = np.sqrt(sum(np.sum(g * g) for g in gradients))
    scale = c / norm if norm > c else 1.0
    return [g * scale for g in gradients]


def diagnose_clip(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(6)
    long = [rng.normal(size=(3, 2)) * 2, rng.normal(size=4) * 0.3, rng.normal(size=(2, 2))]
    c = 1.5
    each = [float(np.linalg.norm(g)) for g in long]
    norm = float(np.linalg.norm(each))
    got = arrays_like(call(answer, long, c), long)

    def scaled(by: float) -> bool:
        return all_close(got, [g * by for g in long])

    if scaled(1.0):
        raise NotYet(
            f"a gradient of norm {norm:.1f} came back as it was, with c = {c}, as from the stub.",
            "multiply every array by c / norm when the norm is larger than c",
        )
    if all_close(got, [g * min(1.0, c / n) for g, n in zip(long, each, strict=True)]):
        raise NotYet(
            "each array was clipped by its own norm: the large ones shrink, the small ones do not, so together they "
            "point elsewhere.",
            "one norm over all the numbers of all the arrays, then one factor for all",
        )
    if all_close(got, [g * c / n for g, n in zip(long, each, strict=True)]):
        raise NotYet("every array was scaled to norm c on its own.", "one norm and one factor for all arrays")
    if all_close(got, [np.clip(g, -c, c) for g in long]):
        raise NotYet("that is clipping by value, number by number.", "shorten the whole gradient: the direction stays")
    if all_close(got, [long[0] * c / norm, *long[1:]]):
        raise NotYet("only the first array was shortened.", "the same factor for every array")
    if all_close(got, [g * (c / each[0]) for g in long]) or all_close(got, [g * (c / each[-1]) for g in long]):
        raise NotYet("the norm of one array was taken for that of all.", "add up the squares of all arrays")
    if scaled(c / norm**2):
        raise NotYet("you divided by the sum of squares: the square root is missing.", "norm = np.sqrt(...)")
    if scaled(c / sum(each)):
        raise NotYet(
            "you added up the norms of the arrays. The norm of all numbers together is smaller.",
            "add up the squares of all numbers, then take one square root",
        )
    numbers = np.abs(np.concatenate([g.ravel() for g in long]))
    for wrong, what in (
        (numbers.sum(), "you measured the length by the sum of the absolute values."),
        (numbers.max(), "you measured the length by the largest number."),
        (np.sqrt(np.mean(numbers**2)), "you took the mean of the squares; a length is the root of their sum."),
    ):
        if scaled(c / wrong):
            raise NotYet(what, "norm = np.sqrt(sum(np.sum(g * g) for g in gradients))")
    if scaled(1 / norm):
        raise NotYet("the new norm is 1, whatever c is.", "the factor is c / norm")
    if scaled(norm / c):
        raise NotYet("the gradient got longer: your factor is upside down.", "the factor is c / norm")
    want = clip(long, c)
    if not all_close(got, want) and all(close(g, w, 1e-3) for g, w in zip(got, want, strict=True)):
        raise NotYet(
            "nearly: the new norm is c only up to a few digits. Is something small added to the norm, against 0 / 0?",
            "divide only when norm > c: then the norm is never 0",
        )
    all_agree(got, want, "the clipped gradient", "what norm does it have? np.sqrt(sum of all squares) must be c")
    short = [g * 0.18 for g in long]  # of norm 1.36: below c, but its square is above
    got = arrays_like(call(answer, short, c), short)
    if all_close(got, clip([g * 1e6 for g in short], c)):
        raise NotYet(
            f"a gradient of norm {0.18 * norm:.2f} was stretched to c = {c}. Small gradients mean something too: near a "
            "minimum the steps should become small.",
            "do nothing when the norm (with its square root) is at most c",
        )
    all_agree(got, short, "a gradient shorter than c", "it must come back as it was")
    zero = [np.zeros(2), np.zeros((1, 3))]
    all_agree(arrays_like(call(answer, zero, c), zero), zero, "a gradient of zeros", "0 / 0: divide only when norm > c")
    again(answer, clip, (long[::-1], 0.5))
    _diagnose_edges(answer)


def _diagnose_edges(answer: Callable[..., Any]) -> None:
    """The same for 07.1 and 07.2: the boundary, other shapes, large and small numbers."""
    # 3-4-5: a norm of 5 without rounding, so the boundary is the boundary
    boundary = [np.array([3.0]), np.array([[4.0]])]
    all_agree(arrays_like(call(answer, boundary, 5.0), boundary), boundary, "a gradient whose norm is exactly c")
    rng = np.random.default_rng(7)
    for words, shapes, c in (
        ("of a single array", [(4,)], 0.5),
        ("of a single number", [(1,)], 0.01),
        ("with an array of three axes", [(2, 1, 3), (2,), (1,)], 0.5),
    ):
        arrays = [rng.normal(size=shape) for shape in shapes]
        all_agree(arrays_like(call(answer, arrays, c), arrays), clip(arrays, c), f"the clipped gradient {words}")
    arrays = [rng.normal(size=(3, 2)), rng.normal(size=4)]
    for size, c, hint in (
        (1e-10, 2e-10, "add no small number to the norm"),
        (1e9, 0.1, "one factor, c / norm"),
        (1e-200, 1.5, "it is shorter than c: nothing changes"),
    ):
        given = [g * size for g in arrays]
        got, want = arrays_like(call(answer, given, c), given), clip(given, c)
        if any(g.dtype == np.float32 for g in got) and size < 1e-38:
            continue  # single precision cannot hold the result
        got, want = (
            [g / c for g in got],
            [w / c for w in want],
        )  # the same question at a size where differences can be seen
        numbers = f"numbers around {size:.0e} and c = {c:g}"
        all_agree(got, want, f"with {numbers}, the clipped gradient in units of c", hint)


def clip_any(gradients: Iterable[Array], c: float) -> list[Array]:
    arrays = list(gradients)
    norm = np.sqrt(sum(np.sum(g * g) for g in arrays))
    return [g * (c / norm if norm > c else 1.0) for g in arrays]


def diagnose_clip_any(answer: Callable[..., Any]) -> None:
    long = [np.array([[2.0, -1.0], [0.5, 3.0]]), np.array([1.0, -2.0])]
    c = 1.0
    as_list = arrays_like(call(answer, long, c), long, "of a list")
    if all_close(as_list, long):
        raise NotYet("a list of gradients came back unclipped, as from the stub.", "start from exercise 07.1")
    all_agree(as_list, clip(long, c), "for a list, the clipped gradient", "exercise 07.1 has the rule")
    for kind in KINDS:
        diagnose_kind(answer, clip, kind, long, c)
    again(answer, clip_any, ([np.array([3.0, -4.0]), np.array([[1.0]]), np.array([2.0])], 2.5))
    _diagnose_edges(answer)


def cosines(g: Float[Array, "n"], c: float) -> tuple[float, float]:
    largest = np.abs(g).max()
    norm = largest * np.linalg.norm(g / largest)
    by_norm = g * min(1.0, c / norm)
    by_value = np.clip(g, -c, c)

    def cosine(a: Array, b: Array) -> float:
        a, b = a / np.abs(a).max(), b / np.abs(b).max()  # the angle is the same, and no square overflows
        return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))

    return cosine(g, by_norm), cosine(g, by_value)


def diagnose_cosines(answer: Callable[..., Any]) -> None:
    g, c = np.array([8.0, -2.0, 0.5]), 1.0
    got, want = _pair(answer, g, c, names=COSINES), np.array(cosines(g, c))
    value = np.clip(g, -c, c)
    if close(got, [0.0, 0.0]):
        raise NotYet("both are 0, as from the stub.", "cos = a @ b / (norm of a * norm of b)")
    if close(got, want[::-1]):
        raise NotYet("the two are swapped.", "first by norm, then by value")
    if close(got, [c * np.linalg.norm(g), g @ value]):
        raise NotYet("these are dot products, which grow with the lengths.", "divide by both norms")
    if close(got, np.arccos(np.clip(want, -1, 1)), 1e-6):
        raise NotYet("these are the angles in radians.", "return their cosines")
    if close(got, np.degrees(np.arccos(np.clip(want, -1, 1))), 1e-5):
        raise NotYet("these are the angles in degrees.", "return their cosines")
    if close(got, 1 - want) and not close(got, want):
        raise NotYet("these are cosine distances, 1 - cosine.", "return the cosines themselves")
    if close(got, want**2):
        raise NotYet("the second is the square of a cosine.", "norms have a square root: np.linalg.norm")
    if close(got[0], want[0]) and close(got[1], _cosine(g * c / np.linalg.norm(g), value)) and not close(got, want):
        raise NotYet("the two clipped gradients were compared with each other.", "compare each of them with g")
    if close(got, [1.0, 1.0]):
        raise NotYet(
            "you say that clipping by value keeps the direction as well. It does not: every number is cut on its own.",
            "by value is np.clip(g, -c, c); dividing by the largest number is something else",
        )
    if close(got[1], g @ value / (g @ g)):
        raise NotYet("you divided by the norm of g twice.", "one norm is that of g, the other that of what it became")
    if close(got[1], _cosine(g, np.minimum(g, c))):
        raise NotYet("clipping by value cut only the positive side.", "np.clip(g, -c, c)")
    if close(got[1], _cosine(g, np.sign(g) * c)) and not close(want[1], got[1]):
        raise NotYet("numbers within [-c, c] must stay as they are; you set all to ± c.", "np.clip(g, -c, c)")
    agree(got, want, "the pair of cosines", "try g = [8, 0]: both are 1")
    pair = _pair(answer, g * 0.1, c, names=COSINES)
    agree(pair, [1.0, 1.0], "the pair for a gradient inside both bounds", "then neither of them changes anything")
    g, c = np.array([1.0, -6.0, 3.0, 2.0]), 2.5
    pair = _pair(answer, g, c, names=COSINES)
    agree(pair, cosines(g, c), f"the pair for another gradient and c = {c}", "does yours use c?")
    for words, g, c in (
        ("one number", np.array([-8.0]), 1.0),
        ("a gradient with zeros", np.array([0.0, 8.0, 0.0, -3.0]), 1.0),
        ("a gradient whose numbers are all the same", np.full(4, 5.0), 1.0),
        ("a gradient that only its largest number makes longer than c", np.array([1.2, 0.1, -0.1]), 1.0),
        ("a gradient inside [-c, c] and longer than c", np.array([0.9, -0.8, 0.7]), 1.0),
        ("numbers around 1e-9 and such a c", 1e-9 * np.array([3.0, -0.5, 1.0]), 1e-9),
        ("numbers around 1e9 and a small c", 1e9 * np.array([3.0, -0.5, 1.0]), 1e-3),
    ):
        pair = _pair(answer, g, c, names=COSINES)
        agree(pair, cosines(g, c), f"the pair for {words}", "which numbers does c cut, and which not?")


def _pair(answer: Callable[..., Any], *arguments: Any, names: str) -> Array:
    """Two numbers, however they come back: in a tuple, a list, an array, or one by one."""
    got = call(answer, *arguments)
    return same_shape(several(list(got) if np.ndim(got) == 1 else got, names, 2, "numbers"), (2,))


def two_weights(w: float, b: float, h_0: float, target: float, T: int) -> tuple[float, float]:
    h = [h_0]
    for _ in range(T):
        h.append(np.tanh(w * h[-1] + b))
    dw = db = 0.0
    dh = 2 * (h[T] - target)
    for t in reversed(range(T)):
        dz = dh * (1 - h[t + 1] ** 2)
        dw += dz * h[t]
        db += dz
        dh = dz * w
    return dw, db


def _last_steps(k: int) -> Slip:
    return Slip("reversed(range(T))", f"range(T - 1, T - 1 - {k}, -1)", f"only the last {k} count.", "go down to t = 1")


DZ, BACK = "dh * (1 - h[t + 1] ** 2)", "dh = dz * w"

mistakes_in_two_weights = Diagnosis(
    two_weights, tuple, "the pair", ask=lambda answer: _pair(answer, 1.4, -0.1, 0.9, 0.2, 4, names=SLOPES),
    parts=(Part("the pair (dL/dw, dL/db)", lambda pair: pair, "compare with (L(w + 1e-6, b) - L(w - 1e-6, b)) / 2e-6"),),
    slips=(
        Slip("return dw, db", "return 0.0, 0.0", "both are 0, as from the stub.", "run forward and keep all states, then walk "
             "back from t = T"),
        Slip("return dw, db", "return db, dw", "the two are swapped.", "return dw, db"),
        Slip("h[T] - target", "target - h[T]", "the sign is wrong.", "the derivative of (h_T - target)² with respect to h_T is "
             "2 (h_T - target)"),
        Slip("2 * (", "(", "exactly half: the square has a factor of 2.", "dh = 2 * (h_T - target)"),
        Slip("reversed(range(T))", "[T - 1]", "only the last step counts in yours. The same w and b were used at every step.",
             "go on to t = T - 1, ..., 1 and add up: dw += ..., db += ..."),
        Slip("range(T))", "range(1, T))", "the contribution of the first step, which started from h_0, is missing.",
             "go down to t = 1"),
        Slip(("dw +=", "db +="), ("dw =", "db ="), "only the first step is left: each step overwrote the sum.",
             "dw += ..., not dw = ..."),
        Slip("return dw, db", "return dw / T, db / T", "you took the mean over the steps; every use of w and b counts in full.",
             "dw += ..., no division"),
        *slips(DZ, "dz = dh * (1 - h_t ** 2), with h_t after step t", {
            "dh": "the slope of tanh is missing.",
            "dh * (1 - h[t] ** 2)": "the slope is taken at the state before the step.",
            "dh * (1 - h[t + 1])": "the slope of tanh is 1 - h², you used 1 - h.",
            "dh * h[t + 1] * (1 - h[t + 1])": "that is the slope of the sigmoid; for tanh it is 1 - h².",
            "dh * (1 - np.tanh(h[t + 1]) ** 2)": "h is tanh(z) already: you applied tanh a second time.",
            "dh / (1 - h[t + 1] ** 2)": "you divided by the slope of tanh; going back multiplies by it.",
        }),
        Slip(BACK, "dh = dh * w", "what goes on to the step before misses the slope.", "dh for the step before is dz * w, "
             "not dh * w"),
        Slip(BACK, "dh = dz", "the gradient passes from step to step without the factor w.", "dh for the step before is dz * w"),
        Slip("dz * h[t]", "dz * h[t + 1]", "db is right, dw is not: at step t the weight w was multiplied by the state before "
             "it.", "dw += dz * h[t-1], with h[0] = h_0"),
        Slip("h[T] - target", "h[T]", "the target plays no part.", "dh = 2 * (h_T - target)"),
        Slip(BACK, "dh = dz * w + 2 * (h[t] - target)", "every step has a loss of its own in yours; L asks only for the last "
             "state.", "one dh, at t = T"),
    ),
)  # fmt: skip


def diagnose_two_weights(answer: Callable[..., Any]) -> None:
    mistakes_in_two_weights(answer)
    other, long = (-0.8, 0.3, -0.5, 0.7, 7), (2.3, -0.2, 1.0, 0.7, 50)
    for case in (other, (1.05, 0.02, 1.0, 0.7, 50)):
        got = _pair(answer, *case, names=SLOPES)
        for k in range(1, 0 if close(got, two_weights(*case)) else case[-1]):
            if close(got, (slip := _last_steps(k)).of(two_weights)(*case)):
                raise NotYet(f"right for T = 4; of T = {case[-1]} steps {slip.what}", slip.hint)
    for words, case in (
        ("T = 7 and a negative w", other),
        ("T = 50, at the cliff", long),
        ("T = 1", (1.4, -0.1, 0.9, 0.2, 1)),
        ("w = 0", (0.0, 0.3, 0.9, 0.2, 4)),
        ("h_0 = 0", (1.4, -0.1, 0.0, 0.2, 4)),
        ("a state that reaches 1 exactly", (30.0, 10.0, 1.0, 0.7, 3)),
    ):
        hint = "is T, or another of the five arguments, written into it as a number?"
        agree(_pair(answer, *case, names=SLOPES), two_weights(*case), f"the pair for {words}", hint)


def _cosine(a: Array, b: Array) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


EXERCISES = (
    Exercise(
        "07.1", "clip by the norm of all arrays", clip, diagnose_clip,
        hints=(
            "The gradient is one long vector that happens to be kept in several arrays. How long is it?",
            "norm = np.sqrt(sum(np.sum(g * g) for g in gradients)); if it is above c, multiply every array by c / norm.",
        ),
        praise="One norm, one factor: the direction stays, the length is at most c, and short gradients stay.",
    ),
    Exercise(
        "07.2", "clip what comes from a generator", clip_any, diagnose_clip_any,
        hints=(
            "A generator can be read once. You need its arrays twice: for the norm and for the result.",
            "arrays = list(gradients), and from there on only arrays. Then g * scale, never g *= scale.",
        ),
        praise="A list, a tuple or what can be read only once: the result is the same, and the caller's arrays are untouched.",
    ),
    Exercise(
        "07.3", "what clipping does to the direction", cosines, diagnose_cosines,
        hints=(
            "The cosine of the angle between a and b is a @ b / (norm of a * norm of b).",
            "Compare g with g * min(1, c / norm), and g with np.clip(g, -c, c).",
        ),
        praise="By norm the cosine is 1 every time. By value it falls below 1 as soon as c cuts some numbers more than others.",
    ),
    Exercise(
        "07.4", "the gradient at the cliff", two_weights, diagnose_two_weights,
        hints=(
            "Forward: keep h_0 ... h_T. Backward, from t = T to 1: dz_t = dh_t (1 - h_t^2), then dh_{t-1} = dz_t w.",
            "Every step used the same w and b: dw is the sum of dz_t h_{t-1} over all steps, db the sum of dz_t.",
        ),
        praise="All T steps add up. Where w (1 - h^2) stays above 1, so does each factor, and that is the cliff.",
    ),
)  # fmt: skip
