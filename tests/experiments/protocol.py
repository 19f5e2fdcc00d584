"""What any committed file of results has to hold that follows the protocol of `trials`."""

import numpy as np

from course_utils.experiments.trials import FEWEST, chosen_rate, tried


def expect_no_run_twice(runs):
    """No setting stands there twice."""
    keys = [(run["task"], run["length"], run["kind"], run["rate"], run["seed"]) for run in runs]
    assert len(set(keys)) == len(keys)


def expect_complete(runs, trial, reported):
    """Of every kind in this trial: all seeds, at a rate that has slower and faster neighbours; at least `FEWEST` tried."""
    of = (trial.task, trial.length)
    found = [run for run in reported if (run["task"], run["length"]) == of and run["kind"] in trial.kinds]
    assert sorted((run["kind"], run["seed"]) for run in found) == sorted(
        (kind, seed) for kind in trial.kinds for seed in range(trial.seeds)
    )
    for kind in trial.kinds:
        rates = list(tried(runs, trial, kind))
        assert len(rates) >= FEWEST
        np.testing.assert_allclose(np.divide(rates[1:], rates[:-1]), 2)
        assert rates[0] < chosen_rate(runs, trial, kind) < rates[-1]
