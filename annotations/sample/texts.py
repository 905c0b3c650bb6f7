"""The bundled sample texts: an article written for this project, and two shorter ones in other languages."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class SampleText:
    """A text to load, with what is known about it."""

    file: str
    title: str
    outlet: str
    author: str
    published_on: date
    language: str
    text: str


def sample_texts() -> list[SampleText]:
    """Return all sample texts, first the Dutch article that the tutorial uses."""
    listed = json.loads((TEXTS / "texts.json").read_text(encoding="utf-8"))
    return [
        SampleText(
            file=entry["file"],
            title=entry["title"],
            outlet=entry["outlet"],
            author=entry["author"],
            published_on=date.fromisoformat(entry["published_on"]),
            language=entry["language"],
            text=(TEXTS / entry["file"]).read_text(encoding="utf-8"),
        )
        for entry in listed
    ]
