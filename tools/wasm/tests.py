"""The stage `wasm`: text, data, exercises, explorers, and layers that look something up, tested under Pyodide in two processes.

Where Node or the files cannot be had it says so and succeeds. Looked for is what differs on a 32-bit machine, so what is
expensive and the same everywhere is left to the stage `tests`: the types of arguments are not checked at every call, and
hypothesis tries fewer examples (the profile "wasm" in tests/conftest.py). Every explorer is moved by each of its controls;
what else is known of its pictures, and all layers, belong to `WHOLE`, which takes half an hour and is a slow test.
"""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from tools.wasm.files import Files, Unavailable, fetch
from tools.wasm.node import COURSE, run

PARTS = (
    ("tests/explorers", "-k", "every_control_matters or works_without or strange or odd"),
    (
        "tests/text",
        "tests/data",
        "tests/exercises",
        *(f"tests/layers/test_{name}.py" for name in ("embedding", "positions")),
    ),
)
"""Two parts that take about as long."""
WHOLE = (("tests/explorers", "tests/data"), ("tests/layers", "tests/text", "tests/exercises"))
LEFT_OUT = {
    "tests/data/test_downloads.py": "its server wants a thread",
    "tests/exercises/test_all.py::test_the_stub_is_told_not_yet": "reads lessons with jupytext",
    "tests/exercises/test_all.py::test_lesson_and_exercises_agree": "reads lessons with jupytext",
    "tests/data/test_dates.py::test_importing_dates_does_not_import_babel": "wants a process",
    "tests/explorers/test_explorer.py::test_it_works_without_a_kernel": "wants a process",
    "tests/explorers/test_any_settings.py": "minutes, for what no machine changes: pictures under other settings",
    "tests/exercises/test_all.py::test_what_is_right_passes_however_it_is_written[09.5 one step": "a minute of T² steps",
}
"""What a browser cannot do, and no learner needs there; and what takes too long. With the reason, which is printed."""
PYTEST = (
    *("-q", "-rs", "--color=no", "--tb=short", "-o", "addopts=--import-mode=importlib"),
    *("-m", "not slow and not browser", "--hypothesis-profile=wasm"),
    *(
        "--capture=sys",
        "-p",
        "no:faulthandler",
        "-p",
        "no:cacheprovider",
    ),  # want file descriptors, and a place to write
)


def part(files: Files, tests: Sequence[str]) -> tuple[int, str]:
    """The exit code and the output of pytest for these tests."""
    left_out = [f"--{'deselect' if '::' in test else 'ignore'}={test}" for test in LEFT_OUT]
    done = run(
        files,
        "pytest",
        *PYTEST,
        *left_out,
        *tests,
        cwd=COURSE,
        MPLBACKEND="agg",
        HYPOTHESIS_STORAGE_DIRECTORY="/tmp/hypothesis",
    )
    return done.returncode, done.stdout


def added(outputs: Sequence[str]) -> str:
    """The last lines of several runs of pytest as one: "1 failed, 3904 passed"."""
    total = Counter[str]()
    for output in outputs:
        summary = output.strip().rpartition("\n")[2]
        total.update({what: int(count) for count, what in re.findall(r"(\d+) (failed|error|passed|skipped)", summary)})
    return ", ".join(f"{total[what]} {what}" for what in ("failed", "error", "passed", "skipped") if total[what])


def main(parts: Sequence[Sequence[str]] = PARTS) -> int:
    """Run the parts, print what they printed, and return 0 if all passed or none could run."""
    start = monotonic()
    try:
        files = fetch("browser.txt", "tests.txt")
        print(*(f"not run: {test} ({why})" for test, why in LEFT_OUT.items()), sep="\n", flush=True)
        with ThreadPoolExecutor() as pool:
            codes, outputs = zip(*pool.map(part, [files] * len(parts), parts), strict=True)
    except Unavailable as reason:
        print(f"skipped: the tests under Pyodide; {reason}")
        return 0
    print(*outputs, sep="\n")
    print(f"both together: {added(outputs)} in {monotonic() - start:.2f}s")
    return max(codes, key=abs)


if __name__ == "__main__":
    sys.exit(main())
