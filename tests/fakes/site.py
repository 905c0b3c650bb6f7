"""A loopback web server that misbehaves on request.

Every path is a behaviour: `GET /drip` sends one byte at a time, `/gzip-bomb` a small body that unpacks to a
gigabyte. It writes raw bytes, because a proper HTTP library would refuse to send them.
"""

import base64
import contextlib
import gzip
import re
import socket
import socketserver
import ssl
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Self
from urllib.parse import parse_qs, urlsplit

import brotli
import zstandard

MEBIBYTE = 1024 * 1024
ARTICLE = (
    b"<!doctype html><html lang=en><head><meta charset=utf-8><title>The bridge opened on Monday</title>"
    b"</head><body><article><h1>The bridge opened on Monday</h1><p>The mayor opened the bridge on Monday, "
    b"two years after work on it began. It cost 41 million euros.</p><p>Some 300 people walked across it in "
    b"the first hour, said a spokesperson for the city.</p></article></body></html>"
)


class Site:
    """A server that runs while entered. `requests` holds the raw bytes of all requests in arrival order."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, listen: str = "127.0.0.1") -> None:
        self.requests: list[bytes] = []
        self.pages: dict[str, bytes] = {}
        self.otherwise: bytes | None = None
        self.behaviours: dict[str, Callable[[Site], Iterator[bytes]]] = {}
        self.released = threading.Event()
        self.opened = threading.Event()
        site = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    site._answer(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 128

            def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
                sock, peer = super().get_request()
                return sock, peer

            def process_request_thread(
                self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
            ) -> None:
                with contextlib.suppress(OSError):
                    assert isinstance(request, socket.socket)
                    secured = tls.wrap_socket(request, server_side=True) if tls else request
                    super().process_request_thread(secured, client_address)

        self._server = Server((listen, 0), Handler)
        self._scheme = "https" if tls else "http"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.port}{path}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, sock: socket.socket) -> None:
        sock.settimeout(20)
        head = b""
        while b"\r\n\r\n" not in head or len(head.partition(b"\r\n\r\n")[2]) < _announced(head):
            data = sock.recv(65536)
            if not data:
                return
            head += data
        self.requests.append(head)
        parts = urlsplit(head.split(b" ", 2)[1].decode())
        if parts.path in self.pages:
            sock.sendall(self.pages[parts.path])
            return
        if self.otherwise is not None:
            sock.sendall(self.otherwise)
            return
        own = self.behaviours.get(parts.path.strip("/"))
        if own is not None:
            self._misbehave(sock, own(self))
            return
        behaviour = BEHAVIOURS.get(parts.path.strip("/").split("/")[0], _not_found)
        arguments = {key: values[0] for key, values in parse_qs(parts.query).items()}
        for data in behaviour(self, arguments | {"path": parts.path}):
            sock.sendall(data)
        if parts.path == "/reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()

    def _misbehave(self, sock: socket.socket, pieces: Iterator[bytes]) -> None:
        try:
            for data in pieces:
                sock.sendall(data)
        except ConnectionResetError:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()

    def wait(self, seconds: float) -> bool:
        """Pause between two bytes; return True when the site is being closed."""
        return self.released.wait(seconds)


def _announced(request: bytes) -> int:
    found = re.search(rb"content-length: *(\d+)", request.partition(b"\r\n\r\n")[0], re.IGNORECASE)
    return int(found[1]) if found else 0


def response(
    body: bytes,
    *headers: str,
    status: str = "200 OK",
    media_type: str = "text/html; charset=utf-8",
    length: int | None = None,
) -> bytes:
    """Return one complete answer as bytes. `length` replaces the true length of the body."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body) if length is None else length}",
    ]
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + body


Arguments = dict[str, str]


