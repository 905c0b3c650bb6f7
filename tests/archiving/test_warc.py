import gzip
import hashlib
import io
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from annotations.archiving import warc_reading
from annotations.archiving.warc import ExchangeRecorder, Written, write_resource, write_warc
from annotations.archiving.warc_reading import BrokenWarc, read_warc
from annotations.archiving.wire_checks import Derived, examine_wire
from tests.archiving.making import (
    AT,
    PAGE,
    REDIRECT,
    SOFTWARE,
    chunked_response,
    hop_of,
    plain_response,
    warc_of,
)

URL = "https://paper.example/a"
REQUEST = b"GET / HTTP/1.1\r\nHost: paper.example\r\n\r\n"


def _blocks(warc: bytes) -> list[tuple[str, bytes]]:
    """The kind and content of each record. The library reads them without checking digests."""
    records = ArchiveIterator(io.BytesIO(warc), no_record_parse=True)
    return [(record.rec_type, record.raw_stream.read()) for record in records]


def _headers(warc: bytes) -> list[dict[str, str]]:
    return [record.headers for record in read_warc(io.BytesIO(warc))]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    "raw",
    [
        plain_response(),
        chunked_response(),
        b"HTTP/1.0 404 Not Found\r\n\r\nno such page",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nnot a size\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\nX-Bare: line feeds\n\nbody\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-\xe9: \xff\r\nX-Folded: a\r\n  b\r\n\r\n\x00\x01",
    ],
)
def test_a_response_is_in_the_file_as_it_arrived(raw: bytes) -> None:
    blocks = _blocks(warc_of([(URL, raw)]))
    assert blocks[1:] == [("request", REQUEST), ("response", raw)]


@pytest.mark.parametrize(
    "raw", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nContent-Ty", b"\x15\x03\x01"]
)
def test_bytes_that_are_no_response_are_kept_as_they_are(raw: bytes) -> None:
    warc = warc_of([(URL, raw)], cut="disconnect")
    assert _blocks(warc)[2] == ("resource", raw)
    kept = _headers(warc)[2]
    assert kept["content-type"] == "application/octet-stream"
    assert kept["warc-truncated"] == "disconnect"
    assert kept["warc-concurrent-to"] == _headers(warc)[1]["warc-record-id"]


def test_an_interim_response_has_a_record_before_the_final_one() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    warc = warc_of([(URL, early + plain_response())])
    assert _blocks(warc)[2:] == [("response", early), ("response", plain_response())]
    assert examine_wire(io.BytesIO(warc), 10_000).body.sha256 == _sha256(PAGE)


def test_a_request_without_a_response_is_kept() -> None:
    assert [kind for kind, _ in _blocks(warc_of([(URL, b"")]))] == ["warcinfo", "request"]


def test_each_hop_says_who_was_asked_and_when() -> None:
    warc = warc_of([("https://paper.example/old", REDIRECT), (URL, plain_response())])
    info, *records = _headers(warc)
    assert [record["warc-type"] for record in records] == ["request", "response"] * 2
    assert [record["warc-target-uri"] for record in records] == ["https://paper.example/old"] * 2 + [URL] * 2
    assert {record["warc-ip-address"] for record in records} == {"203.0.113.7"}
    assert {record["warc-date"] for record in records} == {"2026-11-20T09:30:01.250000Z"}
    assert {record["warc-warcinfo-id"] for record in records} == {info["warc-record-id"]}
    assert len({record["warc-record-id"] for record in records}) == 4


def test_the_payload_digest_counts_no_chunks_and_the_block_digest_counts_all() -> None:
    answer = _headers(warc_of([(URL, chunked_response())]))[2]
    assert answer["warc-payload-digest"] == f"sha256:{_sha256(gzip.compress(PAGE, mtime=0))}"
    assert answer["warc-block-digest"] == f"sha256:{_sha256(chunked_response())}"


def test_a_payload_that_broke_off_has_no_digest() -> None:
    answer = _headers(warc_of([(URL, plain_response()[:-1])], cut="disconnect"))[2]
    assert "warc-payload-digest" not in answer
    assert answer["warc-truncated"] == "disconnect"


def test_the_same_exchange_gives_the_same_file() -> None:
    assert warc_of([(URL, chunked_response())]) == warc_of([(URL, chunked_response())])


def test_what_is_said_about_the_file_is_true(tmp_path: Path) -> None:
    with ExchangeRecorder() as recorder, (tmp_path / "a.warc.gz").open("w+b") as out:
        recorder.begin(URL)
        recorder.sent(REQUEST[:5])
        recorder.sent(REQUEST[5:])
        recorder.received(plain_response())
        written = write_warc(out, recorder.exchanges, [hop_of(URL)], software=SOFTWARE)
    data = (tmp_path / "a.warc.gz").read_bytes()
    assert written == Written(_sha256(data), len(data))


def test_the_tool_of_the_format_finds_nothing_wrong(tmp_path: Path) -> None:
    # Not with a chunked response: the library counts the chunks as part of the payload.
    (tmp_path / "a.warc.gz").write_bytes(warc_of([(URL, REDIRECT), (URL, plain_response())]))
    command = [str(Path(sys.executable).with_name("warcio")), "check", "-v", "a.warc.gz"]
    said = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert said.count("digest pass") == 5


def test_an_upload_becomes_an_archive_of_its_own() -> None:
    out = io.BytesIO()
    write_resource(
        out, io.BytesIO(b"%PDF"), url=URL, media_type="application/pdf", kept_at=AT, software=SOFTWARE
    )
    kept = _headers(out.getvalue())[1]
    assert (kept["warc-type"], kept["content-type"], kept["warc-target-uri"]) == (
        "resource",
        "application/pdf",
        URL,
    )
    assert _blocks(out.getvalue())[1] == ("resource", b"%PDF")


