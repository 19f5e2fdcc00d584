"""Chapter 10's checks: the references agree with the package, and each plausible mistake gets its own name."""

import numpy as np

from course_utils.analysis import timescales
from course_utils.exercises.stacked import half_life, way_down, way_up, widest
from course_utils.layers.dropout import Dropout
from course_utils.layers.gru import GRU
from course_utils.layers.lstm import LSTM
from course_utils.layers.stacked import Stacked
from course_utils.tree import count, leaves


def test_the_references_agree_with_the_package(rng):
    layers = tuple(GRU.init(4, 4, rng=rng) for _ in range(3))
    x, dy = rng.normal(size=(2, 5, 2, 4))
    stack = Stacked(layers)
    dropout = stack.draw_dropout(x, 0.3, rng=rng)
    kept = tuple(gap.kept for gap in dropout)
    y, trace = stack.forward(x, dropout=dropout)
    np.testing.assert_allclose(way_up(x, layers, kept, 0.3), y)
    dx, dstack, _ = stack.backward(dy, trace)
    got, dlayers = way_down(dy, layers, trace.layers, kept, 0.3)
    np.testing.assert_allclose(got, dx)
    for (name, a), (_, b) in zip(leaves(tuple(dlayers)), leaves(dstack.layers), strict=True):
        np.testing.assert_allclose(a, b, err_msg=name)
    f = rng.uniform(0.1, 1, (20, 3))
    np.testing.assert_allclose(half_life(f), timescales.half_life(f))


def test_the_widest_stack_fits_and_the_next_does_not(rng):
    for D, layers, budget in ((32, 1, 27_000), (32, 3, 27_000), (5, 2, 1_000)):
        H = widest(D, layers, budget)
        sizes = [
            count(tuple(LSTM.init(D if k == 0 else width, width, rng=rng) for k in range(layers)))
            for width in (H, H + 1)
        ]
        assert sizes[0] <= budget < sizes[1]


def rounded(D, layers, budget):
    a, b = 2 * layers - 1, D + layers
    return round((np.sqrt(b * b + a * budget) - b) / (2 * a))


def altered(change):
    def answer(*given):
        dx, dlayers = way_down(*given)
        return dx, change(dlayers)

    return answer


def stub_down(dy, layers, traces, kept, rate):
    return dy, [LSTM(*(0 * part for part in layer)) for layer in layers]


