"""Chapter 14's checks: the references agree with the package, and each plausible mistake gets its own name."""

import numpy as np
import pytest

from course_utils.exercises.self_attention import (
    blind_to_order,
    key_bias_gradient,
    scale_of,
    three_roles_backward,
    window_attention,
)
from course_utils.layers.attention import DotProductAttention


@pytest.fixture
def qkv(rng):
    return tuple(rng.normal(size=(5, 4)) for _ in range(3))


def test_the_references_agree_with_the_package(qkv, rng):
    np.testing.assert_allclose(window_attention(*qkv, 5), DotProductAttention().forward(*qkv, causal=True)[0])
    near = np.tri(5, dtype=bool) & ~np.tri(5, k=-2, dtype=bool)
    for t in range(5):
        alone = DotProductAttention().forward(qkv[0][[t]], *qkv[1:], near[t])[0][0]
        np.testing.assert_allclose(window_attention(*qkv, 2)[t], alone)
    x, dy = qkv[0], rng.normal(size=(5, 4))
    _, trace = DotProductAttention().forward(x, x, x, causal=True)
    roles, _, _ = DotProductAttention().backward(dy, trace)
    np.testing.assert_allclose(three_roles_backward(dy, x, trace.a), sum(roles))


def test_the_scale_gives_scores_of_variance_one(rng):
    q, k = 3 * rng.normal(size=(2_000, 16)), 0.5 * rng.normal(size=(2_000, 16))
    assert np.std(q @ k.T * scale_of(16, 3.0, 0.5)) == pytest.approx(1, abs=0.02)


def test_no_bias_of_keys_gets_a_gradient_through_softmax(qkv, rng):
    _, trace = DotProductAttention().forward(*qkv)
    _, _, dtrace = DotProductAttention().backward(rng.normal(size=(5, 4)), trace)
    np.testing.assert_allclose(key_bias_gradient(dtrace.scores, qkv[0], qkv[1]), 0, atol=1e-14)


def test_blind_to_order(rng):
    x = rng.normal(size=(5, 2))
    assert blind_to_order(lambda x: x**2, x, rng)
    assert not blind_to_order(lambda x: np.cumsum(x, 0), x, rng)


def quotient(q, k, v, W, first=0):
    """Softmax as it is written in books, from the step `first` back on."""
    back = np.arange(len(q))[:, None] - np.arange(len(q))
    e = np.exp(np.where((first <= back) & (back < W), q @ k.T / np.sqrt(q.shape[1]), -np.inf))
    return e / e.sum(1, keepdims=True) @ v


def stable(maximum):
    """Attention that subtracts another maximum before exp, made of (scores, seen)."""

    def attention(q, k, v, W):
        scores, seen = q @ k.T / np.sqrt(q.shape[1]), window(len(q), W)
        e = np.exp(np.where(seen, scores, -np.inf) - maximum(scores, seen))
        return e / e.sum(1, keepdims=True) @ v

    return attention


def step_by_step(start, maximum=np.max):
    """Attention in a loop, with a slice that begins at `start(t, W)`."""

    def attention(q, k, v, W):
        y = np.zeros((len(q), v.shape[1]))
        for t in range(len(q)):
            near = slice(start(t, W), t + 1)
            scores = k[near] @ q[t] / np.sqrt(q.shape[1])
            e = np.exp(scores - maximum(scores))
            y[t] = e / e.sum() @ v[near]
        return y

    return attention


def window(T, W):
    back = np.arange(T)[:, None] - np.arange(T)
    return (0 <= back) & (back < W)


def scale_of_the_example(dy, x, a):
    ds = a * (dy @ x.T - (a * (dy @ x.T)).sum(1, keepdims=True)) / 2
    return (ds + ds.T) @ x + a.T @ dy


def order_test(orders, compare=lambda y, order: y[order]):
    return lambda layer, x, rng: all(
        bool(np.allclose(layer(x[order]), compare(layer(x), order))) for order in orders(len(x), rng)
    )


def by_mean(layer, x, rng):
    return all(np.allclose(layer(x[rng.permutation(len(x))]).mean(0), layer(x).mean(0)) for _ in range(9))


def features(layer, x, rng):
    order = rng.permutation(x.shape[1])
    return np.allclose(layer(x[:, order]), layer(x)[:, order])


def of_its_own(layer, x, rng):
    """Tries noise in place of x."""
    for _ in range(10):
        z, order = rng.normal(size=x.shape), rng.permutation(len(x))
        if not np.allclose(layer(z[order]), layer(z)[order]):
            return False
    return True


def orders(layer, x, rng, number=9):
    return [(layer(x[order]), layer(x)[order]) for order in (rng.permutation(len(x)) for _ in range(number))]


def swap(T, rng):
    order = np.arange(T)
    order[[2, 3]] = 3, 2
    return [order]