def _article(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(ARTICLE, 'ETag: "v1"', "Set-Cookie: a=b")


def _status(site: Site, arguments: Arguments) -> Iterator[bytes]:
    extra = [f"Retry-After: {arguments['after']}"] if "after" in arguments else []
    yield response(b"<h1>Sorry</h1>", *extra, status=f"{arguments['code']} Said So")


def _not_found(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(b"<h1>Not here</h1>", status="404 Not Found")


def _drip(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n"
    while not site.wait(0.02):
        yield b"x"


def _head_drip(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    while not site.wait(0.02):
        yield b"X-A: b\r\n"


def _silent(site: Site, arguments: Arguments) -> Iterator[bytes]:
    site.wait(60)
    yield b""


def _stall(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\nhalf"
    site.wait(60)


def _endless(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    while not site.released.is_set():
        yield b"x" * 65536


def _endless_chunks(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    while not site.released.is_set():
        yield b"1;" + b"e" * 8000 + b"\r\nx\r\n"


def _gate(site: Site, arguments: Arguments) -> Iterator[bytes]:
    """Answer only once the test opens the gate."""
    site.opened.wait(60)
    yield response(ARTICLE)


def _short(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(ARTICLE, length=len(ARTICLE) + 500)


def _long(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(ARTICLE, length=50)


def _header_bomb(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    while not site.released.is_set():
        yield b"X-Filler: " + b"y" * 4000 + b"\r\n"


def _continues(site: Site, arguments: Arguments) -> Iterator[bytes]:
    while not site.released.is_set():
        yield b"HTTP/1.1 100 Continue\r\n\r\n" * 100


def _bad_chunks(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield b"5\r\nhello\r\nzz\r\n"


def _not_http(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield b"SSH-2.0-OpenSSH_9.6\r\n"


def _gzip_bomb(site: Site, arguments: Arguments) -> Iterator[bytes]:
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(MEBIBYTE)
    packed = b"".join(engine.compress(block) for _ in range(24)) + engine.flush()
    yield response(packed, "Content-Encoding: gzip")


def _brotli_bomb(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(brotli.compress(bytes(64 * MEBIBYTE), quality=5), "Content-Encoding: br")


def _zstd_bomb(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(zstandard.compress(bytes(64 * MEBIBYTE), 3), "Content-Encoding: zstd")


def _stacked_bomb(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(gzip.compress(gzip.compress(bytes(32 * MEBIBYTE))), "Content-Encoding: gzip, gzip")


def _coded(site: Site, arguments: Arguments) -> Iterator[bytes]:
    packers: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "raw-deflate": lambda data: zlib.compress(data)[2:-4],
        "br": brotli.compress,
        "zstd": zstandard.compress,
    }
    name = arguments["as"]
    yield response(packers[name](ARTICLE), f"Content-Encoding: {name.removeprefix('raw-')}")


def _too_stacked(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(ARTICLE, "Content-Encoding: gzip, br, gzip")


def _not_packed(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(ARTICLE, "Content-Encoding: gzip")


def _redirect(site: Site, arguments: Arguments) -> Iterator[bytes]:
    status = arguments.get("code", "302")
    yield response(b"<p>Over there</p>", f"Location: {arguments['to']}", status=f"{status} Over There")


def _slow_redirect(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(b"", "Location: /article", status="302 Found", length=1000)
    site.wait(60)


def _echo(site: Site, arguments: Arguments) -> Iterator[bytes]:
    """Answer with the request itself."""
    yield response(site.requests[-1], media_type="text/plain")


def _refresh(site: Site, arguments: Arguments) -> Iterator[bytes]:
    after, to = arguments.get("after", "0"), arguments["to"]
    page = (
        f'<html><head><meta http-equiv="Refresh" content="{after};URL={to}"></head><body>Moved</body></html>'
    )
    yield response(page.encode())


def _loop(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(b"", "Location: /loop", status="302 Found")


def _chain(site: Site, arguments: Arguments) -> Iterator[bytes]:
    number = int(arguments["path"].rsplit("/", 1)[1])
    if number == 0:
        yield response(ARTICLE)
    yield response(b"", f"Location: /chain/{number - 1}", status="301 Moved Permanently")


def _reset(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n"


def _bot_wall(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(b"<title>Just a moment...</title>", "cf-mitigated: challenge", status="403 Forbidden")


def _conditional(site: Site, arguments: Arguments) -> Iterator[bytes]:
    if b'If-None-Match: "v1"' in site.requests[-1]:
        yield b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n'
    yield response(ARTICLE, 'ETag: "v1"')


def _page(site: Site, arguments: Arguments) -> Iterator[bytes]:
    yield response(base64.urlsafe_b64decode(arguments["body"]), media_type=arguments.get("type", "text/html"))


BEHAVIOURS: dict[str, Callable[[Site, Arguments], Iterator[bytes]]] = {
    "article": _article,
    "status": _status,
    "drip": _drip,
    "head-drip": _head_drip,
    "silent": _silent,
    "stall": _stall,
    "endless": _endless,
    "endless-chunks": _endless_chunks,
    "gate": _gate,
    "short": _short,
    "long": _long,
    "header-bomb": _header_bomb,
    "continues": _continues,
    "bad-chunks": _bad_chunks,
    "not-http": _not_http,
    "gzip-bomb": _gzip_bomb,
    "brotli-bomb": _brotli_bomb,
    "zstd-bomb": _zstd_bomb,
    "stacked-bomb": _stacked_bomb,
    "coded": _coded,
    "too-stacked": _too_stacked,
    "not-packed": _not_packed,
    "redirect": _redirect,
    "slow-redirect": _slow_redirect,
    "echo": _echo,
    "refresh": _refresh,
    "loop": _loop,
    "chain": _chain,
    "reset": _reset,
    "bot-wall": _bot_wall,
    "login": _article,
    "conditional": _conditional,
    "page": _page,
}
