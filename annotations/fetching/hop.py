"""One request and its response: every fetch is made of such hops."""

import contextlib
import io
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpcore2

from annotations.domain.hops import Hop
from annotations.domain.references.addresses import Address, Opening
from annotations.fetching.decoding import Payload, decoded_within
from annotations.fetching.fetched import FetchFailed, Limits, Recorder, first_header
from annotations.fetching.network import Deadline, GuardedBackend
from annotations.fetching.policy import check_host
from annotations.fetching.resolving import Resolver

# The body of a redirect is recorded as evidence if it is small and arrives at once. Nobody waits for it.
_REDIRECT_BODY_BYTES = 64 * 1024
_REDIRECT_BODY_SECONDS = 2.0
_CUT_BY = {
    "too_large": "length",
    "decompression_bomb": "length",
    "timeout_total": "time",
    "body_stalled": "time",
    "truncated_body": "disconnect",
    "net_reset": "disconnect",
}


@dataclass(frozen=True)
class FetchContext:
    """What all hops of one fetch share."""

    limits: Limits
    deadline: Deadline
    allowed_networks: Sequence[Opening]
    denied_hosts: Sequence[str]
    resolver: Resolver
    recorder: Recorder | None
    tls: ssl.SSLContext


@dataclass(frozen=True)
class Request:
    """What is sent to a site, besides the address."""

    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None = None


@dataclass(frozen=True)
class Body:
    """The decoded body of a response. `code` is empty for a complete body, else it says why it is not.

    `wire_bytes` counts the bytes that arrived, before decoding.
    """

    data: bytes
    code: str
    wire_bytes: int


class Response:
    """A response whose head has arrived. Its body can be read once, or drained.

    `cut_by` says in WARC's words why the body is incomplete: `length`, `time`, `disconnect` or `unspecified`.
    """

    def __init__(self, response: httpcore2.Response, backend: GuardedBackend, limits: Limits) -> None:
        self._response = response
        self._stream = backend.stream
        self._limits = limits
        self.status = response.status
        self.headers = tuple((_text(name), _text(value)) for name, value in response.headers)
        self.cut_by = ""

    def header(self, name: str) -> str:
        """The value of the first header of this name, in any case, or an empty string."""
        return first_header(self.headers, name)

    @property
    def media_type(self) -> str:
        """The media type in lower case, without parameters, at most 100 characters."""
        return self.header("content-type").partition(";")[0].strip().lower()[:100]

    def read(self) -> Body:
        """Read and decode the body, as far as it arrives and the limits allow. A failure only sets `code`."""
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

    def drain(self) -> None:
        """Read the body of a redirect for the recorder: at most 64 KiB, for at most 2 seconds."""
        self._begin(_REDIRECT_BODY_BYTES, _REDIRECT_BODY_SECONDS)
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
def send_request(
    address: Address, request: Request, context: FetchContext, hops: list[Hop], *, reached_by: str = ""
) -> Iterator[Response]:
    """Send `request` to the machine behind `address` and yield the response once its head has arrived.

    Appends a hop to `hops`, even if the request fails, and completes it when the caller leaves the block.
    Appends nothing for a denied host. Raises `FetchFailed`.
    """
    check_host(address.host, context.denied_hosts)
    backend = GuardedBackend(
        limits=context.limits,
        deadline=context.deadline,
        allowed_networks=context.allowed_networks,
        resolver=context.resolver,
        recorder=context.recorder,
    )
    hops.append(Hop(url=address.url, started_at=datetime.now(UTC), reached_by=reached_by))
    if context.recorder:
        context.recorder.begin(address.url)
    response, cut_by = None, ""
    try:
        with (
            httpcore2.ConnectionPool(
                ssl_context=context.tls, http1=True, http2=False, retries=0, network_backend=backend
            ) as pool,
            contextlib.closing(_send_through(pool, address, request, backend)) as incoming,
        ):
            response = Response(incoming, backend, context.limits)
            hops[-1] = replace(hops[-1], status=response.status, headers=response.headers)
            yield response
            cut_by = response.cut_by
    except FetchFailed as failure:
        cut_by = response.cut_by if response else _CUT_BY.get(failure.code, "unspecified")
        raise
    finally:
        hops[-1] = _completed(hops[-1], backend, cut_by)


def _send_through(
    pool: httpcore2.ConnectionPool, address: Address, request: Request, backend: GuardedBackend
) -> httpcore2.Response:
    url = httpcore2.URL(
        scheme=address.scheme.encode(),
        host=address.host.encode(),
        port=address.port,
        target=address.target.encode(),
    )
    headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in request.headers]
    if request.body is not None:
        headers.append((b"Content-Length", b"%d" % len(request.body)))
    try:
        return pool.handle_request(
            httpcore2.Request(request.method, url, headers=headers, content=request.body)
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
        return hop  # no request was sent, so no response was cut
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
