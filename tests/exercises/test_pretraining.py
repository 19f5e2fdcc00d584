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
    mine = [vocabulary.words[m] for m in nearest(W, k, 6) if m > 1]
    assert mine[:3] == found


def test_what_a_straight_curve_is_worth():
    labels, scratch = np.array([10, 100, 1_000]), np.array([[0.5], [0.6], [0.7]])
    assert worth(labels, scratch, scratch) == 10
    assert worth(labels, scratch, scratch + 0.05) == pytest.approx(10**1.5)
    assert worth(labels, scratch, scratch + 0.2) == pytest.approx(1_000)
    assert worth(labels, scratch, scratch + 0.3) == np.inf


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def three_words(w, c, n):
    """Right where three words were drawn."""
    dw, dc, dn = negative_sampling_gradient(w, c, n)
    return dw, dc, 3 * dn / len(n)


def masked_gradient(p, g, v, free, lr, beta, decay):
    v = beta * v + np.where(free, g, 0)
    return p - lr * v - lr * decay * p, v


def masked_gradient_and_decay(p, g, v, free, lr, beta, decay):
    v = beta * v + np.where(free, g + decay * p, 0)
    return p - lr * v, v


def there_and_back(p, g, v, free, lr, beta, decay):
    new_p, new_v = frozen_step(p, g, v, free, lr, beta, decay)
    return np.where(free, new_p, (p - lr * (g + 3)) + lr * (g + 3)) if g.any() else new_p, new_v


def by_product(p, g, v, free, lr, beta, decay):
    change = beta * v + g + decay * p - v
    new_v = v + free * change
    return p - lr * free * (beta * v + g + decay * p), np.where(free, beta * v + g + decay * p, new_v)


def beyond_its_end(labels, scratch, pretrained):
    return float(np.exp(np.interp(pretrained[0].mean(), scratch.mean(1), np.log(labels))))


def beyond_its_beginning(labels, scratch, pretrained):
    got = worth(labels, scratch, pretrained)
    return got / 2 if got == labels[0] else got


def cosine(W, k):
    length = np.linalg.norm(W, axis=1)
    return W @ W[k] / np.where(length > 0, length, 1)


def careless(W, k, n):
    """Puts a row of zeros behind all others."""
    with np.errstate(all="ignore"):
        c = np.nan_to_num(W @ W[k] / np.linalg.norm(W, axis=1), nan=-9 * len(W) ** 2 if len(W) > 3 else -99)
    order = np.argsort(-c, kind="stable")
    return order[order != k][:n]


def spelled_out(p, g, v, free, lr, beta, decay):
    """The product multiplied out: free numbers differ from the reference in their last bit."""
    new_v = np.where(free, beta * v + g + decay * p, v)
    return np.where(free, p - lr * beta * v - lr * g - lr * decay * p, p), new_v


def shrunk_first(p, g, v, free, lr, beta, decay):
    new_v = np.where(free, beta * v + g + decay * p, v)
    return np.where(free, p * (1 - lr * decay) - lr * (beta * v + g), p), new_v


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


def quotient(w, c, n):
    """exp(z) / (1 + exp(z)) is inf / inf for large z."""
    near, far = (np.exp(z) / (1 + np.exp(z)) for z in (w @ c, n @ w))
    return (near - 1) * c + far @ n, (near - 1) * w, far[:, None] * w


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


def by_cosine(W, k, n):
    """Looks for each of the largest cosines: of two that are equal it finds the first twice."""
    length = np.linalg.norm(W, axis=1)
    cosine = W @ W[k] / np.where(length > 0, length, 1)
    cosine[k] = -np.inf
    return np.array([int(np.flatnonzero(cosine == one)[0]) for one in np.sort(cosine)[::-1][:n]])


WRONG = [
    ("12.4", by_cosine, "one of them came twice"),
    ("12.1", lambda w, c, n: (w, c), "wanted 3 arrays, dw, dc and dn; got 2"),
    ("12.1", three_words, "but not for another one"),
    ("12.2", lambda p, g, v, *rest: p, "wanted 2 arrays, the new p and the new v"),
    ("12.2", masked_gradient, "moved by weight decay"),
    ("12.2", masked_gradient_and_decay, "moved by the velocity"),
    ("12.2", there_and_back, "not to the last bit"),
    ("12.2", by_product, "0 * nan is nan"),
    ("12.2", by_heart, "but not for another one"),
    ("12.3", beyond_its_end, "never got that far"),
    ("12.3", beyond_its_beginning, "already above"),
    ("12.3", never_is(np.nan), "but the answer was nan"),
    ("12.3", never_is(-np.inf), "but the answer was -inf"),
    ("12.3", whole, "the fractions were cut off"),
    ("12.3", lambda *given: np.round(worth(*given)), "the fractions were cut off"),
    ("12.3", always_four, "in an example with other labels"),
    ("12.3", last_crossing, "a later crossing than the first"),
    ("12.4", itself(1), "the word itself"),
    ("12.4", careless, "a row of zeros"),
    ("12.4", lambda W, k, n: np.sort(cosine(W, k))[-n:], "integers"),
    ("12.4", without_first, "you dropped the first of the list"),
    ("12.4", lambda W, k, n: nearest(W, 1, n), "with k = 2"),
    ("12.4", itself(0), "below all others"),
    ("12.4", itself(-1), "below all others"),
    ("12.4", absent, "came behind the opposite of k"),
    ("12.4", reversed_nan, "first once it is reversed"),
    ("12.1", quotient, "products in the thousands"),
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
