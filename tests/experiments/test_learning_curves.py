"""What the curves say follows from their runs; what is committed was tuned as it says."""

import numpy as np
import pytest

from course_utils.experiments.learning_curves import FEWEST, SIZES, TUNED_ON, chosen_rate, markdown, points, tuning
from course_utils.experiments.results import load_results

RATES = (1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2)


def run(rate, score, *, model="RNN", seed=0, budget=TUNED_ON["28k"], valid=None, size="28k", seconds=2.0):
    return {
        "model": model, "size": size, "budget": budget, "rate": rate, "seed": seed, "parameters": 28_000,
        "valid": score if valid is None else valid, "score": score, "seconds": seconds,
    }  # fmt: skip


SEARCH = [run(rate, bits) for rate, bits in zip(RATES, (2.9, 2.7, 2.5, 2.6, 2.8), strict=True)]


def test_the_validation_text_chooses_and_the_held_out_text_is_reported():
    valid = dict(zip(RATES, (2.9, 2.4, 2.5, 2.6, None), strict=True))
    runs = [run(rate, 2.0, valid=bits) | {"valid": bits} for rate, bits in valid.items()]
    runs[0]["score"] = 1.0
    assert tuning(runs, "RNN", "28k") == valid | {1.6e-2: np.inf}
    assert chosen_rate(runs, "RNN", "28k") == 2e-3
    assert [point.mean for point in points(runs)] == [2.0]


@pytest.mark.parametrize("left_out", [0, 1, 2, 3, 4])
def test_there_is_no_rate_and_no_point_before_the_search_is_over(left_out):
    runs = SEARCH[:left_out] + SEARCH[left_out + 1 :]
    assert chosen_rate(runs, "RNN", "28k") is None
    assert points(runs) == []


def test_the_best_may_not_stand_at_the_edge():
    edge = [run(rate, 3 - i / 10) for i, rate in enumerate(RATES)]
    assert chosen_rate(edge, "RNN", "28k") is None
    assert chosen_rate([*edge, run(3.2e-2, 2.7)], "RNN", "28k") == 1.6e-2


def test_other_seeds_budgets_sizes_and_models_choose_nothing():
    others = [
        run(4e-3, 0.1, seed=1),
        run(1e-3, 0.1, budget=3_000_000),
        run(1e-3, 0.1, size="90k"),
        run(1e-3, 0.1, model="GRU"),
    ]
    assert chosen_rate([*SEARCH, *others], "RNN", "28k") == 4e-3
    found = points([*SEARCH, *others, run(4e-3, 2.7, seed=2, seconds=5.0), run(4e-3, 2.2, budget=3_000_000)])
    assert [(point.budget, point.scores) for point in found] == [(800_000, (2.5, 0.1, 2.7)), (3_000_000, (2.2,))]
    assert found[0].mean == pytest.approx(5.3 / 3)
    assert found[0].seconds == 3.0


def test_ngrams_have_no_rate_and_diverged_runs_no_point():
    counted = run(None, 1.9, model="n-gram", size="any")
    lost = run(4e-3, None, budget=3_000_000) | {"score": None, "seconds": None}
    assert [(point.model, point.mean) for point in points([*SEARCH, counted, lost])] == [("n-gram", 1.9), ("RNN", 2.5)]


def test_the_table_has_a_row_for_each_model_of_each_size():
    runs = [
        *SEARCH,
        run(4e-3, 2.7, seed=1),
        run(4e-3, 2.2, budget=3_000_000),
        run(None, 1.9, model="n-gram", size="any"),
    ]
    gru = [run(rate, 2.0 + i % 2, model="GRU", size="90k", seconds=0.1) for i, rate in enumerate(RATES)]
    assert markdown(points([*runs, *gru])).splitlines() == [
        "| model | parameters | 0.8 M | 3 M | seconds a million |",
        "| --- | --: | --: | --: | --: |",
        "| RNN | 28,000 | 2.600 ± 0.100 | 2.200 | 1 |",
        "| GRU | 28,000 | 2.000 | – | < 1 |",
        "| n-gram | 28,000 | 1.900 | – | 2 |",
    ]


RUNS = load_results("learning_curves")["runs"]


def test_no_run_stands_there_twice():
    keys = [tuple(run[key] for key in ("model", "size", "budget", "rate", "seed")) for run in RUNS]
    assert len(set(keys)) == len(keys)


def test_every_point_has_a_rate_of_its_own_from_at_least_five():
    for point in points(RUNS):
        if point.model != "n-gram":
            tried = tuning(RUNS, point.model, point.size)
            assert len(tried) >= FEWEST
            assert min(tried) < point.rate < max(tried)
            np.testing.assert_allclose(np.diff(np.log2(list(tried))), 1, rtol=1e-6)
            assert point.parameters <= SIZES[point.size]
