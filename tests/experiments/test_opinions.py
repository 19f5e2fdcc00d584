"""What is said of the readers follows from their runs, and what is committed agrees everywhere."""

import numpy as np
import pytest

from course_utils.experiments.learning_curves import points
from course_utils.experiments.opinions import FEWEST, chosen_rate, lines, markdown, tuning
from course_utils.experiments.results import load_results
from tools.course import ROOT, with_scoreboard


def run(model, rate, seed, valid, score, **more):
    fixed = {"model": model, "family": model, "parameters": 1_000, "seconds": 2.0}
    return fixed | {"rate": rate, "seed": seed, "valid": valid, "score": score} | more


RNN = [run("RNN", rate, 0, valid, score) for rate, valid, score in zip(
    (0.1, 0.2, 0.4, 0.8, 1.6), (0.7, 0.75, 0.8, 0.7, 0.6), (0.99, 0.9, 0.72, 0.7, 0.6), strict=True
)]  # fmt: skip
"""Validation chooses 0.4, although others are better on the held-out reviews."""


def test_the_rate_is_chosen_on_validation_reviews_and_all_its_seeds_count():
    (line,) = lines([*RNN, run("RNN", 0.4, 1, 0.5, 0.76, seconds=4.0), run("RNN", 0.1, 1, 0.99, 0.99)])
    assert (line.rate, line.scores, line.seconds) == (0.4, (0.72, 0.76), 3.0)
    assert line.mean == pytest.approx(0.74)


def test_without_five_rates_or_with_the_best_at_the_edge_there_is_no_line():
    assert lines(RNN[1:]) == []
    assert lines([*RNN[:4], run("RNN", 1.6, 0, 0.9, 0.9)]) == []


def test_the_best_comes_first_and_the_table_says_mean_and_spread():
    gru = [one | {"model": "GRU", "score": one["score"] + 0.1, "seconds": 0.2} for one in RNN]
    board = [*RNN, run("RNN", 0.4, 1, 0.5, 0.76), *gru]
    assert [line.model for line in lines(board)] == ["GRU", "RNN"]
    assert markdown(board).splitlines()[2:] == [
        "| GRU | 1,000 | 82.0 % ± 0.0 | 1 | < 1 |",
        "| RNN | 1,000 | 74.0 % ± 2.0 | 2 | 2 |",
    ]


RUNS = load_results("opinions")["runs"]


def test_readme_shows_what_is_committed():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_scoreboard(readme, points(load_results("learning_curves")["runs"]), RUNS) == readme


def test_every_reader_has_a_rate_of_its_own_and_three_seeds():
    board = lines(RUNS)
    assert {line.model for line in board} == {run["model"] for run in RUNS}
    for line in board:
        tried = tuning(RUNS, line.model)
        assert len(tried) >= FEWEST
        assert min(tried) < chosen_rate(RUNS, line.model) < max(tried)
        assert len(line.scores) >= 3
        assert np.isfinite(line.scores).all()
