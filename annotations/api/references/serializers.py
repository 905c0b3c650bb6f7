"""References, their fetches and the watch over them, as the API shows and reads them."""

from typing import Any

from rest_framework import serializers

from annotations.api.captures.serializers import CAPTURE_ROW, OUTCOME_CODES, CaptureRow
from annotations.api.endpoint import DeskQuery, IdField, Input, MomentField, Output
from annotations.domain.fetches.states import FetchState
from annotations.domain.fetches.watch import PageStatus
from annotations.models import Reference
from annotations.models.lengths import longest
from annotations.queries.fetches.views import fetch_of
from annotations.queries.paging import COUNT_CAP
from annotations.queries.references.lists import LONGEST_SEARCH, Part
from annotations.workflow.fetches.request import RETRIED_STATES

FETCH_STATES = [state.value for state in FetchState]
PAGE_STATUSES = [status.value for status in PageStatus]
RETRIED = [state.value for state in RETRIED_STATES]
PARTS = [part.value for part in Part]
LONGEST_HOST = longest(Reference, "host")


class FetchOut(Output):
    """Where the fetch of a source stands."""

    state = serializers.ChoiceField(FETCH_STATES)
    problem = serializers.CharField(allow_blank=True, help_text="The reason in words, if any.")
    next_at = MomentField(allow_null=True, help_text="When it is tried again by itself.")
    retryable = serializers.BooleanField()
    cancellable = serializers.BooleanField()
    overlookable = serializers.BooleanField(
        help_text="Whether its certificate is in the way and may be overlooked once."
    )
    upload_helps = serializers.BooleanField(
        help_text="Whether a person may well see what the workbench was not shown, and can upload it."
    )


class ReferenceHead(Output):
    """A linked page or an uploaded file, as lists show it."""

    id = serializers.IntegerField()
    desk = serializers.IntegerField(source="desk_id")
    url = serializers.CharField(help_text="The address as first given; the name of an uploaded file.")
    host = serializers.CharField(allow_blank=True)
    is_file = serializers.BooleanField()
    title = serializers.CharField(allow_blank=True)
    site = serializers.CharField(allow_blank=True)
    author = serializers.CharField(allow_blank=True)
    published_on = serializers.DateField(allow_null=True)
    language = serializers.CharField(allow_blank=True)
    fetch = serializers.SerializerMethodField()
    created_at = MomentField()

    def get_fetch(self, reference: Any) -> FetchOut:
        """Return where its fetch stands."""
        return FetchOut(fetch_of(reference)).data  # type: ignore[return-value]


class ReferenceRow(ReferenceHead):
    """A linked page or an uploaded file; one for each canonical address on a desk."""

    excerpt = serializers.CharField(allow_blank=True)


class ReferenceListRow(ReferenceHead):
    """A reference with the number of claims it is used on, and what the watch over it says."""

    use_count = serializers.IntegerField()
    watch = serializers.ChoiceField(
        PAGE_STATUSES, allow_null=True, help_text="Null while no verdict leans on it."
    )

    def to_representation(self, row: Any) -> dict[str, Any]:
        """Return a row of the list as one object."""
        watch = row.watch.value if row.watch else None
        return {**ReferenceHead(row.reference).data, "use_count": row.use_count, "watch": watch}


class WatchOut(Output):
    """What the watch found at a page that a verdict relies on, and when it looks again."""

    page_status = serializers.ChoiceField(PAGE_STATUSES)
    page_status_since = MomentField()
    last_checked_at = MomentField(allow_null=True)
    next_check_at = MomentField()
    moved_to = serializers.CharField(allow_blank=True, help_text="Where a page that moved stands now.")
    gone_count = serializers.IntegerField(help_text="Looks in a row at which the page was not there.")


class ReferenceWhole(ReferenceRow):
    """A reference with the watch over it and its newest capture, null until there is one."""

    watch = WatchOut(allow_null=True)
    latest_capture = CaptureRow(allow_null=True)

    def to_representation(self, record: Any) -> dict[str, Any]:
        """Return a `ReferenceRecord` as one object."""
        reference = record.reference
        latest = reference.latest_capture
        return {
            **ReferenceRow(reference).data,
            "watch": WatchOut(record.watch).data if record.watch else None,
            "latest_capture": CaptureRow(latest).data if latest else None,
        }


