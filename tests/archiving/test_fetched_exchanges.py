"""Real fetches, recorded and kept: the recorded exchange and the extracted text have to agree."""

import hashlib
import io
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from annotations.archiving.kept_checks import KeptCheck
from annotations.archiving.layout import body_name, wire_name
from annotations.archiving.manifest import Blob, CaptureFacts, capture_manifest
from annotations.archiving.warc import ExchangeRecorder, write_warc
from annotations.archiving.warc_reading import read_warc
from annotations.archiving.wire_checks import examine_wire
from annotations.fetching import FetchFailed, Limits, fetch
from tests.archiving.making import SOFTWARE, Desk
from tests.archiving.test_kept_checks import InMemory
from tests.fakes.site import Site

LIMITS = Limits(
    total_seconds=5.0, idle_seconds=3.0, body_bytes=300_000, pdf_bytes=300_000, decoded_bytes=600_000
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def _fetched(site: Site, path: str, desk: Desk) -> str:
    """Fetch `path`, keep the result, state it in a manifest, and return the outcome."""
    out = io.BytesIO()
    with ExchangeRecorder() as recorder:
        fetched = fetch(
            site.url(path),
            user_agent="Test/1",
            limits=LIMITS,
            allowed_networks=[ip_network("127.0.0.0/8")],
            recorder=recorder,
        )
        write_warc(out, recorder.exchanges, fetched.hops, software=SOFTWARE)
    wire = out.getvalue()
    facts = CaptureFacts(
        capture="1",
        reference="1",
        asked=site.url(path),
        final=fetched.final_url,
        fetched_at=fetched.started_at,
        outcome=fetched.code,
        status=fetched.status,
        body=Blob(hashlib.sha256(fetched.body).hexdigest(), len(fetched.body)),
        media_type=fetched.media_type,
        wire=Blob(hashlib.sha256(wire).hexdigest(), len(wire)),
        hops=[hop.as_json() for hop in fetched.hops],
        warnings=fetched.warnings,
    )
    assert facts.wire is not None
    desk.files |= {body_name(facts.body.sha256): fetched.body, wire_name(facts.wire.sha256): wire}
    desk.seal(capture_manifest(desk.link(), facts, software={}))
    return fetched.code


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("/article", "ok"),
        ("/status?code=404", "http_404"),
        ("/coded?as=gzip", "ok"),
        ("/coded?as=deflate", "ok"),
        ("/coded?as=br", "ok"),
        ("/coded?as=zstd", "ok"),
        ("/coded?as=raw-deflate", "ok"),
        ("/chain/3", "ok"),
        ("/refresh?to=/article", "ok"),
        ("/short", "truncated_body"),
        ("/long", "ok"),
        ("/bad-chunks", "protocol_error"),
        ("/endless", "too_large"),
        ("/endless-chunks", "too_large"),
        ("/gzip-bomb", "decompression_bomb"),
        ("/brotli-bomb", "decompression_bomb"),
        ("/zstd-bomb", "decompression_bomb"),
        ("/stacked-bomb", "decompression_bomb"),
        ("/not-packed", "bad_encoding"),
        ("/too-stacked", "bad_encoding"),
        ("/stall", "body_stalled"),
        ("/drip", "timeout_total"),
        ("/bot-wall", "bot_block"),
    ],
)
def test_what_was_fetched_follows_from_what_was_recorded(site: Site, path: str, outcome: str) -> None:
    desk = Desk()
    assert _fetched(site, path, desk) == outcome
    found = KeptCheck(InMemory(desk.files)).run()
    assert (found.problems, found.gaps) == ([], [])


@pytest.mark.parametrize("path", ["/not-http", "/continues", "/header-bomb", "/reset", "/silent"])
def test_an_exchange_without_a_response_is_kept_as_far_as_it_went(site: Site, path: str) -> None:
    out = io.BytesIO()
    with ExchangeRecorder() as recorder:
        with pytest.raises(FetchFailed) as failed:
            fetch(
                site.url(path),
                user_agent="Test/1",
                limits=LIMITS,
                allowed_networks=[ip_network("127.0.0.0/8")],
                recorder=recorder,
            )
        write_warc(out, recorder.exchanges, failed.value.hops, software=SOFTWARE)
        received = [exchange.received for exchange in recorder.exchanges]
        for stream in received:
            stream.seek(0)
        arrived = [stream.read() for stream in received]
    out.seek(0)
    kept = [record.content.read() for record in read_warc(out) if record.kind in ("response", "resource")]
    assert b"".join(kept) == b"".join(arrived)
    out.seek(0)
    assert examine_wire(out, 1000).problems == []
