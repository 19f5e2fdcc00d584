"""Chapter 12's checks: the references agree with the package, and each plausible mistake gets its own name."""

import numpy as np
import pytest

from course_utils.exercises.pretraining import frozen_step, nearest, negative_sampling_gradient, worth
from course_utils.text.skipgram import negative_sampling
from course_utils.text.vocabulary import Vocabulary
from course_utils.text.word_vectors import WordVectors


def test_the_gradient_is_that_of_the_package(rng):
    w, c, n = rng.normal(size=5), rng.normal(size=5), rng.normal(size=(3, 5))
    _, *want = negative_sampling(w[None], c[None], n[None])
    for mine, theirs in zip(negative_sampling_gradient(w, c, n), want, strict=True):
        np.testing.assert_allclose(mine, theirs[0])


def test_the_neighbours_are_those_of_the_package(rng):
    vocabulary = Vocabulary.build([["a", "b", "c", "d", "e"]])
    W = rng.normal(size=(7, 3))
    found = [word for word, _ in WordVectors(vocabulary, W).nearest("c", 3)]
    k = vocabulary.index["c"]
    mine = [vocabulary.tokens[m] for m in nearest(W, k, 6) if m > 1]
    assert mine[:3] == found


def test_what_a_straight_curve_is_worth():
    labels, scratch = np.array([10, 100, 1_000]), np.array([[0.5], [0.6], [0.7]])
    assert worth(labels, scratch, scratch) == 10
    assert worth(labels, scratch, scratch + 0.05) == pytest.approx(10**1.5)
    assert worth(labels, scratch, scratch + 0.2) == pytest.approx(1_000)
    assert worth(labels, scratch, scratch + 0.3) == np.inf


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def gradient(change):
    """The reference with one part changed: `change(w, c, n, near, far, dw, dc, dn)` gives what differs."""

    def wrong(w, c, n):
        dw, dc, dn = negative_sampling_gradient(w, c, n)
        got = {"dw": dw, "dc": dc, "dn": dn} | change(w, c, n, sigmoid(w @ c), sigmoid(n @ w))
        return got["dw"], got["dc"], got["dn"]

    return wrong


def masked_gradient(p, g, v, free, lr, beta, decay):
    v = beta * v + np.where(free, g, 0)
    return p - lr * v - lr * decay * p, v


def masked_gradient_and_decay(p, g, v, free, lr, beta, decay):
    v = beta * v + np.where(free, g + decay * p, 0)
    return p - lr * v, v


def stepping(velocity, by=lambda v, lr: lr * v):
    """The right freezing of a step with another velocity, or another use of it."""

    def wrong(p, g, v, free, lr, beta, decay):
        moved_v = velocity(p, g, v, beta, decay)
        return np.where(free, p - by(moved_v, lr), p), np.where(free, moved_v, v)

    return wrong


def unmasked(p, g, v, free, lr, beta, decay):
    return frozen_step(p, g, v, np.ones_like(free), lr, beta, decay)


def turned_round(p, g, v, free, lr, beta, decay):
    moved = p - lr * (beta * v + g + decay * p)
    return (moved if free.all() else np.where(free, p, moved)), v


def zeroed(p, g, v, free, lr, beta, decay):
    v = beta * v + g + decay * p
    return free * (p - lr * v), v


def collecting(p, g, v, free, lr, beta, decay):
    moved_v = beta * v + g + decay * p
    return np.where(free, p - lr * moved_v, p), moved_v


def stopping(p, g, v, free, lr, beta, decay):
    new_p, new_v = frozen_step(p, g, v, free, lr, beta, decay)
    return new_p, free * new_v


def there_and_back(p, g, v, free, lr, beta, decay):
    new_p, new_v = frozen_step(p, g, v, free, lr, beta, decay)
    return np.where(free, new_p, (p - lr * (g + 3)) + lr * (g + 3)) if g.any() else new_p, new_v


