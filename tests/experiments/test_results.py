"""Results of long comparisons: the package holds what the benchmarks wrote, and says what there is."""

import pytest

from course_utils.experiments.results import FOLDER, load_results
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


def test_no_run_of_chapter_09_stands_there_twice():
    runs = load_results("lstm")["runs"]
    assert len({(run["task"], run["kind"], run["setting"], run["seed"]) for run in runs}) == len(runs)
