"""Write the line of the activity log that belongs to a change; private to this package."""

from collections.abc import Iterable

from annotations.models import Activity, Claim, User


def activity(
    verb: str,
    *,
    desk_id: int,
    by: User | None,
    object_type: str,
    object_id: int,
    claim_id: int | None = None,
    document_id: int | None = None,
    from_state: str = "",
    to_state: str = "",
    details: dict[str, object] | None = None,
) -> Activity:
    """Return an unsaved line of the log. An empty `by` is the workbench itself."""
    return Activity(
        desk_id=desk_id,
        claim_id=claim_id,
        document_id=document_id,
        actor=by,
        verb=verb,
        object_type=object_type,
        object_id=object_id,
        from_state=from_state,
        to_state=to_state,
        details=details or {},
    )


def record(
    verb: str,
    *,
    desk_id: int,
    by: User | None,
    object_type: str,
    object_id: int,
    claim_id: int | None = None,
    document_id: int | None = None,
    from_state: str = "",
    to_state: str = "",
    details: dict[str, object] | None = None,
) -> None:
    """Write one line of the log in the running transaction."""
    activity(
        verb,
        desk_id=desk_id,
        by=by,
        object_type=object_type,
        object_id=object_id,
        claim_id=claim_id,
        document_id=document_id,
        from_state=from_state,
        to_state=to_state,
        details=details,
    ).save(force_insert=True)


def claim_activity(
    verb: str,
    claim: Claim,
    by: User | None,
    *,
    from_state: str = "",
    to_state: str = "",
    details: dict[str, object] | None = None,
) -> Activity:
    """Return an unsaved line about a claim."""
    return activity(
        verb,
        desk_id=claim.desk_id,
        by=by,
        object_type="claim",
        object_id=claim.pk,
        claim_id=claim.pk,
        document_id=claim.document_id,
        from_state=from_state,
        to_state=to_state,
        details=details,
    )


def record_all(lines: Iterable[Activity]) -> None:
    """Write many lines at once."""
    Activity.objects.bulk_create(lines, batch_size=2000)
