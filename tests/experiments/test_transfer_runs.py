"""What the runs of the transfer comparison say when summed up: one draw of labels chooses a rate, five others are reported."""

import numpy as np
import pytest

from course_utils.experiments import transfer_runs
from course_utils.experiments.results import load_results
from course_utils.experiments.transfer_runs import (
    CASES,
    FEW,
    FEWEST,
    SEEDS,
    TUNING_SEED,
    accuracies,
    chosen_rate,
    explorable,
    runs_of,
    tried,
    wanted,
)
from course_utils.explorers.transfer import transfer_explorer


def followed_to_its_end(best):
    """The runs of a comparison in which this rate is the best for everybody."""
    runs = []
    while settings := [*wanted(runs)]:
        for setting in settings:
            away, seed = abs(np.log(setting["rate"] / best)), setting["seed"]
            wrong, accuracy = (away, None) if seed == TUNING_SEED else (None, 0.8 + seed / 100)
            runs.append(setting | {"wrong": wrong, "accuracy": accuracy})
    return runs


@pytest.mark.parametrize(("best", "more"), [(8e-3, 0), (3.2e-2, 1), (2e-3, 1), (0.128, 3)])
def test_a_comparison_that_is_followed_to_its_end_has_all_cases(best, more):
    runs = followed_to_its_end(best)
    cases = sum(len(case.labels) for case in CASES)
    assert len(runs) == cases * (FEWEST + more + len(SEEDS))
    assert {run["rate"] for run in runs if run["seed"] != TUNING_SEED} == {best}
    found = accuracies(runs)
    assert {(source, mode) for source in found for mode in found[source]} == {(c.source, c.mode) for c in CASES}
    transfer_explorer(explorable(runs))


def test_what_is_not_complete_is_not_reported():
    runs = followed_to_its_end(8e-3)
    case = CASES[0]
    without = [run for run in runs if (run["source"], run["labels"], run["seed"]) != (case.source, 500, 3)]
    assert list(accuracies(without)[case.source][case.mode]) == ["200", "2000", "16000"]
    untuned = [run for run in runs if not (run["seed"] == TUNING_SEED and run["rate"] < 8e-3)]
    assert accuracies(untuned) == {}
    assert chosen_rate(untuned, case.source, case.mode, 200) is None


COMMITTED = load_results("transfer")["runs"]


def test_no_run_stands_there_twice():
    keys = [(r["source"], r["mode"], r["labels"], r["rate"], r["seed"]) for r in COMMITTED]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.source}, {case.mode}")
def test_every_case_has_a_rate_inside_its_grid_and_all_its_seeds(case):
    for labels in case.labels:
        rates = list(tried(COMMITTED, case.source, case.mode, labels))
        assert len(rates) >= FEWEST
        np.testing.assert_allclose(np.divide(rates[1:], rates[:-1]), 2)
        rate = chosen_rate(COMMITTED, case.source, case.mode, labels)
        assert rates[0] < rate < rates[-1]
        reported = [run for run in runs_of(COMMITTED, case.source, case.mode, labels) if run["seed"] != TUNING_SEED]
        assert sorted((run["rate"], run["seed"]) for run in reported) == [(rate, seed) for seed in SEEDS]


def test_no_run_is_judged_on_reviews_that_choose_and_on_reviews_that_count():
    for run in COMMITTED:
        chooses = run["seed"] == TUNING_SEED
        assert (run["wrong"] is None, run["accuracy"] is None) == (not chooses, chooses)


def test_every_source_says_how_much_it_read():
    known = {row["source"] for row in load_results("transfer")["sources"]}
    untrained = {"from scratch", "random", transfer_runs.SAME_TEXT, transfer_runs.NEW}
    assert known == {case.source for case in CASES} - untrained


def test_few_labels_are_those_that_all_have():
    assert all(case.labels[: len(FEW)] == FEW for case in CASES)
