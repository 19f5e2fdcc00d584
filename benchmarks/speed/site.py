"""How long a learner waits on the built website: for a page, for the first explorer in the tab, and for a whole chapter.

    make site
    python -m benchmarks.speed.site [--quick] 00 [01 ...]

In Chromium, against a server on this machine: no network is measured, so the megabytes are told, too. For each chapter that
is named, in a browser that has never been here:

- "page": from the link to the first paint of its page
- "alive": from the link of the tab, with "Run All" as soon as the kernel listens, to the first explorer with its picture
- "again": the same in a second tab of the same browser, which has what its store takes (in a window without a profile, as
  here, that is the memory: some large files are fetched again)
- "run all": from "Run All" until the last cell is done
- "p50", "p95": from an arrow key on the first slider of that explorer to the changed picture, 40 times (8 with --quick)

Results go to benchmarks/results/site.json after every chapter, where chapters that are not named keep their rows, together
with how busy the machine was: above half of its cores, read all times as upper bounds.
"""

from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.speed.explorers import milliseconds, p95
from tools.browser.explorer_page import EXPLORER, ExplorerPage
from tools.browser.lab import browser_path, chromium
from tools.browser.notebook_page import NotebookPage
from tools.browser.site import Site, served
from tools.command_line import arguments
from tools.course import Chapter, chapters
from tools.machine import load
from tools.report import Rows, rows_of, write
from tools.site.__main__ import OUT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

TITLE = "waiting on the website"
PATIENCE = 900
"""Seconds that anything may take."""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
RUN_ALL = """() => {
    window.began = performance.now();
    window.ended = jupyterapp.commands.execute('notebook:run-all-cells').then(() => performance.now() - began);
}"""
ALIVE = f"""() => {{
    const picture = document.querySelector({EXPLORER + " > img"!r});
    return picture?.complete && picture.naturalWidth && performance.now();
}}"""


def first_explorer(context: "BrowserContext", address: str) -> tuple[NotebookPage, float]:
    """A notebook in a new tab, in which all cells are being run, and the seconds until its first explorer is there."""
    tab = NotebookPage(context.new_page(), address, patience=PATIENCE)
    tab.page.evaluate(RUN_ALL)
    alive = tab.page.wait_for_function(ALIVE, timeout=PATIENCE * 1000)
    return tab, alive.json_value() / 1000


def measure(browser: "Browser", site: Site, chapter: Chapter, presses: int) -> dict[str, Any]:
    """One row. Raises RuntimeError if the chapter does not run in the tab."""
    busy, before = load(), site.sent
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        page.goto(site.page(f"{chapter.name}.html"))
        painted = page.wait_for_function(PAINTED).json_value()
        page.close()
        read = site.sent
        tab, alive = first_explorer(context, site.url(chapter.notebook.name))
        fetched = site.sent
        whole = tab.page.evaluate("() => ended")
        if failures := tab.failures():
            raise RuntimeError(f"{chapter.name} does not run in the tab: {failures}")
        explorer = ExplorerPage(chapter.name, tab.page.locator(EXPLORER).first)
        sliders = (control for control in explorer.controls().values() if control.locator(".noUi-handle").count())
        times = milliseconds(explorer.root, next(sliders), presses)
        tab.page.close()
        second = site.sent
        tab, again = first_explorer(context, site.url(chapter.notebook.name))
        tab.page.close()
    row = {"chapter": chapter.name, "page s": painted / 1000, "page MB": (read - before) / 1e6, "alive s": alive}
    row |= {"alive MB": (fetched - read) / 1e6, "again s": again, "again MB": (site.sent - second) / 1e6}
    row |= {"run all s": whole / 1000, "moves": len(times), "p50 ms": median(times), "p95 ms": p95(times)}
    row = {name: round(value, 2) if isinstance(value, float) else value for name, value in row.items()}
    return row | {"load before": busy, "load after": load()}


def main(names: list[str], quick: bool) -> Rows:
    """Measure the chapters that begin with one of `names` (all, if there is none), print and write the table.

    Raises FileNotFoundError if there is no browser or no site.
    """
    path, measured = browser_path(), list[dict[str, Any]]()
    if path is None or not OUT.exists():
        raise FileNotFoundError("site: wanted Chromium (on the PATH, or named by CHROMIUM) and _site/ (make site)")
    with served(OUT) as site, chromium(path) as browser:
        for chapter in chapters():
            if chapter.written and (not names or chapter.name.startswith(tuple(names))):
                measured.append(measure(browser, site, chapter, 8 if quick else 40))
                others = [row for row in rows_of("site", TITLE) if row["chapter"] != chapter.name]
                rows = sorted([*others, measured[-1]], key=lambda row: row["chapter"])
                write("site", {TITLE: rows}, keep=not quick, browser=browser.version)
    return measured


if __name__ == "__main__":
    main(**vars(arguments(__doc__, quick="8 presses instead of 40", names="NN")))
