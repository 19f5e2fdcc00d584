"""Trials of depth: their rates are searched on the first characters, from seed 0; what is reported has the chosen one."""

import numpy as np
import pytest

from benchmarks.quality.depth import PLAN
from course_utils.experiments.depth import TUNED_ON, Trial, chosen_rate, reported, tried
from course_utils.experiments.results import load_results

TRIAL = Trial(2, 40, gain=4.0)
RATES = 8e-3 * 2.0 ** np.arange(5)


def run(trial, rate, seed=0, valid=2.5, score=2.4):
    return trial._asdict() | {"rate": rate, "seed": seed, "valid": valid, "score": score}


SEARCH = [run(TRIAL, rate, valid=abs(np.log(rate / 3.2e-2))) for rate in RATES[::-1]]


def test_the_best_rate_inside_the_grid_is_chosen():
    assert list(tried(SEARCH, TRIAL)) == RATES.tolist()
    assert chosen_rate(SEARCH, TRIAL) == 3.2e-2
    assert chosen_rate(SEARCH[:4], TRIAL) is None, "too few"
    assert chosen_rate([*SEARCH, run(TRIAL, 0.256, valid=-1.0)], TRIAL) is None, "the best at the edge"


def test_other_seeds_trials_and_texts_choose_nothing():
    others = [TRIAL._replace(gain=1.0), TRIAL._replace(dropout=0.5), TRIAL._replace(characters=50_000, times=16)]
    more = [run(other, 8e-3, valid=-1.0) for other in others] + [run(TRIAL, 8e-3, seed=1, valid=-1.0)]
    assert chosen_rate(SEARCH + more, TRIAL) == 3.2e-2
    assert chosen_rate(SEARCH, others[0]) is None


def test_a_longer_text_has_the_rate_of_the_first_characters():
    longer = TRIAL._replace(characters=3_000_000)
    assert chosen_rate([*SEARCH, run(longer, 1.6e-2, valid=-1.0)], longer) == 3.2e-2
    assert tried(SEARCH, TRIAL._replace(characters=50_000)) == {}


def test_a_training_that_left_the_finite_numbers_is_never_chosen():
    assert tried([run(TRIAL, 4e-3, valid=None)], TRIAL) == {4e-3: np.inf}


def test_reported_is_what_has_the_chosen_rate():
    runs = [run(TRIAL, 3.2e-2, 2), run(TRIAL, 8e-3, 1), *SEARCH, run(TRIAL, 3.2e-2, 1)]
    assert [(one["rate"], one["seed"]) for one in reported(runs, TRIAL)] == [(3.2e-2, seed) for seed in range(3)]


def test_what_is_not_there_is_refused_by_name():
    with pytest.raises(ValueError, match="reported: wanted a trial .* got 3x32 gain 1 dropout 0.25 800,000x1"):
        reported(SEARCH, Trial(3, 32, dropout=0.25))


def test_the_file_holds_whole_trials_each_run_once():
    """Trials at the end of the plan may not be there yet; one that is there has all its rates and seeds."""
    runs = load_results("depth")["runs"]
    assert len({tuple(one[key] for key in (*Trial._fields, "rate", "seed")) for one in runs}) == len(runs)
    assert {Trial(*(one[key] for key in Trial._fields)) for one in runs} <= {trial for trial, _ in PLAN}
    assert all(one["seed"] == 0 for one in runs if one["characters"] > TUNED_ON)