def quadratic(D, layers, budget):
    """The larger root of 4 H (D + H + 1) + (layers - 1) 4 H (2 H + 1) = budget, rounded down."""
    a, b = 2 * layers - 1, D + layers
    return int((np.sqrt(b * b + a * budget) - b) // (2 * a))


def by_halving(D, layers, budget):
    low, high = 0, budget
    while low < high:
        middle = (low + high + 1) // 2
        used = sum(4 * middle * ((middle if k else D) + middle + 1) for k in range(layers))
        low, high = (middle, high) if used <= budget else (low, middle - 1)
    return low


def recursive_up(x, layers, kept, rate):
    first, *rest = layers
    y = first.forward(x)[0]
    return recursive_up(kept[0] * y / (1 - rate), rest, kept[1:], rate) if rest else y


def zipped_up(x, layers, kept, rate):
    y = layers[0].forward(x)[0]
    for gap, layer in zip(kept, layers[1:], strict=True):
        y, _ = layer.forward(np.where(gap, y, 0) / (1 - rate))
    return y


def recursive_down(dy, layers, traces, kept, rate):
    dx, dlayer, _ = layers[-1].backward(dy, traces[-1])
    if len(layers) == 1:
        return dx, (dlayer,)
    dx, below = recursive_down(dx * kept[-1] / (1 - rate), layers[:-1], traces[:-1], kept[:-1], rate)
    return dx, (*below, dlayer)


def zip_drops_the_top(x, layers, kept, rate):
    for layer, gap in zip(layers, [*kept, np.ones_like(x, bool)] if len(kept) == 2 else kept, strict=False):
        x = np.where(gap, layer.forward(x)[0] / (1 if gap.all() else 1 - rate), 0)
    return x


def by_product(f):
    with np.errstate(all="ignore"):
        return np.log(0.5) / np.log(np.prod(f, axis=0) ** (1 / len(f)))


def counts_down(f):
    """Sums of logarithms, one unit at a time."""
    with np.errstate(divide="ignore"):
        return [len(f) * np.log(0.5) / sum(np.log(step[k]) for step in f) for k in range(f.shape[1])]


WRONG = [
    ("10.1", lambda D, layers, budget: min(widest(D, layers, budget), 2_000), "your search ends too early"),
    ("10.1", lambda D, layers, budget: max(widest(D, layers, budget), 1), "not even one unit fits"),
    ("10.4", lambda f: np.minimum(half_life(f), 1e9), "never forgets"),
    ("10.1", lambda D, layers, budget: min(99, widest(D, layers, budget)), "your search ends too early"),
    ("10.1", lambda D, layers, budget: min(999, widest(D, layers, budget)), "your search ends too early"),
    ("10.1", lambda D, layers, budget: widest(D, layers, budget - (budget == 273_000)), "units need just 273,000"),
    ("10.1", lambda D, layers, budget: widest(D, min(layers, 4), budget) if budget > 70 else 2, "for D = 1"),
    ("10.2", zip_drops_the_top, "right for the first example"),
    ("10.2", lambda x, layers, kept, rate: way_up(x, layers, kept, rate) if len(layers) > 1 else x, "a single layer"),
    ("10.2", lambda x, layers, kept, rate: way_up(x, layers[:5], kept, rate), "six layers"),
    ("10.2", lambda *a: np.squeeze(way_up(*a)), "T = 1"),
    ("10.2", lambda *a: (way_up(*a), None), "the result"),
    (
        "10.3",
        lambda dy, layers, *a: way_down(dy, layers, *a) if len(layers) > 1 else (dy, [layers[0]]),
        "a single layer",
    ),
    ("10.3", lambda *a: (np.clip(way_down(*a)[0], -5, 5), way_down(*a)[1]), "a million times as large"),
    ("10.3", lambda *a: (np.squeeze(way_down(*a)[0]), way_down(*a)[1]), "T = 1"),
    ("10.3", altered(lambda dlayers: dlayers if len(dlayers) < 4 else dlayers[::-1]), "right for the first example"),
    ("10.4", by_product, "the product of the gates underflows to 0"),
    ("10.4", lambda f: np.log(0.5) / np.log(f + 1e-12).mean(0), "gates that keep nearly all"),
    ("10.4", lambda f: np.log(0.5) / np.log(np.clip(f, 1e-3, 0.999)).mean(0), "gates that keep nearly all"),
    ("10.4", lambda f: np.squeeze(half_life(f)), "a single unit"),
    ("10.4", lambda f: half_life(f[:7]), "2,000 steps"),
    ("10.4", lambda f: half_life(np.where(f > 0, f, 1)), "exactly 0 at one step"),
    ("10.1", lambda *a: widest(*a) + 0.3, "a whole number of units"),
    ("10.1", rounded, "56 units exceed the budget for D = 10"),
    ("10.1", lambda D, layers, budget: widest(D, layers, budget - 1), "units need just 72"),
    ("10.1", lambda *a: widest(*a) - 5, "H for D = 32"),
    ("10.2", lambda *a: 2 * way_up(*a), "without dropout, the result"),
    ("10.2", lambda x, layers, kept, rate: way_up(x, layers[:3], kept, rate), "not for another one"),
    ("10.2", lambda x, layers, kept, rate: way_up(x, layers, kept, rate / 2), "with dropout, the result"),
    ("10.3", stub_down, "what the stub did"),
    ("10.3", lambda dy, layers, traces, *gaps: way_down(dy, layers[:3], traces[:3], *gaps), "not for another one"),
    ("10.3", lambda *a: way_down(*a)[0], "wanted 2 things"),
    ("10.3", altered(lambda dlayers: dlayers[:2]), "the gradient of each of the three layers"),
    ("10.3", lambda *a: (2 * way_down(*a)[0], way_down(*a)[1]), "dx: the shape is right"),
    ("10.3", altered(lambda dlayers: dlayers[::-1]), "the list begins with the top layer"),
    ("10.3", altered(lambda dlayers: [dlayers[0]] * 3), "dlayers[1] is not the gradient"),
    ("10.4", lambda f: np.log(0.5) / np.log(f[0]), "for gates that change"),
]

RIGHT = [
    ("10.1", quadratic, "the root of a quadratic"),
    ("10.1", by_halving, "halving an interval"),
    ("10.2", recursive_up, "recursion, and a product with the mask"),
    ("10.2", zipped_up, "zip"),
    ("10.3", lambda *a: list(way_down(*a)), "a list of two"),
    ("10.3", recursive_down, "recursion, and a tuple"),
    ("10.4", counts_down, "a list, unit by unit"),
    ("10.4", lambda f: -len(f) / np.log2(f).sum(axis=0) if f.all() else half_life(f), "powers of two"),
]


def test_dropout_of_the_exercise_is_that_of_the_package(rng):
    x, kept = rng.normal(size=(4, 2, 3)), rng.random((4, 2, 3)) < 0.5
    np.testing.assert_array_equal(Dropout(kept, 0.4).apply(x), np.where(kept, x / (1 - 0.4), 0))