def loop_over_windows(q, k, v, W):
    """A slice for each step."""
    rows = []
    for t in range(len(q)):
        past = slice(max(0, t - W + 1), t + 1)
        scores = k[past] @ q[t] / np.sqrt(q.shape[1])
        e = np.exp(scores - scores.max())
        rows.append(e @ v[past] / e.sum())
    return np.stack(rows)


def by_jacobian(dy, x, a):
    """The slope of softmax as a matrix for each row."""
    dscores = np.stack([(np.diag(row) - np.outer(row, row)) @ d for row, d in zip(a, dy @ x.T, strict=True)])
    return (dscores + dscores.T) @ x / len(x[0]) ** 0.5 + a.T @ dy


def rounded_scale(D, sigma_q, sigma_k):
    """A floor under the deviation, as if it were an epsilon."""
    return 1 / (np.sqrt(D) * max(sigma_q * sigma_k, 1e-8))


WRONG = [
    (
        "14.4",
        order_test(lambda T, rng: [np.append(rng.permutation(T - 1), T - 1) for _ in range(9)]),
        "only the last step",
    ),
    ("14.4", order_test(lambda T, rng: [np.roll(np.arange(T), k) for k in range(1, T)]), "in a circle"),
    ("14.1", lambda q, k, v, W: quotient(q, k, v, W, first=1), "does not see itself"),
    ("14.1", quotient, "exp of a large score is infinite"),
    ("14.1", stable(lambda scores, seen: scores.max()), "all of a row became 0"),
    ("14.1", stable(lambda scores, seen: scores.max(1, keepdims=True)), "all of a row became 0"),
    ("14.1", step_by_step(lambda t, W: t - W + 1), "the first W - 1 steps got nothing"),
    ("14.1", step_by_step(lambda t, W: t - W + 1, maximum=lambda scores: 0), "the first W - 1 steps got nothing"),
    ("14.1", lambda q, k, v, W: window_attention(q * np.sqrt(q.shape[1]) / 2, k, v, W), "but not for another one"),
    ("14.1", lambda q, k, v, W: window_attention(q, k, v, 3), "but not for another one"),
    ("14.1", lambda q, k, v, W: window_attention(q, k, v, W) if W <= len(q) else 0 * v, "but not for another one"),
    ("14.2", scale_of_the_example, "but not for another one"),
    ("14.3", lambda D, q, k: str(scale_of(D, q, k)), "wanted a number"),
    ("14.4", lambda layer, x, rng: True, "every layer was called blind"),
    ("14.4", order_test(lambda T, rng: [rng.permutation(T)], lambda y, order: y), "shuffle the old outputs, too"),
    ("14.4", order_test(lambda T, rng: [np.arange(T)[::-1]]), "looks at distances"),
    ("14.4", order_test(swap), "exchanging two steps"),
    ("14.4", lambda *given: any(np.allclose(*pair) for pair in orders(*given)), "all, not any"),
    ("14.4", lambda *given: all(np.array_equal(*pair) for pair in orders(*given)), "np.allclose"),
    ("14.4", by_mean, "puts the outputs in reverse"),
    ("14.4", features, "you shuffled the features"),
    ("14.4", lambda layer, x, rng: np.allclose(layer(x + 1), layer(x)), "when the steps come in another order"),
    ("14.4", lambda layer, x, rng: 1, "True or False"),
    ("14.5", lambda ds, q, k: (ds.T @ q).sum(0) / np.sqrt(3), "but not for another one"),
    ("14.1", lambda *given: (window_attention(*given), np.eye(len(given[0]))), "two things came back"),
    ("14.1", lambda *given: np.squeeze(window_attention(*given)), "right for the first example, but not for"),
    ("14.2", lambda dy, x, a: np.squeeze(three_roles_backward(dy, x, a)), "a single step"),
    ("14.3", rounded_scale, "very small vectors"),
    ("14.5", lambda *given: np.squeeze(key_bias_gradient(*given)), "one feature"),
]

RIGHT = [
    ("14.1", lambda *given: np.float32(window_attention(*given)), "single precision"),
    ("14.1", step_by_step(lambda t, W: max(0, t - W + 1)), "a loop"),
    ("14.2", lambda *given: np.float32(three_roles_backward(*given)), "single precision"),
    ("14.3", lambda *given: np.float32(scale_of(*given)), "single precision"),
    ("14.4", of_its_own, "noise in place of x"),
    ("14.4", lambda *given: all(np.allclose(*pair) for pair in orders(*given, number=2)), "two orders"),
    ("14.5", lambda *given: np.float32(key_bias_gradient(*given)), "single precision"),
    ("14.1", loop_over_windows, "a slice for each step"),
    ("14.2", by_jacobian, "a matrix for each row"),
    ("14.3", lambda D, q, k: (D * q**2 * k**2) ** -0.5, "one over the root of the variance"),
    ("14.5", lambda dscores, q, k: (dscores @ np.ones(len(k))) @ q / np.sqrt(len(q[0])), "first over the keys"),
]
