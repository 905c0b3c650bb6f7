"""Articles as the API shows and reads them."""

from typing import Any

from rest_framework import serializers

from annotations.api.endpoint import IdField, Input, MomentField, Output
from annotations.api.person import NOOR, Person
from annotations.models import Document, LoadingState
from annotations.models.lengths import longest

STATES = [state.value for state in LoadingState]


class Version(Output):
    """A version of an article, without its text."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="Of the text in UTF-8.")
    length = serializers.IntegerField(help_text="In Unicode code points.")
    language = serializers.CharField(allow_blank=True)
    source_name = serializers.CharField(allow_blank=True)
    media_type = serializers.CharField(allow_blank=True)
    warnings = serializers.ListField(child=serializers.CharField())
    created_at = MomentField()


class VersionWithText(Version):
    """A version of an article with its text."""

    text = serializers.CharField()


class DocumentRow(Output):
    """An article as a list shows it."""

    id = serializers.IntegerField()
    desk = serializers.IntegerField(source="desk_id")
    title = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    outlet = serializers.CharField(allow_blank=True)
    author = serializers.CharField(allow_blank=True)
    published_on = serializers.DateField(allow_null=True)
    language = serializers.CharField(allow_blank=True)
    loading_state = serializers.ChoiceField(STATES)
    loading_problem = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField(help_text="Of the particulars; the ETag holds it too.")
    created_by = Person()
    created_at = MomentField()
    updated_at = MomentField()


class DocumentWhole(DocumentRow):
    """An article with its text."""

    current = VersionWithText(
        source="current_version", allow_null=True, help_text="Null while it is being loaded."
    )
    asked = VersionWithText(
        default=None, allow_null=True, help_text="The one named by `?version=`; null without it."
    )


class VersionQuery(Input):
    """Which version of an article is asked for."""

    version = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="The number of a version; its text is then in `asked`.",
    )


class _Particulars(Input):
    outlet = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=longest(Document, "outlet")
    )
    author = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=longest(Document, "author")
    )
    published_on = serializers.DateField(required=False, default=None, allow_null=True)
    language = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=longest(Document, "language"),
        help_text="Left out, it is detected.",
    )


class _New(_Particulars):
    desk = IdField()
    title = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=longest(Document, "title"),
        help_text="Left out, it is made.",
    )


class NewText(_New):
    """An article as text."""

    text = serializers.CharField(
        trim_whitespace=False, allow_blank=True, help_text="Up to 2 MB of UTF-8; not empty."
    )
    url = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=longest(Document, "url")
    )
    propose = serializers.BooleanField(required=False, default=True, help_text="Look for claims in it.")


class NewAddress(_New):
    """An article by its address, fetched in the background."""

    url = serializers.CharField(max_length=longest(Document, "url"))


class NewFile(_New):
    """An article as a file: .txt, .html, .docx or .pdf."""

    file = serializers.FileField(allow_empty_file=True)
    url = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=longest(Document, "url")
    )
    propose = serializers.BooleanField(required=False, default=True, help_text="Look for claims in it.")


class DocumentChange(_Particulars):
    """New particulars; what is left out stays. An empty language is detected again."""

    title = serializers.CharField(max_length=longest(Document, "title"))
    url = serializers.CharField(allow_blank=True, max_length=longest(Document, "url"))


class NewVersion(Input):
    """A newer text of an article."""

    text = serializers.CharField(
        trim_whitespace=False, allow_blank=True, help_text="Up to 2 MB of UTF-8; not empty."
    )


class RevisedOut(Output):
    """A version just added, and how many claims have which anchor state in it."""

    version = Version()
    anchors = serializers.DictField(child=serializers.IntegerField())


VERSION: dict[str, Any] = {
    "id": 21,
    "number": 1,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "length": 57,
    "language": "nl",
    "source_name": "",
    "media_type": "text/plain",
    "warnings": [],
    "created_at": "2019-04-30T18:00:00Z",
}
TEXT = "Er werden minstens vijftig gewonden binnengebracht, zei de woordvoerder."
DOCUMENT_ROW: dict[str, Any] = {
    "id": 12,
    "desk": 3,
    "title": "Onrust in Caracas",
    "url": "https://krant.example/onrust",
    "outlet": "De Krant",
    "author": "Redactie buitenland",
    "published_on": "2019-04-30",
    "language": "nl",
    "loading_state": "ready",
    "loading_problem": "",
    "version": 1,
    "created_by": NOOR,
    "created_at": "2019-04-30T18:00:00Z",
    "updated_at": "2019-04-30T18:00:00Z",
}
_CURRENT = {**VERSION, "length": len(TEXT), "text": TEXT}
DOCUMENT: dict[str, Any] = {**DOCUMENT_ROW, "current": _CURRENT, "asked": None}
LOADING: dict[str, Any] = {**DOCUMENT_ROW, "loading_state": "loading", "current": None, "asked": None}
