"""Taken apart and put together again, it is the transformer; whatever is missing, its gradients stay right."""

import numpy as np
import pytest

from course_utils.analysis.depth import gradient_by_depth
from course_utils.gradcheck import gradcheck
from course_utils.layers.branches import Branches
from course_utils.layers.transformer import Transformer
from course_utils.tree import leaves


@pytest.mark.parametrize("causal", [False, True])
def test_with_everything_in_its_place_it_is_the_transformer(causal):
    whole, apart = (kind.init(8, 2, 2, 12, rng=np.random.default_rng(0)) for kind in (Transformer, Branches))
    rng = np.random.default_rng(1)
    x, dy = rng.normal(size=(2, 5, 3, 8))
    mask = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 0], [1, 1, 0], [1, 0, 0]], bool)
    y, trace = apart.forward(x, mask, causal=causal)
    want, want_trace = whole.forward(x, mask, causal=causal)
    np.testing.assert_allclose(y, want, atol=1e-12)
    dx, dapart, dtrace = apart.backward(dy, trace)
    want_dx, dwhole, want_dtrace = whole.backward(dy, want_trace)
    np.testing.assert_allclose(dx, want_dx, atol=1e-12)
    ours, theirs = ([np.linalg.norm(a) for _, a in leaves(tree)] for tree in (dapart, dwhole))
    np.testing.assert_allclose(sorted(ours), sorted(theirs), atol=1e-10)
    first, second = gradient_by_depth(dtrace)[[0, 2]]
    assert first == pytest.approx(np.linalg.norm(want_dtrace.blocks[0].x))
    assert second == pytest.approx(np.linalg.norm(want_dtrace.blocks[1].x))


@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("place", ["before", "after", "none"])
@pytest.mark.usefixtures("without_type_checks")
def test_gradients_are_right_whatever_is_missing(place, residual):
    rng = np.random.default_rng(0)
    layer = Branches.init(4, 1, 2, 6, rng=rng, place=place, residual=residual)
    assert gradcheck(layer, rng.normal(size=(3, 2, 4)), rng=rng).ok


def test_parts_can_be_left_out_and_without_attention_no_step_sees_another():
    rng = np.random.default_rng(0)
    layer = Branches.init(4, 2, 2, rng=rng, parts=("feed_forward",))
    x = rng.normal(size=(5, 4))
    y, trace = layer.forward(x)
    assert len(trace.branches) == 2
    np.testing.assert_allclose(layer.forward(x[2:3])[0], y[2:3])


def test_bad_settings_and_states_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="wanted place"):
        Branches.init(4, 1, 2, rng=rng, place="between")
    with pytest.raises(ValueError, match="parts out of"):
        Branches.init(4, 1, 2, rng=rng, parts=("recurrence",))
    with pytest.raises(ValueError, match="wanted layers >= 1, got 0"):
        Branches.init(4, 0, 2, rng=rng)
    with pytest.raises(ValueError, match="wanted no state"):
        Branches.init(4, 1, 2, rng=rng).forward(np.ones((2, 4)), state=())  # type: ignore[arg-type]


@pytest.mark.parametrize("place", ["before", "after", "none"])
@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("parts", [("attention",), ("feed_forward",), ("attention", "feed_forward")])
@pytest.mark.parametrize("anything", [np.nan, np.inf, -1e300])
def test_padding_may_hold_anything(place, residual, parts, anything, rng):
    layer = Branches.init(4, 2, 2, 6, rng=rng, place=place, residual=residual, parts=parts)
    mask = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 0]], bool)
    x, dy = rng.normal(size=(2, 3, 3, 4))

    def run(at_padding):
        y, trace = layer.forward(np.where(mask[..., None], x, at_padding), mask)
        dx, dlayer, _ = layer.backward(np.where(mask[..., None], dy, at_padding), trace)
        return [y[mask], dx[mask], *(a for _, a in leaves(dlayer))]

    for got, want in zip(run(anything), run(0.0), strict=True):
        np.testing.assert_array_equal(got, want)
        assert np.isfinite(got).all()
