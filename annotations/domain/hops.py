"""One request and its answer on the way to a page, as it is fetched, kept, signed and shown."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Hop:
    """One request and its answer. `headers` keep order, spelling and repeats.

    `reached_by` says how this hop followed from the one before: empty for the first, else
    `redirect` or `meta_refresh`. `certificates` are the SHA-256 of the chain as the site sent it, its
    own first; `certificate_sha256` is that first one. Bytes are counted after TLS, head
    included. `truncated` is empty when the answer arrived whole, else why not, in the words
    of WARC: `length`, `time`, `disconnect` or `unspecified`.

    All fields but the headers are signed in manifests: one that is added, renamed or left out changes what
    later manifests say, and a verifier from before refuses a name that it does not know.
    """

    url: str
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    address: str = ""
    answers: tuple[str, ...] = ()
    tls_version: str = ""
    certificate_sha256: str = ""
    certificates: tuple[str, ...] = ()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    sent_bytes: int = 0
    received_bytes: int = 0
    truncated: str = ""
    reached_by: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values under the names of the fields; moments in ISO 8601."""
        values = asdict(self)
        for name in ("started_at", "finished_at"):
            moment = values[name]
            values[name] = moment.isoformat() if moment else None
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Hop":
        """The hop that `as_json` wrote; what an earlier version did not note has its default."""
        known = {field.name: _frozen(values[field.name]) for field in fields(cls) if field.name in values}
        for name in ("started_at", "finished_at"):
            if known.get(name):
                known[name] = datetime.fromisoformat(known[name])
        return cls(**known)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value
