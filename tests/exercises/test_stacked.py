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


def fits(size):
    def answer(D, layers, budget):
        return next(H for H in range(1, 10_000) if size(D, H, layers) > budget) - 1

    return answer


def rounded(D, layers, budget):
    a, b = 2 * layers - 1, D + layers
    return round((np.sqrt(b * b + a * budget) - b) / (2 * a))


def up(between=lambda h, k, kept, rate: np.where(kept[k], h / (1 - rate), 0), order=1, top=False, first=False):
    def answer(x, layers, kept, rate):
        for k, layer in enumerate(layers[::order]):
            if k or first:
                x = between(x, max(k - 1, 0), kept, rate)
            x, _ = layer.forward(x)
        return between(x, 0, kept, rate) if top else x

    return answer


def each(x, layers, kept, rate):
    return [layer.forward(x)[0] for layer in layers]


def outputs(x, layers, kept, rate):
    return [way_up(x, layers[: k + 1], kept, rate) for k in range(3)]


def low(x, layers, kept, rate):
    for k in range(3):
        if k < 2:
            x = np.where(kept[k], x / (1 - rate), 0)
        x, _ = layers[k].forward(x)
    return x


def down(between=lambda d, k, kept, rate: np.where(kept[k], d / (1 - rate), 0), order=-1, last=0):
    def answer(dy, layers, traces, kept, rate):
        dlayers = list(layers)
        for k in range(3)[::order]:
            if k < last:
                break
            dy, dlayers[k], _ = layers[k].backward(dy, traces[k])
            if k > 0 and order < 0:
                dy = between(dy, k - 1, kept, rate)
        return dy, dlayers

    return answer


def down_early(dy, layers, traces, kept, rate, *, twice=False):
    scale = lambda d, k: np.where(kept[k], d / (1 - rate), 0)  # noqa: E731
    dy, dlayers = scale(dy, 1), list(layers)
    for k in reversed(range(3)):
        dy, dlayers[k], _ = layers[k].backward(dy, traces[k])
        if k == 2 or (twice and k):
            dy = scale(dy, k - 1 if twice else 0)
    return dy, dlayers


def with_dx(combine):
    def answer(dy, layers, traces, kept, rate):
        separate = [layer.backward(dy, trace)[0] for layer, trace in zip(layers, traces, strict=True)]
        return combine(separate), list(layers)

    return answer


def altered(change):
    def answer(*given):
        dx, dlayers = way_down(*given)
        return dx, change(dlayers)

    return answer


def stub_down(dy, layers, traces, kept, rate):
    return dy, [LSTM(*(0 * part for part in layer)) for layer in layers]


def up_from_last_gap(x, layers, kept, rate):
    for k in range(len(layers)):
        x, _ = layers[k].forward(np.where(kept[k - 1], x / (1 - rate), 0))
    return x


def down_to_last_gap(dy, layers, traces, kept, rate):
    dlayers = list(layers)
    for k in reversed(range(len(layers))):
        dy, dlayers[k], _ = layers[k].backward(dy, traces[k])
        dy = np.where(kept[k - 1], dy / (1 - rate), 0)
    return dy, dlayers


