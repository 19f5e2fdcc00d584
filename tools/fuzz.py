"""Long fuzzing: the tests of tests/hard_use with thousands of examples each, and a table of how many were tried.

python -m tools.fuzz                  everything, with the profile "thorough" of tests/conftest.py: about half an hour on one core
python -m tools.fuzz test_text.py     only these files; the other rows of the table stay as they are

Nothing is seeded here, so every run tries other examples. Exits with 1 if any failed; pytest has then printed the smallest
one, and how to try it again. Writes benchmarks/results/fuzz.json.
"""

import argparse
import re
import subprocess
import sys

from tools.course import ROOT
from tools.report import rows_of, write

FOLDER = "tests/hard_use"
RUN = ("-m", "pytest", "-q", "--hypothesis-profile=thorough", "--hypothesis-show-statistics", "-p", "no:cacheprovider")
TEST = re.compile(r"^tests/hard_use/(test_\w+\.py)::(\w+).*:$")
COUNTS = re.compile(r"(\d+) passing(?: examples)?, (\d+) failing")


def examples(report: str) -> dict[tuple[str, str], list[int]]:
    """From pytest's output: for each file and test, how many examples passed and how many failed, of all its parameters."""
    found: dict[tuple[str, str], list[int]] = {}
    counts = [0, 0]
    for line in report.splitlines():
        if test := TEST.match(line):
            counts = found.setdefault((test[1], test[2]), [0, 0])
        else:
            for passed, failed in COUNTS.findall(line):
                counts[0] += int(passed)
                counts[1] += int(failed)
    return found


def main(names: list[str]) -> int:
    """Run these files, or all, and write the table."""
    files = names or sorted(path.name for path in (ROOT / FOLDER).glob("test_*.py"))
    code, rows = 0, []
    for name in files:
        run = subprocess.run(
            (sys.executable, *RUN, f"{FOLDER}/{name}"), cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        code = code or run.returncode
        if run.returncode:
            print(run.stdout)
        rows += [
            {"file": file, "test": test, "examples": passed + failed, "failed": failed}
            for (file, test), (passed, failed) in examples(run.stdout).items()
        ]
    if names:
        rows += [row for row in rows_of("fuzz", "examples") if row["file"] not in names]
    rows.sort(key=lambda row: (row["file"], row["test"]))
    total = {key: sum(row[key] for row in rows) for key in ("examples", "failed")}
    write("fuzz", {"examples": rows, "in all": [{"tests": len(rows)} | total]})
    return code


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = sorted(path.name for path in (ROOT / FOLDER).glob("test_*.py"))
    parser.add_argument("files", nargs="*", choices=[*known, []], metavar="file", help=", ".join(known))
    sys.exit(main(parser.parse_args().files))
