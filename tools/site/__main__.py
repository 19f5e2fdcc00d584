"""Build the website of the course: its pages, and JupyterLite to run them.

python -m tools.site    writes _site/; what comes from elsewhere is fetched once into .pyodide/, verified and kept
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.course import ROOT
from tools.site.pages import HERE, write_pages
from tools.site.tab import build_tab
from tools.wasm.files import Unavailable, npm_package

OUT = ROOT / "_site"
MATHJAX = ("mathjax", "3.2.2", "1b9c0a1c44df864e915690558e72adb9cc5203360daefd385084ced3b6c64c09")
"""What sets the equations: package of npm, version and sha256."""


def build(out: Path = OUT) -> None:
    """Write the whole site anew. The old one stays until the new one is complete."""
    with TemporaryDirectory() as folder:
        source, lite, new = (Path(folder) / name for name in ("source", "lite", "site"))
        for path in source / "_static", lite:
            path.mkdir(parents=True)
        write_pages(source)
        shutil.copy(HERE / "conf.py", source)
        for name in "site.css", "favicon.svg":
            shutil.copy(HERE / name, source / "_static")
        copy_mathjax(source / "_static" / "mathjax")
        # a warning is an error: a link that leads nowhere, a heading that is out of order
        subprocess.run(
            [sys.executable, "-m", "sphinx", "-qWb", "html", "--keep-going", str(source), str(new)], check=True
        )
        shutil.rmtree(new / ".doctrees")
        build_tab(new / "lite", lite)
        (new / ".nojekyll").touch()  # GitHub would leave out folders that begin with _
        if out.exists():
            shutil.rmtree(out)
        shutil.move(new, out)


def copy_mathjax(folder: Path) -> None:
    """The script that sets equations, and its fonts."""
    package = npm_package(*MATHJAX)
    folder.mkdir()
    shutil.copy(package / "LICENSE", folder)
    shutil.copy(package / "es5" / "tex-chtml.js", folder)
    shutil.copytree(package / "es5" / "output" / "chtml" / "fonts", folder / "output" / "chtml" / "fonts")


def main() -> int:
    """Build, and say how to look at it."""
    try:
        build()
    except Unavailable as reason:
        print(f"The site cannot be built here: {reason}")
        return 1
    megabytes = sum(path.stat().st_size for path in OUT.rglob("*") if path.is_file()) / 1e6
    print(
        f"{OUT.name}/ is complete, {megabytes:.0f} MB. Look at it: python -m http.server --bind 127.0.0.1 -d {OUT.name}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
