"""Results of long comparisons: the package holds what the benchmarks wrote, and says what there is."""

import json

import pytest

from course_utils.experiments.results import FOLDER, load_results
from tools.course import ROOT

NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(FileNotFoundError, match=f"wanted one of {', '.join(NAMES)}, got 'nothing'"):
        load_results("nothing")


@pytest.mark.parametrize("name", NAMES)
def test_each_was_written_by_a_benchmark_that_is_there(name):
    assert load_results(name)
    assert (ROOT / "benchmarks" / f"{name}.py").exists()


def test_the_runs_of_chapter_08_are_those_of_its_benchmark():
    full = json.loads((ROOT / "benchmarks" / "results" / "lstm.json").read_text("utf-8"))
    assert not full["quick"]
    drawn = load_results("lstm")["runs"]
    assert drawn == [{key: value for key, value in run.items() if key != "seconds"} for run in full["runs"]]
    assert len({(run["task"], run["kind"], run["setting"], run["seed"]) for run in drawn}) == len(drawn)