def test_a_hop_without_its_time_or_with_a_line_break_is_refused() -> None:
    with ExchangeRecorder() as recorder:
        recorder.begin(URL)
        recorder.sent(REQUEST)
        for step in (replace(hop_of(URL), started_at=None), hop_of(URL + "\r\nWARC-Type: response")):
            with pytest.raises(ValueError, match=r"when|line"):
                write_warc(io.BytesIO(), recorder.exchanges, [step], software=SOFTWARE)
        with pytest.raises(ValueError, match="facts of 0"):
            write_warc(io.BytesIO(), recorder.exchanges, [], software=SOFTWARE)


def test_a_large_body_does_not_have_to_fit_into_memory(tmp_path: Path) -> None:
    piece = bytes(range(256)) * 4096  # 1 MiB
    tracemalloc.start()
    with ExchangeRecorder() as recorder, (tmp_path / "a.warc.gz").open("wb") as out:
        recorder.begin(URL)
        recorder.sent(REQUEST)
        recorder.received(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(40):
            recorder.received(piece)
        write_warc(out, recorder.exchanges, [hop_of(URL)], software=SOFTWARE)
    with (tmp_path / "a.warc.gz").open("rb") as file:
        found = examine_wire(file, 100 * 1024 * 1024)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.body.size == 40 * 1024 * 1024
    assert found.problems == []
    assert peak < 12 * 1024 * 1024


def test_the_page_follows_from_the_exchange() -> None:
    found = examine_wire(io.BytesIO(warc_of([(URL, REDIRECT), (URL, chunked_response())])), 10_000)
    assert found.body == Derived(status=200, sha256=_sha256(PAGE), size=len(PAGE), whole=True)
    assert found.asked == [(URL, "203.0.113.7")] * 2


def test_a_page_is_unpacked_no_further_than_it_should_be() -> None:
    packed = gzip.compress(bytes(50_000_000), mtime=0)
    raw = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + packed
    found = examine_wire(io.BytesIO(warc_of([(URL, raw)])), 1000)
    assert (found.body.size, found.body.whole) == (1000, False)
    assert found.problems == []


@pytest.mark.parametrize("cut", [1, 7, 100, 400])
def test_a_file_that_ends_too_early_is_found(cut: int) -> None:
    assert examine_wire(io.BytesIO(warc_of([(URL, plain_response())])[:-cut]), 1000).problems


def test_a_digest_that_lies_is_found() -> None:
    whole = warc_of([(URL, plain_response())])
    forged = b""
    for member in _members(whole):
        forged += gzip.compress(member.replace(b"At least fifty", b"At least fifth"), mtime=0)
    problems = examine_wire(io.BytesIO(forged), 10_000).problems
    assert len(problems) == 2
    assert "content of record" in problems[0] + problems[1]
    assert "payload of record" in problems[0] + problems[1]


@pytest.mark.parametrize(
    "member",
    [
        b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
        b"WARC/1.1\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: resource\r\n\r\n\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: -1\r\n\r\n\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: 99999999999999\r\n\r\n\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: 1\r\n\r\n\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: 0\r\n\r\n\r\n\r\nmore",
        b"WARC/1.1\r\n" + b"X: y\r\n" * 100_000,
        b"",
    ],
)
def test_a_record_that_does_not_hold_is_refused(member: bytes) -> None:
    with pytest.raises(BrokenWarc):
        list(read_warc(io.BytesIO(gzip.compress(member, mtime=0))))


def test_what_is_not_compressed_is_refused() -> None:
    with pytest.raises(BrokenWarc):
        list(read_warc(io.BytesIO(b"WARC/1.1\r\nplain")))


def _members(warc: bytes) -> list[bytes]:
    records = list(read_warc(io.BytesIO(warc)))
    return [gzip.decompress(warc[r.offset : r.offset + r.length]) for r in records]


def test_a_time_in_another_zone_is_written_in_utc() -> None:
    out = io.BytesIO()
    moment = datetime.fromisoformat("2026-11-20T10:30:01+01:00")
    write_resource(out, io.BytesIO(b"x"), url=URL, media_type="", kept_at=moment, software=SOFTWARE)
    assert _headers(out.getvalue())[1]["warc-date"] == "2026-11-20T09:30:01.000000Z"
    assert moment.astimezone(UTC).hour == 9


def test_an_archive_that_unpacks_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_reading, "_UNPACKED_BYTES", 1_000_000)
    small = b"HTTP/1.1 200 OK\r\n\r\n" + bytes(900_000)
    assert examine_wire(io.BytesIO(warc_of([(URL, small)])), 10).problems == []
    found = examine_wire(io.BytesIO(warc_of([(URL, small), (URL, small)])), 10)
    assert found.problems == ["more than 1000000 bytes, unpacked"]


def test_an_archive_of_too_many_records_is_given_up() -> None:
    record = gzip.compress(b"WARC/1.1\r\nWARC-Type: metadata\r\nContent-Length: 0\r\n\r\n\r\n\r\n", mtime=0)
    assert len(list(read_warc(io.BytesIO(record * 999)))) == 999
    with pytest.raises(BrokenWarc, match="more than 1000 records"):
        list(read_warc(io.BytesIO(record * 1001)))


def test_what_is_compressed_already_is_not_compressed_again() -> None:
    packed = b"".join(hashlib.sha256(bytes([i % 256, i // 256])).digest() for i in range(8000))
    dense = warc_of([(URL, plain_response(packed))])
    assert len(packed) < len(dense) < len(packed) + 2000
    assert packed[:20_000] in dense
    assert len(warc_of([(URL, plain_response(b"the same words " * 20_000))])) < 5000
