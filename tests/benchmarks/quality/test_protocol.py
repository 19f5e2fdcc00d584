"""What runs a comparison: outcomes, names and the file that it goes on with."""

import pytest

from benchmarks.quality.protocol import complete, measured, named
from course_utils.experiments.trials import Trial
from tools import report

SETTING = {"task": "adding", "length": 4, "kind": "RNN", "rate": 1e-2, "seed": 0}


def fails(message):
    def measure(_):
        raise ValueError(message)

    return {"adding": measure}


def test_a_run_says_its_setting_what_came_of_it_and_the_seconds():
    found = measured(SETTING, {"adding": lambda setting: {"loss": 1 / 3, "score": setting["length"] / 7, "more": [1]}})
    assert found.pop("seconds") >= 0
    assert found == SETTING | {"loss": 0.33333, "score": 0.57143, "more": [1]}


def test_a_training_that_diverges_has_no_score():
    found = measured(SETTING, fails("wanted finite numbers"))
    assert (found["loss"], found["score"]) == (None, None)
    with pytest.raises(ValueError, match="mistake"):
        measured(SETTING, fails("wanted a mistake to be seen"))


def test_kinds_are_named_by_parts_of_their_names():
    kinds = ("RNN", "GRU", "RNN, identity start")
    assert named(kinds, (), where="here") == list(kinds)
    assert named(kinds, ["RNN"], where="here") == ["RNN", "RNN, identity start"]
    with pytest.raises(ValueError, match=r"here: wanted parts of RNN, GRU, .*got \['transformer'\]"):
        named(kinds, ["transformer"], where="here")


def outcome(setting):
    return setting | {"loss": abs(setting["rate"] - 8e-3), "score": 0.5, "seconds": 0.0}


def test_a_comparison_goes_on_where_its_file_ends_and_then_sums_up(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(report, "SHOWN", tmp_path)
    trials = (Trial("near", 5, tuned_at=5, tuning_seeds=1, seeds=2, kinds=("RNN", "GRU")),)
    some = complete("made_up", trials, outcome, ["RNN"], 1)
    assert len(some) == 5 + 2
    assert "scores" not in capsys.readouterr().out
    both = complete("made_up", trials, outcome, ["RNN", "GRU"], 1)
    assert both[:7] == some
    assert len(both) == 14
    assert "scores" in capsys.readouterr().out
    assert complete("made_up", trials, outcome, ["RNN", "GRU"], 1) == both
