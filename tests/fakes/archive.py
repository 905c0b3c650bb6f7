"""A web archive on loopback that saves and finds pages, with answers like the Wayback Machine's."""

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs


class Archive:
    """An archive that gives the prepared answers in turn and remembers what it was asked.

    An answer is a status and a JSON value, or for a look-up a status and headers.
    """

    def __init__(self) -> None:
        self.saves: deque[tuple[int, Any]] = deque()
        self.statuses: deque[tuple[int, Any]] = deque()
        self.mementos: deque[tuple[int, dict[str, str]]] = deque()
        self.asked: list[tuple[str, str, dict[str, str], dict[str, str]]] = []
        archive = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._reply(*archive.saves.popleft())

            def do_GET(self) -> None:
                self._reply(*archive.statuses.popleft())

            def do_HEAD(self) -> None:
                status, headers = archive.mementos.popleft()
                self._reply(status, None, headers)

            def _reply(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
                form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                fields = {name: values[0] for name, values in parse_qs(form).items()}
                archive.asked.append((self.command, self.path, dict(self.headers), fields))
                body = b"" if value is None else json.dumps(value).encode()
                self.send_response(status)
                for name, text in (headers or {"Content-Type": "application/json"}).items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Return the address of the archive, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
