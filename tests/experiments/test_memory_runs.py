"""The trials of memory: what the committed runs say follows the protocol, and symbols are counted."""

import pytest

from course_utils.experiments.memory_runs import CONTESTANTS, LEARNED, TRIALS, reported, symbols_known
from course_utils.experiments.results import load_results
from course_utils.experiments.trials import tried
from course_utils.models.equal_size import IDENTITY, OPEN
from tests.experiments.protocol import expect_complete, expect_no_run_twice


def test_only_the_error_of_adding_has_no_least_that_counts():
    assert {trial.task: trial.least for trial in TRIALS} == {
        "recall": LEARNED, "recall, cut": LEARNED, "brackets": LEARNED, "adding": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("shares", "known"), [([1.0, 0.95, 0.5, 0.5], 2), ([1.0, 1.0, 1.0, 0.0], 3), ([0.3, 0.2, 0.3, 0.2], 0)]
)
def test_symbols_that_are_known_are_counted(shares, known):
    assert symbols_known(shares) == known


COMMITTED = load_results("memory")["runs"]


def test_no_run_stands_there_twice():
    expect_no_run_twice(COMMITTED)


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: f"{trial.task} {trial.length}")
def test_every_contestant_has_a_rate_inside_its_grid_and_all_its_seeds(trial):
    expect_complete(COMMITTED, trial, reported(COMMITTED))


def test_what_chapters_say_of_all_rates():
    """The identity, and an LSTM with open forget gates, recall 20 steps at every rate; RNN and LSTM at none from every seed."""
    recall = {kind: tried(COMMITTED, trial, kind) for trial in TRIALS[:2] for kind in trial.kinds}
    assert set(recall) == set(CONTESTANTS)
    assert max(*recall[IDENTITY].values(), *recall[OPEN].values()) < 0.05
    assert min(*recall["LSTM"].values(), *recall["RNN"].values()) > 0.5
