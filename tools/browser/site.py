"""The website of the course as GitHub Pages would serve it: below a folder of a host, and nothing else to be had."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote, unquote

PREFIX = "/course/"


@dataclass
class Site:
    """A running server. Given to a browser as its proxy, too, it hears of every request to another host."""

    address: str
    asked: list[str] = field(default_factory=list)
    """What was wanted of other hosts, by a page or by a worker; nothing was given."""
    renewed: dict[str, bytes] = field(default_factory=dict)
    """Files that have changed since the site was built, by their path: what an update of the course does."""
    sent: int = 0
    """Bytes of all files that were given; what a browser took out of its own store is not among them."""

    @property
    def proxy(self) -> str:
        return self.address.removesuffix(PREFIX)

    def page(self, name: str) -> str:
        """The address of a page, "05_rnn.html"."""
        return self.address + quote(name)

    def url(self, notebook: str) -> str:
        """The address of a notebook in the tab."""
        return f"{self.address}lite/lab/index.html?path={quote(notebook)}"


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """Serve the site in `folder` on a free loopback port."""

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith("/"):
                self.do_CONNECT()
            elif (content := site.renewed.get(unquote(self.path.partition("?")[0].removeprefix(PREFIX)))) is not None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            else:
                super().do_GET()

        def do_CONNECT(self) -> None:
            site.asked.append(self.path)
            self.send_error(403)

        do_POST = do_CONNECT

        def send_header(self, keyword: str, value: str) -> None:
            if keyword == "Content-Length":
                site.sent += int(value)
            super().send_header(keyword, value)

        def translate_path(self, path: str) -> str:
            if not path.startswith(PREFIX):
                return str(folder / "nowhere")
            return super().translate_path(path.removeprefix(PREFIX[:-1]))

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: Handler(*given, directory=str(folder)))
    site = Site(f"http://127.0.0.1:{server.server_address[1]}{PREFIX}")
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
