"""Parsers that trust neither the size nor the content of a body."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from annotations.api.errors import BodyTooLarge
from annotations.extraction import MAX_FILE_BYTES

# Room for the other fields of a form and for its boundaries.
_FORM_MARGIN = 1024 * 1024
# Half of a pair of UTF-16, escaped: JSON lets it stand alone, no text can hold it.
_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


class BoundedJSONParser(BaseParser):
    """Reads JSON in UTF-8, up to the size that forms may have."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what the body holds; raises ParseError or BodyTooLarge."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge
        try:
            value = json.loads(body.decode(), parse_constant=_refuse_constant)
            if _HALF_CHARACTER.search(body):
                json.dumps(value, ensure_ascii=False).encode()
            return value
        except (ValueError, RecursionError) as wrong:
            raise ParseError("The body is not JSON in UTF-8. Check quotes, commas and brackets.") from wrong


class BoundedFormParser(MultiPartParser):
    """Reads a form with a file. One that is too long is refused by its Content-Length, unread."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the fields and files; raises ParseError or BodyTooLarge."""
        request = (parser_context or {}).get("request")
        length = request.META.get("CONTENT_LENGTH", "") if request is not None else ""
        if str(length).isdecimal() and int(length) > MAX_FILE_BYTES + _FORM_MARGIN:
            raise BodyTooLarge
        return super().parse(stream, media_type, dict(parser_context or {}))


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
