"""The protocol of comparisons: rates are chosen by some seeds, and others are reported."""

import numpy as np
import pytest

from course_utils.experiments.trials import FEWEST, Trial, chosen_rate, reported, summary, tried, wanted

RATES = (2e-3, 4e-3, 8e-3, 1.6e-2, 3.2e-2)
RECALL = Trial("recall", 10, tuned_at=20)


def run(rate, seed, loss, length=20, kind="RNN", task="recall"):
    return {"task": task, "length": length, "kind": kind, "rate": rate, "seed": seed, "loss": loss, "score": seed / 10}


def search(**losses):
    return [run(rate, 100 + k, loss) for rate in RATES for k, loss in enumerate(losses.get(f"r{rate}", (1.0, 1.0)))]


def test_a_rate_is_judged_by_the_mean_of_all_its_seeds():
    runs = search(**{"r0.004": (0.1, 1.5), "r0.008": (0.5, 0.5), "r0.016": (0.0,), "r0.032": (0.0, None)})
    assert tried(runs, RECALL, "RNN") == {2e-3: 1.0, 4e-3: 0.8, 8e-3: 0.5, 3.2e-2: np.inf}
    assert chosen_rate(runs, RECALL, "RNN") is None, "one of five is not complete"
    runs.append(run(1.6e-2, 101, 2.0))
    assert chosen_rate(runs, RECALL, "RNN") == 8e-3
    assert chosen_rate(runs, RECALL, "GRU") is None


def test_neither_seeds_that_report_nor_other_lengths_choose():
    runs = search(**{"r0.008": (0.5, 0.5)})
    for rate in RATES:
        runs += [
            run(rate, 0, 0.0),
            run(rate, 102, 0.0),
            run(rate, 100, 0.0, length=10),
            run(rate, 100, 0.0, task="adding"),
        ]
    assert tried(runs, RECALL, "RNN") == dict.fromkeys(RATES, 1.0) | {8e-3: 0.5}


def test_losses_below_the_least_that_counts_are_equal():
    runs = search(**{"r0.004": (1e-3, 1e-3), "r0.008": (9e-3, 5e-3), "r0.016": (1e-4, 1e-2)})
    assert chosen_rate(runs, RECALL, "RNN") == 4e-3
    counted = RECALL._replace(least=0.01)
    assert list(tried(runs, counted, "RNN").values()) == [1, 0.01, 0.01, 0.01, 1]
    assert chosen_rate(runs, counted, "RNN") == 8e-3, "the middle one"


def test_reported_are_runs_with_the_chosen_rate_from_seeds_that_chose_nothing():
    runs = search(**{"r0.008": (0.5, 0.5)})
    for rate in RATES:
        runs += [run(rate, seed, 0.0, length) for seed in (3, 0, 5) for length in (10, 20)]
    runs.append(run(8e-3, 0, 0.0, kind="GRU"))
    trials = (RECALL._replace(length=20), RECALL)
    assert [(r["length"], r["rate"], r["seed"]) for r in reported(runs, trials)] == [
        (20, 8e-3, 0), (20, 8e-3, 3), (10, 8e-3, 0), (10, 8e-3, 3),
    ]  # fmt: skip


TRIALS = (
    Trial("near", 5, tuned_at=5, tuning_seeds=1, kinds=("RNN", "GRU")),
    Trial("far", 40, tuned_at=40, seeds=3, kinds=("RNN",), slowest=1e-3),
    Trial("far", 80, tuned_at=40, seeds=2, kinds=("RNN",), slowest=1e-3),
)


def followed(best, kinds=None):
    """All runs of a plan with a made-up outcome: the loss is least at `best`."""
    runs = []
    while setting := next(wanted(runs, TRIALS, kinds), None):
        runs.append(setting | {"loss": abs(np.log(setting["rate"] / best)), "score": setting["rate"]})
        assert len(runs) < 500, "a plan ends"
    return runs


def test_a_plan_that_is_followed_to_its_end_has_all_trials_and_a_summary():
    """The best stands at the edge of the first grid of one task, and inside that of the other."""
    runs = followed(3.2e-2)
    assert [(row["task"], row["length"], row["kind"]) for row in summary(runs, TRIALS)] == [
        ("near", 5, "RNN"), ("near", 5, "GRU"), ("far", 40, "RNN"), ("far", 80, "RNN"),
    ]  # fmt: skip
    assert {row["rate"] for row in summary(runs, TRIALS)} == {3.2e-2}
    assert summary(runs, TRIALS)[-1]["scores"] == "0.032  0.032"
    near = sorted({r["rate"] for r in runs if r["task"] == "near"})
    np.testing.assert_allclose(near, 2e-3 * 2.0 ** np.arange(FEWEST + 1))
    far = sorted({r["rate"] for r in runs if r["task"] == "far"})
    np.testing.assert_allclose(far, 1e-3 * 2.0 ** np.arange(FEWEST + 2))
    assert {r["seed"] for r in runs if r["task"] == "near" and r["rate"] != 3.2e-2} == {100}
    assert {r["length"] for r in runs if r["seed"] >= 100} == {5, 40}, "rates of 80 are those of 40"
    assert sorted(r["seed"] for r in runs if r["length"] == 80) == [0, 1]
    keys = [(r["task"], r["length"], r["kind"], r["rate"], r["seed"]) for r in runs]
    assert len(set(keys)) == len(keys)


def test_some_kinds_run_alone_and_do_not_make_a_summary():
    runs = followed(8e-3, ["GRU"])
    assert {r["kind"] for r in runs} == {"GRU"}
    assert next(wanted(runs, TRIALS, ["GRU"]), None) is None
    with pytest.raises(ValueError, match="summary: wanted runs of RNN in 'near' of length 5, got none that count"):
        summary(runs, TRIALS)


def test_a_score_of_a_training_that_diverged_is_shown_as_missing():
    runs = followed(8e-3)
    lost = [r | {"score": None} if r["task"] == "near" and r["seed"] == 1 else r for r in runs]
    assert summary(lost, TRIALS)[0]["scores"] == "0.008  –  0.008  0.008  0.008"
