"""Write the lines of the activity log that belong to a change; private to this package.

Each line is sealed as it is written, together with the other entries of the change.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NotRequired, TypedDict, Unpack

from annotations.domain.activity import Verb
from annotations.models import Activity, Claim, Evidence, Reference, User
from annotations.workflow.entries import Entry, seal

# Where more claims rest on one reference, only the logs of the first ones say what happened to it.
MOST_CLAIMS = 100


class About(TypedDict):
    """What a line says besides its verb. Without a person, `by`, the workbench itself did it."""

    desk_id: int
    by: User | None
    object_type: str
    object_id: int
    claim_id: NotRequired[int | None]
    document_id: NotRequired[int | None]
    from_state: NotRequired[str]
    to_state: NotRequired[str]
    details: NotRequired[dict[str, object]]


def activity(verb: Verb, **about: Unpack[About]) -> Activity:
    """Return an unsaved line of the log."""
    return Activity(
        verb=verb,
        desk_id=about["desk_id"],
        actor=about["by"],
        object_type=about["object_type"],
        object_id=about["object_id"],
        claim_id=about.get("claim_id"),
        document_id=about.get("document_id"),
        from_state=about.get("from_state", ""),
        to_state=about.get("to_state", ""),
        details=about.get("details", {}),
    )


def record(verb: Verb, *, entries: Sequence[Entry] = (), **about: Unpack[About]) -> None:
    """Write one line of the log in the running transaction. `entries` are as in `record_all`."""
    record_all([activity(verb, **about)], entries=entries)


def claim_activity(
    verb: Verb,
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
        details=details or {},
    )


def record_all(lines: Iterable[Activity], *, entries: Sequence[Entry] = ()) -> None:
    """Write many lines at once.

    `entries` are what else the change wrote of the record of the desk: a verdict, a review, a report. They
    are sealed with the lines.
    """
    by_desk: dict[int, list[Entry]] = defaultdict(list)
    for line in Activity.objects.bulk_create(lines, batch_size=2000):
        by_desk[line.desk_id].append(line)
    for desk_id, written in sorted(by_desk.items()):
        seal(desk_id, [*written, *entries])
        entries = ()


def record_of_reference(
    verb: Verb,
    reference: Reference,
    by: User | None,
    *,
    details: dict[str, object],
    document_id: int | None = None,
) -> None:
    """Write a line about a reference for each claim that rests on it, `MOST_CLAIMS` at most.

    Where no claim does, one line is written, which belongs to the article `document_id` if there is one.
    """
    uses = Evidence.objects.filter(reference=reference, withdrawn_at__isnull=True).order_by("claim_id")
    places: list[tuple[int | None, int | None]] = list(
        uses.values_list("claim_id", "claim__document_id")[:MOST_CLAIMS]
    )
    record_all(
        activity(
            verb,
            desk_id=reference.desk_id,
            by=by,
            object_type="reference",
            object_id=reference.pk,
            claim_id=claim_id,
            document_id=of_document,
            details={"source": str(reference)[:300], **details},
        )
        for claim_id, of_document in places or [(None, document_id)]
    )
