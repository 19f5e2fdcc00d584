"""Optimisers and clipping, law by law. PyTorch's numbers: tests/parity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils.layers.linear import Linear
from course_utils.optim import SGD, Adam, clip_norm, clip_value, scaled
from course_utils.tree import astype, leaves, norm, tree_map

OPTIMIZERS = [SGD(0.1), Adam(0.1)]
every_optimizer = pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)


def two(rng):
    return Linear.init(3, 2, rng=rng), Linear(rng.normal(size=(3, 2)), rng.normal(size=2))


def freeze(*trees):
    for tree in trees:
        for _, a in leaves(tree):
            a.flags.writeable = False


def test_one_step_of_each_by_hand():
    p, g = np.array([1.0, -2.0]), np.array([0.5, 4.0])
    np.testing.assert_allclose(SGD(0.1).update(p, g, None)[0], [0.95, -2.4])
    adam = Adam(0.1)
    np.testing.assert_allclose(adam.update(p, g, adam.init(p))[0], p - 0.1 * np.sign(g), atol=1e-7)


def test_adam_does_not_see_the_scale_of_the_gradient(rng):
    p, gradients, adam = rng.normal(size=5), rng.normal(size=(30, 5)), Adam(0.01, eps=1e-30)
    ends = []
    for scale in (1, 1000):
        model, state = p, adam.init(p)
        for g in gradients:
            model, state = adam.update(model, scale * g, state)
        ends.append(model)
    np.testing.assert_allclose(*ends, rtol=1e-10)


@every_optimizer
def test_a_bowl_is_descended(optimizer):
    p = np.array([1.0, -2.0])
    state = optimizer.init(p)
    for _ in range(300):
        p, state = optimizer.update(p, p, state)  # the gradient of p^2 / 2
    assert norm(p) < 1e-2


@every_optimizer
def test_nothing_that_was_given_is_written(optimizer, rng):
    model, gradient = two(rng)
    state = optimizer.init(model)
    freeze(model, gradient, state)
    for _ in range(3):
        model, state = optimizer.update(model, gradient, state)
        assert type(model) is Linear
        freeze(model, state)


@every_optimizer
@pytest.mark.parametrize("kind", [float, np.float64])
def test_float32_stays_float32_whatever_the_settings_are(optimizer, kind, rng):
    """`for lr in np.logspace(...)` gives NumPy floats, which would promote the model."""
    optimizer = type(optimizer)(kind(0.1))
    model, gradient = (astype(t, np.float32) for t in two(rng))
    state = optimizer.init(model)
    for _ in range(2):
        model, state = optimizer.update(model, clip_norm(gradient, kind(0.5)), state)
        model, state = optimizer.update(model, clip_value(gradient, kind(0.5)), state)
    assert {a.dtype for _, a in leaves((model, state))} == {np.dtype(np.float32)} or not list(leaves(state))
    assert {a.dtype for _, a in leaves(model)} == {np.dtype(np.float32)}


def test_scaled_changes_the_learning_rate_and_nothing_else():
    adam = Adam(0.01, beta1=0.8, beta2=0.95, eps=1e-6)
    assert scaled(adam, 0.5) == Adam(0.005, beta1=0.8, beta2=0.95, eps=1e-6)
    assert adam.lr == 0.01


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: SGD(0.0), "SGD: wanted lr > 0, got 0.0"),
        (lambda: SGD(float("nan")), "SGD: wanted lr > 0, got nan"),
        (lambda: Adam(-1.0), "Adam: wanted lr > 0, got -1.0"),
        (lambda: Adam(beta1=1.0), "Adam: wanted 0 <= beta1 < 1, got 1.0"),
        (lambda: Adam(float("inf")), "Adam: wanted lr > 0, got inf"),
        (lambda: Adam(beta1=-0.1), "Adam: wanted 0 <= beta1 < 1, got -0.1"),
        (lambda: Adam(beta2=1.5), "Adam: wanted 0 <= beta2 < 1, got 1.5"),
        (lambda: Adam(eps=0.0), "Adam: wanted eps > 0, got 0.0"),
        (lambda: clip_norm(np.ones(2), 0.0), "clip_norm: wanted c > 0, got 0.0"),
        (lambda: clip_value(np.ones(2), -1.0), "clip_value: wanted c > 0, got -1.0"),
    ],
)
def test_bad_settings_are_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_a_gradient_of_another_shape_is_refused(rng):
    with pytest.raises(ValueError, match=r"tree_map: wanted arrays of shape \(2,\), got \[\(1, 2\)\]"):
        SGD(0.1).update(np.ones(2), np.ones((1, 2)), None)


# --- clipping --------------------------------------------------------------------------------------------------------

gradients = st.tuples(
    arrays(np.float64, (2, 2), elements=st.floats(-1e6, 1e6)), arrays(np.float64, 3, elements=st.floats(-1e6, 1e6))
)
thresholds = st.floats(1e-6, 1e9)


@given(gradients, thresholds)
def test_clipping_by_norm(gradient, c):
    clipped = clip_norm(gradient, c)
    if norm(gradient) <= c:
        assert clipped is gradient, "nothing changes"
    else:
        assert norm(clipped) == pytest.approx(c, rel=1e-12), "the new norm is c"
        scale = c / norm(gradient)
        for (_, new), (_, old) in zip(leaves(clipped), leaves(gradient), strict=True):
            np.testing.assert_allclose(new, scale * old, rtol=1e-12, err_msg="the direction stays")


@given(gradients, thresholds)
def test_clipping_by_value(gradient, c):
    for (_, new), (_, old) in zip(leaves(clip_value(gradient, c)), leaves(gradient), strict=True):
        assert (np.abs(new) <= c).all()
        np.testing.assert_array_equal(new[np.abs(old) <= c], old[np.abs(old) <= c])
        np.testing.assert_array_equal(np.sign(new), np.sign(old))


def test_one_norm_over_the_whole_tree_and_the_direction_changes_only_by_value():
    gradient = (np.array([3.0]), np.array([4.0]))
    np.testing.assert_allclose(clip_norm(gradient, 1.0), [[0.6], [0.8]])
    np.testing.assert_allclose(clip_value(gradient, 1.0), [[1.0], [1.0]])


@pytest.mark.parametrize("clip", [clip_norm, clip_value])
def test_clipping_writes_nothing(clip, rng):
    _, gradient = two(rng)
    freeze(gradient)
    kept = tree_map(np.copy, gradient)
    assert type(clip(gradient, 0.1)) is Linear
    for (_, a), (_, b) in zip(leaves(gradient), leaves(kept), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("c", [1e-300, 1e-200, 1e-40, 1.0, 1e30, 1e200, 1e300])
def test_gradients_of_every_size_are_clipped_to_every_norm(dtype, c):
    """The direction stays, and what is shorter comes back as it is."""
    limits = np.finfo(dtype)
    for size in np.geomspace(float(limits.tiny), float(limits.max) / 2, 30):
        gradient = (np.array([0.6 * size], dtype), np.array([[-0.8 * size]], dtype))
        clipped = clip_norm(gradient, c)
        if size <= c * (1 - 1e-6):
            assert clipped is gradient
        elif size > c * (1 + 1e-6):
            wanted = np.array([0.6 * c, -0.8 * c]).astype(dtype)
            np.testing.assert_allclose(
                [clipped[0][0], clipped[1][0, 0]], wanted, rtol=4 * limits.eps, atol=2 * limits.smallest_subnormal
            )
        assert [part.dtype for part in clipped] == [dtype, dtype]


def test_a_gradient_whose_norm_is_above_all_floats_is_clipped():
    np.testing.assert_allclose(clip_norm(np.full(4, -1.7e308), 1.0), [-0.5] * 4, rtol=1e-12)
    np.testing.assert_allclose(clip_norm((np.full(2, 1.7e308), np.full(2, 1e-300)), 1.0)[0], [0.5**0.5] * 2, rtol=1e-12)


def test_a_huge_but_finite_gradient_is_clipped_not_erased():
    np.testing.assert_allclose(clip_norm(np.array([3e200, -4e200]), 1.0), [0.6, -0.8], rtol=1e-12)


@pytest.mark.parametrize("clip", [clip_norm, clip_value])
@pytest.mark.parametrize("size", [1.0, 1e250])
def test_tokens_and_masks_that_a_gradient_carries_stay(clip, size):
    gradient = (np.array([3.0, -4.0]) * size, np.array([7, 9]), np.array([True, False]))
    clipped = clip(gradient, 0.5)
    assert norm(clipped) < 1
    assert clipped[1].tolist() == [7, 9]
    assert clipped[2].tolist() == [True, False]


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_a_gradient_without_direction_is_refused(bad):
    with pytest.raises(ValueError, match="clip_norm: wanted a gradient of finite numbers, got one of norm (inf|nan)"):
        clip_norm((np.array([1.0, bad]), np.array([2.0])), 1.0)
    np.testing.assert_array_equal(clip_value(np.array([1.0, bad]), 2.0), [1.0, np.clip(bad, -2, 2)])


@pytest.mark.parametrize("clip", [clip_norm, clip_value])
@pytest.mark.parametrize("make", [lambda g: (a for a in g), list, lambda g: {"W": g[0]}, iter])
def test_what_can_be_read_only_once_is_refused(clip, make):
    """A generator would be exhausted by taking the norm, and nothing would be clipped."""
    with pytest.raises(ValueError, match=r"clipping: wanted a tree, an array or a tuple of them, got \w+; a generator"):
        clip(make((np.ones(2), np.ones(3))), 1.0)
