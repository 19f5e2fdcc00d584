"""The quick mode of the comparison of depth trains every stack; followed to its end, the plan is complete."""

import json

import numpy as np
import pytest

from benchmarks.quality import depth, learning_curves
from course_utils.experiments.depth import FEWEST, Trial
from course_utils.models.objectives import TruncatedBPTT
from tests.conftest import unchecked


def test_every_trial_trains_and_is_scored():
    with unchecked():
        runs = depth.main(quick=True)
    assert len(runs) == len({trial for trial, _ in depth.PLAN if trial.characters < depth.LONGER})
    assert all(1 < run[of] < np.log2(50) for run in runs for of in ("valid", "score", "own"))
    sizes = [run["parameters"] for run in runs[: len(depth.EQUAL_SIZE)]]
    assert max(sizes) - min(sizes) < 0.005 * max(sizes), "of equal size"
    json.dumps(runs)


def test_dropout_and_gain_reach_the_training():
    setting = {"layers": 2, "H": 5, "characters": 10_000, "times": 2, "rate": 8e-3, "seed": 0}
    plain, *others = (
        depth.measure(setting | {"gain": gain, "dropout": rate}, quick=True)["valid"]
        for gain, rate in ((1.0, 0.0), (4.0, 0.0), (1.0, 0.5))
    )
    assert plain not in others


def test_a_training_that_leaves_the_finite_numbers_has_no_score():
    def diverges(model, batch):
        loss, gradient = TruncatedBPTT()(model, batch)
        return loss * np.nan, gradient

    model = depth.untrained_stack(1, 3, rng=np.random.default_rng(0))
    same, outcome = learning_curves.train(model, learning_curves.windows(5_000, quick=True), 1e-2, diverges, quick=True)
    assert same is model
    assert outcome["score"] is None


def test_another_mistake_of_a_training_is_not_hidden():
    def fails(model, batch):
        raise ValueError("a mistake to be seen")

    model = depth.untrained_stack(1, 3, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="to be seen"):
        learning_curves.train(model, learning_curves.windows(5_000, quick=True), 1e-2, fails, quick=True)


def test_a_plan_that_is_followed_to_its_end_has_all_trials():
    """With a made-up outcome instead of trainings: the loss is least at 0.128, the edge of the first grid."""
    runs = []
    while setting := next(depth.wanted(runs), None):
        runs.append(setting | {"valid": abs(np.log(setting["rate"] / 0.128)), "score": 2.5})
    rows = depth.summary(runs)
    assert [row["trial"] for row in rows] == [str(trial) for trial, _ in depth.PLAN]
    assert {row["rate"] for row in rows} == {0.128}
    assert [len(row["scores"].split()) for row in rows] == [seeds for _, seeds in depth.PLAN]
    assert len({run["rate"] for run in runs}) == FEWEST + 1
    assert [*depth.wanted(runs, ["2x40"])] == []


def test_a_name_chooses_trials_and_one_that_is_in_none_is_refused():
    asked = {Trial(*(setting[key] for key in Trial._fields)) for setting in depth.wanted([], ["2x40 gain 4"])}
    assert asked == {Trial(2, 40, 4.0)}
    with pytest.raises(ValueError, match="depth: wanted parts of 1x62"):
        depth.main(quick=True, names=["4x4"])
