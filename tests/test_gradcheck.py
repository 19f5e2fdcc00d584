"""The gradient check catches wrong backward passes: that is what it is for."""

import numpy as np
import pytest

from course_utils.gradcheck import Report, compare, gradcheck, numerical_gradient
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.pooling import MeanOverTime
from course_utils.tree import astype, tree_map

T, D, H = 4, 3, 2


def spoiled(layer, **wrong):
    """The same layer, its gradient of one array changed by a function."""

    class Spoiled(type(layer)):
        def backward(self, dy, trace):
            dx, dlayer, dtrace = super().backward(dy, trace)
            parts = {name: getattr(dlayer, name) for name in dlayer.__dataclass_fields__}
            dx = wrong["x"](dx) if "x" in wrong else dx
            parts |= {name: fn(parts[name]) for name, fn in wrong.items() if name != "x"}
            return dx, Spoiled(*parts.values()), dtrace

    return Spoiled(*layer)


MISTAKES = {
    "forgotten": lambda g: 0 * g,
    "wrong sign": lambda g: -g,
    "factor": lambda g: 2 * g,
    "one entry": lambda g: g + 1e-3 * np.eye(1, g.size).reshape(g.shape),
    "a tenth of a per mille": lambda g: 1.0001 * g,
    "reversed": lambda g: g[::-1],
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("name", ["x", "W", "b"])
def test_a_wrong_gradient_is_caught_and_named(mistake, name, rng):
    layer = spoiled(Linear.init(D, H, rng=rng), **{name: MISTAKES[mistake]})
    report = gradcheck(layer, rng.normal(size=(T, D)), rng=rng)
    assert not report.ok
    assert {row.name for row in report.rows if row.error >= report.tolerance} == {name}
    line = next(line for line in repr(report).splitlines() if line.startswith(name))
    assert "✗ off by" in line
    assert repr(report).count("✓") == 2


def test_a_lost_path_through_time_is_caught(rng):
    class Forgetful(LSTM):
        def backward(self, dy, trace):
            last = np.zeros_like(dy)
            last[-1] = dy[-1]
            return super().backward(last, trace)

    lstm = LSTM.init(D, H, rng=rng)
    x = rng.normal(size=(T, D))
    assert gradcheck(lstm, x, rng=rng).ok
    assert not gradcheck(Forgetful(*lstm), x, rng=rng).ok


def test_words_that_are_counted_once_are_caught(rng):
    class Once(Embedding):
        def backward(self, dy, trace):
            dW = np.zeros_like(self.W)
            dW[trace.tokens] += dy
            return None, Once(dW), trace

    embedding = Embedding.init(5, D, rng=rng)
    assert gradcheck(Once(embedding.W), np.array([1, 2, 3]), rng=rng).ok
    assert not gradcheck(Once(embedding.W), np.array([1, 2, 1]), rng=rng).ok


def test_padding_that_leaks_is_caught(rng):
    class Leaky(MeanOverTime):
        def backward(self, dy, trace):
            dx = np.broadcast_to(dy / trace.mask.sum(0)[..., None], trace.x.shape).copy()
            return dx, self, trace

    x, mask = rng.normal(size=(T, 2, D)), np.array([[True, True]] * 3 + [[True, False]])
    assert gradcheck(Leaky(), x, rng=rng).ok
    assert gradcheck(MeanOverTime(), x, rng=rng, mask=mask).ok
    assert not gradcheck(Leaky(), x, rng=rng, mask=mask).ok


def test_a_right_one_is_praised(rng):
    report = gradcheck(Linear.init(D, H, rng=rng), rng.normal(size=(T, D)), rng=rng)
    assert repr(report).splitlines() == [
        "x  (4, 3)        ✓ agrees to 1e-06",
        "W  (3, 2)        ✓ agrees to 1e-06",
        "b  (2,)          ✓ agrees to 1e-06",
    ]


def test_a_gradient_that_is_zero_agrees_with_rounding():
    """Where the true gradient is 0, finite differences show noise of 1e-10, which is no mistake; 1e-4 is one."""
    zero, noise = np.zeros(3), np.array([1e-10, -3e-11, 0])
    assert compare("b", zero, noise).error < 1e-6
    assert compare("b", zero, 1e6 * noise).error > 1e-3


def test_nothing_is_changed_and_float32_will_do(rng):
    layer = astype(Linear.init(D, H, rng=rng), np.float32)
    x = rng.normal(size=(T, D)).astype(np.float32)
    kept = tree_map(np.copy, (layer, x))
    assert gradcheck(layer, x, rng=rng).ok
    np.testing.assert_array_equal(layer.W, kept[0].W)
    np.testing.assert_array_equal(x, kept[1])


def test_a_gradient_of_another_shape_is_refused(rng):
    with pytest.raises(ValueError, match=r"the gradient of b has shape \(1, 2\), wanted \(2,\)"):
        compare("b", np.ones((1, 2)), np.ones(2))


def test_central_differences():
    a = np.array([[1.0, 2.0], [3.0, -4.0]])
    kept = a.copy()
    np.testing.assert_allclose(numerical_gradient(lambda: float((a**3).sum()), a), 3 * a**2, rtol=1e-8)
    np.testing.assert_array_equal(a, kept)
    scalar = np.array(2.0)
    np.testing.assert_allclose(numerical_gradient(lambda: float(scalar**2), scalar), 4)


@pytest.mark.parametrize("error", [ValueError("stop"), KeyboardInterrupt()])
def test_the_array_is_put_back_when_f_fails(error):
    a = np.array([1.0, 2.0])

    def f():
        raise error

    with pytest.raises(type(error)):
        numerical_gradient(f, a)
    np.testing.assert_array_equal(a, [1, 2])


def test_float32_is_refused():
    with pytest.raises(ValueError, match=r"wanted a float64 array, got float32; use tree.astype\(layer, float\)"):
        numerical_gradient(lambda: 0.0, np.ones(2, np.float32))


@pytest.mark.parametrize("size", [1e-2, 1e150, 1.7e308])
def test_errors_of_huge_gradients_are_relative_too(size):
    want = np.array([size, -size])
    assert compare("x", want.copy(), want).error == 0
    assert compare("x", -want, want).error == pytest.approx(2)
    assert compare("x", want * [1, 0.99], want).error == pytest.approx(0.01)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_gradients_that_are_no_numbers_never_agree(bad):
    for got, want in (([bad, 1.0], [1.0, 1.0]), ([1.0, 1.0], [1.0, bad]), ([bad, 1.0], [bad, 1.0])):
        assert not Report((compare("x", np.array(got), np.array(want)),), 1e-6).ok
