"""Everything a server can do to a client that fetches from it: one list with the expected outcomes.

The tests run the list with limits scaled down, and `make bench ARGS=hostile` with the real ones.
"""

import functools
import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import brotli

from tests.fakes.hostile_files import (
    brotli_bomb,
    deflate_bomb,
    docx_bomb,
    gzip_bomb,
    laughs,
    pdf,
    pdf_bomb,
    wide_zstd,
    zstd_bomb,
)
from tests.fakes.site import ARTICLE, Site, response

Pieces = Iterator[bytes]
Behaviour = Callable[[Site], Pieces]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Case:
    """One way to misbehave and the codes it may end in. `warning` is one that reading the page must give.

    `trusts` is the certificate that the client takes as its authority. The name of a case without a server is
    never resolved.
    """

    name: str
    codes: tuple[str, ...]
    warning: str = ""
    server: str = "plain"
    trusts: str = ""
    host: str = "127.0.0.1"


BEHAVIOURS: dict[str, Behaviour] = {}
CASES: list[Case] = []
# Bodies that take too long to make while somebody waits.
READY: list[Callable[[], bytes]] = []
LARGE: list[Callable[[], bytes]] = []


def case(name: str, *codes: str, warning: str = "") -> Callable[[Behaviour], Behaviour]:
    def register(behaviour: Behaviour) -> Behaviour:
        BEHAVIOURS[name] = behaviour
        CASES.append(Case(name, codes, warning))
        return behaviour

    return register


def fixed(name: str, *codes: str, data: bytes, warning: str = "") -> None:
    case(name, *codes, warning=warning)(lambda site: iter([data]))


def forever(site: Site, piece: bytes) -> Pieces:
    while not site.released.is_set():
        yield piece


def dripping(site: Site, piece: bytes) -> Pieces:
    while not site.wait(0.02):
        yield piece


# Slow


@case("slow drip of the head", "timeout_total")
def _(site: Site) -> Pieces:
    yield b"HTTP/1.1 200 OK\r\n"
    yield from dripping(site, b"X-A: b\r\n")


@case("slow drip of the body", "timeout_total")
def _(site: Site) -> Pieces:
    yield HEAD + b"Content-Length: 100000\r\n\r\n"
    yield from dripping(site, b"x")


@case("slow drip of chunks", "timeout_total")
def _(site: Site) -> Pieces:
    yield CHUNKED
    yield from dripping(site, b"1\r\nx\r\n")


@case("slow drip of a compressed body", "timeout_total")
def _(site: Site) -> Pieces:
    yield HEAD + b"Content-Encoding: gzip\r\n\r\n"
    packed = zlib.compressobj(9, zlib.DEFLATED, 31)
    while not site.wait(0.02):
        yield packed.compress(b"x") + packed.flush(zlib.Z_SYNC_FLUSH)


@case("says nothing", "connect_timeout")
def _(site: Site) -> Pieces:
    site.wait(100)
    yield b""


@case("stops half-way", "body_stalled")
def _(site: Site) -> Pieces:
    yield HEAD + b"Content-Length: 1000\r\n\r\nhalf"
    site.wait(100)


@case("keeps the connection open after the body", "body_stalled")
def _(site: Site) -> Pieces:
    yield HEAD + b"Connection: keep-alive\r\n\r\n" + ARTICLE
    site.wait(100)


@case("keeps the connection open under a redirect", "redirect_loop")
def _(site: Site) -> Pieces:
    yield response(b"", "Location: #again", "Connection: keep-alive", status="302 Found", length=99)
    site.wait(100)


# Endless


@case("endless body", "too_large")
def _(site: Site) -> Pieces:
    yield HEAD + b"\r\n"
    yield from forever(site, b"x" * 65536)


@case("endless chunks of one byte", "too_large", "timeout_total")
def _(site: Site) -> Pieces:
    yield CHUNKED
    yield from forever(site, b"1\r\nx\r\n" * 10_000)


@case("endless chunk extensions", "too_large", "protocol_error")
def _(site: Site) -> Pieces:
    yield CHUNKED
    yield from forever(site, b"1;" + b"e" * 8000 + b"\r\nx\r\n")


