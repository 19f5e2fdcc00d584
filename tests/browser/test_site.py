"""The built website in a real browser: its pages, and every chapter in the tab, as a learner uses it.

`make test STAGES=site` builds the site first; with CHAPTERS="00 05" only these chapters are run in the tab, each in half a
minute or more. With the environment variable SCREENSHOTS=folder pages and tabs are also saved as pictures.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from course_utils.exercises import find
from tools.browser.axe import findings
from tools.browser.explorer_page import EXPLORER, ExplorerPage, moves
from tools.browser.notebook_page import PANEL, NotebookPage, rest_on
from tools.browser.site import Site, served
from tools.course import Chapter, chapters
from tools.site.__main__ import OUT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.site
WISH = os.environ.get("CHAPTERS", "").split()
CHOSEN = [c for c in chapters() if c.written and (not WISH or c.name[:2] in WISH)]
PAGES = sorted(path.name for path in OUT.glob("*.html"))
DESKTOP, PHONE, NARROW = (1280, 800), (390, 844), (320, 568)
"""NARROW is what WCAG 2.1 wants to be enough (reflow, 1.4.10)."""
PATIENCE = 900
"""Seconds that anything may take: on a busy machine the Python in the tab starts slowly."""
KNOWN = {
    "aria-allowed-attr": "two buttons above JupyterLab's list of files",
    "aria-input-field-name": "JupyterLab's editors of cells",
    "aria-required-children": "JupyterLab's list of cells",
    "image-alt": "JupyterLab leaves out the alt text that an output carries in its metadata",
    "scrollable-region-focusable": "JupyterLab's editors of cells with long lines, until one presses Enter",
}
"""Rules of axe that are broken in the tab, each with where and by whom. May only shrink; the pages break none."""
EQUATIONS = "() => !document.querySelector('.math') || window.MathJax?.startup?.promise?.then(() => true)"
FAULTS = """() => [
    ...[...document.images].filter(i => !(i.complete && i.naturalWidth)).map(i => `no picture: ${i.src}`),
    ...[...document.images].filter(i => i.getAttribute('alt') === null).map(i => `no alt text: ${i.src}`),
    ...document.documentElement.scrollWidth > innerWidth ? [`${document.documentElement.scrollWidth} pixels wide`] : [],
    ...[...document.querySelectorAll('.math')].filter(m => !m.querySelector('mjx-container')).map(m => `not set: ${m.innerText}`),
    ...[...document.querySelectorAll('mjx-merror')].map(m => `no equation: ${m.innerText}`),
]"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The site as `make site` left it."""
    if not OUT.exists():
        pytest.skip("there is no site: make site")
    with served(OUT) as site:
        yield site


@contextmanager
def fresh(browser: "Browser", site: Site) -> Iterator["BrowserContext"]:
    """A browser that has never been here; what it asks of other hosts is in `site.asked`."""
    (width, height), proxy = DESKTOP, {"server": site.proxy, "bypass": "127.0.0.1"}
    with browser.new_context(viewport={"width": width, "height": height}, proxy=proxy) as context:
        context.set_default_timeout(PATIENCE * 1000)
        yield context


def test_requests_to_other_hosts_are_heard(browser: "Browser", site: Site) -> None:
    asks = "fetch('https://cdn.example.org/a.js').catch(() => 0)"
    worker = f"const blob = URL.createObjectURL(new Blob([{json.dumps(asks.replace('/a', '/b'))}])); new Worker(blob)"
    with fresh(browser, site) as context:
        page = context.new_page()
        page.goto(site.page("index.html"))
        page.evaluate(asks)
        page.evaluate(f"() => {{ {worker}; return fetch('http://plain.example.org/').catch(() => 0); }}")
        page.wait_for_timeout(2000)
    assert sorted(site.asked) == ["cdn.example.org:443", "cdn.example.org:443", "http://plain.example.org/"]
    site.asked.clear()


def test_pages(browser: "Browser", site: Site) -> None:
    found = list[str]()
    with fresh(browser, site) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: found.append(f"uncaught: {error}"))
        page.on(
            "response", lambda response: found.extend([f"{response.status}: {response.url}"] * (response.status >= 400))
        )
        for name in PAGES:
            page.goto(site.page(name))
            page.wait_for_function(EQUATIONS)
            links = page.locator("a[href]").evaluate_all("all => all.map(a => a.href)")
            found += [f"{name}: a link to {link}" for link in broken(links, site)]
            for width, height in DESKTOP, PHONE, NARROW:
                page.set_viewport_size({"width": width, "height": height})
                found += [f"{name} at a width of {width}: {fault}" for fault in page.evaluate(FAULTS)]
                if folder := os.environ.get("SCREENSHOTS"):
                    photograph(page, Path(folder) / f"{Path(name).stem}-{width}")
    assert (found, site.asked) == ([], [])


@pytest.mark.parametrize("name", [f"{name}.html" for name in ("index", "notation", *(c.name for c in CHOSEN[:3]))])
def test_accessibility(browser: "Browser", site: Site, name: str) -> None:
    """No finding of axe, light or dark, on a desktop or a phone."""
    found = dict[str, str]()
    with fresh(browser, site) as context:
        page = context.new_page()
        page.goto(site.page(name))
        page.wait_for_function(EQUATIONS)
        for scheme, (width, height) in product(("light", "dark"), (DESKTOP, PHONE)):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_timeout(500)  # colours change gradually
            found |= {f"{rule}: {where}": f"{scheme}, {width}: {html}" for rule, where, html in findings(page)}
    assert found == {}


