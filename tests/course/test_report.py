"""Reports: what a chapter shows has one home, what a quick run measures has none, and a long comparison goes on."""

import json

import pytest

from tools import report
from tools.report import Runs, rows_of, table, write

ROWS = [{"model": "RNN", "seed": 0, "bits": 2.5}, {"model": "LSTM", "seed": 0, "bits": None}]


@pytest.fixture(autouse=True)
def homes(tmp_path, monkeypatch):
    """Two empty homes."""
    for name in ("SHOWN", "RESULTS"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(report, name, tmp_path / name)
    return tmp_path


def written(homes):
    return sorted(path.relative_to(homes).as_posix() for path in homes.rglob("*.json"))


def test_words_stand_left_and_numbers_right():
    lines = table([{"who": "ours", "ms": 12.25}, {"who": "a loop", "ms": None}]).splitlines()
    assert lines == ["who       ms", "ours    12.2", "a loop     –"]


@pytest.mark.parametrize(("shown", "home"), [(True, "SHOWN"), (False, "RESULTS")])
def test_a_table_is_written_once_with_what_it_was_measured_on(homes, shown, home):
    write("trial", {"runs": ROWS}, shown=shown, steps=3)
    assert written(homes) == [f"{home}/trial.json"]
    found = json.loads((homes / home / "trial.json").read_text("utf-8"))
    assert found["runs"] == ROWS == rows_of("trial", "runs", shown=shown)
    assert found["steps"] == 3
    assert {"python", "numpy"} <= set(found["versions"])
    assert found["machine"]["cores"]


def test_every_row_has_a_line_of_its_own(homes):
    write("trial", {"runs": ROWS, "nothing": []}, note=[1, 2])
    lines = (homes / "RESULTS" / "trial.json").read_text("utf-8").splitlines()
    assert [json.loads(line.rstrip(",")) for line in lines if line.startswith("  ")] == ROWS


def test_a_quick_run_is_printed_and_not_kept(homes, capsys):
    write("trial", {"runs": ROWS}, keep=False)
    assert written(homes) == []
    assert "RNN" in capsys.readouterr().out


def test_a_table_that_is_not_there_has_no_rows():
    assert rows_of("trial", "runs") == []


def compare(*, keep, stop=None):
    """Six runs, interrupted before number `stop`; returns the rows, and which were measured this time."""
    runs, measured = Runs("trial", keep=keep, steps=3), []

    def measure(k):
        if k == stop:
            raise KeyboardInterrupt
        measured.append(k)
        return {"bits": k / 4}

    for k in range(6):
        runs.run({"model": "RNN", "seed": k, "delay": None}, lambda k=k: measure(k))
    return runs.rows, measured


def test_a_comparison_goes_on_where_it_was_interrupted(homes):
    with pytest.raises(KeyboardInterrupt):
        compare(keep=True, stop=4)
    assert len(rows_of("trial", "runs", shown=True)) == 4
    rows, measured = compare(keep=True)
    assert measured == [4, 5]
    assert rows == rows_of("trial", "runs", shown=True)
    assert rows == [{"model": "RNN", "seed": k, "delay": None, "bits": k / 4} for k in range(6)]
    assert json.loads((homes / "SHOWN" / "trial.json").read_text("utf-8"))["steps"] == 3
    assert compare(keep=True)[1] == []


def test_a_quick_comparison_neither_reads_nor_writes(homes):
    write("trial", {"runs": [{"model": "RNN", "seed": 0, "delay": None, "bits": 9}]}, shown=True)
    before = (homes / "SHOWN" / "trial.json").read_bytes()
    rows, measured = compare(keep=False)
    assert measured == [0, 1, 2, 3, 4, 5]
    assert rows[0]["bits"] == 0
    assert (homes / "SHOWN" / "trial.json").read_bytes() == before


def double(setting):
    return setting | {"bits": 2 * setting["seed"]}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_comparison_is_filled_until_nothing_is_wanted(homes, jobs):
    """What is wanted may depend on what was found: here each seed on the one before, up to 3."""

    def wanted(rows):
        seeds = {row["seed"] for row in rows}
        return [{"seed": seed} for seed in range(min(len(seeds) + 1, 4)) if seed not in seeds]

    Runs("trial", keep=True).fill(wanted, double, jobs)
    assert rows_of("trial", "runs", shown=True) == [{"seed": seed, "bits": 2 * seed} for seed in range(4)]
    Runs("trial", keep=True).fill(wanted, None, jobs)
