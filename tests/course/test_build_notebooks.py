"""tools.build_notebooks on tiny lessons: the same bytes twice, strict nbval passes, and defects stop the build."""

import base64
import json
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from tools import lesson
from tools.build_notebooks import build, tidy
from tools.course import ROOT, chapters
from tools.lesson import code_cells

EVERYTHING = """
## The question

```{code-cell}
print("one")
print(np.arange(3))
```

```{code-cell}
:tags: [raises-exception]

np.linalg.inv(np.zeros((2, 2)))
```

```{code-cell}
from tqdm.auto import tqdm

for _ in tqdm(range(3)):
    pass
```

```{code-cell}
from ipywidgets import Image, IntSlider


class Picture(Image):
    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | {"text/plain": "Picture(t=3)", "image/png": "iVBORw0KGgo="}


display(Picture())
IntSlider()
```

```{code-cell}
view = "application/vnd.jupyter.widget-view+json"
display({view: IntSlider()._repr_mimebundle_()[view]}, raw=True)
```

```{code-cell}
plt.plot([1, 2, 4])
plt.show()
```
"""


@pytest.fixture
def course(tmp_path):
    (tmp_path / "lessons").mkdir()
    shutil.copy(ROOT / "lessons" / "course.toml", tmp_path / "lessons")

    def write(text, name="00_start_here"):
        (tmp_path / "lessons" / f"{name}.md").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def cell(source):
    return f"```{{code-cell}}\n{source}\n```\n"


def nbval(folder):
    options = ["-q", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "-c", "none.ini"]
    (folder / "none.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", *options, "notebooks"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_a_rebuild_changes_nothing_and_strict_nbval_passes(course):
    root = course(EVERYTHING)
    path = root / "notebooks" / "00_start_here.ipynb"
    assert build([], root) == [path]
    first = path.read_bytes()
    path.unlink()
    assert build([], root) == [path]
    assert path.read_bytes() == first
    assert build([], root, check=True) == []

    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    cells = code_cells(notebook)
    assert [c.execution_count for c in cells] == list(range(1, 8))
    assert not any("execution" in c.metadata for c in cells)
    assert "widgets" not in notebook.metadata
    assert "version" not in notebook.metadata.language_info
    _, printed, error, bar, picture, bare, plot = (c.outputs for c in cells)
    assert [(o.name, o.text) for o in printed] == [("stdout", "one\n[0 1 2]\n")]
    assert error[0].traceback == ["LinAlgError: Singular matrix"]
    assert [set(o.data) for o in bar] == [{"text/plain"}]
    assert [dict(o.data) for o in picture] == [
        {"text/plain": "Picture(t=3)", "image/png": "iVBORw0KGgo="},
        {"text/plain": "IntSlider(value=0)"},
    ]
    assert bare == []
    png = base64.b64decode(plot[0].data["image/png"])
    assert png.startswith(b"\x89PNG")
    assert b"Software" not in png, "the picture's bytes depend on the version of matplotlib"

    run = nbval(root)
    assert "7 passed" in run.stdout, run.stdout
    path.write_text(path.read_text(encoding="utf-8").replace("[0 1 2]", "[0 1 3]"), encoding="utf-8")
    run = nbval(root)
    assert "1 failed, 6 passed" in run.stdout, run.stdout


def test_what_a_person_saved_in_a_notebook_is_not_built_over(course):
    root = course("```{code-cell}\n1 + 1\n```\n")
    (path,) = build([], root)
    built = path.read_bytes()
    mine = nbformat.read(path, 4)
    mine.cells.insert(0, nbformat.v4.new_markdown_cell("What I think."))
    mine.metadata.language_info["version"] = "3.13.0"
    nbformat.write(mine, path)
    saved = path.read_bytes()
    for damaged in (saved, b"", b"[]", b"half a {"):
        path.write_bytes(damaged)
        assert build([], root) == [path]
        assert path.read_bytes() == built
        assert damaged in [copy.read_bytes() for copy in (root / "my_notebooks").glob("*.ipynb")]
    path.write_bytes(built.replace(b"1 + 1", b"1 + 2"))
    before = sorted((root / "my_notebooks").iterdir())
    assert build([], root) == [path]
    assert sorted((root / "my_notebooks").iterdir()) == before, "what we have built ourselves needs no copy"


@pytest.mark.parametrize(
    "source",
    [
        "import warnings\n\nwarnings.warn('old')",
        "np.float64(1) / 0",
        "import sys\n\nprint('50% done', file=sys.stderr)",
    ],
)
def test_a_warning_stops_the_build(course, source):
    root = course(cell(source))
    with pytest.raises(RuntimeError, match=r"00_start_here\.md, cell start-here-002 wrote to stderr"):
        build([], root)
    assert list((root / "notebooks").iterdir()) == []


def test_an_error_stops_the_build_and_leaves_the_old_notebook(course):
    root = course(cell("1 + 1"))
    (path,) = build([], root)
    before = path.read_bytes()
    course(cell("1 / 0"))
    with pytest.raises(CellExecutionError, match="division by zero"):
        build([], root)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "text",
    [
        "\r  0%|          | 0/300 [00:00<?, ?it/s]",
        "\r  0%|          | 0/3 [00:00<?, ?step/s]\r100%|██████████| 3/3 [00:00<00:00, 9e3step/s]\n",
        "\repoch 1:  33%|███▎      | 1/3 [00:01<00:02,  1.02s/it, loss=0.3]",
        "\r7it [00:00, 120.50it/s]\n",
    ],
)
def test_a_text_progress_bar_is_dropped(text):
    assert tidy(nbformat.v4.new_output("stream", name="stderr", text=text), "here") is None


