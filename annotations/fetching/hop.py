"""One request and its answer: the step that every fetch is made of, whatever it is for."""

import contextlib
import io
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpcore2

from annotations.domain.hops import Hop
from annotations.domain.references.addresses import Address, Network
from annotations.fetching.decoding import Payload, decoded_within
from annotations.fetching.failures import FetchFailed
from annotations.fetching.fetched import Limits, Recorder, first_header
from annotations.fetching.network import Deadline, GuardedBackend
from annotations.fetching.policy import check_host
from annotations.fetching.resolving import Resolver

# What stands under a redirect is kept as evidence when it comes at once; nobody waits for it.
_ASIDE_BYTES = 64 * 1024
_ASIDE_SECONDS = 2.0
_CUT_BY = {
    "too_large": "length",
    "decompression_bomb": "length",
    "timeout_total": "time",
    "body_stalled": "time",
    "truncated_body": "disconnect",
    "net_reset": "disconnect",
}


@dataclass(frozen=True)
class Road:
    """What all steps of one fetch have in common."""

    limits: Limits
    deadline: Deadline
    allowed_networks: Sequence[Network]
    denied_hosts: Sequence[str]
    resolver: Resolver
    recorder: Recorder | None
    tls: ssl.SSLContext


@dataclass(frozen=True)
class Question:
    """What is asked of a site, besides the address."""

    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None = None


@dataclass(frozen=True)
class Body:
    """What follows the head: decoded. `code` is empty when it is complete, else why it is not."""

    data: bytes
    code: str
    wire_bytes: int


class Answer:
    """An answer whose head has arrived; its body is read once, or left aside."""

    def __init__(self, response: httpcore2.Response, backend: GuardedBackend, limits: Limits) -> None:
        self._response = response
        self._stream = backend.stream
        self._limits = limits
        self.status = response.status
        self.headers = tuple((_text(name), _text(value)) for name, value in response.headers)
        self.cut_by = ""

    def header(self, name: str) -> str:
        """The first header of this name in any case, or an empty string."""
        return first_header(self.headers, name)

    @property
    def media_type(self) -> str:
        """Lower-case, without parameters."""
        return self.header("content-type").partition(";")[0].strip().lower()[:100]

    def read(self) -> Body:
        """Read and unpack the body, as far as it comes and the limits allow."""
        kept, code = io.BytesIO(), ""
        size = self._limits.pdf_bytes if self.media_type == "application/pdf" else self._limits.body_bytes
        before = self._begin(size)
        payload = Payload(self._response.iter_stream(), size)
        try:
            for piece in decoded_within(self._limits, self._codings(), payload):
                kept.write(piece)
        except FetchFailed as failure:
            code = failure.code
        except httpcore2.ProtocolError as error:
            code = "truncated_body" if "complete message body" in str(error) else "protocol_error"
        self.cut_by = _CUT_BY.get(code, "unspecified") if code else ""
        received = (self._stream.received_bytes - before) if self._stream else payload.taken
        return Body(kept.getvalue(), code, max(payload.taken, received))

    def set_aside(self) -> None:
        """Let the recorder see the body of a redirect, if it is small and comes at once."""
        self._begin(_ASIDE_BYTES, _ASIDE_SECONDS)
        try:
            for _ in self._response.iter_stream():
                continue
        except FetchFailed as failure:
            self.cut_by = _CUT_BY.get(failure.code, "unspecified")
        except httpcore2.ProtocolError:
            self.cut_by = "disconnect"

    def _begin(self, size: int, seconds: float | None = None) -> int:
        if self._stream is None:
            return 0
        self._stream.allow_body(size, seconds)
        return self._stream.received_bytes

    def _codings(self) -> list[str]:
        return [value for name, value in self.headers if name.lower() == "content-encoding"]


@contextlib.contextmanager
def ask(
    address: Address, question: Question, road: Road, hops: list[Hop], *, reached_by: str = ""
) -> Iterator[Answer]:
    """Put `question` to the machine behind `address`; yields the answer once its head is there.

    Appends to `hops`, also when it fails, and completes that entry when the caller is done with
    the answer. Raises `FetchFailed`.
    """
    check_host(address.host, road.denied_hosts)
    backend = GuardedBackend(
        limits=road.limits,
        deadline=road.deadline,
        allowed_networks=road.allowed_networks,
        resolver=road.resolver,
        recorder=road.recorder,
    )
    hops.append(Hop(url=address.url, started_at=datetime.now(UTC), reached_by=reached_by))
    if road.recorder:
        road.recorder.begin(address.url)
    answer, cut_by = None, ""
    try:
        with (
            httpcore2.ConnectionPool(
                ssl_context=road.tls, http1=True, http2=False, retries=0, network_backend=backend
            ) as pool,
            contextlib.closing(_send(pool, address, question, backend)) as response,
        ):
            answer = Answer(response, backend, road.limits)
            hops[-1] = replace(hops[-1], status=answer.status, headers=answer.headers)
            yield answer
            cut_by = answer.cut_by
    except FetchFailed as failure:
        cut_by = answer.cut_by if answer else _CUT_BY.get(failure.code, "unspecified")
        raise
    finally:
        hops[-1] = _completed(hops[-1], backend, cut_by)


def _send(
    pool: httpcore2.ConnectionPool, address: Address, question: Question, backend: GuardedBackend
) -> httpcore2.Response:
    url = httpcore2.URL(
        scheme=address.scheme.encode(),
        host=address.host.encode(),
        port=address.port,
        target=address.target.encode(),
    )
    headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in question.headers]
    if question.body is not None:
        headers.append((b"Content-Length", b"%d" % len(question.body)))
    try:
        return pool.handle_request(
            httpcore2.Request(question.method, url, headers=headers, content=question.body)
        )
    except (httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        hung_up = backend.stream is not None and not backend.stream.received_bytes
        raise FetchFailed("net_reset" if hung_up else "protocol_error", str(error)) from None


def _completed(hop: Hop, backend: GuardedBackend, cut_by: str) -> Hop:
    hop = replace(
        hop,
        finished_at=datetime.now(UTC),
        address=backend.address,
        answers=backend.answers,
    )
    stream = backend.stream
    if stream is None:
        return hop  # nothing was asked, so nothing is missing
    return replace(
        hop,
        truncated=cut_by,
        tls_version=stream.tls_version,
        certificate_sha256=stream.certificates[0] if stream.certificates else "",
        certificates=stream.certificates,
        sent_bytes=stream.sent_bytes,
        received_bytes=stream.received_bytes,
    )


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
