"""A time-stamping authority on loopback that can be made to misbehave."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from tests.archiving.authority import Authority


class StampServer:
    """A server of an authority made with `openssl ts`. `mood` is fine, down, garbage, flipped or old."""

    def __init__(self, folder: Path, name: str) -> None:
        self._authority = Authority(folder / name, name)
        self.roots = folder / name / "root.pem"
        self.mood = "fine"
        self.questions: list[tuple[str, bytes]] = []
        self._answered: bytes | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.questions.append((self.headers["Content-Type"], body))
                status, answer = outer._answer(body)
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/{name}"

    def _answer(self, question: bytes) -> tuple[int, bytes]:
        if self.mood == "down":
            return 503, b""
        if self.mood == "garbage":
            return 200, b"<html>Welcome</html>"
        with self._lock:
            if self.mood == "old" and self._answered is not None:
                return 200, self._answered
            answer = self._authority.answer(question)
            self._answered = answer
        if self.mood == "flipped":
            return 200, answer[:-1] + bytes([answer[-1] ^ 1])
        return 200, answer

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
