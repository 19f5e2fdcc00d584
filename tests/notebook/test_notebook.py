"""A name that is missing in a notebook is explained below its traceback, and nothing else about the error changes."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from course_utils import notebook
from tools.course import ROOT

RUN = "choose Run > Run All Above Selected Cell"
(STARTUP,) = (ROOT / "etc" / "ipython").rglob("*.py")


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A shell in which nothing has run."""
    config = Config({"HistoryManager": {"enabled": False}})
    shell = InteractiveShell(config=config, colors="NoColor", ipython_dir=str(tmp_path))
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    return shell


@pytest.fixture
def shell(fresh):
    fresh.run_cell("from course_utils.notebook import explain_missing_names\n\nexplain_missing_names()")
    return fresh


@pytest.fixture
def run(shell, capsys):
    """Run a cell that fails; its error and what the learner reads."""

    def run(source):
        result = shell.run_cell(source)
        return result.error_in_exec, capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    "source",
    [
        "print(model)",
        "def f():\n    return model\n\n\nf()",
        "[model for _ in range(2)]",
        "max([1], key=lambda x: model)",
    ],
)
def test_a_name_from_a_cell_that_has_not_run(run, source):
    error, text = run(source)
    assert type(error) is NameError
    assert str(error) == "name 'model' is not defined"
    assert text.index("model") < text.index("NameError: name 'model' is not defined") < text.index("Nothing is called")
    assert "Nothing is called model in this kernel yet." in text
    assert text.rstrip().endswith("then run this cell again.")
    assert RUN in text


def test_a_slip_of_the_pen(run):
    assert "did you mean review?" in run("review = 1\nreveiw")[1]
    assert "did you mean print?" in run("prin(1)")[1]
    assert "did you mean tokens?" in run("def f(tokens):\n    return token\n\n\nf(1)")[1]
    assert "did you mean" not in run("dx")[1], "a short name resembles too many"
    assert "did you mean" not in run("hint")[1], "nobody mistypes the first letter: int is not meant"
    assert "did you mean" not in run("frozen")[1], "nor is frozenset"


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    print(x)\n    x = 1\n\n\nf()",
        "def f():\n    def g():\n        return x\n    g()\n    x = 1\n\n\nf()",
        "raise NameError('of my own')",
        "import types\nm = types.ModuleType('m')\nexec('def f(): return model', m.__dict__)\nm.f()",
    ],
)
def test_other_name_errors_are_left_alone(run, source):
    error, text = run(source)
    assert isinstance(error, NameError)
    assert f"{type(error).__name__}: {error}" in text
    assert "Nothing is called" not in text


def test_other_errors_and_healthy_cells_are_left_alone(run):
    assert run("1 / 0")[1].rstrip().endswith("ZeroDivisionError: division by zero")
    assert run("print(1)") == (None, "1\n")


def test_awaiting_cells_too(run):
    assert RUN in run("import asyncio\n\nawait asyncio.sleep(0)\nmodel")[1]


def test_a_second_call_does_not_say_it_twice(run):
    run("explain_missing_names()")
    assert run("model")[1].count(RUN) == 1


def begin(shell):
    """As IPython runs the files in its folder `startup`; the names that this leaves behind."""
    before = dict(shell.user_ns)
    shell.safe_execfile(str(STARTUP), shell.user_ns, raise_exceptions=True)
    return {name for name, value in shell.user_ns.items() if name not in before or value is not before[name]}


def test_installed_with_the_course_a_kernel_has_it_before_any_cell(fresh, capsys):
    fresh.kernel = SimpleNamespace()
    assert begin(fresh) == set()
    assert begin(fresh) == set()
    assert capsys.readouterr() == ("", "")
    fresh.run_cell("np.arange(3)")
    assert capsys.readouterr().out.count(RUN) == 1


def test_a_terminal_is_left_alone(fresh, capsys):
    """It has no cells further up, and no menu called Run."""
    assert begin(fresh) == set()
    fresh.run_cell("np.arange(3)")
    out = capsys.readouterr().out
    assert "NameError: name 'np' is not defined" in out
    assert RUN not in out


def test_a_kernel_with_a_handler_of_its_own_keeps_it(fresh, capsys):
    fresh.kernel = SimpleNamespace()
    fresh.set_custom_exc((ZeroDivisionError,), lambda shell, kind, error, trace, tb_offset=None: print("infinity"))
    assert begin(fresh) == set()
    fresh.run_cell("1 / 0")
    assert capsys.readouterr().out == "infinity\n"


@pytest.mark.parametrize("broken", [None, SimpleNamespace()])
def test_a_kernel_begins_in_silence_where_the_course_is_gone_or_another(fresh, capsys, monkeypatch, broken):
    fresh.kernel = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "course_utils.notebook", broken)
    assert begin(fresh) == set()
    assert capsys.readouterr() == ("", "")
    fresh.run_cell("np.arange(3)")
    assert "NameError: name 'np' is not defined" in capsys.readouterr().out


def test_plain_python_is_left_as_it_is(monkeypatch):
    code = "from course_utils.notebook import explain_missing_names; explain_missing_names(); model"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stderr.rstrip().endswith("NameError: name 'model' is not defined")
    monkeypatch.setitem(sys.modules, "IPython.core.getipython", None)
    notebook.explain_missing_names()
