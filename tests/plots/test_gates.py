"""Pictures of gates hold the numbers of the trace, in the gate's own colour, for values and for gradients alike."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_utils.analysis.gates import values
from course_utils.layers.gru import GRU
from course_utils.layers.lstm import LSTM
from course_utils.plots import gates
from course_utils.plots.palette import GATES

T, D, H = 6, 3, 4
WORDS = ["not", "bad", ",", "not", "good", "."]


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(params=[GRU, LSTM])
def passes(request, rng):
    """The trace and the gradient trace of one sequence."""
    layer = request.param.init(D, H, rng=rng)
    y, trace = layer.forward(rng.normal(size=(T, D)))
    return trace, layer.backward(rng.normal(size=y.shape), trace)[2]


def parts(trace):
    return ("r", "z", "h_tilde", "h") if hasattr(trace, "z") else ("i", "f", "o", "c_tilde", "c", "h")


def test_a_heatmap_holds_the_trace_in_the_colour_of_the_gate(passes):
    trace, _ = passes
    for gate in parts(trace):
        (image,) = gates.heatmap(trace, gate, words=WORDS).images
        np.testing.assert_array_equal(image.get_array(), values(trace, gate).T)
        if gate in gates.SIGMOIDS:
            assert image.get_clim() == (0, 1)
            np.testing.assert_allclose(image.cmap(1.0)[:3], to_rgb(GATES[gate]))
            assert image.cmap(0.0)[:3] == (1, 1, 1)
        else:
            low, high = image.get_clim()
            assert low == -high < 0, "signed values are centred at 0"


def test_gradients_are_signed_even_for_gates(passes):
    _, dtrace = passes
    for gate in parts(dtrace):
        ax = gates.heatmap(dtrace, gate, gradient=True, limit=2.0)
        np.testing.assert_array_equal(ax.images[0].get_array(), values(dtrace, gate).T)
        assert ax.images[0].get_clim() == (-2, 2)
        assert "gradient" in ax.get_title(loc="left")


def test_units_are_picked_and_ordered(passes):
    trace, _ = passes
    order = np.array([2, 0])
    (image,) = gates.heatmap(trace, "h", units=order).images
    np.testing.assert_array_equal(image.get_array(), values(trace, "h").T[order])


def test_letters_stand_upright_and_words_lean(passes):
    trace, _ = passes
    for tokens, angle in ((list("gated."), 0), (WORDS, 45)):
        ax = gates.heatmap(trace, "h", words=tokens)
        assert [text.get_text() for text in ax.get_xticklabels()] == tokens
        assert {text.get_rotation() for text in ax.get_xticklabels()} == {angle}


def test_panels_share_the_steps_and_only_the_last_names_them(passes):
    trace, _ = passes
    rows = gates.panels(trace, parts(trace), words=WORDS, units=np.arange(2))
    for ax, gate in zip(rows, parts(trace), strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), values(trace, gate).T[:2])
        assert gates.NAMES[gate] in ax.get_title(loc="left")
    shown = [any(tick.label1.get_visible() for tick in ax.xaxis.get_major_ticks()) for ax in rows]
    assert shown == [False] * (len(rows) - 1) + [True]


def test_retention_is_one_on_the_diagonal_and_empty_below(rng):
    keep = rng.random((4, 3))
    for unit, want in ((None, (keep[2] * keep[3]).mean()), (1, keep[2, 1] * keep[3, 1])):
        ax = gates.retention(keep, unit=unit, words=list("abcd"))
        left = ax.images[0].get_array().filled(np.nan)
        np.testing.assert_array_equal(np.diag(left), 1)
        assert np.isnan(left[np.tril_indices(4, -1)]).all()
        assert left[1, 3] == pytest.approx(want)
        assert [text.get_text() for text in ax.get_yticklabels()] == list("abcd")


def test_what_cannot_be_drawn_is_refused(passes, rng, without_type_checks):
    trace, _ = passes
    with pytest.raises(ValueError, match=rf"wanted one of .*h.* of {type(trace).__name__}, got 'gate'"):
        gates.heatmap(trace, "gate")
    layer = GRU.init(D, H, rng=rng)
    _, batch = layer.forward(rng.normal(size=(T, 2, D)))
    with pytest.raises(ValueError, match=r"trace of one sequence, z with axes \(T H\), got shape \(6, 2, 4\)"):
        gates.heatmap(batch, "z")
    with pytest.raises(ValueError, match=r"wanted keep with axes \(T H\), got shape \(6, 2, 4\)"):
        gates.retention(batch.z)


def test_every_gate_has_a_colour_and_a_name():
    assert set(gates.NAMES) == set(gates.COLORS)
    sigmoids = [GATES[gate] for gate in gates.SIGMOIDS]
    assert len(set(sigmoids)) == len(sigmoids), "no two gates look alike"