def test_a_changed_title_renews_links_without_running(course):
    root = course(cell("print('a')"))
    course(cell("import time; print(time.time())"), "01_preprocessing")
    build([], root)
    toml = root / "lessons" / "course.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("Find your way around", "Look around"), encoding="utf-8")
    (root / "lessons" / "00_start_here.md").write_text(cell("print('b')"), encoding="utf-8")

    kept = json.loads((root / "notebooks" / "01_preprocessing.ipynb").read_text(encoding="utf-8"))["cells"]
    assert {p.name for p in build(["00"], root)} == {"00_start_here.ipynb", "01_preprocessing.ipynb"}
    now = json.loads((root / "notebooks" / "01_preprocessing.ipynb").read_text(encoding="utf-8"))["cells"]
    assert [c["outputs"] for c in now[1:-1]] == [c["outputs"] for c in kept[1:-1]]
    assert "[00 Look around](00_start_here.ipynb)" in "".join(now[0]["source"])


def test_a_chapter_whose_code_changed_waits_for_its_own_build(course):
    root = course(cell("print('a')"))
    course(cell("print('b')"), "01_preprocessing")
    build([], root)
    course(cell("print('c')"), "01_preprocessing")
    assert build(["00"], root) == []
    assert build(["01_preprocessing"], root) == [root / "notebooks" / "01_preprocessing.ipynb"]


def test_an_unknown_chapter_is_named(course):
    with pytest.raises(ValueError, match=r"no lesson called \['07'\]; there are \['00_start_here'\]"):
        build(["07"], course(cell("1")))


def test_navigation_skips_planned_chapters(course):
    root = course("Hello.")
    course("Hello.", "03_ngram")
    course("Hello.", "08_gru")
    links = [re.findall(r"\((.*?)\)", lesson.navigation(c)) for c in chapters(root) if c.written]
    start, ngram, gru = "00_start_here.ipynb", "03_ngram.ipynb", "08_gru.ipynb"
    assert links == [[ngram], [start, gru], [ngram, start]]


def test_the_first_chapter_ends_with_the_list_of_all(course):
    root = course("Hello.")
    course("Hello.", "03_ngram")
    end = lesson.assemble(chapters(root)[0]).cells[-1].source
    assert "| 03 | [Predict the next word by counting](03_ngram.ipynb) |" in end
    assert "| 05 | Carry a memory along *(planned)* |" in end
