"""Chapter 07's checks: the references agree with the package, and each plausible mistake gets its own name."""

import types

import numpy as np

from course_utils.exercises.clipping import clip, clip_any, cosines, two_weights
from course_utils.experiments.cliff import Cliff
from course_utils.optim import clip_norm


def test_the_references_agree_with_the_package(rng):
    gradient = (rng.normal(size=(3, 2)), rng.normal(size=4))
    for c in (0.5, 50.0):
        for answer in (clip(gradient, c), clip_any(iter(gradient), c)):
            for one, other in zip(answer, clip_norm(gradient, c), strict=True):
                np.testing.assert_allclose(one, other)
    np.testing.assert_allclose(two_weights(1.9, -0.4, 1.0, 0.7, 50), Cliff().gradient(1.9, -0.4))


def norm_of(gradients):
    return np.sqrt(sum(np.sum(g * g) for g in gradients))


def always(gradients, c):
    return [g * c / (norm_of(gradients) or 1.0) for g in gradients]


def compares_the_square(gradients, c):
    square = norm_of(gradients) ** 2
    return [g * c / np.sqrt(square) for g in gradients] if square > c else clip(gradients, c)


def only_if_long(gradients, c):
    if norm_of(gradients) > c:
        return clip(gradients, c)


def in_single(answer):
    """The same answer in single precision."""
    return lambda *given: [np.float32(part) for part in answer(*given)]


def divides_by_zero(gradients, c):
    with np.errstate(invalid="ignore"):
        return [g / norm_of(gradients) * np.minimum(norm_of(gradients), c) for g in gradients]


def divides_by_zero_of_list(gradients, c):
    arrays = list(gradients)
    with np.errstate(invalid="ignore"):
        return [g / norm_of(arrays) * np.minimum(norm_of(arrays), c) for g in arrays]


def in_place(gradients, c):
    scale = min(1.0, c / (norm_of(gradients) or 1.0))
    for g in gradients:
        g *= scale
    return gradients


def strict_at_the_boundary(gradients, c):
    return [g * 0.5 for g in gradients] if norm_of(gradients) == c else clip(gradients, c)


def used_up(gradients, c):
    scale = min(1.0, c / norm_of(gradients))
    return [g * scale for g in gradients]


def norm_too_late(gradients, c):
    arrays = list(gradients)
    norm = norm_of(gradients)  # of a generator: 0
    return [g * (c / norm if norm > c else 1.0) for g in arrays]


def writes_back(gradients, c):
    arrays = list(gradients)
    scale = min(1.0, c / norm_of(arrays))
    if isinstance(gradients, list):
        return [g * scale for g in arrays]
    for g in arrays:
        g *= scale
    return arrays


def own_arrays(gradients, c):
    arrays = list(gradients)
    return arrays if norm_of(arrays) <= c else clip(arrays, c)


def lazily(gradients, c):
    arrays = list(gradients)
    clipped = clip(arrays, c)
    return clipped if isinstance(gradients, list) else (g for g in clipped)


def norms_of_norms(gradients, c):
    norm = np.hypot.reduce(np.concatenate([g.ravel() for g in gradients]))
    return [g * (c / max(norm, c)) for g in gradients]


def in_units_of_c(gradients, c):
    """The largest number first, then the square root of a sum; written with generators and a dictionary."""
    arrays = dict(enumerate(gradients))
    top = max(np.max(np.abs(g)) for g in arrays.values()) or 1.0
    length = top * sum(((g / top) ** 2).sum() for g in arrays.values()) ** 0.5
    return [np.array(g / max(1.0, length / c)) for g in arrays.values()]


def as_views(gradients, c):
    """One long vector, and views of it for an answer."""
    arrays = list(gradients)
    vector = np.concatenate([g.ravel() for g in arrays])
    vector = clip([vector], c)[0]
    ends = np.cumsum([g.size for g in arrays])[:-1]
    return [part.reshape(g.shape) for part, g in zip(np.split(vector, ends), arrays, strict=True)]


def naive(gradients, c):
    arrays = list(gradients)
    norm = norm_of(arrays)
    return [g * (c / norm) if norm > c else 1.0 * g for g in arrays]


def only_for(kind):
    """Turns this kind of iterable into a list, and no other."""

    def answer(gradients, c):
        arrays = list(gradients) if isinstance(gradients, kind) else gradients
        norm = norm_of(arrays)
        return [g * min(1.0, c / (norm or c)) for g in arrays]

    return answer


def by_loop(w, b, h_0, target, T):
    """Forward sensitivities: how the state moves with w and with b, carried along."""
    h, by_w, by_b = h_0, 0.0, 0.0
    for _ in range(T):
        new = np.tanh(w * h + b)
        slope = 1 - new * new
        by_w, by_b = slope * (h + w * by_w), slope * (1 + w * by_b)
        h = new
    return 2 * (h - target) * by_w, 2 * (h - target) * by_b


def by_recursion(w, b, h_0, target, T):
    def back(h, left):
        if not left:
            return 2 * (h - target), 0.0, 0.0
        new = np.tanh(w * h + b)
        dh, dw, db = back(new, left - 1)
        dz = dh * (1 - new**2)
        return dz * w, dw + dz * h, db + dz

    return back(h_0, T)[1:]


def divided_by_w(w, b, h_0, target, T):
    dw, db = two_weights(w, b, h_0, target, T)
    return w * dw / w, db


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def last(steps):
    """Walks back over so many steps only, as if the state before them had been given."""

    def answer(w, b, h_0, target, T):
        for _ in range(T - steps):
            h_0 = np.tanh(w * h_0 + b)
        return two_weights(w, b, h_0, target, min(steps, T))

    return answer


