"""A small web site on loopback with the sample sources: good, changed, moved, slow, gone and busy pages."""

import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from annotations.sample.pdf import one_page_pdf

HOST = "127.0.0.1"
PAGES = Path(__file__).parent / "pages"
HTML = "text/html; charset=utf-8"
SLOW_SECONDS = 8.0
SLOW_PARTS = 16


@dataclass(frozen=True)
class Page:
    """The answer at one path. A slow page sends its body in parts over the site's slow time."""

    body: bytes
    media_type: str = HTML
    status: HTTPStatus = HTTPStatus.OK
    headers: dict[str, str] = field(default_factory=dict)
    slow: bool = False


def sample_pages() -> dict[str, Page]:
    """Return every path of the site. Only these are served; a request never reads the disk."""
    return {
        "/": _html("index"),
        "/hospital/statement-30-april": _html("hospital-statement"),
        "/hospital/update-1-may": _html("hospital-update"),
        "/gazette/appointment": _html("gazette-appointment"),
        "/interview/release": _html("interview-release"),
        "/background/sentence": _html("background-sentence"),
        "/notes/anonymous": _html("notes-anonymous", media_type="text/html"),
        # The page names an old character set in its own head, and the header names none.
        "/aid/figures": Page(body=_source("aid-figures").encode("cp1252"), media_type="text/html"),
        "/bulletin/inflation.pdf": Page(body=inflation_bulletin(), media_type="application/pdf"),
        "/moved/statement": Page(
            body=b"",
            status=HTTPStatus.MOVED_PERMANENTLY,
            headers={"Location": "/hospital/statement-30-april"},
        ),
        "/slow/count": _html("slow-count", slow=True),
        # For the tutorial: the only page that the sample desk has not read yet.
        "/slow/recount": _html("slow-recount", slow=True),
        "/gone/eyewitness": _html("missing", status=HTTPStatus.NOT_FOUND),
        "/busy/registry": _html(
            "unavailable", status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "900"}
        ),
    }


def inflation_bulletin() -> bytes:
    """Return the PDF source: a page with the forecast that the article quotes."""
    return one_page_pdf(
        title="Bulletin on inflation",
        author="Sample Institute of Statistics",
        lines=[
            "Demonstration document. Written for practice; not a source about real events.",
            "",
            "Bulletin on inflation, 15 February 2019",
            "Sample Institute of Statistics",
            "",
            "In October 2018 the International Monetary Fund expected consumer prices",
            "in Venezuela to rise by 10,000,000 per cent in 2019. The forecast for 2018",
            "was 1,370,000 per cent (end of period).",
            "",
            "The National Assembly, which publishes figures of its own, counted",
            "1,698,488 per cent over 2018. No official figure had appeared by the date",
            "of this bulletin.",
        ],
    )


class SampleSite(ThreadingHTTPServer):
    """The running site. `port` 0 takes a free port; `server_port` is the port in use."""

    daemon_threads = True

    def __init__(self, port: int, *, slow_seconds: float = SLOW_SECONDS) -> None:
        self.pages = sample_pages()
        self.slow_seconds = slow_seconds
        self.stopping = threading.Event()
        super().__init__((HOST, port), _Handler)

    def stop(self) -> None:
        """Stop serving and free the port, cutting off slow answers. Call it from another thread."""
        self.stopping.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SampleSite"
    sys_version = ""
    timeout = 30
    server: SampleSite

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing, because the site shares a terminal with the services that matter."""

    def _answer(self, *, with_body: bool) -> None:
        path = self.path.split("?", 1)[0]
        page = self.server.pages.get(path)
        if page is None:
            page = _html("missing", status=HTTPStatus.NOT_FOUND)
        self.send_response(page.status)
        self.send_header("Content-Type", page.media_type)
        self.send_header("Content-Length", str(len(page.body)))
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self._send_body(page)

    def _send_body(self, page: Page) -> None:
        try:
            if not page.slow:
                self.wfile.write(page.body)
                return
            step = -(-len(page.body) // SLOW_PARTS)
            for start in range(0, len(page.body), step):
                if self.server.stopping.wait(self.server.slow_seconds / SLOW_PARTS):
                    self.close_connection = True
                    return
                self.wfile.write(page.body[start : start + step])
        except (BrokenPipeError, ConnectionResetError):
            # The reader has disconnected; there is nobody left to answer.
            self.close_connection = True


def _source(name: str) -> str:
    return (PAGES / f"{name}.html").read_text(encoding="utf-8")


def _html(
    name: str,
    *,
    media_type: str = HTML,
    status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
    slow: bool = False,
) -> Page:
    return Page(
        body=_source(name).encode(), media_type=media_type, status=status, headers=headers or {}, slow=slow
    )
