"""Results of long comparisons: the package holds what the benchmarks wrote, and says what there is."""

import pytest

from course_utils.experiments.results import FOLDER, collect, load_results
from tools.course import ROOT

NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(FileNotFoundError, match=f"wanted one of {', '.join(NAMES)}, got 'nothing'"):
        load_results("nothing")


@pytest.mark.parametrize("name", NAMES)
def test_each_was_written_by_a_benchmark_that_is_there(name):
    found = load_results(name)
    assert not found.get("quick")
    assert "numpy" in found["versions"]
    assert len(list((ROOT / "benchmarks").glob(f"*/{name}.py"))) == 1


def test_what_chapters_draw_is_kept_nowhere_else():
    assert not {path.stem for path in (ROOT / "benchmarks" / "results").glob("*.json")} & set(NAMES)


RUNS = [
    {"task": task, "kind": kind, "length": length, "seed": seed, "share right": length / 100 + seed / 10}
    for task in ("recall", "adding")
    for kind in ("RNN", "LSTM")
    for length in (20, 5)
    for seed in range(3)
]


def test_what_runs_measured_is_collected_by_columns():
    assert collect(RUNS, "share right", task="recall", kind="RNN", length=20) == [0.2, 0.2 + 0.1, 0.4]
    assert len(collect(RUNS, "share right", task="recall")) == 12
    by_length = collect(RUNS, "seed", "kind", "length", task="adding")
    assert by_length == {kind: {20: [0, 1, 2], 5: [0, 1, 2]} for kind in ("RNN", "LSTM")}
    assert list(by_length["RNN"]) == [20, 5], "in the order of the runs"


def test_runs_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match=r"got none; there are {'task': \['adding', 'recall'\]}"):
        collect(RUNS, "seed", task="counting")
