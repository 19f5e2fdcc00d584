"""How long a learner waits between pressing a key and seeing the changed picture, in JupyterLab in a real browser.

    python -m benchmarks.speed.explorers [--quick] [01 03]

Each chapter is opened and run with one cell added after each explorer: a plain `interact` that draws the same figure
anew (benchmarks/speed/plain_redraw.py). Then every control is moved 40 times (8 with --quick), each time when all is quiet,
and the page notes the time from the event (a key, or the change of a list) to the first animation frame in which the
new picture is loaded. A move that changes no pixel is not counted, and fields of free text are not measured. `interact`
is measured with the explorer's first control only. The median and the 95th percentile go to
benchmarks/results/explorers.json, where chapters that are not named keep their rows. Wanted: p95 of at most 75 ms.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.browser.explorer_page import PIXELS, settle
from tools.browser.lab import browser_path, chromium, jupyter_lab
from tools.browser.notebook_page import NotebookPage, open_notebook, what_explorers_need
from tools.command_line import arguments
from tools.course import ROOT
from tools.machine import load
from tools.report import Rows, rows_of, write

if TYPE_CHECKING:
    from playwright.sync_api import Locator

TITLE = "key press to changed picture"
TARGET = 75
"""Milliseconds, for the 95th percentile."""
PLAIN = "from benchmarks.speed.plain_redraw import plain_redraw\n\nplain_redraw(Out[max(Out)])"
WATCH = """root => {
    const picture = () => {
        const images = [...root.querySelectorAll('img')];
        return images.length && images.every(i => i.complete && i.naturalWidth)
            ? images.map(i => i.src.length + i.src.slice(-4000)).join() : null;
    };
    const before = picture();
    window.pressed = window.changed = null;
    for (const kind of ['keydown', 'change'])  // a chosen option has no key of its own
        window.addEventListener(kind, event => window.pressed ??= event.timeStamp, {capture: true, once: true});
    const frame = () => {
        const now = picture();
        if (pressed !== null && now !== null && now !== before) window.changed = performance.now();
        else if (root === window.watched) requestAnimationFrame(frame);
    };
    window.watched = root;
    requestAnimationFrame(frame);
}"""


def acts(control: "Locator") -> Iterator[Callable[[], object]]:
    """Without end: the next act that moves `control`, prepared but not yet done. Nothing for a field of free text."""
    keyboard = control.page.keyboard
    if (handle := control.locator(".noUi-handle")).count():
        handle.focus()
        key = "ArrowRight"
        while True:
            low, high, now = (float(handle.get_attribute(f"aria-value{name}") or 0) for name in ("min", "max", "now"))
            key = "ArrowLeft" if now >= high else "ArrowRight" if now <= low else key
            yield partial(keyboard.press, key)
    elif (select := control.locator("select")).count():
        for index in cycle(range(select.locator("option").count())):
            if index != select.evaluate("e => e.selectedIndex"):
                yield partial(select.select_option, index=index)
    elif (box := control.locator("input[type=checkbox]")).count():
        while True:
            yield partial(box.press, "Space")
    elif (buttons := control.locator("button")).count():
        for button in cycle(buttons.all()):
            if "mod-active" not in (button.get_attribute("class") or ""):
                yield partial(button.press, "Space")
    elif (number := control.locator("input[type=number]")).count():
        for change in cycle((1, 1, -1, -1)):
            number.fill(f"{float(number.input_value()) + change:g}")
            yield partial(keyboard.press, "Enter")


def milliseconds(root: "Locator", control: "Locator", presses: int) -> list[float]:
    """From each act on `control` to the changed picture under `root`; empty for a field of free text."""
    from playwright.sync_api import TimeoutError as NothingChanged

    page, found = root.page, list[float]()
    for act in islice(acts(control), presses):
        settle(page)
        before = root.locator("img").first.evaluate(PIXELS)
        root.evaluate(WATCH)
        act()
        try:
            page.wait_for_function("() => changed !== null", timeout=3_000)
        except NothingChanged:
            continue
        settle(page)
        if root.locator("img").first.evaluate(PIXELS) != before:
            found.append(page.evaluate("() => changed - pressed"))
    return found


def measure(notebook: NotebookPage, chapter: str, presses: int) -> Iterator[dict[str, Any]]:
    """One row for each control of each explorer of an open chapter."""
    plain = notebook.page.locator(".widget-interact").all()
    for explorer, other in zip(notebook.explorers(), plain, strict=True):
        measured = False
        for index, (key, control) in enumerate(explorer.controls().items()):
            times = milliseconds(explorer.root, control, presses)
            if not times:
                continue
            twin = other.locator("> .widget-inline-hbox").nth(index)
            again = [] if measured else milliseconds(other, twin, presses)
            measured = True
            row = {"chapter": chapter, "explorer": explorer.name, "control": key, "moves": len(times)}
            row |= {"p50 ms": median(times), "p95 ms": p95(times)}
            row |= (
                {"interact p50 ms": median(again), "interact p95 ms": p95(again)}
                if again
                else dict.fromkeys(("interact p50 ms", "interact p95 ms"))
            )
            yield {name: round(value, 1) if isinstance(value, float) else value for name, value in row.items()}


def p95(times: list[float]) -> float:
    """The 95th percentile."""
    return float(np.percentile(times, 95))


def kept(measured: set[str]) -> Rows:
    """The rows of the last results for all other chapters."""
    return [row for row in rows_of("explorers", TITLE) if row["chapter"] not in measured]


def main(names: list[str], quick: bool) -> Rows:
    """Measure the chapters that begin with one of `names` (all, if there is none), print and write the table.

    Raises FileNotFoundError if there is no browser, RuntimeError if a chapter does not run.
    """
    path, rows = browser_path(), list[dict[str, Any]]()
    if path is None:
        raise FileNotFoundError("explorers: wanted Chromium or Chrome on the PATH, or named by CHROMIUM; found none")
    busy = load()
    with TemporaryDirectory() as home, jupyter_lab(Path(home)) as lab, chromium(path) as browser:
        for source in sorted((ROOT / "notebooks").glob("*.ipynb")):
            if names and not source.name.startswith(tuple(names)):
                continue
            what_explorers_need(source, lab.folder / source.name, PLAIN)
            with open_notebook(browser, lab, source.name) as notebook:
                notebook.run_all()
                if failures := notebook.failures():
                    raise RuntimeError(f"{source.name} does not run: {failures}")
                for row in measure(notebook, source.stem, 8 if quick else 40):
                    rows.append(row)
                    print(row, flush=True)
        facts = {"browser": browser.version, "load_at_start": busy, "target_p95_ms": TARGET}
    slow = [f"{row['explorer']}.{row['control']}" for row in rows if row["p95 ms"] > TARGET]
    table = sorted([*kept({row["chapter"] for row in rows}), *rows], key=lambda row: row["chapter"])
    write("explorers", {TITLE: table}, keep=not quick, **facts)
    print(f"\np95 above {TARGET} ms: {', '.join(slow) or 'none'} (load at the start: {busy})")
    return rows


if __name__ == "__main__":
    main(**vars(arguments(__doc__, quick="8 presses instead of 40", names="NN")))
