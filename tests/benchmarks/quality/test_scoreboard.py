"""The scoreboard's quick mode: every small model trains and is scored on both texts, and nothing is kept."""

import numpy as np
import pytest

from benchmarks.quality import scoreboard, transformer_parts
from course_utils.experiments.scoreboard import CHARACTERS, SENTIMENT, lines
from course_utils.tree import count
from tests.conftest import unchecked
from tools import report


@pytest.fixture(scope="module")
def quick():
    """All runs of a quick board."""
    with unchecked():
        return scoreboard.main(quick=True)


def test_every_small_model_is_there_and_has_learnt_something(quick):
    runs = quick
    wanted = {(entry.task, entry.model) for entry in scoreboard.ENTRIES if entry.size == "small"}
    assert {(run["task"], run["model"]) for run in runs if run["family"] != "n-gram"} == wanted
    assert all(run["score"] < np.log2(50) for run in runs if run["task"] == CHARACTERS)
    assert all(0.4 < run["score"] < 1 for run in runs if run["task"] == SENTIMENT)
    assert all(np.isfinite([run["valid"], run["seconds"]]).all() for run in runs)


def test_what_a_quick_run_writes_makes_a_board(quick):
    for task in (CHARACTERS, SENTIMENT):
        assert lines(quick, task)


@pytest.mark.parametrize("size", ["small", "large"])
def test_models_of_a_size_are_of_equal_size(size):
    limit = scoreboard.SIZES[size]
    for entry in scoreboard.ENTRIES:
        if (entry.task, entry.size) == (CHARACTERS, size):
            assert 0.98 * limit < count(entry.build(np.random.default_rng(0))) <= limit, entry.name


def test_judges_have_no_more_parameters_than_the_lstm():
    built = {e.model: count(e.build(np.random.default_rng(0))) for e in scoreboard.ENTRIES if e.task == SENTIMENT}
    assert max(built.values()) == built["LSTM"]


def test_the_rate_is_searched_for_and_runs_that_are_there_are_not_repeated(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "SHOWN", tmp_path)

    class Task:
        data, asked = None, 0

        def train(self, entry, rate, rng):
            self.asked += 1
            return np.zeros(3), rate

        def scores(self, entry, model):
            return abs(np.log2(model[1] / 0.016)), 1.0

    entry, task = scoreboard.ENTRIES[0], Task()
    runs = report.Runs("scoreboard", keep=True)
    scoreboard.search(entry, task, runs)
    tried = [run["rate"] for run in runs.rows]
    assert tried == [0.004, 0.008, 0.002, 0.016, 0.032, 0.016, 0.016]
    assert [run["seed"] for run in runs.rows[-3:]] == [0, 1, 2]
    scoreboard.search(entry, task, report.Runs("scoreboard", keep=True))
    assert task.asked == len(tried)


def test_a_name_that_is_in_none_is_refused():
    with pytest.raises(ValueError, match="wanted parts of"):
        scoreboard.main(quick=True, names=["perceptron"])


@pytest.mark.usefixtures("without_type_checks")
def test_the_quick_mode_of_the_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "SHOWN", tmp_path)
    rows = transformer_parts.main(quick=True)
    assert {row["what"] for row in rows if row["task"] == "parts"} == set(transformer_parts.PARTS)
    assert all(row["bits"] is None or row["bits"] < 6 for row in rows)
    assert list(tmp_path.iterdir()) == []
