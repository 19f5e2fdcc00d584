"""A Jupyter kernel of a learner: runs one cell after another, and may be stopped in the middle of one."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty
from typing import Any

from jupyter_client.manager import KernelManager, start_new_kernel
from nbformat import NotebookNode

from tools.course import ROOT, chapters
from tools.lesson import assemble, code_cells

CHAPTERS = [chapter.name for chapter in chapters() if chapter.written]


def cells(name: str) -> list[NotebookNode]:
    """The code cells of a chapter, as its lesson says them."""
    (chapter,) = (chapter for chapter in chapters() if chapter.name == name)
    return code_cells(assemble(chapter))


@dataclass(frozen=True)
class Outcome:
    """What a cell has shown: all of its text, and the name of the error it ended with, if any."""

    text: str
    error: str | None


class Kernel:
    def __init__(self, manager: KernelManager, client: Any) -> None:
        self.manager, self.client = manager, client

    def run(self, source: str, *, stop_after: float = 1e9) -> Outcome:
        """Run a cell to its end; press the stop button after so many seconds, and again every second."""
        asked, text, error = self.client.execute(source), [], None
        stop = time.monotonic() + stop_after
        while True:
            if time.monotonic() > stop:
                self.manager.interrupt_kernel()
                stop = time.monotonic() + 1
            try:
                message = self.client.get_iopub_msg(timeout=0.05)
            except Empty:
                continue
            content = message["content"]
            if message["parent_header"].get("msg_id") != asked:
                continue
            if message["msg_type"] == "stream":
                text.append(content["text"])
            elif message["msg_type"] == "error":
                text.append(re.sub(r"\x1b\[[\d;]*m", "", "\n".join(content["traceback"])))
                error = content["ename"]
            elif content.get("execution_state") == "idle":
                return Outcome("".join(text), error)


@contextmanager
def kernel() -> Iterator[Kernel]:
    """A fresh one, gone afterwards."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(ROOT / "notebooks"))
    try:
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
