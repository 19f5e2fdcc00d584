"""What a notebook says when a cell runs before those above it: a bare ``NameError`` tells a newcomer little."""

import builtins
from difflib import get_close_matches
from types import TracebackType
from typing import Any


def explain_missing_names() -> None:
    """From now on a `NameError` in a cell ends with what to do about it. Called in the first cell of every notebook.

    The error and its traceback stay as they are; the advice is a note below them. Outside IPython this does nothing.
    Where the course is installed every kernel begins with it (``etc/ipython``), for whoever skips the first cell.
    """
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return
    if (shell := get_ipython()) is not None:
        load_ipython_extension(shell)


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext course_utils.notebook`` calls."""
    shell.set_custom_exc((NameError,), _show)


def _show(shell: Any, kind: type, error: NameError, trace: TracebackType, tb_offset: int | None = None) -> None:
    """IPython's hook: called as a method of the shell, in place of `shell.showtraceback`."""
    if advice := _advice(error, trace, shell.user_global_ns):
        error.add_note(advice)
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def _advice(error: NameError, trace: TracebackType, notebook: dict[str, Any]) -> str | None:
    """What to tell a learner, or None unless the name was looked for among those of the notebook."""
    while trace.tb_next is not None:
        trace = trace.tb_next
    frame, name = trace.tb_frame, error.name
    if type(error) is not NameError or not name or frame.f_globals is not notebook or name not in frame.f_code.co_names:
        return None  # a bug in a module, or a variable of a function that is used before it has a value
    own = get_close_matches(name, {key for key in (*notebook, *frame.f_locals) if key[0] == name[0]}, 1, 0.83)
    near = own or get_close_matches(name, (key for key in dir(builtins) if key[0] == name[0]), 1, 0.85)
    meant = f"; did you mean {near[0]}?" if near else "."
    return (
        f"Nothing is called {name} in this kernel yet{meant}\n"
        "If a cell further up makes it, that cell has not run to its end since the kernel started: "
        "choose Run > Run All Above Selected Cell, then run this cell again."
    )
