"""The quick mode of the comparison of memory trains every contestant on every task, and goes by the plan."""

import json

import numpy as np
import pytest

from benchmarks.quality import memory
from course_utils.experiments.memory_runs import CONTESTANTS, FEWEST, TRIALS
from tests.conftest import unchecked


@pytest.fixture(scope="module")
def quick():
    """All runs of a quick comparison."""
    with unchecked():
        return memory.main(quick=True)


def test_every_contestant_does_every_task(quick):
    assert {(run["task"], run["kind"]) for run in quick} == {
        (task, kind) for task in memory.MEASURES for kind in CONTESTANTS
    }
    assert all(np.isfinite([run["loss"], run["score"], run["seconds"]]).all() for run in quick)
    assert all(run["score"] > 0.9 and min(run["by symbol"]) > 0.5 for run in quick if run["task"].startswith("recall"))
    assert all(run["score"] < 1 / 6 for run in quick if run["task"] == "adding")
    assert all(0 < run["memory"] < 10 for run in quick if run["task"] == "recall")
    json.dumps(quick)


def test_a_training_that_diverges_has_no_score(monkeypatch):
    setting = {"task": "adding", "length": 4, "kind": "RNN", "rate": 1e-2, "seed": 0}

    def fails(_, message):
        raise ValueError(message)

    monkeypatch.setitem(memory.MEASURES, "adding", lambda s: fails(s, "wanted finite numbers"))
    assert memory.measure(setting)["score"] is None
    monkeypatch.setitem(memory.MEASURES, "adding", lambda s: fails(s, "wanted a mistake to be seen"))
    with pytest.raises(ValueError, match="mistake"):
        memory.measure(setting)


def test_names_that_nobody_has_are_refused():
    with pytest.raises(ValueError, match="memory: wanted parts of RNN, GRU"):
        memory.main(quick=False, names=["transformer"])


def test_a_comparison_that_is_followed_to_its_end_has_all_trials_and_a_summary():
    """With a made-up outcome instead of trainings: the loss is least at 0.032, which is the edge of the first grid."""
    runs = []
    while setting := next(memory.wanted(runs), None):
        runs.append(setting | {"loss": abs(np.log(setting["rate"] / 3.2e-2)), "score": 0.5})
    rows = memory.summary(runs)
    assert [(row["task"], row["length"], row["kind"]) for row in rows] == [
        (trial.task, trial.length, kind) for trial in TRIALS for kind in trial.kinds
    ]
    assert {row["rate"] for row in rows} == {3.2e-2}
    searched = {run["rate"] for run in runs}
    assert len(searched) == FEWEST + 1
    assert {run["seed"] for run in runs if run["rate"] != 3.2e-2} == {100, 101}
    assert [*memory.wanted(runs, ["GRU"])] == []