class LookOut(Output):
    """One look of the watch at a page."""

    checked_at = MomentField(source="check.checked_at")
    page_status = serializers.ChoiceField(PAGE_STATUSES, source="check.page_status")
    code = serializers.ChoiceField(OUTCOME_CODES, source="check.code", help_text="How the fetch ended.")
    status = serializers.IntegerField(source="check.status", allow_null=True, help_text="Of HTTP.")
    words = serializers.CharField(help_text="What it brought, in words.")
    capture = serializers.IntegerField(
        source="check.capture_id", allow_null=True, help_text="Where something had changed and was kept."
    )


class SiteOut(Output):
    """A site with the references of a desk on it; counts stop at a thousand."""

    host = serializers.CharField()
    references = serializers.IntegerField(source="sources.number")
    failing = serializers.IntegerField(source="failing.number")
    waiting = serializers.IntegerField(source="waiting.number")
    problem = serializers.CharField(allow_blank=True, help_text="How the last fetch failed, in words.")
    failures = serializers.IntegerField(help_text="Failures in a row.")
    free_at = MomentField(allow_null=True, help_text="Until when it asked to be left alone.")
    open_until = MomentField(allow_null=True, help_text="Until when it is left alone after its failures.")


class ReferenceQuery(DeskQuery):
    """Which references of a desk."""

    part = serializers.ChoiceField(
        PARTS, required=False, default=Part.ALL.value, help_text="A part of them, as on the page of sources."
    )
    state = serializers.ChoiceField(FETCH_STATES, required=False, help_text="Only in this state of fetching.")
    watch = serializers.ChoiceField(
        PAGE_STATUSES, required=False, help_text="Only where the watch says this now."
    )
    host = serializers.CharField(
        required=False, default="", max_length=LONGEST_HOST, help_text="Only of this site."
    )
    words = serializers.CharField(
        required=False,
        default="",
        max_length=LONGEST_SEARCH,
        help_text="Each has to stand in the title, address, site or author.",
    )


class Retry(Input):
    """What to fetch again on a desk: all that failed, was called off or waits, or a part of it."""

    desk = IdField()
    references = serializers.ListField(
        child=IdField(), required=False, min_length=1, max_length=COUNT_CAP, help_text="Only these."
    )
    host = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=LONGEST_HOST, help_text="Only of this site."
    )
    state = serializers.ChoiceField(RETRIED, required=False, help_text="Only in this state of fetching.")


class Retried(Output):
    """How many fetches were ordered."""

    count = serializers.IntegerField(help_text="Fetches that are under way now.")
    passed_over = serializers.IntegerField(help_text="Fetched already, under way, or files.")


class SeenFile(Input):
    """What a person sees at an address: text, HTML, PDF, Word or an image."""

    file = serializers.FileField(allow_empty_file=True)


FETCH = {
    "state": "fetched",
    "problem": "",
    "next_at": None,
    "retryable": True,
    "cancellable": False,
    "overlookable": False,
    "upload_helps": False,
}
_HEAD: dict[str, Any] = {
    "id": 55,
    "desk": 3,
    "url": "https://hospital.example/communique",
    "host": "hospital.example",
    "is_file": False,
    "title": "Communiqué of 30 April",
    "site": "Salud Chacao",
    "author": "",
    "published_on": "2019-04-30",
    "language": "es",
    "fetch": FETCH,
    "created_at": "2019-04-30T18:30:00Z",
}
REFERENCE: dict[str, Any] = {**_HEAD, "excerpt": "Ingresaron 69 heridos."}
REFERENCE_LISTED: dict[str, Any] = {**_HEAD, "use_count": 2, "watch": "live"}
REFERENCE_WHOLE: dict[str, Any] = {
    **REFERENCE,
    "watch": {
        "page_status": "live",
        "page_status_since": "2019-04-30T19:00:00Z",
        "last_checked_at": "2019-05-01T01:00:12Z",
        "next_check_at": "2019-05-01T07:04:00Z",
        "moved_to": "",
        "gone_count": 0,
    },
    "latest_capture": CAPTURE_ROW,
}
LOOK: dict[str, Any] = {
    "checked_at": "2019-05-01T01:00:12Z",
    "page_status": "live",
    "code": "not_modified",
    "status": 304,
    "words": "unchanged",
    "capture": None,
}
SITE: dict[str, Any] = {
    "host": "hospital.example",
    "references": 4,
    "failing": 1,
    "waiting": 2,
    "problem": "The site does not answer.",
    "failures": 5,
    "free_at": None,
    "open_until": "2019-05-01T08:00:00Z",
}
