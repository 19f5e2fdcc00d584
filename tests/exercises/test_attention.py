"""Chapter 13's checks: the references agree with the package, and each plausible mistake gets its own name."""

import numpy as np

from course_utils.exercises.attention import beam_step, look_back, order_of, weights
from course_utils.layers.attention import DotProductAttention
from course_utils.math import log_softmax, softmax
from course_utils.models.beam_search import beam_search
from course_utils.pretrained.date_writer import date_writer


def test_the_references_agree_with_the_package(rng):
    q, k, v = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 2))
    mask = np.array([1, 1, 1, 0, 1], bool)
    layer = DotProductAttention()
    y, trace = layer.forward(q, k, v, mask)
    np.testing.assert_allclose(weights(q @ k.T / 2, mask), trace.a)
    dy = rng.normal(size=y.shape)
    (_, _, dv), _, dtrace = layer.backward(dy, trace)
    dscores, want_v = look_back(dy, trace.a, v)
    np.testing.assert_allclose(want_v, dv)
    np.testing.assert_allclose(dscores, dtrace.scores, atol=1e-12)


def test_steps_of_the_beam_make_the_search_of_the_package(rng):
    table = log_softmax(rng.normal(size=(4, 3)))  # the next sign depends on the last one only

    found = beam_search(lambda signs, state: (table[signs], state), np.zeros((1, 1)), 5, start=3, length=4)
    answers, total = [[3]], np.zeros(1)
    for _ in range(4):
        parent, sign, total = beam_step(total, table[[answer[-1] for answer in answers]], 5)
        answers = [[*answers[p], s] for p, s in zip(parent, sign, strict=True)]
    np.testing.assert_allclose(total, found.log_p)
    np.testing.assert_array_equal(np.array(answers)[:, 1:].T, found.signs)


def test_an_alignment_of_the_trained_model_can_be_read():
    for text, order in (("Samstag, 5. Mai 2012", "dmy"), ("Saturday, 2012 May 5", "ymd"), ("May 5, 2012", "mdy")):
        answer, a, _ = date_writer("dot").write(text)
        assert answer == "2012-05-05"
        assert order_of(a) == order, text


def scaled(e):
    return e / e.sum(axis=1, keepdims=True)


def columns(scores, mask):
    e = np.exp(np.where(mask, scores, -np.inf))
    with np.errstate(invalid="ignore"):
        return e / e.sum(axis=0)


def subtracting(maximum):
    """The weights, with another maximum subtracted, made of (scores, mask)."""
    return lambda scores, mask: scaled(np.exp(np.where(mask, scores, -np.inf) - maximum(scores, mask)))


def three_steps(dy, a, v):
    da = dy @ v.T
    return a * (da - 3 / len(a) * (a * da).sum(1, keepdims=True)), a.T @ dy


def chosen(totals, V, best):
    return *np.divmod(best, V), totals.ravel()[best]


def one_child(total, log_p, width):
    """Only the best sign of each answer, so at most W continuations."""
    totals = total + log_p.max(1)
    parent = np.argsort(-totals)[:width]
    return parent, log_p.argmax(1)[parent], totals[parent]


def new_total(change):
    """`beam_step` with other totals, made of (parent, sign, total, log_p)."""

    def step(total, log_p, width):
        parent, sign, new = beam_step(total, log_p, width)
        return parent, sign, change(parent, sign, new, log_p)

    return step


def by_last(total, log_p, width):
    return chosen(total[:, None] + log_p, log_p.shape[1], np.argsort(-log_p.ravel())[:width])


def multiplied(total, log_p, width):
    totals = total[:, None] * log_p
    return chosen(totals, log_p.shape[1], np.argsort(-totals.ravel())[:width])


def least_likely(total, log_p, width):
    totals = total[:, None] + log_p
    return chosen(totals, log_p.shape[1], np.argsort(totals.ravel())[:width])


