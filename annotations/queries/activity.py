"""The log of changes, newest first, in words."""

from django.db.models import Q, QuerySet, Subquery

from annotations.models import Activity, Claim, Origin, User
from annotations.queries.paging import Page, newest_first
from annotations.visibility import visible_to

VERB_WORDS: dict[str, str] = {
    "accepted": "took up the claim",
    "added_member": "added a member",
    "added_version": "added a version of the article",
    "amended_for_source": "put the claim back to work because a source changed",
    "anchor_changed": "found the words of the claim changed in a new version",
    "approved": "approved the verdict",
    "asked_to_load": "asked for an article to be fetched",
    "assigned": "assigned the claim",
    "attached": "attached a source",
    "cancelled_fetch": "cancelled the fetch",
    "changed_role": "changed a role",
    "confirmed_anchor": "confirmed where the claim stands",
    "confirmed_source": "confirmed the verdict although a source changed",
    "corrected_language": "corrected the language of the article",
    "created": "created",
    "dismissed": "dismissed the claim",
    "dismissed_source_change": "set a change of a source aside",
    "edited": "edited",
    "chose_passage": "chose the passage relied on",
    "edited_evidence": "edited a source",
    "failed_to_fetch": "could not fetch a source",
    "failed_to_load": "could not load the article",
    "fetched": "fetched a source",
    "froze": "froze a report",
    "gave_verdict": "gave a verdict",
    "loaded": "loaded the article",
    "parked": "parked the claim",
    "prioritised": "changed priority or due date",
    "proposed": "proposed the claim",
    "proposed_claims": "proposed the claims of the article",
    "removed_member": "removed a member",
    "renamed": "renamed the desk",
    "reopened": "reopened the claim",
    "restored": "restored",
    "restored_evidence": "restored a source",
    "retried_fetch": "asked for another fetch",
    "uploaded_capture": "uploaded what they see at the address",
    "returned": "returned the claim",
    "skipped": "skipped the claim",
    "source_changed": "found a source changed",
    "submitted": "sent the claim to review",
    "tagged": "changed the tags",
    "took_over": "took the claim over",
    "withdrew": "took the claim back from review",
    "withdrew_evidence": "withdrew a source",
    "woke": "woke the claim",
}


def verb_words(verb: str) -> str:
    """Return a verb of the log as people read it."""
    return VERB_WORDS.get(verb, verb.replace("_", " "))


def activity_of_desk(user: User, desk_id: int, *, after: str = "", size: int | None = None) -> Page[Activity]:
    """Return one page of what happened on a desk; one query. Raises BadCursor."""
    return newest_first(_visible(user).filter(desk_id=desk_id), after=after, size=size)


def activity_of_claim(
    user: User, claim_id: int, *, after: str = "", size: int | None = None
) -> Page[Activity]:
    """Return one page of what happened to a claim; one query. Raises BadCursor.

    A claim that was proposed begins with the line of its article that says so for all of them.
    """
    article = Claim.objects.filter(pk=claim_id, origin=Origin.PROPOSED).values("document_id")
    proposing = Activity.objects.filter(verb="proposed_claims", document_id=Subquery(article)).order_by("pk")
    of_claim = Q(claim_id=claim_id) | Q(pk=Subquery(proposing.values("pk")[:1]))
    return newest_first(_visible(user).filter(of_claim), after=after, size=size)


def activity_of_document(
    user: User, document_id: int, *, after: str = "", size: int | None = None
) -> Page[Activity]:
    """Return one page of what happened to an article and its claims; one query. Raises BadCursor."""
    return newest_first(_visible(user).filter(document_id=document_id), after=after, size=size)


def _visible(user: User) -> QuerySet[Activity]:
    return visible_to(Activity.objects.select_related("actor"), user)
