"""The result of an extraction; the only module of this package that both processes share."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

MAX_TEXT_LENGTH = 2_000_000


@dataclass(frozen=True)
class Extracted:
    """Text, and what the file says about itself; empty strings and None where it says nothing.

    The paragraphs of `text` are separated by one blank line. `warnings` are codes with a sentence in
    `annotations.domain.fetches.outcomes.WARNINGS`. For each field, `provenance` says where its value came
    from, such as `json-ld` or `h1`, and `confidence` how many per cent of the weight agree. `extractor`
    names the software that made this.
    """

    text: str = field(repr=False)
    title: str = ""
    site: str = ""
    author: str = ""
    published_on: date | None = None
    language: str = ""
    excerpt: str = ""
    media_type: str = ""
    charset: str = ""
    warnings: tuple[str, ...] = ()
    provenance: dict[str, str] = field(default_factory=dict)
    confidence: dict[str, int] = field(default_factory=dict)
    extractor: str = ""

    @property
    def told(self) -> dict[str, str | int]:
        """Where each field came from and, as `<name>_confidence`, how certain it is in per cent."""
        return {**self.provenance, **{f"{name}_confidence": share for name, share in self.confidence.items()}}

    def as_json(self) -> dict[str, Any]:
        """Return plain values for the pipe between the processes."""
        published = self.published_on.isoformat() if self.published_on else None
        return {**vars(self), "published_on": published, "warnings": list(self.warnings)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Extracted":
        """Return what `as_json` was made from."""
        published = values["published_on"]
        return cls(
            **{
                **values,
                "published_on": date.fromisoformat(published) if published else None,
                "warnings": tuple(values["warnings"]),
            }
        )