def by_width(total, log_p, width):
    totals = total[:, None] + log_p
    best = np.argsort(-totals.ravel())[:width]
    return *np.divmod(best, len(total)), totals.ravel()[best]


def always_width(total, log_p, width):
    parent, sign, new = beam_step(total, log_p, width)
    return np.resize(parent, width), np.resize(sign, width), np.resize(new, width)


def few_mistaken(total, log_p, width):
    parent, sign, new = beam_step(total, log_p, width)
    return (parent, sign, new) if len(new) == width else (np.arange(len(new)), sign, new)


def in_one_table(total, log_p, width):
    return tuple(np.array(beam_step(total, log_p, width)))


def mean_place(a, rows):
    return (a[rows] @ np.arange(a.shape[1])).mean()


def in_rows(y, m, d):
    """Reads the three parts in these rows."""

    def order(a):
        where = {"y": mean_place(a, slice(*y)), "m": mean_place(a, slice(*m)), "d": mean_place(a, slice(*d))}
        return "".join(sorted(where, key=where.get))

    return order


def any_weight(a):
    where = {"y": (a[:4].max(0) > 0).argmax(), "m": (a[5:7].max(0) > 0).argmax(), "d": (a[8:].max(0) > 0).argmax()}
    return "".join(sorted(where, key=where.get))


def by_sum(a):
    place = a @ np.arange(a.shape[1])
    where = {"y": place[:4].sum(), "m": place[5:7].sum(), "d": place[8:].sum()}
    return "".join(sorted(where, key=where.get))


def inverse(a):
    order = order_of(a)
    return "".join("ymd"[order.index(part)] for part in "ymd")