def photograph(page: "Page", path: Path) -> None:
    """Save pictures of what is in the window, light and dark."""
    for scheme in "light", "dark":
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=f"{path}-{scheme}.png")


def broken(links: list[str], site: Site) -> set[str]:
    """Those that lead to a file that the site does not have."""
    own = {link.removeprefix(site.address) for link in links if link.startswith(site.address)}
    return {link for link in own if not (OUT / re.split("[?#]", link)[0]).exists()}


@pytest.mark.parametrize("chapter", CHOSEN, ids=lambda chapter: chapter.name)
def test_a_chapter_in_the_tab(browser: "Browser", site: Site, chapter: Chapter) -> None:
    """From the link on its page: a slider is moved, an exercise is answered, and after a reload the answer is there."""
    cells = nbformat.read(chapter.notebook, 4).cells
    explorer, asked = first_explorer(cells), first_check(cells)
    _, id, name = re.search(r'check\((["\'])([\d.]+)\1, (\w+)\)', cells[asked].source).groups()
    stub = next(k for k in range(asked) if f"def {name}(" in cells[k].source)
    answer = re.sub(r"^def \w+\(", f"def {name}(", find(id).solution(), count=1, flags=re.MULTILINE)
    with fresh(browser, site) as context:
        page = context.new_page()
        page.goto(site.page(f"{chapter.name}.html"))
        tab = NotebookPage(
            context.new_page(),
            page.get_by_role("link", name="Run in the browser").evaluate("a => a.href"),
            patience=PATIENCE,
        )
        tab.run(rest_on(cells, [explorer]))
        shown = ExplorerPage(chapter.name, tab.page.locator(EXPLORER).first)
        before, control = shown.look(), next(c for c in shown.controls().values() if c.locator(".noUi-handle").count())
        assert control.get_by_role("slider").first.get_attribute("aria-label"), "a handle without a name"
        next(moves(control))
        assert shown.look().pixels != before.pixels
        assert [finding for finding in findings(tab.page) if finding[0] not in KNOWN] == []

        editor = tab.page.locator(".jp-Notebook .jp-Cell").nth(stub).locator(".cm-content")
        editor.click()
        tab.page.keyboard.press("Control+A")
        tab.page.keyboard.insert_text(answer)
        assert tab.cells()[stub]["source"] == answer
        tab.run(k for k in rest_on(cells, [asked]))
        assert f"✓ {id}" in said(tab, asked)
        tab.page.keyboard.press("Control+S")
        tab.page.wait_for_function(f"() => !{PANEL}.context.model.dirty")
        if folder := os.environ.get("SCREENSHOTS"):
            for width, height in PHONE, DESKTOP:
                tab.page.set_viewport_size({"width": width, "height": height})
                for theme in "Dark", "Light":
                    tab.command("apputils:change-theme", theme=f"JupyterLab {theme}")
                    tab.settle()
                    tab.page.screenshot(path=Path(folder) / f"tab-{chapter.name}-{width}-{theme}.png")
        tab.page.reload()
        tab.wait_until_ready()
        assert tab.cells()[stub]["source"] == answer
        assert f"✓ {id}" in said(tab, asked)
        assert (tab.complaints, site.asked) == ([], [])


def first_explorer(cells: list[nbformat.NotebookNode]) -> int:
    """The place of the first cell that shows an explorer."""
    shows = (
        k
        for k, cell in enumerate(cells)
        for o in cell.get("outputs", ())
        if "Explorer(" in o.get("data", {}).get("text/plain", "")
    )
    return next(shows)


def first_check(cells: list[nbformat.NotebookNode]) -> int:
    """The place of the first cell that looks at an answer."""
    return next(
        k
        for k, cell in enumerate(cells)
        if cell.cell_type == "code" and re.search(r"^check\(", cell.source, re.MULTILINE)
    )


def said(tab: NotebookPage, cell: int) -> str:
    """What a cell printed."""
    return "".join("".join(o.get("text", "")) for o in tab.cells()[cell]["outputs"])


def test_an_update_neither_hides_nor_is_hidden(browser: "Browser", site: Site) -> None:
    """A chapter in which something was written stays; the tab says that there is a newer one and puts it beside it."""
    name = CHOSEN[0].notebook.name
    with fresh(browser, site) as context:
        tab = NotebookPage(context.new_page(), site.url(name), patience=PATIENCE)
        tab.page.evaluate(f"() => {{ {PANEL}.content.model.cells.get(0).sharedModel.setSource('mine'); }}")
        tab.command("docmanager:save")
        newer = json.loads((OUT / "lite" / "files" / name).read_bytes())
        newer["metadata"]["course"]["version"], newer["cells"][0]["source"] = "of tomorrow", "theirs"
        site.renewed[f"lite/files/{name}"] = json.dumps(newer).encode()
        tab.page.goto("about:blank")
        tab.page.goto(site.url(name))
        tab.page.get_by_role("button", name="Open the new one").click()
        beside = name.replace(".ipynb", " (new).ipynb")
        tab.page.wait_for_function(f"name => {PANEL}?.context?.path === name && {PANEL}.context.isReady", arg=beside)
        assert tab.cells()[0]["source"] == "theirs"
        tab.command("docmanager:open", path=name)
        tab.page.wait_for_function(f"name => {PANEL}?.context?.path === name && {PANEL}.context.isReady", arg=name)
        assert tab.cells()[0]["source"] == "mine"
    site.renewed.clear()
    assert site.asked == []
