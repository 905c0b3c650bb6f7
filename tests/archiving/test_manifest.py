"""The signed manifest of a capture: the same facts give the same bytes as ever."""

import hashlib
import json
import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from annotations.archiving.canonical import canonical, read_canonical
from annotations.archiving.manifest import Blob, CaptureFacts, Link, capture_manifest
from annotations.archiving.manifest_shape import HOP, is_manifest
from annotations.domain.hops import Hop

AT = datetime(2026, 11, 20, 9, 30, 1, 250000, tzinfo=UTC)
PAGES = Path(__file__).parents[2] / "docs/reference"
WHOLE = Hop(
    url="https://paper.example/new",
    status=200,
    headers=(("Content-Type", "text/html"), ("content-type", "text/plain")),
    address="203.0.113.7",
    answers=("203.0.113.7", "2001:db8::7"),
    tls_version="TLSv1.3",
    certificate_sha256="ab" * 32,
    certificates=("ab" * 32, "cd" * 32),
    started_at=AT,
    finished_at=AT.replace(microsecond=900000),
    sent_bytes=120,
    received_bytes=4096,
    truncated="length",
    reached_by="redirect",
)


def _manifest(*hops: dict[str, object]) -> Any:
    facts = CaptureFacts(
        capture="3",
        reference="2",
        asked="https://paper.example/old",
        final="https://paper.example/new",
        fetched_at=AT,
        outcome="ok",
        status=200,
        body=Blob("ef" * 32, 8192),
        media_type="text/html",
        hops=hops,
    )
    manifest = capture_manifest(Link("1", 1, "", AT), facts, software={"factcheck-workbench": "0.1.0"})
    return read_canonical(canonical(manifest))


def test_a_manifest_has_the_bytes_that_it_always_had() -> None:
    manifest = canonical(_manifest(Hop("https://paper.example/old").as_json(), WHOLE.as_json()))
    expected = "3081ad0ff48925213cc49388809cb73813c749ef9f0dd1d0512594a9e0069c4c"
    assert hashlib.sha256(manifest).hexdigest() == expected


def test_all_that_is_known_of_a_hop_but_its_headers_is_signed_and_described() -> None:
    [row] = re.findall(r"^\| `capture\.hops` \|.*", (PAGES / "kept-files.md").read_text(), re.MULTILINE)
    assert re.findall(r"`(\w+)`", row) == list(HOP)
    assert set(HOP) == {field.name for field in fields(Hop)} - {"headers"}


def test_a_manifest_from_before_a_fact_was_noted_still_holds() -> None:
    for name in HOP.keys() - {"url"}:
        known = {other: value for other, value in WHOLE.as_json().items() if other != name}
        assert is_manifest(_manifest(known))
        assert getattr(Hop.from_json(known), name) == getattr(Hop(""), name)
    assert is_manifest(_manifest({"url": "https://paper.example/old"}))


@pytest.mark.parametrize("name", HOP)
def test_a_hop_with_a_fact_of_another_kind_is_no_part_of_a_manifest(name: str) -> None:
    assert is_manifest(_manifest(WHOLE.as_json()))
    assert not is_manifest(_manifest(WHOLE.as_json() | {name: {}}))


def test_a_hop_is_read_as_it_was_written() -> None:
    assert Hop.from_json(json.loads(json.dumps(WHOLE.as_json()))) == WHOLE
