"""Exercises of chapter 14: a window on the past, x in three roles, the scale, being blind to order, and a bias nobody sees."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.arguments import a
from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape
from course_utils.exercises.slips import Diagnosis, Part, Slip, slips
from course_utils.layers.attention import DotProductAttention
from course_utils.layers.positions import sinusoids
from course_utils.layers.rnn import RNN
from course_utils.math import softmax
from course_utils.tree import Array

Layer = Callable[[Array], Array]


def window_attention(
    q: Float[Array, "T D"], k: Float[Array, "T D"], v: Float[Array, "T D_v"], W: int
) -> Float[Array, "T D_v"]:
    T, D = q.shape
    back = np.arange(T)[:, None] - np.arange(T)
    scores = np.where((0 <= back) & (back < W), q @ k.T / np.sqrt(D), -np.inf)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    return a @ v


def _qkv(T: int = 7, D: int = 4, D_v: int = 3, seed: int = 1) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(T, D)), rng.normal(size=(T, D)), rng.normal(size=(T, D_v))


SEEN, SCORES = "(0 <= back) & (back < W)", "q @ k.T / np.sqrt(D)"
INFINITE, ROWS = (
    "write -inf into the scores, before softmax",
    "a row belongs to a query: sum over axis 1, with keepdims=True",
)

mistakes_in_window = Diagnosis(
    window_attention, lambda: (*_qkv(), 3), "the result",
    parts=(Part("y", lambda y: y, "scores, mask, softmax over each row, mean of the values"),),
    slips=(
        Slip("return a @ v", "return (a > 0) @ v / (a > 0).sum(axis=1, keepdims=True)", "every step takes the plain mean of "
             "what it may see, which is what the stub did.", "let q @ k.T decide how much of each"),
        Slip(SEEN, "back < T", "every step sees everything: there is no mask.", "hidden scores become -inf, before softmax"),
        Slip(SEEN, "back >= 0", "the past is not limited: step t sees everything up to t.", "hide s <= t - W as well"),
        *slips(SEEN, "hide s > t as well", {
            "back < W": "the future is not hidden, only the far past.",
            "abs(back) < W": "the window opens to both sides: step t sees the future, too.",
        }),
        Slip(SEEN, "(-1 <= back) & (back < W)", "the causal mask is off by one: step t also sees t + 1, the very token that a "
             "language model would have to predict.", "hide s > t, that is s >= t + 1"),
        *slips(SEEN, "the step itself counts: t - W + 1 ... t", {
            "(0 <= back) & (back <= W)": "the window is one step too long: it holds W + 1 steps.",
            "(0 <= back) & (back < W - 1)": "the window is one step too short: it holds W - 1 steps.",
        }),
        Slip(SEEN, "(-W < back) & (back <= 0)", "the mask lies the wrong way round: step t sees what comes after it, and nothing "
             "before.", "row t of the scores belongs to query t"),
        Slip((f"np.where({SEEN}, {SCORES}, -np.inf)", "a @ v"), (SCORES, f"a * ({SEEN}) @ v"), "weights were set to 0 after "
             "softmax, so those of a row no longer add up to 1.", INFINITE),
        Slip("-np.inf", "0", "hidden scores became 0, and exp(0) is 1: what is hidden still gets weight.", INFINITE),
        *slips(SCORES, "/ np.sqrt(D)", {
            "q @ k.T": "the scores are not divided by anything.",
            "q @ k.T / D": "the scores are divided by D instead of its root.",
        }),
        Slip(SCORES, "q @ k.T / np.sqrt(T)", "the scores are divided by the root of the number of steps.", "D is the width of a "
             "query: q.shape[1]"),
        Slip(("max(axis=1", "sum(axis=1"), ("max(axis=0", "sum(axis=0"), "softmax ran over the queries: the columns add up to 1.",
             ROWS),
        Slip(SCORES, "k @ q.T / np.sqrt(D)", "the scores are transposed: row t says how key t answers every query.", "q @ k.T"),
    ),
)  # fmt: skip
blind_to_itself = Slip(
    "0 <= back",
    "0 < back",
    "step t does not see itself, so the first step may look nowhere at all.",
    "keep s = t: t - W + 1 ... t",
)
"""Not among the others, as its first row is not a number."""


def diagnose_window(answer: Callable[..., Any]) -> None:
    q, k, v, W = mistakes_in_window.given()
    T = len(q)

    def asked(q: Array, k: Array) -> Any:
        with np.errstate(all="ignore"):  # empty rows, and exp of a large score, are among the mistakes
            return call(answer, q, k, v, W)

    empty = NotYet(
        "the first W - 1 steps got nothing. They have fewer than W steps to see, but not none; and where t - W + 1 is "
        "negative, it would count from the end.",
        "k[max(0, t - W + 1):t + 1]",
    )
    try:
        result = asked(q, k)
    except NotYet as no:
        if "zero-size array" in no.what:  # that is what max says of nothing
            raise empty from no
        raise
    got, want = same_shape(result, (T, v.shape[1])), mistakes_in_window.want[0]
    if close(got[W - 1 :], want[W - 1 :]) and not np.nan_to_num(got[: W - 1]).any():
        raise empty
    with np.errstate(all="ignore"):
        if close(got[1:], blind_to_itself.of(window_attention)(q, k, v, W)[1:]):
            raise NotYet(blind_to_itself.what, blind_to_itself.hint)
    mistakes_in_window.name(result)
    high_q, high_k = (np.concatenate([np.full((T, 1), 40.0), part[:, 1:]], axis=1) for part in (q, k))
    high = same_shape(asked(high_q, high_k), want.shape)  # scores around 800, but near each other
    if not np.isfinite(high).all():
        raise NotYet(
            "right, as long as the scores are small. exp of a large score is infinite, and then nothing is a number.",
            "subtract the largest score of each row before exp; it changes no weight",
        )
    agree(high, window_attention(high_q, high_k, v, W), "y for large scores")
    apart = same_shape(asked(60 * q, 60 * k), want.shape)
    if not np.isfinite(apart).all():
        raise NotYet(
            "where scores lie far apart, all of a row became 0, and 0 / 0 is nan.",
            "subtract each row's own maximum, over what may be seen: mask first, then scores.max(axis=1, keepdims=True)",
        )
    agree(
        apart, window_attention(60 * q, 60 * k, v, W), "y for scores that lie far apart", "-np.inf for what is hidden"
    )
    for T, D, W in ((5, 9, 2), (4, 2, 6)):
        again(answer, window_attention, (*_qkv(T, D, 2), W))
    for words, T, D, W in (
        ("a window of one step, the step itself", 4, 3, 1),
        ("a single step", 1, 2, 3),
        ("one feature", 3, 1, 2),
        ("a window exactly as long as the text", 4, 4, 4),
    ):
        edge(words, answer, window_attention, *_qkv(T, D, 1), W)


def three_roles_backward(
    dy: Float[Array, "T D"], x: Float[Array, "T D"], a: Float[Array, "T T"]
) -> Float[Array, "T D"]:
    scale = 1 / np.sqrt(x.shape[1])
    da = dy @ x.T
    dscores = a * (da - (a * da).sum(axis=1, keepdims=True))
    as_query = scale * dscores @ x
    as_key = scale * dscores.T @ x
    as_value = a.T @ dy
    return as_query + as_key + as_value


def _looked(T: int = 5, D: int = 4) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(2)
    x, dy = rng.normal(size=(T, D)), rng.normal(size=(T, D))
    return dy, x, DotProductAttention().forward(x, x, x, causal=True)[1].a


ROLES, SLOPE = "as_query + as_key + as_value", "a * (da - (a * da).sum(axis=1, keepdims=True))"

mistakes_in_backward = Diagnosis(
    three_roles_backward, _looked, "the result",
    parts=(Part("dx", lambda dx: dx, "the sum of three: as a query, as a key, as a value"),),
    slips=(
        Slip(ROLES, "0 * x", "all is 0, which is what the stub did.", "begin with the values: y = a @ x is linear in them"),
        Slip(ROLES, "as_value", "x was looked at as a value; what comes back to it as a query and as a key is missing.",
             "scores = x @ x.T * scale, and x stands there twice"),
        Slip(ROLES, "as_query + as_value", "what comes back to x as a key is missing.", "dscores.T @ x"),
        Slip(ROLES, "as_key + as_value", "what comes back to x as a query is missing.", "dscores @ x"),
        Slip(ROLES, "as_query + as_key", "what comes back to x as a value is missing.", "a.T @ dy"),
        Slip("dscores.T @ x", "dscores @ x", "the scores are not symmetric in their gradient: for the key, dscores must be "
             "transposed.", "dscores @ x for the query, dscores.T @ x for the key"),
        Slip("a.T @ dy", "a @ dy", "as a value, a step collects what it looked at instead of who looked at it.", "a.T @ dy"),
        Slip("1 / np.sqrt(x.shape[1])", "1", "the scores were divided by √D on the way forward; on the way back that factor is "
             "missing.", "1 / sqrt(D), for the query and for the key"),
        Slip("a.T @ dy", "scale * a.T @ dy", "the values were never divided by √D; only the scores were.",
             "no factor at a.T @ dy"),
        Slip(SLOPE, "da", "the gradient went through softmax as if it were not there.", "dscores = a * (da - ...)"),
        *slips(SLOPE, "dscores = a * (da - sum_s a da)", {
            "a * da": "of the slope of softmax only the diagonal is there: raising one weight lowers the others.",
            "a * (1 - a) * da": "a(1 - a) is the slope of a sigmoid. Softmax ties the weights of a row together.",
            "da - (a * da).sum(axis=1, keepdims=True)": "the weight in front is missing: a step that is not looked at gets no "
                                                        "gradient.",
        }),
        *slips(SLOPE, "(a * da).sum(axis=1, keepdims=True): one row is one softmax", {
            "a * (da - da.mean(axis=1, keepdims=True))": "you took off the plain mean of da; it is the mean with weights a.",
            "a * (da - (a * da).sum(axis=0))": "the sum runs over the queries; softmax ran over the keys.",
            "a * (da - (a * da).sum(axis=1))": "keepdims=True is missing: the sums of the rows were taken off the columns.",
        }),
    ),
)  # fmt: skip


def diagnose_backward(answer: Callable[..., Any]) -> None:
    mistakes_in_backward(answer)
    rng = np.random.default_rng(20)
    x, dy = rng.normal(size=(2, 6, 3))
    again(answer, three_roles_backward, (dy, x, softmax(x @ x.T)))
    edge("a single step", answer, three_roles_backward, *rng.normal(size=(2, 1, 3)), np.ones((1, 1)))
    edge("one feature", answer, three_roles_backward, *rng.normal(size=(2, 4, 1)), softmax(rng.normal(size=(4, 4))))
    edge(
        "weights of exactly 0 and 1",
        answer,
        three_roles_backward,
        *rng.normal(size=(2, 3, 2)),
        np.eye(3)[[0, 0, 2]],
        hint="no logarithm and no division by a",
    )


def scale_of(D: int, sigma_q: float, sigma_k: float) -> float:
    return 1 / (np.sqrt(D) * sigma_q * sigma_k)


SCALE = "1 / (np.sqrt(D) * sigma_q * sigma_k)"

mistakes_in_scale = Diagnosis(
    scale_of,
    lambda: (64, 1.0, 1.0),
    "the scale",
    parts=(Part("the scale for D = 64 and deviations of 1", lambda scale: scale),),
    slips=(
        Slip(SCALE, "1.0", "no scale at all, which is what the stub did.", "begin with both deviations at 1"),
        Slip(
            SCALE,
            "1 / D",
            "with 1/D the scores would have a variance of 1/D: almost no differences are left.",
            "variances of D independent products add up: the sum has variance D, and the deviation is its root",
        ),
        Slip(SCALE, "np.sqrt(D)", "this makes the scores larger, not smaller.", "divide by it"),
        Slip(SCALE, "D", "this makes the scores larger, not smaller.", "divide, and by the root"),
    ),
)
mistakes_in_deviations = Diagnosis(
    scale_of, lambda: (16, 3.0, 2.0), "the scale",
    parts=(Part("the scale for D, σ_q, σ_k = (16, 3.0, 2.0)", lambda scale: scale),),
    slips=(
        Slip(SCALE, "1 / np.sqrt(D)", "right for deviations of 1. Longer queries and keys have larger scores, and these are not "
             "scaled down.", "the variance of a product of independent numbers around 0 is the product of their variances"),
        Slip(SCALE, "1 / (np.sqrt(D) * sigma_q**2 * sigma_k**2)", "you divided by the variances; the scale acts on the scores, "
             "not on their variance.", "their roots"),
        Slip(SCALE, "1 / np.sqrt(D) * sigma_q * sigma_k", "you multiplied by the deviations, so that large scores become larger "
             "still.", "divide by them"),
        Slip(SCALE, "1 / np.sqrt(D * sigma_q * sigma_k)", "you took the root of the deviations as well.", "the deviations are "
             "roots of variances already"),
    ),
)  # fmt: skip


def diagnose_scale(answer: Callable[..., Any]) -> None:
    mistakes_in_scale(answer)
    mistakes_in_deviations(answer)
    for words, *sizes in (
        ("D, σ_q, σ_k = (9, 2.0, 0.5)", 9, 2.0, 0.5),
        ("a width of 1", 1, 1.0, 3.0),
        ("very small vectors", 128, 1e-6, 1e-5),
        ("very large ones", 50, 1e6, 20.0),
    ):
        edge(words, answer, scale_of, *sizes)


def blind_to_order(layer: Layer, x: Float[Array, "T D"], rng: np.random.Generator) -> bool:
    y = layer(x)
    for _ in range(20):
        order = rng.permutation(len(x))
        if not np.allclose(layer(x[order]), y[order]):
            return False
    return True


def diagnose_blind(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(4)
    T, D = 6, 4
    x, W, P = rng.normal(size=(T, D)), rng.normal(size=(D, D)), sinusoids(T, D)
    rnn = RNN.init(D, D, rng=rng)

    def attention(x: Array) -> Array:
        return DotProductAttention().forward(x @ W, x, x)[0]

    def step_by_step(x: Array) -> Array:  # without @, whose rounding may depend on where a step stands
        return np.maximum((x[:, :, None] * W).sum(1), 0)

    def with_positions(x: Array) -> Array:
        return attention(x + P)

    def causal(x: Array) -> Array:
        return DotProductAttention().forward(x @ W, x, x, causal=True)[0]

    def recurrent(x: Array) -> Array:
        return rnn.forward(x)[0]

    def distances(x: Array) -> Array:  # reversed, it gives the same in reverse: only distances count
        near = np.exp(-abs(np.arange(T)[:, None] - np.arange(T)))
        return near @ x

    def ends(x: Array) -> Array:  # only the first and the last step are treated differently
        y = attention(x)
        y[[0, -1]] *= 1.5
        return y

    def first(x: Array) -> Array:  # only the first step is; orders that leave it in front do not show it
        y = attention(x)
        y[0] *= 1.5
        return y

    def last(x: Array) -> Array:  # only the last step is treated differently
        y = attention(x)
        y[-1] *= 1.5
        return y

    def circle(x: Array) -> Array:  # a convolution round a circle: who only rotates the steps does not see it
        return x + 0.5 * np.roll(x, 1, axis=0)

    def reversing(x: Array) -> Array:  # the right rows, in the wrong places
        return attention(x)[::-1]

    asked: list[Array] = []

    def listening(layer: Layer) -> Layer:
        def through(x: Array) -> Array:
            asked.append(np.array(x))
            return layer(x)

        return through

    layers = attention, step_by_step, recurrent, with_positions, causal, distances, ends, first, last, circle, reversing
    verdicts: dict[str, bool] = {}
    for layer in layers:
        got = call(answer, listening(layer), x, np.random.default_rng(5))
        if not isinstance(got, bool | np.bool_):
            raise NotYet(f"wanted True or False, got {a(type(got))}.", "np.allclose compares whole arrays")
        verdicts[layer.__name__] = bool(got)
    if all(verdicts.values()):
        raise NotYet(
            "every layer was called blind, even a recurrent one, which is what the stub says.",
            "shuffle the rows of x, run the layer, and compare",
        )
    wrong = any(said != (name in ("attention", "step_by_step")) for name, said in verdicts.items())
    if wrong and not any(_shuffled(z, x) or _shuffled(z, before) for before, z in pairwise([x, *asked])):
        raise NotYet(
            "you shuffled the features; the steps are the rows of x."
            if any(_shuffled(z.T, x.T) for z in asked)
            else "no layer was asked what it does when the steps come in another order.",
            "layer(x[order]) with order = rng.permutation(len(x))",
        )
    if not verdicts["attention"] and verdicts["step_by_step"]:
        raise NotYet(
            "self-attention without positions was said to know the order: another order of its sums rounds differently.",
            "equal up to rounding: np.allclose",
        )
    if not verdicts["attention"]:
        raise NotYet(
            "self-attention without positions was said to know the order. Shuffle its inputs and its outputs are shuffled "
            "in the same way: to compare, shuffle the old outputs, too.",
            "layer(x[order]) against layer(x)[order]",
        )
    if not verdicts["step_by_step"]:
        raise NotYet(
            "a layer that treats each step alone was said to know the order.", "layer(x[order]) against layer(x)[order]"
        )
    for name, what, hint in (
        ("recurrent", "a recurrent layer was called blind.", "compare all rows of the outputs, each with its own"),
        ("with_positions", "attention with positions was called blind.", "compare all rows, each with its own"),
        ("causal", "attention with a causal mask was called blind: what a step may see depends on where it stands.",
         "compare all rows, each with its own"),
        ("distances", "a layer was called blind that looks at distances: reversing everything does not show it.",
         "try random orders: rng.permutation(len(x))"),
        ("ends", "a layer was called blind that treats the first and the last step differently: exchanging two steps in "
         "the middle does not show it.", "try several random orders of all steps, and let all of them agree"),
        ("first", "a layer was called blind that treats only the first step differently: orders that leave it in front do not "
         "show it.", "every order must agree: all, not any"),
        ("last", "a layer was called blind that treats only the last step differently.", "compare all rows, for many orders"),
        ("reversing", "a layer was called blind that puts the outputs in reverse. Their mean, their sum, or the outputs "
         "once they are sorted, do not show it.", "compare row with row"),
        ("circle", "a layer was called blind in which each step sees the one before it, the first one the last: moving all "
         "steps on in a circle does not show it.", "try random orders: rng.permutation(len(x))"),
    ):  # fmt: skip
        if verdicts[name]:
            raise NotYet(what, hint)


def _shuffled(z: Array, x: Array) -> bool:
    """Are these the rows of x in another order?"""
    if z.shape != x.shape or np.array_equal(z, x):
        return False
    return np.array_equal(z[np.lexsort(z.T)], x[np.lexsort(x.T)])


def key_bias_gradient(
    dscores: Float[Array, "T S"], q: Float[Array, "T D"], k: Float[Array, "S D"]
) -> Float[Array, "D"]:
    scale = 1 / np.sqrt(q.shape[1])
    dk = scale * dscores.T @ q
    return dk.sum(axis=0)


def _biased(T: int = 4, S: int = 6, D: int = 3) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(5)
    return rng.normal(size=(T, S)), rng.normal(size=(T, D)), rng.normal(size=(S, D))


mistakes_in_bias = Diagnosis(
    key_bias_gradient, _biased, "the result",
    parts=(Part("the gradient of b", lambda db: db, "dk.sum(axis=0)"),),
    slips=(
        Slip("dk.sum(axis=0)", "0 * q[0]", "0 is what comes out after a softmax, and what the stub returns. But here any "
             "dscores may come: show that it is the softmax that makes it 0.", "the bias is added to every key: collect the "
             "gradients of all keys"),
        Slip("1 / np.sqrt(q.shape[1])", "1", "the factor 1/√D of the scores is missing.", "scores = q @ (k + b).T / sqrt(D)"),
        Slip("dk.sum(axis=0)", "dk.mean(axis=0)", "you took the mean over the keys. All of them read the same bias, so their "
             "gradients add up.", "sum(axis=0)"),
        Slip("1 / np.sqrt(q.shape[1])", "1 / q.shape[1]", "the factor 1/√D was applied twice.", "once"),
        Slip("dscores.T @ q", "dscores @ k", "this is the gradient of a bias of the queries.", "dk = scale * dscores.T @ q"),
        Slip("dk.sum(axis=0)", "dk[0]", "only the first key was counted.", "all keys read the same bias"),
    ),
)  # fmt: skip


def diagnose_bias(answer: Callable[..., Any]) -> None:
    mistakes_in_bias(answer)
    rng = np.random.default_rng(50)
    again(answer, key_bias_gradient, (rng.normal(size=(5, 2)), rng.normal(size=(5, 4)), rng.normal(size=(2, 4))))
    for words, *sizes in (
        ("one query and one key", 1, 1, 3),
        ("one feature", 3, 2, 1),
        ("as many queries as keys", 3, 3, 3),
    ):
        edge(words, answer, key_bias_gradient, *_biased(*sizes))


EXERCISES = (
    Exercise(
        "14.1",
        "a window on the past",
        window_attention,
        diagnose_window,
        hints=(
            "Four steps: scores (T, T), hide what may not be seen, softmax over each row, mean of the values.",
            "np.arange(T)[:, None] - np.arange(T) says how many steps s lies before t. Which of these numbers may be seen?",
            "Write -inf into the scores everywhere else; exp(-inf) is 0, and softmax does the rest. Subtract "
            "scores.max(axis=1, keepdims=True) before exp: it cancels in the quotient, and nothing overflows.",
        ),
        praise="Weights, window and scale agree, for small scores and for large ones.",
    ),
    Exercise(
        "14.2",
        "x in three roles",
        three_roles_backward,
        diagnose_backward,
        hints=(
            "x is read three times: as queries, as keys, as values. Find what comes back to each, and add.",
            "As in this chapter's backward pass, with q, k and v all equal to x and no matrices: da = dy @ x.T, then the "
            "slope of softmax, row by row: dscores = a * (da - (a * da).sum(axis=1, keepdims=True)).",
            "scale * dscores @ x + scale * dscores.T @ x + a.T @ dy, with scale = 1 / sqrt(D).",
        ),
        praise="The three paths add up to what finite differences say.",
    ),
    Exercise(
        "14.3",
        "which scale?",
        scale_of,
        diagnose_scale,
        hints=(
            "For independent numbers around 0 the variance of a product is the product of the variances, and the variance of "
            "a sum is the sum of the variances.",
            "So a score has the variance D σ_q² σ_k². Which factor makes its standard deviation 1?",
        ),
        praise="Scores scaled like this have a variance of 1, whatever the width and the size of the vectors.",
    ),
    Exercise(
        "14.4",
        "blind to order?",
        blind_to_order,
        diagnose_blind,
        hints=(
            "Blind to order means: shuffle the steps that go in, and the steps that come out are shuffled in the same way.",
            "order = rng.permutation(len(x)); compare layer(x[order]) with layer(x)[order]. One order may be a lucky one.",
        ),
        praise="Nine layers were tried, two of them are blind to order, and you found exactly those.",
    ),
    Exercise(
        "14.5",
        "a bias that nobody sees",
        key_bias_gradient,
        diagnose_bias,
        hints=(
            "The same b is added to every key, so its gradient is the sum of the gradients of all keys.",
            "dk = scale * dscores.T @ q, and db = dk.sum(axis=0).",
            "Now exchange the order of the two sums: first over the keys. What do the dscores of a row add up to, after "
            "a softmax?",
        ),
        praise="And since dscores = a (da - sum_s a da) sum to 0 in every row, after a softmax it is always 0: adding the "
        "same number to all scores of a query changes no weight. That is why the package's keys have no bias.",
    ),
)
