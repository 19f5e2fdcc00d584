"""Runs inside Pyodide: the cells of a notebook in a fresh IPython, as a kernel does, one line of JSON for each.

python -m tools.wasm.cells '[["id", "source"], ...]'
"""

import json
import sys
import time
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


class Hook(DisplayHook):
    """A cell's last value goes where `display` goes, as in a kernel, and is not printed."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        self.shell.display_pub.publish(format_dict, md_dict)


class Shell(InteractiveShell):
    """An error is in the result of `run_cell`; its traceback is not printed."""

    def _showtraceback(self, *error: Any) -> None:
        pass


def main(cells: list[tuple[str, str]]) -> None:
    """Run all cells, whatever happens in one of them."""
    shell = Shell.instance(displayhook_class=Hook)
    for id, source in cells:
        start = time.perf_counter()
        with capture_output() as caught:
            result = shell.run_cell(source, store_history=True)
        seconds = time.perf_counter() - start
        error = result.error_before_exec or result.error_in_exec
        shown = [output.data["text/plain"] for output in caught.outputs if "text/plain" in output.data]
        cell = {"id": id, "seconds": seconds, "error": error and f"{type(error).__name__}: {error}"}
        print(json.dumps(cell | {"stdout": caught.stdout, "stderr": caught.stderr, "shown": shown}), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
