"""Downloads of what is kept of a capture: everything with its proof, or only the bytes."""

import logging
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

from annotations.archiving.layout import inclusion_name, manifest_name, text_name, token_name
from annotations.archiving.stamp_batches import Inclusion
from annotations.archiving.wacz import Page, uploaded_url, write_wacz
from annotations.archiving.warc import write_resource
from annotations.archiving.warc_reading import BrokenWarc
from annotations.domain.errors import WrongState
from annotations.domain.proof.kinds import ManifestKind, StampState
from annotations.domain.software import NAME, VERSION
from annotations.models import Capture, Manifest, Stamp, StampLeaf, User
from annotations.visibility import get_visible
from annotations.workflow.captures.storage import kept_bytes
from annotations.workflow.proof.manifest_files import sealed_of
from annotations.workflow.proof.timestamps import token_hash, trusted_roots

logger = logging.getLogger(__name__)

SOFTWARE = f"{NAME}/{VERSION}"
SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".xhtml",
    "text/plain": ".txt",
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
}


class KeptFileGone(WrongState):
    """The storage does not give a file that was kept."""

    code = "kept_file_gone"


class NotSigned(WrongState):
    """A capture that no manifest speaks of yet."""

    code = "not_stated"


@dataclass(frozen=True)
class Download:
    """A file to send under a name. Closing `file` deletes it."""

    filename: str
    size: int
    file: IO[bytes]


@contextmanager
def from_storage() -> Iterator[None]:
    """Raise KeptFileGone, which people can read, where the storage does not return what was kept."""
    try:
        yield
    except (OSError, BrokenWarc) as error:
        logger.exception("a kept file cannot be read")
        raise KeptFileGone(
            "The kept file cannot be read now. Try again later; if it stays so, whoever runs this workbench "
            "can find out more with manage.py verify."
        ) from error


def capture_for(user: User, capture_id: int) -> Capture:
    """Return a capture on one of the person's desks; raises Missing."""
    return get_visible(user, Capture.objects.select_related("reference"), capture_id)


def wacz_of(capture_id: int, *, user: User) -> Download:
    """Return a capture with everything that proves it, as a WACZ file that contains a program to check it.

    The same capture with the same proofs gives the same file. Raises Missing, NotSigned or KeptFileGone.
    """
    capture = capture_for(user, capture_id)
    signed = list(Manifest.objects.filter(capture=capture).order_by("number"))
    if not any(row.kind == ManifestKind.CAPTURE.value for row in signed):
        raise NotSigned(
            "Nothing was signed for this capture yet. Ask whoever runs this workbench to sign it."
        )
    with from_storage(), ExitStack() as closing:
        out = closing.enter_context(tempfile.TemporaryFile())
        archive = closing.enter_context(tempfile.TemporaryFile())
        _write_archive(capture, archive)
        evidence = dict(_evidence(capture, signed))
        size = write_wacz(
            out,
            archive=archive,
            page=Page(_address(capture), capture.title or str(capture.reference), capture.fetched_at),
            evidence=evidence,
            roots=_roots() if any(name.endswith(".tst") for name in evidence) else {},
            software=SOFTWARE,
        )
        out.seek(0)
        archive.close()
        # From here on the caller closes it.
        closing.pop_all()
    return Download(f"{_stem(capture)}.wacz", size, out)


def body_of(capture_id: int, *, user: User) -> tuple[str, int, Iterator[bytes]]:
    """Return the kept bytes of a capture: a file name, the size, and the bytes piece by piece.

    Raises Missing or KeptFileGone.
    """
    capture = capture_for(user, capture_id)
    with from_storage():
        pieces = kept_bytes(capture.body_key)
        first = next(pieces, b"")
    return f"{_stem(capture)}{_suffix(capture)}", capture.body_size, _again(first, pieces)


def _write_archive(capture: Capture, out: IO[bytes]) -> None:
    """Write the WARC of a capture; for an upload, a WARC that is made for it."""
    if capture.wire_key:
        _copy(kept_bytes(capture.wire_key), out)
        return
    with tempfile.TemporaryFile() as body:
        _copy(kept_bytes(capture.body_key), body)
        write_resource(
            out,
            body,
            url=_address(capture),
            media_type=capture.media_type,
            kept_at=capture.fetched_at,
            software=SOFTWARE,
        )


def _copy(pieces: Iterable[bytes], out: IO[bytes]) -> None:
    for piece in pieces:
        out.write(piece)
    out.seek(0)


def _evidence(capture: Capture, signed: list[Manifest]) -> Iterator[tuple[str, bytes]]:
    """Yield the kept files that prove a capture, with their names in the storage."""
    for row in signed:
        yield manifest_name(str(row.desk_id), row.number), sealed_of(row).envelope()
    if capture.text_sha256:
        yield text_name(capture.text_sha256), capture.text.encode()
    leaves = list(StampLeaf.objects.filter(manifest__in=signed).select_related("batch", "manifest"))
    held: dict[int, list[Stamp]] = defaultdict(list)
    batches = {leaf.batch_id for leaf in leaves}
    for stamp in Stamp.objects.filter(state=StampState.HELD.value, batch__in=batches).order_by("pk"):
        held[stamp.batch_id].append(stamp)
    for leaf in leaves:
        stamps = held[leaf.batch_id]
        if not stamps:
            continue
        root, manifest = leaf.batch.root_sha256, leaf.manifest.sha256
        place = Inclusion(root, manifest, leaf.position, leaf.batch.leaf_count, tuple(leaf.path))
        yield inclusion_name(root, manifest), place.file()
        for stamp in stamps:
            token = bytes(stamp.token or b"")
            yield token_name(root, token_hash(token)), token


def _roots() -> dict[str, bytes]:
    """Return the certificates that time stamps are checked against, under simple names."""
    files: dict[Path | None, list[bytes]] = {
        authority.roots: trusted_roots(authority.roots) for authority in settings.TIMESTAMP_AUTHORITIES
    }
    return {f"{number}": b"\n".join(pems) for number, pems in enumerate(files.values(), 1) if pems}


def _address(capture: Capture) -> str:
    if capture.wire_key:
        return capture.final_url or capture.reference.url
    return uploaded_url(capture.body_sha256, capture.filename)


def _stem(capture: Capture) -> str:
    """Return the beginning of a file name: from which host, when, and which capture."""
    host = re.sub("[^A-Za-z0-9.-]", "", capture.reference.host)
    return f"{host or 'upload'}-{capture.fetched_at:%Y%m%d-%H%M}-{capture.pk}"


def _suffix(capture: Capture) -> str:
    return SUFFIXES.get(capture.media_type, ".bin")


def _again(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
