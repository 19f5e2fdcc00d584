"""The quick mode of the comparison of memory trains every contestant on every task."""

import json

import numpy as np
import pytest

from benchmarks.quality import memory
from course_utils.experiments.memory_runs import CONTESTANTS, TRIALS
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


def test_every_task_of_the_trials_can_be_measured():
    assert set(memory.MEASURES) == {trial.task for trial in TRIALS}
