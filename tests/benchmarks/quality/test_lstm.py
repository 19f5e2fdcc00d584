"""The comparison of chapter 09 measures every task on the parts that it says."""

import json

import numpy as np
import pytest

from benchmarks.quality import lstm, lstm_tasks
from course_utils.experiments.lstm_runs import FEW, LABELS, MANY, TRIALS
from course_utils.models.equal_size import KINDS
from tests.conftest import unchecked


def test_every_task_of_the_trials_can_be_measured():
    assert set(lstm.MEASURES) == {trial.task for trial in TRIALS}


def test_a_series_is_forecast():
    with unchecked():
        found = lstm.measure({"task": "forecast", "length": 40, "kind": "GRU", "rate": 8e-3, "seed": 0, "steps": 10})
    assert np.isfinite([found["loss"], found["score"]]).all()
    json.dumps(found)


@pytest.mark.parametrize("task", [FEW, MANY])
def test_networks_are_given_the_parts_of_the_reviews(task, monkeypatch):
    """With names instead of reviews: who trains, who chooses, who is reported."""
    monkeypatch.setattr(lstm, "opinions", lambda part, size=None: (part, size))
    monkeypatch.setattr(lstm, "reviews", lambda: (None, range(2_000)))
    given = []

    def train(kind, train, unseen, seed, **more):
        given.append((kind, seed, train, *unseen, more))
        return 0.75, 0.5

    monkeypatch.setattr(lstm_tasks, "sentiment", train)
    setting = {"task": task, "length": 20, "kind": "GRU", "rate": 8e-3, "seed": 4}
    found = lstm.measure(setting)
    ((kind, seed, trained, chooses, told, more),) = given
    assert (kind, seed, more["rate"], more["V"]) == ("GRU", 4, 8e-3, 2_000)
    assert (trained[0], chooses[0], told[0]) == ("train", "valid", "test")
    assert trained[1] == LABELS[task]
    assert (found["loss"], found["score"]) == (0.25, 0.5)


def test_a_quick_comparison_has_every_kind_on_every_task(monkeypatch):
    monkeypatch.setattr(lstm, "measure", lambda setting: setting)
    assert [(run["task"], run["kind"]) for run in lstm.main(quick=True)] == [
        (trial.task, kind) for trial in TRIALS for kind in KINDS
    ]
    with pytest.raises(ValueError, match="lstm: wanted parts of RNN, GRU, LSTM"):
        lstm.main(quick=False, names=["transformer"])