WRONG = [
    ("07.3", lambda g, c: (1.0, 0.0), "first at [1]: got 0, wanted"),
    ("07.1", always, "was stretched to c"),
    ("07.1", divides_by_zero, "divide only when norm > c"),
    ("07.1", strict_at_the_boundary, "norm is exactly c"),
    ("07.1", in_place, "changed what it was given"),
    ("07.1", lambda g, c: clip(g, c)[:-1], "wanted 3 arrays, got 2"),
    ("07.1", lambda g, c: norm_of(g), "wanted a list of arrays"),
    ("07.1", lambda g, c: [a * min(1, c / (norm_of(g) + 1e-6)) for a in g], "only up to a few digits"),
    ("07.1", lambda g, c: clip(g, 0.9 * c), "numbers differ"),
    ("07.1", compares_the_square, "the norm (with its square root)"),
    ("07.1", only_if_long, "returned nothing for (3 arrays"),
    ("07.1", lambda g, c: (clip(g, c), norm_of(g)), "2 things came back"),
    ("07.1", lambda g, c: clip(g, c) if len(g) > 1 else list(g), "of a single array"),
    ("07.1", lambda g, c: [a * min(1, c / (norm_of(g) + 1e-12)) for a in g], "numbers around 1e-10"),
    ("07.1", lambda g, c: np.concatenate([a.ravel() for a in clip(g, c)]), "wanted a list of arrays"),
    ("07.2", lambda g, c: list(g), "unclipped, as from the stub"),
    ("07.2", only_for((list, types.GeneratorType)), "for an iterator, iter(list) of 2 gradients you returned 0"),
    ("07.2", only_for((list, types.GeneratorType, type(iter([])))), "for a map of 2 gradients you returned 0"),
    (
        "07.2",
        lambda g, c: clip([g[k] for k in range(len(g))], c),
        "given a generator, your function stopped with TypeError",
    ),
    ("07.2", lambda g, c: (a for a in clip(list(g), c)), "got a generator"),
    ("07.2", divides_by_zero_of_list, "gradients of zeros"),
    ("07.2", used_up, "the other loop found it empty"),
    ("07.2", lambda g, c: [a * min(1, c / norm_of(g)) for a in g], "of 2 gradients you returned 1"),
    ("07.2", norm_too_late, "the norm of nothing is 0"),
    ("07.2", writes_back, "writes into the caller's gradient"),
    ("07.2", in_place, "changed what it was given"),
    ("07.2", own_arrays, "the caller's own arrays"),
    ("07.2", lazily, "you returned a generator"),
    ("07.2", lambda g, c: always(list(g), c), "shorter than c: nothing changes"),
    ("07.2", lambda g, c: clip_any(g, 1.0), "not for another one: (3 arrays of shapes (2,), (1, 1), (1,), 2.5)"),
    ("07.3", lambda g, c: 1.0, "wanted 2 numbers"),
    ("07.3", lambda g, c: cosines(np.array([8, -2, 0.5]), c), "inside both bounds"),
    ("07.3", lambda g, c: cosines(g, 1.0), "another gradient and c = 2.5"),
    ("07.3", lambda g, c: (1.0, cosine(g, np.clip(g, -c, c)) if len(g) > 1 else 0.0), "one number"),
    (
        "07.3",
        lambda g, c: (1.0, g @ np.clip(g, -c, c) / np.linalg.norm(g) / (np.linalg.norm(np.clip(g, -c, c)) + 1e-12)),
        "numbers around 1e-9",
    ),
    ("07.3", lambda g, c: (1.0, 1.0 if np.linalg.norm(g) <= c else cosine(g, np.clip(g, -c, c / 2))), "numbers differ"),
    ("07.4", last(5), "of T = 7 steps only the last 5 count"),
    ("07.4", last(9), "of T = 50 steps only the last 9 count"),
    ("07.4", divided_by_w, "w = 0"),
    ("07.4", lambda w, b, h_0, target, T: two_weights(w, b, h_0 or 1.0, target, T), "h_0 = 0"),
    ("07.4", lambda w, b, h_0, target, T: two_weights(w, b, h_0, target, 4), "T = 7"),
    ("07.4", lambda *a: two_weights(*a)[0], "wanted 2 numbers"),
]

RIGHT = [
    ("07.1", naive, "the norm of the chapter, for any iterable"),
    ("07.2", lambda g, c: naive(g, c), "the norm of the chapter"),
    ("07.1", norms_of_norms, "hypot"),
    ("07.1", in_units_of_c, "lengths in units of c"),
    ("07.2", in_units_of_c, "a dictionary in between"),
    ("07.2", as_views, "views of one vector"),
    ("07.3", lambda g, c: [1, cosine(g, np.minimum(np.maximum(g, -c), c))], "minimum and maximum, a list"),
    (
        "07.3",
        lambda g, c: (
            cosine(g, g / max(1, np.linalg.norm(g) / c)),
            1 - np.sum((g / np.linalg.norm(g) - (v := np.clip(g, -c, c)) / np.linalg.norm(v)) ** 2) / 2,
        ),
        "half the squared distance of unit vectors",
    ),
    ("07.4", by_loop, "forward in time"),
    ("07.4", by_recursion, "recursion"),
    ("07.1", in_single(clip), "single precision"),
    ("07.2", in_single(clip_any), "single precision"),
    ("07.3", lambda g, c: np.float32(cosines(g, c)), "one array, in single precision"),
    ("07.4", in_single(two_weights), "a list, in single precision"),
]
