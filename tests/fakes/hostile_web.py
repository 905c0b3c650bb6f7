"""The servers of the hostile list.

As a program it serves until its input ends, so that its memory is not counted with that of the fetching. It
first prints as JSON the address of each case, or with the argument `healthy` that of a page.
"""

import contextlib
import json
import socket
import ssl
import struct
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from tests.fakes.hostile_cases import BEHAVIOURS, CASES, LARGE, READY, Case, path_of
from tests.fakes.site import ARTICLE, Site, response

TLS = Path(__file__).parent / "tls"


class RawServer:
    """A server that accepts connections and does one rude thing with each."""

    def __init__(self, rudeness: str) -> None:
        self._rudeness = rudeness
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._released = threading.Event()
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(
                socket.SHUT_RDWR
            )  # This wakes the thread that waits for the next connection.
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while not self._released.is_set():
                sock, _ = self._listener.accept()
                threading.Thread(target=self._answer, args=(sock,), daemon=True).start()

    def _answer(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            if self._rudeness == "hang-up":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            sock.recv(4096)
            if self._rudeness == "http":
                sock.sendall(response(ARTICLE))
            elif self._rudeness == "silent":
                self._released.wait(100)
            else:
                # The beginning of a handshake record that promises 16 kB, byte by byte.
                sock.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
                while not self._released.wait(0.05):
                    sock.sendall(b"\x00")


class HostileWeb:
    """All servers of the list. `url(case)` is the address of a case."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        for make in READY:
            make()
        for name in dict.fromkeys(case.server for case in CASES if case.server != "nowhere"):
            self._ports[name] = self._stack.enter_context(self._server(name)).port
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _server(self, name: str) -> "Site | RawServer":
        if name.startswith("raw:"):
            return RawServer(name.removeprefix("raw:"))
        context = None
        if name != "plain":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(TLS / f"{name}.pem")
        site = Site(tls=context)
        site.behaviours = {path_of(name): behaviour for name, behaviour in BEHAVIOURS.items()}
        return site

    def url(self, case: Case) -> str:
        if case.server == "nowhere":
            return f"http://{case.host}/"
        scheme = "http" if case.server == "plain" else "https"
        return f"{scheme}://{case.host}:{self._ports[case.server]}/{path_of(case.name)}"


def main() -> None:
    if sys.argv[1:] == ["healthy"]:
        with Site() as site:
            _say({"healthy": site.url("/article")})
        return
    for make in LARGE:
        make()
    with HostileWeb() as web:
        cases = [asdict(case) | {"url": web.url(case)} for case in CASES]
        _say({"certificates": str(TLS), "cases": cases})


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
