"""What axe finds on a page: WCAG 2.1, levels A and AA, as far as a machine can tell."""

from typing import TYPE_CHECKING

from tools.wasm.files import npm_package

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = ("axe-core", "4.10.3", "0f2b4d7dcdf7d1219df8d1959ad68e565f51d14c3f0d88bb71cd59abeb956292")
"""Package of npm, version and sha256."""
RUN = """async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
    const rules = {'heading-order': {enabled: true}};  // no criterion of its own, but what a screen reader goes by
    const {violations} = await axe.run(document, {runOnly: {type: 'tag', values: tags}, rules});
    return violations.flatMap(v => v.nodes.map(n => [v.id, n.target.flat().join(' '), n.html.slice(0, 200)]));
}"""


def findings(page: "Page") -> list[tuple[str, str, str]]:
    """Of everything that is wrong: the rule, where, and the beginning of the element. What is folded is unfolded first.

    Raises as `npm_package` does."""
    page.evaluate("() => document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate((npm_package(*AXE) / "axe.min.js").read_text("utf-8"))
    return [(rule, where, html) for rule, where, html in page.evaluate(RUN)]
