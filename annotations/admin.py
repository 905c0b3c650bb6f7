"""The admin site is read-only: its own edits would bypass the rules and the log."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from annotations.models import (
    Activity,
    Capture,
    Claim,
    Desk,
    Document,
    Evidence,
    FetchJob,
    Membership,
    Reference,
    Report,
    Review,
    SecondFactor,
    User,
    Verdict,
    WorkerHeartbeat,
)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows for administrators to look at. Changes go through the pages, the API and the commands."""

    show_full_result_count = False
    list_per_page = 50
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: nothing is deleted here."""
        return False


# The columns of each list. Long texts are on the page of the row only, and passwords nowhere.
_SHOWN: dict[type[models.Model], tuple[str, ...]] = {
    Activity: ("id", "at", "desk", "actor", "verb", "object_type", "object_id"),
    Capture: ("id", "reference", "fetched_at", "outcome_code", "status", "body_size"),
    Claim: ("id", "desk", "state", "statement", "rating", "assignee"),
    Desk: ("id", "name", "slug", "is_demonstration"),
    Document: ("id", "desk", "title", "language", "loading_state"),
    Evidence: ("id", "claim", "reference", "stance", "withdrawn_at"),
    FetchJob: ("id", "reference", "state", "attempt", "next_attempt_at", "error_code"),
    Membership: ("id", "desk", "user", "role"),
    Reference: ("id", "desk", "host", "title", "fetch_state"),
    Report: ("id", "desk", "number", "title", "state", "row_count"),
    Review: ("id", "claim", "reviewer", "decision", "created_at"),
    User: ("id", "username", "first_name", "last_name", "is_active", "last_login"),
    Verdict: ("id", "claim", "number", "rating", "created_by", "created_at"),
    WorkerHeartbeat: ("name", "beat_at"),
}
_JOINED = {"desk", "actor", "reference", "claim", "rating", "assignee", "user", "reviewer", "created_by"}

for _model, _columns in _SHOWN.items():
    _options: dict[str, Any] = {
        "list_display": _columns,
        "list_select_related": tuple(name for name in _columns if name in _JOINED),
        "exclude": ("password",) if _model is User else (),
    }
    admin.site.register(_model, type(f"{_model.__name__}Admin", (ReadOnlyAdmin,), _options))


def _may_look(request: HttpRequest) -> bool:
    """Whether to show the admin site: to staff, with a second factor as soon as any desk requires one."""
    user = request.user
    if not (isinstance(user, User) and user.is_active and user.is_staff):
        return False
    return (
        SecondFactor.objects.filter(user=user).exists()
        or not Desk.objects.filter(requires_two_factor=True).exists()
    )


admin.site.has_permission = _may_look  # type: ignore[method-assign]