def drop(factor, keep=True):
    return lambda h, k, kept, rate: np.where(kept[k] == keep, h * factor(rate), 0)


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
    ("10.1", lambda D, layers, budget: 1, "what the stub did"),
    ("10.1", lambda *a: widest(*a) + 0.3, "a whole number of units"),
    ("10.1", lambda *a: widest(*a) + 1, "one unit too many"),
    ("10.1", fits(lambda D, H, L: 4 * H * (D + H + 1)), "you counted one layer"),
    ("10.1", fits(lambda D, H, L: L * 4 * H * (D + H + 1)), "every layer read the D features"),
    ("10.1", fits(lambda D, H, L: L * 4 * H * (2 * H + 1)), "the first layer read H features"),
    ("10.1", fits(lambda D, H, L: 4 * H * (D + H) + (L - 1) * 8 * H * H), "the biases are missing"),
    ("10.1", fits(lambda D, H, L: H * (D + H + 1) + (L - 1) * H * (2 * H + 1)), "as in a simple RNN"),
    ("10.1", fits(lambda D, H, L: 3 * H * (D + H + 1) + 3 * (L - 1) * H * (2 * H + 1)), "as in a GRU"),
    ("10.1", fits(lambda D, H, L: 4 * H * (D + H + 1) + (L - 1) * 4 * H * (D + 2 * H + 1)), "both D and H features"),
    ("10.1", fits(lambda D, H, L: 4 * H * (D + H + 2) + (L - 1) * 8 * H * (H + 1)), "two biases a gate"),
    ("10.1", rounded, "56 units exceed the budget for D = 10"),
    ("10.1", lambda D, layers, budget: widest(D, layers, budget - 1), "units need just 72"),
    ("10.1", lambda *a: widest(*a) - 5, "H for D = 32"),
    ("10.2", lambda x, layers, kept, rate: x, "what the stub did"),
    ("10.2", lambda *a: outputs(*a)[0], "only the first layer was run"),
    ("10.2", lambda *a: outputs(*a)[1], "the last layer is missing"),
    ("10.2", lambda *a: each(*a)[2], "the last layer read x itself"),
    ("10.2", lambda *a: sum(each(*a)), "a wide network, not a deep one"),
    ("10.2", lambda *a: sum(outputs(*a)), "you added up what all layers put out"),
    ("10.2", up(order=-1), "from the last to the first"),
    ("10.2", lambda *a: 2 * way_up(*a), "without dropout, the result"),
    ("10.2", up(lambda h, k, kept, rate: h), "`kept` changes nothing"),
    ("10.2", up(drop(lambda rate: 1)), "what is kept must be scaled"),
    ("10.2", up(drop(lambda rate: 1 - rate)), "became smaller by 1 - rate"),
    ("10.2", up(drop(lambda rate: 1 / rate if rate else 1)), "divided by the rate"),
    (
        "10.2",
        up(lambda h, k, kept, rate: np.where(kept[k] ^ (rate > 0), h / (1 - rate), 0)),
        "silenced what should be kept",
    ),
    ("10.2", up(top=True), "the output of the top layer was silenced"),
    ("10.2", up(first=True), "the input x was silenced, too"),
    ("10.2", up(lambda h, k, kept, rate: np.where(kept[0], h / (1 - rate), 0)), "both gaps got the same mask"),
    ("10.2", up(lambda h, k, kept, rate: np.where(kept[1 - k], h / (1 - rate), 0)), "of the two gaps are swapped"),
    ("10.2", low, "one layer too low"),
    ("10.2", up_from_last_gap, "kept[k - 1] for k = 0 is kept[-1], the *last* gap. The input"),
    ("10.2", lambda x, layers, kept, rate: way_up(x, layers[:3], kept, rate), "not for another one"),
    ("10.2", up(drop(lambda rate: 1 + rate)), "with dropout, the result"),
    ("10.3", stub_down, "what the stub did"),
    ("10.3", down_to_last_gap, "kept[k - 1] for k = 0 is kept[-1], the *last* gap. The gradient"),
    ("10.3", down(drop(lambda rate: 1 / rate)), "divided by the rate of what is silenced"),
    ("10.3", down(drop(lambda rate: 1 / (1 - rate), keep=False)), "silenced what should be kept"),
    ("10.3", down(lambda d, k, kept, rate: np.where(kept[0], d / (1 - rate), 0)), "both gaps got the same mask"),
    ("10.3", down(), "not for another one"),
    ("10.3", lambda *a: way_down(*a)[0], "wanted 2 things"),
    ("10.3", altered(lambda dlayers: dlayers[:2]), "the gradient of each of the three layers"),
    ("10.3", down(order=1), "from the lowest layer to the highest"),
    ("10.3", with_dx(lambda dx: dx[0]), "every layer got dy itself"),
    ("10.3", with_dx(lambda dx: dx[2]), "the gradient of the top layer's input"),
    ("10.3", with_dx(sum), "you added what all layers hand down"),
    ("10.3", down(lambda d, k, kept, rate: d), "dropout is missing"),
    ("10.3", down(drop(lambda rate: 1)), "kept was divided by 1 - rate on the way up"),
    ("10.3", down(drop(lambda rate: 1 - rate)), "multiplied by 1 - rate on the way back"),
    ("10.3", down(lambda d, k, kept, rate: np.where(kept[1 - k], d / (1 - rate), 0)), "the mask of the other"),
    ("10.3", down_early, "one layer too early"),
    ("10.3", lambda *a: down_early(*a, twice=True), "before it reached the top layer"),
    ("10.3", lambda *a: (2 * way_down(*a)[0], way_down(*a)[1]), "dx: the shape is right"),
    ("10.3", altered(lambda dlayers: dlayers[::-1]), "the list begins with the top layer"),
    ("10.3", altered(lambda dlayers: [dlayers[0]] * 3), "dlayers[1] is not the gradient"),
    ("10.4", lambda f: np.ones(f.shape[1]), "what the stub did"),
    ("10.4", lambda f: -half_life(f), "a half-life is positive"),
    ("10.4", lambda f: 1 / half_life(f), "how many half-lives pass in a step"),
    ("10.4", lambda f: -1 / np.log(f).mean(0), "until 1/e is left"),
    ("10.4", lambda f: (1 / (1 - f)).mean(0), "a common rule of thumb"),
    ("10.4", lambda f: np.log(0.5) / np.log(f).sum(0), "you summed the logarithms"),
    ("10.4", lambda f: np.log(0.5) / np.log(f.mean(0)), "the mean of the gate, and then its logarithm"),
    ("10.4", lambda f: (np.log(0.5) / np.log(f)).mean(0), "the mean of the half-lives of single steps"),
    ("10.4", lambda f: np.log(0.5) / np.log(np.median(f, 0)), "the median ignores"),
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