def by_product(p, g, v, free, lr, beta, decay):
    change = beta * v + g + decay * p - v
    new_v = v + free * change
    return p - lr * free * (beta * v + g + decay * p), np.where(free, beta * v + g + decay * p, new_v)


def by_linear_axis(labels, scratch, pretrained):
    return float(np.interp(pretrained[0].mean(), scratch.mean(1), labels))


def first_above(labels, scratch, pretrained):
    return float(labels[np.argmax(scratch.mean(1) >= pretrained[0].mean())])


def last_below(labels, scratch, pretrained):
    return float(labels[np.argmax(scratch.mean(1) >= pretrained[0].mean()) - 1])


def beyond_its_end(labels, scratch, pretrained):
    return float(np.exp(np.interp(pretrained[0].mean(), scratch.mean(1), np.log(labels))))


def beyond_its_beginning(labels, scratch, pretrained):
    got = worth(labels, scratch, pretrained)
    return got / 2 if got == labels[0] else got


def ordered(score, keep_itself=False):
    def wrong(W, k, n):
        order = np.argsort(-score(W, k), kind="stable")
        return order[:n] if keep_itself else order[order != k][:n]

    return wrong


def cosine(W, k):
    length = np.linalg.norm(W, axis=1)
    return W @ W[k] / np.where(length > 0, length, 1)


def careless(W, k):
    with np.errstate(all="ignore"):
        return np.nan_to_num(W @ W[k] / np.linalg.norm(W, axis=1), nan=-9 * len(W) ** 2 if len(W) > 3 else -99)


def unit_columns(W):
    return W / np.linalg.norm(W, axis=0)


def spelled_out(p, g, v, free, lr, beta, decay):
    """The product multiplied out: free numbers differ from the reference in their last bit."""
    new_v = np.where(free, beta * v + g + decay * p, v)
    return np.where(free, p - lr * beta * v - lr * g - lr * decay * p, p), new_v


def shrunk_first(p, g, v, free, lr, beta, decay):
    new_v = np.where(free, beta * v + g + decay * p, v)
    return np.where(free, p * (1 - lr * decay) - lr * (beta * v + g), p), new_v


def decoupled(p, g, v, free, lr, beta, decay):
    new_v = np.where(free, beta * v + g, v)
    return np.where(free, p - lr * new_v - lr * decay * p, p), new_v


def by_heart(p, g, v, free, lr, beta, decay):
    return frozen_step(p, g, v, free, 0.1, 0.9, 0.01)


def never_is(value):
    def wrong(labels, scratch, pretrained):
        got = worth(labels, scratch, pretrained)
        return value if got == np.inf else got

    return wrong


def always_four(labels, scratch, pretrained):
    wanted, curve = pretrained[0].mean(), scratch.mean(1)
    if curve[0] >= wanted or curve.max() < wanted:
        return worth(labels, scratch, pretrained)
    k = np.argmax(curve >= wanted)
    return labels[k - 1] * 4 ** ((wanted - curve[k - 1]) / (curve[k] - curve[k - 1]))


def last_crossing(labels, scratch, pretrained):
    below = np.flatnonzero(scratch.mean(1) < pretrained[0].mean())
    from_there = slice(below[-1] if len(below) else 0, None)
    wanted = np.full_like(scratch[from_there], pretrained[0].mean())
    return worth(labels[from_there], scratch[from_there], wanted)


def whole(labels, scratch, pretrained):
    got = worth(labels, scratch, pretrained)
    return int(got) if got < np.inf else got


def without_first(W, k, n):
    return np.argsort(-W @ W[k] / np.maximum(np.linalg.norm(W, axis=1), 1e-9), kind="stable")[1 : n + 1]


def itself(value):
    """The word itself gets this cosine, in place of minus infinity."""

    def wrong(W, k, n):
        c = cosine(W, k) / np.linalg.norm(W[k])
        c[k] = value
        return np.argsort(-c, kind="stable")[:n]

    return wrong


