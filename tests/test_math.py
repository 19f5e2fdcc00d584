"""Functions that layers share: right where it is easy, and where numbers are large."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_utils.math import (
    affine,
    lengths,
    log_softmax,
    one_hot,
    outer,
    product,
    pull_back,
    rescaled,
    sigmoid,
    sigmoid_slope,
    softmax,
    softplus,
    tanh_slope,
    total,
)

logits = arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 5)), elements=st.floats(-1e4, 1e4))


@given(logits)
def test_softmax_gives_probabilities(z):
    p = softmax(z)
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(-1), 1, rtol=1e-12)
    np.testing.assert_allclose(np.log(p[p > 1e-300]), log_softmax(z)[p > 1e-300], atol=1e-9)


@given(logits, st.floats(-1e3, 1e3))
def test_softmax_does_not_see_a_common_shift(z, shift):
    np.testing.assert_allclose(softmax(z + shift), softmax(z), atol=1e-10)


def test_softmax_of_a_small_case():
    np.testing.assert_allclose(softmax(np.log([[1.0, 2.0, 5.0]])), [[1 / 8, 2 / 8, 5 / 8]], rtol=1e-15)


@pytest.mark.parametrize("large", [1e4, 1e30, 1e300])
def test_extreme_scores_do_not_overflow(large):
    z = np.array([large, 0.0, -large])
    np.testing.assert_array_equal(softmax(z), [1, 0, 0])
    np.testing.assert_array_equal(sigmoid(z), [1, 0.5, 0])
    np.testing.assert_array_equal(softplus(z), [large, np.log(2), 0])
    np.testing.assert_array_equal(log_softmax(np.array([large, large])), np.log([0.5, 0.5]))


def test_large_float32_scores_keep_their_digits():
    z = np.array([1e4, 1e4, 1e4], np.float32)
    np.testing.assert_allclose(log_softmax(z), -np.log(3), rtol=1e-6)
    np.testing.assert_allclose(softmax(z).sum(), 1, rtol=1e-6)


@pytest.mark.parametrize("f", [sigmoid, softmax, softplus, log_softmax])
def test_the_kind_of_float_and_the_argument_stay(f, rng):
    z = rng.normal(size=(2, 3))
    kept = z.copy()
    assert f(z.astype(np.float32)).dtype == np.float32
    assert f(z).dtype == np.float64
    np.testing.assert_array_equal(z, kept)


def test_sigmoid_is_the_logistic_function():
    z = np.linspace(-30, 30, 61)
    np.testing.assert_allclose(sigmoid(z), 1 / (1 + np.exp(-z)), atol=1e-15)


def test_one_hot():
    np.testing.assert_array_equal(one_hot(np.array([[2, 0]]), 3), [[[0, 0, 1], [1, 0, 0]]])
    assert one_hot(np.zeros((0, 2), int), 3).shape == (0, 2, 3)


@pytest.mark.parametrize(("token", "said"), [(3, "got 3 to 3"), (-1, "got -1 to -1")])
def test_one_hot_refuses_tokens_that_do_not_exist(token, said):
    with pytest.raises(ValueError, match=f"one_hot: wanted tokens from 0 to 2, {said}"):
        one_hot(np.array([token]), 3)


def test_one_hot_refuses_real_numbers(without_type_checks):
    with pytest.raises(ValueError, match="one_hot: wanted tokens of int numbers"):
        one_hot(np.array([0.5]), 3)


@pytest.mark.parametrize("batch", [(), (4,), (4, 2)])
def test_outer_and_total_sum_over_all_leading_axes(batch, rng):
    x, dy = rng.normal(size=(*batch, 3)), rng.normal(size=(*batch, 5))
    np.testing.assert_allclose(
        outer(x, dy), (x[..., None] * dy[..., None, :]).sum(tuple(range(len(batch)))), rtol=1e-12
    )
    np.testing.assert_allclose(total(dy), dy.sum(tuple(range(len(batch)))), rtol=1e-12)


@pytest.mark.parametrize("gates", [(), (3,)])
@pytest.mark.parametrize("batch", [(), (4,), (4, 2)])
def test_products_at_every_position_and_for_every_gate(gates, batch, rng):
    """Against the equations written with one index a letter."""
    x, W, b = rng.normal(size=(*batch, 5)), rng.normal(size=(*gates, 5, 6)), rng.normal(size=(*gates, 6))
    dy = rng.normal(size=(*gates, *batch, 6))
    g, p = ("g" if gates else ""), "pq"[: len(batch)]
    y = np.einsum(f"{p}d,{g}dh->{g}{p}h", x, W)
    np.testing.assert_allclose(product(x, W), y, rtol=1e-12)
    np.testing.assert_allclose(affine(x, W, b), y + b.reshape(*gates, *[1] * len(batch), 6), rtol=1e-12)
    np.testing.assert_allclose(pull_back(dy, W), np.einsum(f"{g}{p}h,{g}dh->{p}d", dy, W), rtol=1e-12)
    np.testing.assert_allclose(outer(x, dy), np.einsum(f"{p}d,{g}{p}h->{g}dh", x, dy), rtol=1e-12)


def test_slopes_of_the_gates(rng):
    z, times, eps = rng.normal(size=5), rng.normal(size=5), 1e-6
    for function, slope in ((sigmoid, sigmoid_slope), (np.tanh, tanh_slope)):
        difference = times * (function(z + eps) - function(z - eps)) / (2 * eps)
        np.testing.assert_allclose(slope(function(z), times), difference, rtol=1e-8)
        place = np.empty(5)
        assert slope(function(z), times, out=place) is place
        np.testing.assert_allclose(place, difference, rtol=1e-8)


def test_softplus_is_the_logarithm_of_one_and_an_exponential():
    z = np.linspace(-30, 30, 61)
    np.testing.assert_allclose(softplus(z), np.log(1 + np.exp(z)), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(softplus(z)[:35], -np.log(1 - sigmoid(z[:35])), rtol=1e-9, atol=1e-15)


def test_sigmoid_in_place(rng):
    z = rng.normal(size=(2, 3))
    wanted = 1 / (1 + np.exp(-z))
    assert sigmoid(z, out=z) is z
    np.testing.assert_allclose(z, wanted, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_lengths_are_right_whatever_the_size(dtype, rng):
    limits = np.finfo(dtype)
    x = rng.normal(size=(40, 3)).astype(dtype)
    np.testing.assert_array_equal(
        lengths(x)[:, 0], np.linalg.norm(x, axis=-1), "where nothing is lost, to the last bit"
    )
    sizes = np.geomspace(float(limits.tiny) * 8, float(limits.max) / 8, 40).astype(dtype)[:, None]
    small = sizes < 1
    x = x / np.abs(x).max(-1, keepdims=True)
    wanted = np.linalg.norm(x.astype(float), axis=-1, keepdims=True) * sizes.astype(float)
    np.testing.assert_allclose(lengths(x * sizes), wanted, rtol=4 * limits.eps)
    assert small.any()
    assert not small.all()
    np.testing.assert_array_equal(
        lengths(np.array([[0, 0], [np.inf, 1], [np.nan, 1], [limits.max, limits.max]], dtype)),
        [[0], [np.inf], [np.nan], [np.inf]],
    )
    assert lengths(np.zeros((2, 0), dtype)).tolist() == [[0], [0]]
    assert lengths(x).dtype == dtype


@pytest.mark.parametrize("axis", [0, -1, (0, 1), ()])
def test_rescaled_numbers_are_the_same_but_for_a_power_of_2(axis, rng):
    for x in (
        rng.normal(size=(3, 4)) * 1e300,
        rng.normal(size=(3, 4)) * 1e-310,
        np.zeros((3, 4)),
        np.full((3, 4), 5e-324),
    ):
        small, e = rescaled(x, axis)
        np.testing.assert_array_equal(np.ldexp(small, e), x)
        top = np.abs(small).max(axis)
        assert (((top >= 0.5) & (top < 1)) | (top == 0)).all()
