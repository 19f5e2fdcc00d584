"""How all benchmarks report: tables to read, and the same as JSON with the versions and the machine it was measured on.

What a chapter draws is kept in course_utils/experiments/results/, everything else in benchmarks/results/.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from course_utils.experiments.results import FOLDER as SHOWN
from tools.course import ROOT
from tools.machine import arithmetic, installed, machine

RESULTS = ROOT / "benchmarks" / "results"
Rows = Sequence[dict[str, Any]]
"""The rows of a table, all with the same keys."""


def table(rows: Rows) -> str:
    """The rows as text: words to the left, numbers to the right, "–" for what was not measured."""
    lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    left = [isinstance(value, str) for value in rows[0].values()]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if to_left else cell.rjust(w) for cell, w, to_left in zip(line, widths, left, strict=True)
        )
        for line in lines
    )


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.3g}"
    return "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def home(name: str, shown: bool) -> Path:
    """The file of a benchmark: with the package if a chapter shows it, otherwise beside the benchmarks."""
    return (SHOWN if shown else RESULTS) / f"{name}.json"


def write(name: str, tables: dict[str, Rows], *, shown: bool = False, keep: bool = True, **facts: Any) -> None:
    """Print the tables; unless `keep` is false, as for a quick run, `store` them, too."""
    for title, rows in tables.items():
        print(f"\n{title}\n{table(rows)}" if rows else f"\n{title}: nothing measured")
    if keep:
        store(name, tables, shown=shown, **facts)


def store(name: str, tables: dict[str, Rows], *, shown: bool = False, **facts: Any) -> None:
    """Write the tables and `facts` to ``home(name, shown)``, with the versions and the machine."""
    content = {"versions": installed(), "machine": machine() | arithmetic(), **facts, **tables}
    home(name, shown).write_text(as_json(content), "utf-8")


def as_json(content: dict[str, Any]) -> str:
    """JSON with every row of a table on a line of its own, so that a difference shows which runs are new."""
    lines = ",\n ".join(f"{json.dumps(key)}: {_rows(value)}" for key, value in content.items())
    return f"{{\n {lines}\n}}\n"


def _rows(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]"
    return json.dumps(value)


def rows_of(name: str, table: str, *, shown: bool = False) -> list[dict[str, Any]]:
    """The rows of that table that were written last; none if there is no such file."""
    path = home(name, shown)
    return json.loads(path.read_text("utf-8"))[table] if path.exists() else []


class Runs:
    """The table "runs" of a long comparison that a chapter draws, written after each run, so that it can be interrupted.

    It goes on where the file ends: runs that stand there are not repeated; take their rows out to repeat them. A quick one
    begins with an empty table, and keeps nothing.
    """

    def __init__(self, name: str, *, keep: bool, **facts: Any) -> None:
        self.name, self.keep, self.facts = name, keep, facts
        self.rows = rows_of(name, "runs", shown=True) if keep else []

    def add(self, row: dict[str, Any]) -> None:
        """Print one more row and write the table."""
        print(*(f"{key} {value}" for key, value in row.items()), sep="  ", flush=True)
        self.rows.append(row)
        if self.keep:
            store(self.name, {"runs": self.rows}, shown=True, **self.facts)

    def run(self, setting: dict[str, Any], measure: Callable[[], dict[str, Any]]) -> None:
        """Add `setting` with what `measure` finds, unless there is a row of this setting."""
        if not any(setting.items() <= row.items() for row in self.rows):
            self.add(setting | measure())

    def fill(
        self,
        wanted: Callable[[Rows], Iterable[dict[str, Any]]],
        measure: Callable[[dict[str, Any]], dict[str, Any]],
        jobs: int,
    ) -> None:
        """Add ``measure(setting)`` for every setting that is still wanted, given the rows that are there, until none is.

        `jobs` at a time, each in a process of its own; `wanted` is asked again after each.
        """
        flying: dict[Future[dict[str, Any]], dict[str, Any]] = {}
        with ProcessPoolExecutor(jobs) as pool:
            while True:
                for setting in wanted(self.rows):
                    if len(flying) >= jobs:
                        break
                    if setting not in flying.values():
                        flying[pool.submit(measure, setting)] = setting
                if not flying:
                    return
                for finished in wait(flying, return_when=FIRST_COMPLETED).done:
                    del flying[finished]
                    self.add(finished.result())
