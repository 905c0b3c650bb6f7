"""The CDXJ index of a WARC file: one line for each response, so a viewer need not read the whole file."""

import gzip
import hashlib
import io
import re
import zlib
from typing import IO
from urllib.parse import urlsplit

from annotations.archiving.canonical import canonical
from annotations.archiving.http_bytes import NotHttp, read_head
from annotations.archiving.warc_reading import Record, read_warc

ARCHIVE = "data.warc.gz"
_WWW = re.compile(r"www[0-9]*\.")
_USUAL_PORTS = {"http": 80, "https": 443}


def index_of(file: IO[bytes]) -> bytes:
    """The sorted index of a WARC file, which is read from its current position. Raises `BrokenWarc`."""
    found = [(record, facts) for record in read_warc(file) if (facts := _facts(record))]
    return b"".join(sorted(_index_line(record, *facts) for record, facts in found))


def packed_index(index: bytes) -> tuple[bytes, bytes]:
    """The index compressed as one block, and the list of its blocks that viewers look for."""
    packed = gzip.compress(index, mtime=0)
    return packed, blocks_of(packed, index)


def blocks_of(packed: bytes, index: bytes) -> bytes:
    """The list of blocks of `packed`, which is the compressed `index`."""
    name = "index.cdx.gz"
    about = {"format": "cdxj-gzip-1.0", "filename": name}
    digest = f"sha256:{hashlib.sha256(packed).hexdigest()}"
    block = {"offset": 0, "length": len(packed), "digest": digest, "filename": name}
    first = b" ".join(index.split(b" ", 2)[:2])
    return b"!meta 0 " + canonical(about) + b"\n" + first + b" " + canonical(block) + b"\n"


def unpacked_index(packed: bytes, most: int) -> bytes:
    """The first `most` bytes of the index in `packed`. Raises ValueError if it cannot be unpacked."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            return file.read(most)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"cannot be unpacked: {error}") from None


def sort_key(url: str) -> str:
    """The key that indexes are sorted by: the address with its host reversed, `org,example)/path`."""
    parts = urlsplit(url)
    host = _WWW.sub("", parts.hostname or "", count=1)
    try:
        port = parts.port
    except ValueError:
        port = None
    turned = ",".join(reversed(host.split(".")))
    if port and port != _USUAL_PORTS.get(parts.scheme):
        turned += f":{port}"
    query = "?" + "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return f"{turned}){parts.path or '/'}{query}".lower().replace(" ", "%20")


def _facts(record: Record) -> tuple[str, str] | None:
    """The media type and status of a record that a viewer can show, or None for any other record."""
    if record.kind == "resource" and "warc-concurrent-to" not in record.headers:
        return record.headers.get("content-type", ""), "200"
    if record.kind != "response":
        return None
    try:
        head = read_head(record.content)
    except NotHttp:
        return None
    if head.interim:
        return None
    media_type = next(iter(head.values("content-type")), "").partition(";")[0].strip().lower()
    return media_type or "unk", str(head.status)


def _index_line(record: Record, media_type: str, status: str) -> bytes:
    headers = record.headers
    moment = "".join(re.findall(r"[0-9]", headers.get("warc-date", "")))[:14]
    facts = {
        "url": record.url,
        "mime": media_type,
        "status": status,
        "digest": headers.get("warc-payload-digest") or headers.get("warc-block-digest", ""),
        "length": str(record.length),
        "offset": str(record.offset),
        "filename": ARCHIVE,
    }
    return f"{sort_key(record.url)} {moment} ".encode("utf-8", "replace") + canonical(facts) + b"\n"
