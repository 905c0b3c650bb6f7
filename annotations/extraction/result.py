"""What reading a file yields; the only module of this package that both processes share."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

MAX_TEXT_LENGTH = 2_000_000


@dataclass(frozen=True)
class Extracted:
    """Text and what the file says about itself. Empty strings and None where it says nothing.

    `text` has its paragraphs separated by one blank line. `warnings` are codes with a sentence in
    `annotations.domain.fetches.outcomes.WARNINGS`. `provenance` names, field by field, where a
    value came from, such as `json-ld` or `h1`, and `confidence` the share, in per cent, of all that
    spoke of the field which says the same. `extractor` names what made this of the bytes.
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
        """Where each field came from and, under its name and `_confidence`, how sure that is in per cent."""
        return {**self.provenance, **{f"{name}_confidence": share for name, share in self.confidence.items()}}

    def as_json(self) -> dict[str, Any]:
        """Plain values for the pipe between the processes."""
        published = self.published_on.isoformat() if self.published_on else None
        return {**vars(self), "published_on": published, "warnings": list(self.warnings)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Extracted":
        """The reverse of `as_json`."""
        published = values["published_on"]
        return cls(
            **{
                **values,
                "published_on": date.fromisoformat(published) if published else None,
                "warnings": tuple(values["warnings"]),
            }
        )
