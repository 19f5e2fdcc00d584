"""What every chapter does with its notebook: it shows pictures in words, too, and explains names that are missing."""

import builtins
from difflib import get_close_matches
from types import TracebackType
from typing import Any


def show(alt: str | None = None) -> None:
    """Show the figures of this cell, as `plt.show()` does, each with a text for those who cannot see it.

    alt: what the pictures show; without it, what is written in them (title, axes, legend). It goes into the output's
    metadata, ``{"image/png": {"alt": ...}}``. Where there is no notebook, this is `plt.show()`.
    """
    import matplotlib.pyplot as plt

    if _shell() is None or "inline" not in plt.get_backend():
        plt.show()
        return
    from IPython.display import display

    from course_utils.notebook.alt import described

    figures = [plt.figure(number) for number in plt.get_fignums()]
    try:
        for figure in figures:
            display(figure, metadata={"image/png": {"alt": described(figure) if alt is None else alt}})
    finally:
        plt.close("all")


def explain_missing_names() -> None:
    """From now on a `NameError` in a cell ends with what to do about it. Called in the first cell of every notebook.

    The error and its traceback stay as they are; the advice is a note below them. Outside IPython this does nothing.
    Where the course is installed every kernel begins with it (``etc/ipython``), for whoever skips the first cell.
    """
    if (shell := _shell()) is not None:
        shell.set_custom_exc((NameError,), _show)


def begin_kernel() -> None:
    """`explain_missing_names` at the start of a kernel that may belong to anybody.

    A terminal has no cells further up, and whoever handles errors in a way of their own is not disturbed."""
    shell = _shell()
    if hasattr(shell, "kernel") and not shell.custom_exceptions:
        explain_missing_names()


def _shell() -> Any:
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def _show(shell: Any, kind: type, error: NameError, trace: TracebackType, tb_offset: int | None = None) -> None:
    """IPython's hook: called as a method of the shell, in place of `shell.showtraceback`."""
    from IPython import version_info

    if advice := _advice(error, trace, shell.user_global_ns):
        error.add_note(advice)
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
    if advice and version_info[:2] < (8, 14):  # up to there, tracebacks show no notes
        print(advice)


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
