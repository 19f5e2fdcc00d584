"""What the runs of memory say when summed up: rates are chosen by some seeds, and others are reported."""

import numpy as np
import pytest

from course_utils.experiments import memory_runs
from course_utils.experiments.memory_runs import CONTESTANTS, TRIALS, Trial, chosen_rate, reported, symbols_known, tried
from course_utils.experiments.results import load_results
from course_utils.models.equal_size import IDENTITY, OPEN

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


def test_reported_are_runs_with_the_chosen_rate_from_seeds_that_chose_nothing():
    runs = search(**{"r0.008": (0.5, 0.5)})
    for rate in RATES:
        runs += [run(rate, seed, 0.0, length) for seed in (3, 0) for length in (10, 20)]
    runs.append(run(8e-3, 0, 0.0, kind="GRU"))
    assert [(r["length"], r["rate"], r["seed"]) for r in reported(runs)] == [
        (20, 8e-3, 0), (20, 8e-3, 3), (10, 8e-3, 0), (10, 8e-3, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("shares", "known"), [([1.0, 0.95, 0.5, 0.5], 2), ([1.0, 1.0, 1.0, 0.0], 3), ([0.3, 0.2, 0.3, 0.2], 0)]
)
def test_symbols_that_are_known_are_counted(shares, known):
    assert symbols_known(shares) == known


COMMITTED = load_results("memory")["runs"]


def test_no_run_stands_there_twice():
    keys = [(r["task"], r["length"], r["kind"], r["rate"], r["seed"]) for r in COMMITTED]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: f"{trial.task} {trial.length}")
def test_every_contestant_has_a_rate_inside_its_grid_and_all_its_seeds(trial):
    of = (trial.task, trial.length)
    found = [r for r in reported(COMMITTED) if (r["task"], r["length"]) == of and r["kind"] in trial.kinds]
    assert sorted((r["kind"], r["seed"]) for r in found) == sorted(
        (kind, seed) for kind in trial.kinds for seed in range(trial.seeds)
    )
    for kind in trial.kinds:
        rates = list(tried(COMMITTED, trial, kind))
        assert len(rates) >= memory_runs.FEWEST
        np.testing.assert_allclose(np.divide(rates[1:], rates[:-1]), 2)
        assert rates[0] < chosen_rate(COMMITTED, trial, kind) < rates[-1]


def test_what_chapters_say_of_all_rates():
    """The identity, and an LSTM with open forget gates, recall 20 steps at every rate; RNN and LSTM at none from every seed."""
    recall = {kind: tried(COMMITTED, trial, kind) for trial in TRIALS[:2] for kind in trial.kinds}
    assert set(recall) == set(CONTESTANTS)
    assert max(*recall[IDENTITY].values(), *recall[OPEN].values()) < 0.05
    assert min(*recall["LSTM"].values(), *recall["RNN"].values()) > 0.5