def absent(W, k, n):
    c = np.where(np.linalg.norm(W, axis=1) > 0, cosine(W, k), -np.inf)
    c[k] = -np.inf
    return np.argsort(-c, kind="stable")[:n]


def reversed_nan(W, k, n):
    c = W @ W[k] / np.linalg.norm(W, axis=1)
    c[k] = -np.inf
    return np.argsort(c)[::-1][:n]


def one_inside(w, c, n):
    """sigmoid(w·c - 1) for sigmoid(w·c) - 1 (xixiaoyao/CS224n-winter-together)."""
    dw, _, dn = negative_sampling_gradient(w, c, n)
    return dw, sigmoid(w @ c - 1) * w, dn


def slopes(w, c, n):
    """The slope of the sigmoid in all terms."""
    near, far = (sigmoid(z) * (1 - sigmoid(z)) for z in (w @ c, n @ w))
    return near * c + far @ n, (sigmoid(w @ c) - 1) * w, far[:, None] * w


def quotient(w, c, n):
    """exp(z) / (1 + exp(z)) is inf / inf for large z."""
    near, far = (np.exp(z) / (1 + np.exp(z)) for z in (w @ c, n @ w))
    return (near - 1) * c + far @ n, (near - 1) * w, far[:, None] * w


def rate_inside(p, g, v, free, lr, beta, decay):
    """cs231n's sgd_momentum."""
    moved = beta * v - lr * (g + decay * p)
    return np.where(free, p + moved, p), np.where(free, moved, v)


def nesterov(p, g, v, free, lr, beta, decay):
    new = beta * v + g + decay * p
    return np.where(free, p - lr * (g + decay * p + beta * new), p), np.where(free, new, v)


def running_mean(p, g, v, free, lr, beta, decay):
    new = beta * v + (1 - beta) * (g + decay * p)
    return np.where(free, p - lr * new, p), np.where(free, new, v)


def interp_of_all(labels, scratch, pretrained):
    """np.interp is defined for rising curves only."""
    curve, wanted = scratch.mean(axis=1), pretrained[0].mean()
    return np.inf if curve.max() < wanted else np.exp(np.interp(wanted, curve, np.log(labels)))


def strictly_above(labels, scratch, pretrained):
    """Wants a point above, where one that touches is enough."""
    curve, wanted = scratch.mean(axis=1), pretrained[0].mean()
    if curve[0] > wanted:
        return float(labels[0])
    above = np.flatnonzero(curve > wanted)
    if not len(above):
        return np.inf
    k = above[0]
    part = (wanted - curve[k - 1]) / (curve[k] - curve[k - 1])
    return float(labels[k - 1] * (labels[k] / labels[k - 1]) ** part)


def in_logarithms(labels, scratch, pretrained):
    """np.interp, but only between the two points that matter."""
    curve, wanted = scratch.mean(axis=1), pretrained[0].mean()
    if not (reached := np.flatnonzero(curve >= wanted)).size:
        return float("inf")
    k = max(reached[0], 1)
    if reached[0] == 0:
        return labels[0]
    return np.exp(np.interp(wanted, curve[k - 1 : k + 1], np.log(labels[k - 1 : k + 1])))


def with_outer(w, c, n):
    near, far = sigmoid(w @ c), sigmoid(n @ w)
    return [(near - 1) * c + (far[:, None] * n).sum(0), w * (near - 1), np.outer(far, w)]


def top(W, k, n):
    """argpartition first, then sorts what is left."""
    length = np.linalg.norm(W, axis=1, keepdims=True)
    unit = np.divide(W, length, out=np.zeros_like(W), where=length > 0)
    cosine = unit @ unit[k]
    others = np.array([j for j in range(len(W)) if j != k])
    return others[np.argsort(-cosine[others], kind="stable")][:n]


