"""The live loss curve: wraps the steps of a run, costs little, and leaves nothing behind."""

from threading import Thread

import numpy as np
import pytest
from tqdm import TMonitor

from course_utils.analysis.summaries import smooth
from course_utils.explorers import live_curve
from course_utils.explorers.live_curve import LiveCurve
from course_utils.train import Step, fit


def steps(losses):
    return [Step(k, loss, 1.0, None) for k, loss in enumerate(losses, start=1)]


class Counter:
    """An optimiser that counts."""

    def init(self, model):
        return None

    def update(self, model, dmodel, state):
        return model + 1, None


def test_it_is_the_progress_of_fit(monkeypatch):
    made = []

    def progress(*arguments, **options):
        made.append(LiveCurve(*arguments, seconds_between=0.0, **options))
        return made[0]

    run = fit(
        0.0, lambda model, batch: (1 / (1 + batch), np.array([1.0])), list(range(30)), Counter(), progress=progress
    )
    assert run.model == 30
    assert len(run.losses) == 30
    (curve,) = made
    assert curve._losses == run.losses
    assert curve.comm is None, "the widget is closed when the run ends"


def test_the_curve_shows_losses_and_their_mean():
    losses = list(np.linspace(3, 1, 60))
    curve = LiveCurve(steps(losses), total=80)
    curve._losses = losses
    before = curve._curve.picture.value
    curve._curve.redraw()
    artists = curve._curve.artists
    np.testing.assert_allclose(artists["each"].get_ydata(), losses)
    np.testing.assert_allclose(artists["mean"].get_ydata(), smooth(losses, 3))
    np.testing.assert_array_equal(artists["each"].get_xdata(), np.arange(1, 61))
    assert artists["mean"].axes.get_xlim() == (0, 80)
    assert artists["mean"].axes.get_ylim()[1] == pytest.approx(3.15)
    assert curve._curve.picture.value != before
    curve.close()


def test_drawing_is_rationed(monkeypatch):
    """With a clock that goes 10 ms per look, 100 steps draw a few times, not a hundred."""
    now = [0.0]

    def clock():
        now[0] += 0.01
        return now[0]

    monkeypatch.setattr(live_curve.time, "monotonic", clock)
    curve = LiveCurve(steps([1.0] * 100), seconds_between=0.3)
    drawn, redraw = [], curve._curve.redraw
    monkeypatch.setattr(curve._curve, "redraw", lambda: (drawn.append(1), redraw()))
    assert len(list(curve)) == 100
    assert 2 <= len(drawn) <= 5


@pytest.mark.parametrize("losses", [[0.0, 0.0], [1e-9], [1e9, 1.0]])
def test_any_size_of_loss_can_be_drawn(losses):
    assert [step.loss for step in LiveCurve(steps(losses), seconds_between=0.0)] == losses


def test_it_closes_when_the_run_is_left_early():
    curve = LiveCurve(steps([1.0, 2.0, 3.0]))
    iterator = iter(curve)
    next(iterator)
    iterator.close()
    assert curve.comm is None


def test_only_the_live_view_is_stored_in_a_notebook():
    """A bar with seconds in it would make every rebuild different."""
    curve = LiveCurve(steps([1.0]))
    assert [key.split("+")[0] for key in curve._repr_mimebundle_()] == ["application/vnd.jupyter.widget-view"]
    curve.close()


def test_it_starts_no_thread(monkeypatch):
    """A browser's Python cannot, and tqdm warns of that (an error here)."""
    started = []
    monkeypatch.setattr(TMonitor, "report", lambda monitor: False)  # as if none were running yet
    monkeypatch.setattr(Thread, "start", lambda thread: started.append(thread))
    assert len(list(LiveCurve(steps([1.0, 0.5])))) == 2
    assert not started
