"""One request and its answer on the way to a page, as it is fetched, kept, signed and shown."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Hop:
    """One request and its answer. `headers` keep their order, spelling and repeats.

    `reached_by` says how this hop followed from the one before: empty for the first, otherwise `redirect` or
    `meta_refresh`. `certificates` are the SHA-256 hashes of the chain as the site sent it, the site's own
    first. `certificate_sha256` is that first one. Bytes are counted after TLS and include the head.
    `truncated` is empty when the whole answer arrived. Otherwise it gives the reason in the words of WARC:
    `length`, `time`, `disconnect` or `unspecified`.

    All fields except the headers are signed in manifests. A field that is added, renamed or removed changes
    later manifests, and an older verifier refuses a name that it does not know.
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
        """Return plain values under the names of the fields, with times in ISO 8601."""
        values = asdict(self)
        for name in ("started_at", "finished_at"):
            moment = values[name]
            values[name] = moment.isoformat() if moment else None
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Hop":
        """Return the hop that `as_json` wrote. Fields that an earlier version lacked get their defaults."""
        known = {field.name: _frozen(values[field.name]) for field in fields(cls) if field.name in values}
        for name in ("started_at", "finished_at"):
            if known.get(name):
                known[name] = datetime.fromisoformat(known[name])
        return cls(**known)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value