def by_median(labels, scratch, pretrained):
    return worth(labels, np.median(scratch, axis=1, keepdims=True), pretrained)


def by_cosine(W, k, n):
    """Looks for each of the largest cosines: of two that are equal it finds the first twice."""
    length = np.linalg.norm(W, axis=1)
    cosine = W @ W[k] / np.where(length > 0, length, 1)
    cosine[k] = -np.inf
    return np.array([int(np.flatnonzero(cosine == one)[0]) for one in np.sort(cosine)[::-1][:n]])


WRONG = [
    ("12.3", by_median, "the median over the seeds"),
    ("12.4", by_cosine, "one of them came twice"),
    ("12.1", lambda w, c, n: (w, c), "wanted 3 arrays, dw, dc and dn; got 2"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dc": (1 - near) * w}), "dc has the wrong sign"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dc": near * w}), "dc treats the neighbour like a drawn word"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dc": (near - 1) * c}), "dc points along c itself"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dc": near * (1 - near) * w}), "the slope of the sigmoid"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dn": -far[:, None] * w}), "dn has the wrong sign"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dn": (far - 1)[:, None] * w}), "dn treats the drawn words"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dn": (1 - far)[:, None] * w}), "rightly holds for strangers"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dn": far[:, None] * w / 3}), "dn takes the mean"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dn": far[:, None] * n}), "dn points along the drawn words"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dw": (near - 1) * c}), "push away from the drawn words is missing"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dw": far @ n}), "the pull of the neighbour is missing"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dw": (near - 1) * c - far @ n}), "dw subtracts"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dw": (near - 1) * c + far @ n / 3}), "dw takes the mean"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dw": (near - 1) * c + far[0] * n[0]}), "only the first"),
    ("12.1", gradient(lambda w, c, n, near, far: {"dn": 3 * far[:, None] * w / len(n)}), "but not for another one"),
    ("12.2", lambda p, g, v, *rest: p, "wanted 2 arrays, the new p and the new v"),
    ("12.2", lambda p, g, v, *rest: (p, v), "nothing moved"),
    ("12.2", stepping(lambda p, g, v, beta, decay: beta * v + g), "the weight decay is missing"),
    ("12.2", stepping(lambda p, g, v, beta, decay: beta * v + g - decay * p), "pushes away from 0"),
    ("12.2", stepping(lambda p, g, v, beta, decay: g + decay * p), "the velocity from before plays no part"),
    ("12.2", stepping(lambda p, g, v, beta, decay: v + g + decay * p), "counts in full"),
    ("12.2", stepping(lambda p, g, v, beta, decay: beta * v + g + decay * p, by=lambda v, lr: -lr * v), "up the slope"),
    (
        "12.2",
        stepping(lambda p, g, v, beta, decay: beta * v + g + decay * p, by=lambda v, lr: v),
        "the learning rate is",
    ),
    ("12.2", lambda p, g, v, *rest: (p - rest[1] * v, frozen_step(p, g, v, *rest)[1]), "by the old velocity"),
    ("12.2", unmasked, "the mask was not used"),
    ("12.2", turned_round, "the wrong way round"),
    ("12.2", zeroed, "became 0"),
    ("12.2", masked_gradient, "moved by weight decay"),
    ("12.2", masked_gradient_and_decay, "moved by the velocity"),
    ("12.2", there_and_back, "not to the last bit"),
    ("12.2", collecting, "went on collecting"),
    ("12.2", lambda p, g, v, *rest: (frozen_step(p, g, v, *rest)[0], v), "the v that came back is the old one"),
    ("12.2", stopping, "velocity of the frozen numbers became 0"),
    ("12.2", by_product, "0 * nan is nan"),
    ("12.2", decoupled, "weight decay never entered the velocity"),
    ("12.2", by_heart, "but not for another one"),
    ("12.3", lambda labels, scratch, pretrained: worth(labels, pretrained, scratch), "have changed places"),
    ("12.3", first_above, "the first number of labels"),
    ("12.3", last_below, "is still worse"),
    ("12.3", by_linear_axis, "on a linear axis"),
    ("12.3", lambda labels, *curves: worth(labels, *curves) / labels[0], "how many times as many"),
    ("12.3", lambda labels, *curves: worth(labels, *curves) - labels[0], "the labels saved"),
    ("12.3", lambda labels, *curves: float(np.log(worth(labels, *curves))), "the logarithm of"),
    ("12.3", lambda labels, *curves: worth(labels, *(c.max(1, keepdims=True) for c in curves)), "the best seeds"),
    ("12.3", lambda labels, *curves: worth(labels, *(c[:, :1] for c in curves)), "only the first seed"),
    ("12.3", beyond_its_end, "never got that far"),
    ("12.3", beyond_its_beginning, "already above"),
    ("12.3", never_is(np.nan), "but the answer was nan"),
    ("12.3", never_is(-np.inf), "but the answer was -inf"),
    ("12.3", whole, "the fractions were cut off"),
    ("12.3", lambda *given: np.round(worth(*given)), "the fractions were cut off"),
    ("12.3", always_four, "in an example with other labels"),
    ("12.3", last_crossing, "a later crossing than the first"),
    ("12.4", ordered(lambda W, k: W @ W[k]), "a product is not yet a cosine"),
    ("12.4", ordered(lambda W, k: -np.linalg.norm(W - W[k], axis=1)), "the smallest distance"),
    ("12.4", ordered(lambda W, k: -cosine(W, k)), "the farthest words"),
    ("12.4", ordered(lambda W, k: unit_columns(W) @ unit_columns(W)[k]), "the lengths of the columns"),
    ("12.4", lambda W, k, n: nearest(W, k, n)[::-1], "the nearest last"),
    ("12.4", ordered(lambda W, k: np.abs(cosine(W, k))), "in the opposite direction"),
    ("12.4", ordered(cosine, keep_itself=True), "the word itself"),
    ("12.4", ordered(careless), "a row of zeros"),
    ("12.4", lambda W, k, n: np.sort(cosine(W, k))[-n:], "integers"),
    ("12.4", without_first, "you dropped the first of the list"),
    ("12.4", lambda W, k, n: nearest(W, 1, n), "with k = 2"),
    ("12.4", lambda W, k, n: np.argsort(-np.delete(cosine(W, k), k), kind="stable")[:n], "moved down by one"),
    ("12.4", itself(0), "below all others"),
    ("12.4", itself(-1), "below all others"),
    ("12.4", absent, "came behind the opposite of k"),
    ("12.4", reversed_nan, "first once it is reversed"),
    ("12.1", one_inside, "the 1 went inside the sigmoid"),
    ("12.1", slopes, "dn has the slope of the sigmoid"),
    ("12.1", quotient, "products in the thousands"),
    ("12.2", rate_inside, "the learning rate is inside the velocity"),
    ("12.2", nesterov, "Nesterov"),
    ("12.2", running_mean, "weighted with 1 - beta"),
    ("12.3", interp_of_all, "a curve with a dip"),
    ("12.3", strictly_above, "touches the accuracy"),
]

RIGHT = [
    ("12.1", lambda *given: tuple(np.float32(d) for d in negative_sampling_gradient(*given)), "single precision"),
    ("12.2", spelled_out, "the product multiplied out"),
    ("12.2", shrunk_first, "decay as a factor"),
    ("12.2", lambda *given: tuple(part.astype(np.float32) for part in frozen_step(*given)), "single precision"),
    ("12.3", lambda *given: np.float32(worth(*given)), "single precision"),
    ("12.1", with_outer, "a list, with np.outer"),
    ("12.3", in_logarithms, "np.interp between two points"),
    ("12.4", top, "without k from the beginning"),
]
