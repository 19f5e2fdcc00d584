"""Losses and their gradients: right, and right for padding, extreme scores and float32. PyTorch's numbers: tests/parity."""

import numpy as np
import pytest

from course_utils.gradcheck import numerical_gradient
from course_utils.losses import binary_cross_entropy, cross_entropy

V = 5


@pytest.fixture(params=[(), (4,), (4, 2), (2, 3, 2)], ids=str)
def shape(request):
    return request.param


@pytest.fixture
def case(shape, rng):
    mask = np.asarray(rng.random(shape) < 0.6)
    mask[(0,) * len(shape)] = True
    return rng.normal(size=(*shape, V)), np.asarray(rng.integers(0, V, size=shape)), mask


def test_cross_entropy_is_the_mean_surprise():
    logits = np.log([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]])
    loss, _ = cross_entropy(logits, np.array([2, 0]))
    assert loss == pytest.approx(-(np.log(0.7) + np.log(0.5)) / 2, rel=1e-14)
    assert cross_entropy(np.zeros((3, 50)), np.array([0, 7, 49]))[0] == pytest.approx(np.log(50), rel=1e-14)
    assert type(loss) is float


@pytest.mark.parametrize("masked", [False, True])
def test_gradient_equals_finite_differences(case, masked):
    logits, targets, mask = case
    mask = mask if masked else None
    _, dlogits = cross_entropy(logits, targets, mask)
    want = numerical_gradient(lambda: cross_entropy(logits, targets, mask)[0], logits)
    np.testing.assert_allclose(dlogits, want, atol=1e-9)
    np.testing.assert_allclose(dlogits.sum(-1), 0, atol=1e-12)


def test_a_mask_drops_positions(case):
    logits, targets, mask = case
    loss, dlogits = cross_entropy(logits, targets, mask)
    alone, dalone = cross_entropy(logits[mask], targets[mask])
    assert loss == pytest.approx(alone, rel=1e-14)
    np.testing.assert_allclose(dlogits[mask], dalone, rtol=1e-14)
    assert not dlogits[~mask].any()


@pytest.mark.parametrize("garbage", [1e6, np.inf, np.nan])
def test_nothing_at_a_dropped_position_matters(garbage, rng):
    mask = np.array([True, False, True])
    logits, targets = rng.normal(size=(3, V)), np.array([1, 2, 3])
    loss, dlogits = cross_entropy(logits, targets, mask)
    logits[1], targets[1] = garbage, -100
    again, dagain = cross_entropy(logits, targets, mask)
    assert again == loss
    np.testing.assert_array_equal(dagain, dlogits)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_scores(dtype):
    logits = np.array([[1e4, -1e4, 0], [1e4, -1e4, 0]], dtype)
    loss, dlogits = cross_entropy(logits, np.array([0, 1]))
    assert loss == 1e4
    np.testing.assert_array_equal(dlogits, [[0, 0, 0], [0.5, -0.5, 0]])
    loss, dlogits = binary_cross_entropy(np.array([1e4, 1e4, -1e4, -1e4], dtype), np.array([1, 0, 1, 0]))
    assert loss == 5e3
    np.testing.assert_array_equal(dlogits, [0, 0.25, -0.25, 0])


def test_float32_stays_and_arguments_are_not_written(case):
    logits, targets, mask = case
    kept = logits.copy(), targets.copy(), mask.copy()
    for array in case:
        array.flags.writeable = False
    dlogits = cross_entropy(*case)[1]
    for array, before in zip(case, kept, strict=True):
        np.testing.assert_array_equal(array, before)
    small = cross_entropy(logits.astype(np.float32), targets, mask)[1]
    assert small.dtype == np.float32
    np.testing.assert_allclose(small, dlogits, atol=1e-6)
    scores = logits[..., 0].astype(np.float32)
    assert binary_cross_entropy(np.asarray(scores), np.asarray(targets % 2))[1].dtype == np.float32


def test_the_mean_of_many_float32_losses_is_summed_in_float64(rng):
    logits, targets = rng.normal(size=(200_000, 3)), rng.integers(0, 3, size=200_000)
    loss = cross_entropy(logits.astype(np.float32), targets)[0]
    assert loss == pytest.approx(cross_entropy(logits, targets)[0], rel=1e-7)


def test_binary_gradient_equals_finite_differences(shape, rng):
    logits, labels = np.asarray(rng.normal(size=shape)), np.asarray(rng.integers(0, 2, size=shape))
    loss, dlogits = binary_cross_entropy(logits, labels)
    want = numerical_gradient(lambda: binary_cross_entropy(logits, labels)[0], logits)
    np.testing.assert_allclose(dlogits, want, atol=1e-9)
    two = np.stack([0 * logits, logits], -1)
    assert loss == pytest.approx(cross_entropy(two, labels)[0], rel=1e-12), "softmax over (0, z) is the sigmoid of z"


L = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: cross_entropy(L, np.array([0, 3])), r"cross_entropy: wanted targets from 0 to 2, got 0 to 3"),
        (lambda: cross_entropy(L, np.array([-1, 0])), r"targets from 0 to 2, got -1 to 0"),
        (
            lambda: cross_entropy(L, np.array([0])),
            r"wanted targets of int numbers of shape \(2,\), got int64 of shape \(1,\)",
        ),
        (lambda: cross_entropy(L, np.array([0.0, 1.0])), r"wanted targets of int numbers"),
        (lambda: cross_entropy(L, np.array([0, 1]), np.array([True])), r"wanted mask of bool numbers of shape \(2,\)"),
        (lambda: cross_entropy(L, np.array([0, 1]), np.array([1, 0])), r"wanted mask of bool numbers"),
        (lambda: cross_entropy(L, np.array([0, 1]), np.array([False] * 2)), r"at least one position that counts"),
        (lambda: cross_entropy(L[:0], np.zeros(0, int)), r"at least one position that counts"),
        (lambda: cross_entropy(L.astype(int), np.array([0, 1])), r"wanted logits of float numbers"),
        (lambda: binary_cross_entropy(L[0], np.array([0, 1, 2])), r"binary_cross_entropy: wanted one label 0 or 1"),
        (lambda: binary_cross_entropy(L[0], np.array([0, 1])), r"wanted labels of int numbers of shape \(3,\)"),
        (lambda: binary_cross_entropy(L[0, :0], np.zeros(0, int)), r"wanted one label 0 or 1 per logit"),
    ],
)
def test_bad_input_is_refused(call, said, without_type_checks):
    with pytest.raises(ValueError, match=said):
        call()
