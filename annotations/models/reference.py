"""Linked pages and files: one row for each canonical address on a desk."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.fetches.states import FetchState
from annotations.models.constraints import choices_of, one_of
from annotations.models.desk import Desk
from annotations.models.page_facts import PageFacts


class Reference(PageFacts):
    """A web page or file; a desk has one row for each canonical address.

    `url` is the address as first given, and the one that is fetched. `canonical_url` only decides which
    addresses are the same; for an uploaded file it is `file:<sha256>`.
    """

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="references", db_index=False)
    url = models.TextField()
    canonical_url = models.TextField()
    host = models.CharField(max_length=255, blank=True)
    is_file = models.BooleanField(default=False)
    # A copy of the newest job's state, so that lists need no join.
    fetch_state = models.CharField(
        max_length=10, choices=choices_of(FetchState), default=FetchState.QUEUED.value
    )
    fetch_code = models.CharField(max_length=40, blank=True)
    fetch_next_at = models.DateTimeField(null=True)
    latest_capture = models.ForeignKey(
        "Capture", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            # A B-tree entry may not be as long as an address, so the digest is unique instead.
            models.UniqueConstraint(
                models.F("desk"), models.Func("canonical_url", function="md5"), name="reference_once_a_desk"
            ),
            one_of("reference_fetch_state_known", "fetch_state", FetchState),
        )
        indexes = (
            models.Index(name="reference_desk_newest", fields=["desk", "-id"]),
            models.Index(name="reference_desk_host", fields=["desk", "host", "-id"]),
            # Few rows among many, needed on every visit to the list of sources.
            models.Index(
                name="reference_failing", fields=["desk", "host", "-id"], condition=Q(fetch_state="failed")
            ),
            models.Index(
                name="reference_waiting",
                fields=["desk", "host", "-id"],
                condition=Q(fetch_state__in=["queued", "fetching"]),
            ),
        )

    def __str__(self) -> str:
        return self.title or self.url