@case("endless size of a chunk", "protocol_error", "too_large")
def _(site: Site) -> Pieces:
    yield CHUNKED
    yield from forever(site, b"0" * 65536)


@case("endless trailers", "protocol_error", "too_large")
def _(site: Site) -> Pieces:
    yield CHUNKED + b"5\r\nhello\r\n0\r\n"
    yield from forever(site, b"X-Trailer: " + b"y" * 4000 + b"\r\n")


@case("endless headers", "header_too_large")
def _(site: Site) -> Pieces:
    yield b"HTTP/1.1 200 OK\r\n"
    yield from forever(site, b"X-Filler: " + b"y" * 4000 + b"\r\n")


@case("one endless header", "header_too_large")
def _(site: Site) -> Pieces:
    yield b"HTTP/1.1 200 OK\r\nX-Long: "
    yield from forever(site, b"y" * 65536)


@case("endless first line", "header_too_large", "protocol_error")
def _(site: Site) -> Pieces:
    yield b"HTTP/1.1 200 "
    yield from forever(site, b"O" * 65536)


@case("endless interim answers", "header_too_large")
def _(site: Site) -> Pieces:
    yield from forever(site, b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


@case("endless early hints", "header_too_large")
def _(site: Site) -> Pieces:
    yield from forever(site, b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n" * 100)


@case("endless redirects with growing addresses", "too_many_redirects", "url_invalid")
def _(site: Site) -> Pieces:
    asked = site.requests[-1].split(b" ", 2)[1].decode()
    query = asked.partition("?")[2]
    yield response(b"", f"Location: ?{query}{'x' * 100}", status="302 Found")


@case("redirect to itself", "redirect_loop")
def _(site: Site) -> Pieces:
    yield response(b"", "Location: #", status="302 Found")


@case("meta refresh to itself", "ok", warning="no_text")
def _(site: Site) -> Pieces:
    yield response(b"<meta http-equiv=refresh content='0;url=#x'>")


# Bombs


def bomb(name: str, coding: str, make: Callable[[], bytes], *codes: str) -> None:
    made = functools.cache(make)
    READY.append(made)

    def behaviour(site: Site) -> Pieces:
        yield response(made(), f"Content-Encoding: {coding}")

    case(name, *(codes or ("decompression_bomb",)))(behaviour)


bomb("gzip bomb", "gzip", lambda: gzip_bomb(256))
bomb("gzip bomb in many members", "gzip", lambda: gzip_bomb(1) * 256)
bomb("deflate bomb", "deflate", lambda: deflate_bomb(256))
bomb("brotli bomb", "br", lambda: brotli_bomb(256))
bomb("zstd bomb", "zstd", lambda: zstd_bomb(512))
bomb("zstd with a window of 128 MiB", "zstd", wide_zstd, "bad_encoding", "decompression_bomb")
bomb("stacked bomb", "gzip, gzip", lambda: gzip.compress(gzip_bomb(512)))
bomb("stacked bomb of two kinds", "gzip, br", lambda: brotli.compress(gzip_bomb(256), quality=1))
bomb("endless empty gzip members", "gzip", lambda: gzip.compress(b"") * 200_000, "ok")
bomb("three codings", "gzip, br, gzip", lambda: gzip.compress(ARTICLE), "bad_encoding")
bomb("unknown coding", "compress", lambda: ARTICLE, "bad_encoding")
bomb("not packed at all", "gzip", lambda: ARTICLE, "bad_encoding")
bomb("packed and cut off", "gzip", lambda: gzip.compress(ARTICLE)[:-20], "truncated_body")
bomb("packed with a wrong sum", "gzip", lambda: gzip.compress(ARTICLE)[:-8] + bytes(8), "bad_encoding")
bomb("packed with something behind", "gzip", lambda: gzip.compress(ARTICLE) + b"more", "ok")


# Lies

fixed("shorter than it says", "truncated_body", data=response(ARTICLE, length=len(ARTICLE) + 500))
fixed("longer than it says", "ok", data=response(ARTICLE, length=50))
fixed("two lengths", "protocol_error", data=response(ARTICLE, "Content-Length: 3"))
fixed("the same length twice", "ok", data=response(ARTICLE, f"Content-Length: {len(ARTICLE)}"))
fixed("length below zero", "protocol_error", data=response(ARTICLE, length=-5))
fixed("length of 20 digits", "truncated_body", data=response(ARTICLE, length=10**19))
fixed("length and chunks", "ok", data=response(b"5\r\nhello\r\n0\r\n\r\n", "Transfer-Encoding: chunked"))
fixed("length that is no number", "protocol_error", data=HEAD + b"Content-Length: many\r\n\r\nx")
fixed("huge chunk", "truncated_body", data=CHUNKED + b"7fffffffffffffff\r\nhello")
fixed("chunk of more than 64 bits", "truncated_body", "protocol_error", data=CHUNKED + b"f" * 19 + b"\r\nx")
fixed("chunk below zero", "protocol_error", data=CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n")
fixed("bad chunks", "protocol_error", data=CHUNKED + b"5\r\nhello\r\nzz\r\n")
fixed("chunks cut off", "truncated_body", data=CHUNKED + b"5\r\nhello\r\n5\r\nwor")
fixed("unknown transfer coding", "protocol_error", data=HEAD + b"Transfer-Encoding: gzip\r\n\r\nx")
fixed("trailers", "ok", data=CHUNKED + b"5\r\nhello\r\n0\r\nX-After: 1\r\nContent-Length: 9\r\n\r\n")
fixed("unchanged though nobody asked", "http_unexpected", data=b"HTTP/1.1 304 Not Modified\r\n\r\n")
fixed("a second answer behind the first", "ok", data=response(ARTICLE) + response(b"", status="404 No"))

# Not quite HTTP

fixed("hangs up", "net_reset", data=b"")
fixed("HTTP/0.9", "protocol_error", data=b"<html>hello</html>\r\n")
fixed("another protocol", "protocol_error", data=b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
fixed("random bytes", "protocol_error", "header_too_large", data=bytes(range(256)) * 400)
fixed("status 999", "http_unexpected", data=b"HTTP/1.1 999 Request denied\r\n\r\n<p>No")
fixed("status of four digits", "protocol_error", data=b"HTTP/1.1 2000 OK\r\n\r\n<p>No")
fixed("no status", "protocol_error", data=b"HTTP/1.1 OK\r\n\r\n<p>No")
fixed("switches protocols", "protocol_error", data=b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\nPRI")
fixed("answers in HTTP/2", "protocol_error", data=b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(90))
fixed("header without a colon", "protocol_error", data=HEAD + b"no colon here\r\n\r\nx")
fixed("space before the colon", "protocol_error", data=HEAD + b"X-A : b\r\n\r\nx")
fixed("folded headers", "ok", data=HEAD + b"X-A: b\r\n c\r\n\td\r\nContent-Length: 2\r\n\r\nok")
fixed("NUL in a header", "protocol_error", data=HEAD + b"X-A: b\x00c\r\n\r\nx")
fixed("bare line feeds", "ok", data=b"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 2\n\nok")
fixed("headers in Latin-1", "ok", data=HEAD + b"X-A: caf\xe9\r\nContent-Length: 2\r\n\r\nok")
fixed("500 cookies", "ok", data=response(ARTICLE, *(f"Set-Cookie: c{n}={'v' * 60}" for n in range(500))))
fixed("redirect with an address of 60 kB", "url_invalid",
      data=response(b"", f"Location: /{'x' * 60_000}", status="302 Found"))  # fmt: skip
fixed("redirect that names no place", "http_unexpected", data=response(b"<p>Where?", status="302 Found"))


@case("reset in the head", "net_reset")
def _(site: Site) -> Pieces:
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n"
    raise ConnectionResetError


@case("reset in the body", "net_reset")
def _(site: Site) -> Pieces:
    yield HEAD + b"Content-Length: 1000\r\n\r\nhello"
    site.wait(0.1)
    raise ConnectionResetError


# Pages

fixed("NUL bytes", "ok", data=response(ARTICLE.replace(b" ", b"\x00")))
fixed("charset nobody has", "ok",
      data=response(b"<p>caf\xc3\xa9", media_type="text/html; charset=x-nobody"))  # fmt: skip
fixed("charset that is not its own", "ok", data=response(ARTICLE, media_type="text/html; charset=utf-16"))
fixed("charset utf-7", "ok", data=response(b"+ADw-script+AD4-", media_type="text/html; charset=utf-7"))
fixed("BOM of another charset", "ok", data=response(b"\xff\xfe" + ARTICLE))
fixed("half a UTF-16 pair", "ok", data=response(b"\xff\xfe<\x00p\x00>\x00\x00\xd8"))
fixed("bytes that are no text", "ok", data=response(b"<p>" + bytes(range(128, 256)) * 500))
fixed("a picture called a page", "ok", warning="type_mismatch",
      data=response(b"\x89PNG\r\n\x1a\n" + bytes(5000)))  # fmt: skip
fixed("a program called a page", "ok", data=response(b"MZ\x90\x00" + bytes(range(256)) * 400))
fixed("a page called a PDF", "ok", warning="type_mismatch",
      data=response(ARTICLE, media_type="application/pdf"))  # fmt: skip
fixed("a PDF cut off", "ok", warning="read_failed",
      data=response(b"%PDF-1.7\n1 0 obj\n<<", media_type="application/pdf"))  # fmt: skip
fixed("nothing at all", "ok", warning="no_text", data=response(b""))
fixed("no type", "ok", data=b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")


def large(name: str, make: Callable[[], bytes], *codes: str, media_type: str = "text/html",
          warning: str = "") -> None:  # fmt: skip
    made = functools.cache(make)
    LARGE.append(made)
    case(name, *(codes or ("ok",)), warning=warning)(
        lambda site: iter([response(made(), media_type=media_type)])
    )


large("nested 5,000 deep", lambda: b"<p>Top</p>" + b"<div>" * 5000 + b"<p>Deep down is the text of the page."
      + b" It goes on." * 20, warning="text_dropped")  # fmt: skip
large("nested 100,000 deep", lambda: b"<div>" * 100_000 + b"deep")
large("a table in a table, 2,000 deep", lambda: b"<table><tr><td>" * 2000 + b"deep")
large("100,000 paragraphs", lambda: b"<p>One of many</p>" * 100_000)
large("200,000 links", lambda: b"<a href=/x>link</a> " * 200_000)
large("one tag with 100,000 attributes", lambda: b"<p " + b" ".join(b"a%d=1" % n for n in range(100_000)))
large("tags that never end", lambda: b"<a " * 300_000)
large("scripts that never end", lambda: b"<script>" * 100_000)
large("a line of 20 MB", lambda: b"word " * 4_000_000)
large("a page of 45 MB", lambda: b"<p>A paragraph of the page.</p>" * 1_500_000)
large("entities in entities", laughs, media_type="application/xhtml+xml")
large("deep JSON-LD", lambda: b"<script type=application/ld+json>" + b"[" * 200_000 + b"</script><p>Text")
large("a PDF of 99 MB", lambda: pdf(99), media_type="application/pdf")
large("a PDF of 120 MB", lambda: pdf(120), "too_large", media_type="application/pdf")
large("a PDF that unpacks to 1 GB", pdf_bomb, media_type="application/pdf")
large("a Word file that unpacks to 1 GB", docx_bomb, media_type=DOCX)


# Certificates, and servers that do not even get that far

CASES += [
    Case("expired certificate", ("tls_expired",), server="expired", trusts="expired", host="localhost"),
    Case("certificate of another", ("tls_name",), server="elsewhere", trusts="elsewhere", host="localhost"),
    Case("certificate signed by itself", ("tls_untrusted",), server="localhost", host="localhost"),
    Case("no TLS behind https", ("tls_protocol", "net_reset"), server="raw:http"),
    Case("TLS that hangs up", ("net_reset", "tls_protocol"), server="raw:hang-up"),
    Case("TLS that says nothing", ("connect_timeout",), server="raw:silent"),
    Case("slow drip of the TLS handshake", ("connect_timeout",), server="raw:drip"),
    Case("name server that does not answer", ("dns_timeout",), host="slow.example", server="nowhere"),
]  # fmt: skip


def path_of(name: str) -> str:
    """Return the path on the plain server of the case with this name."""
    return "-".join("".join(char if char.isalnum() else " " for char in name.lower()).split())