def by_adding(scores, mask):
    """Adds -inf to what is hidden: nan stays nan."""
    e = scores + np.where(mask, 0, -np.inf)
    e = np.exp(e - e.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def through_probabilities(total, log_p, width):
    """exp(-2000) is 0."""
    with np.errstate(divide="ignore"):
        p = np.exp(total)[:, None] * np.exp(log_p)
        best = np.argsort(-p.ravel())[:width]
        return *np.divmod(best, log_p.shape[1]), np.log(p.ravel()[best])


def with_logarithm(dy, a, v):
    """Through the logarithm of the weights, which 0 has not."""
    da = dy @ v.T
    dlog = a * da
    with np.errstate(all="ignore"):
        return dlog - np.exp(np.log(a)) * dlog.sum(axis=1, keepdims=True) + 0 * np.log(a), a.T @ dy


def over_what_is_seen(scores, mask):
    """Only over the columns that are seen."""
    out, seen = np.zeros(scores.shape), scores[:, mask]
    seen = np.exp(seen - seen.max(1)[:, None])
    out[:, mask] = seen / seen.sum(1)[:, None]
    return out


def jacobians(dy, a, v):
    """Row by row, with the whole slope of the softmax."""
    rows = [(np.diag(row) - np.outer(row, row)) @ (v @ d) for row, d in zip(a, dy, strict=True)]
    return np.array(rows), np.einsum("ts,td->sd", a, dy)


def by_lexsort(total, log_p, width):
    """A list of all continuations, sorted."""
    every = [(-(t + p), k, s) for k, (t, row) in enumerate(zip(total, log_p, strict=True)) for s, p in enumerate(row)]
    best = sorted(every)[:width]
    return [k for _, k, _ in best], [s for *_, s in best], [-cost for cost, *_ in best]


def by_value(total, log_p, width):
    """Looks for each of the best totals in the table: of two that are equal it finds the first twice."""
    table = (total[:, None] + log_p).ravel()
    best = np.sort(table)[::-1][:width]
    parent, sign = np.divmod([int(np.flatnonzero(table == one)[0]) for one in best], log_p.shape[1])
    return parent, sign, best


WRONG = [
    ("13.3", by_value, "one of them came twice"),
    ("13.4", lambda a: order_of(a) if order_of(a)[1] != "y" else order_of(a)[::-1], "its year in the middle"),
    ("13.1", columns, "the columns sum to 1"),
    ("13.1", lambda scores, mask: softmax(np.where(mask, scores, -30)), "a little weight"),
    ("13.1", lambda scores, mask: scaled(np.exp(np.where(mask, scores, -np.inf))), "exp overflows"),
    ("13.1", subtracting(lambda scores, mask: scores.max()), "all of a row became 0"),
    ("13.1", subtracting(lambda scores, mask: scores[:, mask].max()), "all of a row became 0"),
    ("13.1", subtracting(lambda scores, mask: scores.max(1, keepdims=True)), "all of a row became 0"),
    ("13.1", lambda scores, mask: softmax(np.where(mask, scores, -1e3)), "no number is below them all"),
    (
        "13.1",
        lambda scores, mask: softmax(np.where(mask, scores, -np.inf)) if len(mask) == 5 else 0 * scores,
        "but not for another one",
    ),
    ("13.2", three_steps, "but not for another one"),
    (
        "13.3",
        lambda total, log_p, width: (np.zeros(width, int), np.zeros(width, int), np.zeros(width)),
        "what the stub did",
    ),
    ("13.3", multiplied, "were multiplied"),
    ("13.3", one_child, "one answer may have several children"),
    ("13.3", new_total(lambda parent, sign, new, log_p: log_p[parent, sign]), "leaves out what the answer had cost"),
    ("13.3", new_total(lambda parent, sign, new, log_p: np.exp(new)), "the new totals are probabilities"),
    ("13.3", by_last, "whatever the answers before them had cost"),
    ("13.3", lambda *given: tuple(part[::-1] for part in beam_step(*given)), "stands first"),
    ("13.3", least_likely, "least likely continuations"),
    (
        "13.3",
        lambda *given: tuple(beam_step(*given)[k] for k in (1, 0, 2)),
        "parent and sign are swapped",
    ),
    ("13.3", by_width, "was divided by W"),
    ("13.3", few_mistaken, "parent, where there are fewer"),
    ("13.3", in_one_table, "parent and sign are numbers"),
    ("13.3", always_width, "fewer continuations than the beam is wide"),
    ("13.4", lambda a: "ymd", "the order of the rows"),
    ("13.4", lambda a: order_of(a)[::-1], "backwards"),
    ("13.4", in_rows((0, 4), (4, 7), (7, 10)), "leave rows 4 and 7 out"),
    ("13.4", in_rows((0, 4), (4, 6), (6, 8)), "as if the answer had no dashes"),
    ("13.4", in_rows((0, 4), (8, 10), (5, 7)), "month and day are mistaken"),
    ("13.4", lambda a: "ymd" if order_of(a)[0] == "y" else "dmy", "only the place of the year"),
    ("13.4", any_weight, "where most of it is"),
    ("13.4", lambda a: 3, "wanted the letters d, m and y"),
    ("13.4", inverse, "in the order of their places"),
    ("13.4", by_sum, "you added up the places"),
    ("13.1", by_adding, "padding whose scores are nan"),
    ("13.1", lambda scores, mask: np.squeeze(weights(scores, mask)), "one step that writes and one to see"),
    ("13.1", lambda scores, mask: (weights(scores, mask), scores), "two things came back"),
    ("13.2", with_logarithm, "weights of exactly 0 and 1"),
    ("13.3", through_probabilities, "very unlikely answers"),
]

RIGHT = [
    ("13.1", lambda scores, mask: np.float32(weights(scores, mask)), "single precision"),
    ("13.2", lambda *given: [np.float32(d) for d in look_back(*given)], "a list, in single precision"),
    ("13.3", lambda *given: [list(part) for part in beam_step(*given)], "lists"),
    ("13.1", over_what_is_seen, "only the columns that are seen"),
    ("13.2", jacobians, "row by row, with the whole slope"),
    ("13.3", by_lexsort, "lists, sorted"),
]
