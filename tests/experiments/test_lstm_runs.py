"""The trials of chapter 09: what the committed runs say follows the protocol."""

import pytest

from course_utils.experiments.lstm_runs import LABELS, TRIALS, reported
from course_utils.experiments.results import load_results
from course_utils.models.equal_size import KINDS
from tests.experiments.protocol import expect_complete, expect_no_run_twice

COMMITTED = load_results("lstm")["runs"]


def test_no_run_stands_there_twice():
    expect_no_run_twice(COMMITTED)


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: f"{trial.task} {trial.length}")
def test_every_kind_has_a_rate_inside_its_grid_and_all_its_seeds(trial):
    assert trial.kinds == KINDS
    assert trial.tuned_at == trial.length, "each task with rates of its own"
    expect_complete(COMMITTED, trial, reported(COMMITTED))


def test_the_file_holds_these_tasks_and_no_others():
    assert {run["task"] for run in COMMITTED} == {trial.task for trial in TRIALS}
    assert set(LABELS) < {trial.task for trial in TRIALS}


def test_what_chooses_is_not_what_is_reported():
    """Runs that say the same twice looked at one part; of shares of thousands a few may be equal by chance."""
    same = [run["score"] == round(1 - run["loss"] if run["task"] in LABELS else run["loss"], 5) for run in COMMITTED]
    assert sum(same) < 0.05 * len(COMMITTED)
