"""The actions in the activity log, in words that follow a person's name, and what was changed by them."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from annotations.domain.activity import Verb
from annotations.domain.claims.anchoring import AnchorState
from annotations.words.claims import lost_words

_WORDS: dict[Verb, str] = {
    Verb.ACCEPTED: "accepted the claim",
    Verb.ADDED_MEMBER: "added a member",
    Verb.ADDED_SECURITY_KEY: "added a security key to their account",
    Verb.ADDED_VERSION: "added a version of the article",
    Verb.AMENDED_FOR_SOURCE: "decided to amend the verdict because a source changed",
    Verb.ANCHOR_CHANGED: "could not say where the claim stands in a new version",
    Verb.APPROVED: "approved the verdict",
    Verb.ASKED_FOR_REPORT: "asked for a report",
    Verb.ASKED_TO_LOAD: "asked for an article to be fetched",
    Verb.ASSIGNED: "assigned the claim",
    Verb.ATTACHED: "attached a source",
    Verb.CANCELLED_FETCH: "cancelled the fetch",
    Verb.CHANGED_ROLE: "changed a role",
    Verb.CHOSE_PASSAGE: "chose the passage relied on",
    Verb.CONFIRMED_ANCHOR: "confirmed where the claim stands",
    Verb.CONFIRMED_EMAIL: "confirmed their e-mail address",
    Verb.CONFIRMED_SOURCE: "decided that the verdict stands although a source changed",
    Verb.CONNECTED_OUTSIDE_SIGN_IN: "connected their account to the newsroom’s sign-in",
    Verb.CORRECTED_LANGUAGE: "corrected the language of the article",
    Verb.COULD_NOT_FREEZE_REPORT: "could not freeze a report",
    Verb.CREATED: "created",
    Verb.DISCONNECTED_OUTSIDE_SIGN_IN: "disconnected their account from the newsroom’s sign-in",
    Verb.DISMISSED: "dismissed the claim",
    Verb.DISMISSED_SOURCE_CHANGE: "decided that a change of a source does not matter",
    Verb.EDITED: "edited",
    Verb.EDITED_EVIDENCE: "edited a source",
    Verb.FAILED_TO_FETCH: "could not fetch a source",
    Verb.FAILED_TO_LOAD: "could not load the article",
    Verb.FETCHED: "fetched a source",
    Verb.FETCHED_UNVERIFIED: "asked for one fetch in spite of the certificate",
    Verb.FROZE_REPORT: "froze a report",
    Verb.GAVE_VERDICT: "gave a verdict",
    Verb.INVITED: "asked someone to join the desk",
    Verb.JOINED: "joined the desk",
    Verb.KEPT_AS_SIGNED: "kept the claim as submitted although the article changed there",
    Verb.LOADED: "loaded the article",
    Verb.MADE_ACCOUNT: "made an account for a new member",
    Verb.MADE_LINK: "made a link to set a first password",
    Verb.MADE_TOKEN: "made an API token",
    Verb.PARKED: "parked the claim",
    Verb.PRIORITISED: "set priority or due date",
    Verb.PROPOSED: "proposed the claim",
    Verb.PROPOSED_CLAIMS: "proposed the claims of the article",
    Verb.REMOVED_APP: "removed the authenticator app from their account",
    Verb.REMOVED_EMAIL: "removed their e-mail address",
    Verb.REMOVED_MEMBER: "removed a member",
    Verb.REMOVED_SECURITY_KEY: "removed a security key from their account",
    Verb.RENAMED: "renamed the desk",
    Verb.REOPENED: "reopened the claim",
    Verb.REQUIRED_TWO_FACTOR: "asked the desk for two-factor sign-in",
    Verb.RESTORED: "restored",
    Verb.RESTORED_EVIDENCE: "restored a source",
    Verb.RETRIED_FETCH: "asked for another fetch",
    Verb.RETURNED: "returned the claim",
    Verb.REVOKED_TOKEN: "revoked an API token",
    Verb.SET_PASSWORD: "set a password",
    Verb.SET_UP_SECOND_FACTOR: "set up two-factor sign-in",
    Verb.SIGNED_IN_ON_NEW_DEVICE: "signed in on a new device",
    Verb.SKIPPED: "skipped the claim",
    Verb.SOURCE_CHANGED: "found a source changed",
    Verb.STOPPED_REQUIRING_TWO_FACTOR: "stopped asking the desk for two-factor sign-in",
    Verb.SUBMITTED: "submitted the claim for review",
    Verb.TAGGED: "changed the tags",
    Verb.TOOK_OVER: "took the claim over",
    Verb.TURNED_OFF_SECOND_FACTOR: "turned two-factor sign-in off",
    Verb.UPLOADED_CAPTURE: "uploaded what they saw at the address",
    Verb.USED_RECOVERY_CODE: "used a recovery code",
    Verb.RENEWED_RECOVERY_CODES: "made new recovery codes",
    Verb.WITHDREW: "took the claim back from review",
    Verb.WITHDREW_EVIDENCE: "withdrew a source",
    Verb.WITHDREW_INVITATION: "withdrew an invitation",
    Verb.WOKE: "woke the claim",
}


def verb_words(verb: str) -> str:
    """Return a verb of the log as people read it. Raises ValueError for an unknown verb."""
    return _WORDS[Verb(verb)]


# The details of a change that fit on a line, in the order in which they are shown, and how each is said.
_SHOWN_DETAILS = {
    "person": "{}",
    "reason": "{}",
    "note": "{}",
    "rating": "{}",
    "role": "{}",
    "device": "{}",
    "name": "{}",
    "title": "{}",
    "tags": "{}",
    "priority": "priority {}",
    "until": "until {}",
    "due_at": "due {}",
}


# What an edit of a claim or an article can change.
_FIELDS = {
    "statement": "the statement",
    "claimant_name": "who made it",
    "claimant_kind": "what kind of claimant",
    "claimant_role": "the claimant’s role",
    "said_on": "when it was made",
    "said_where": "where it was made",
    "chosen_because": "why it was chosen",
    "tags": "the tags",
    "title": "the title",
    "url": "the address",
    "outlet": "the outlet",
    "author": "the author",
    "published_on": "the day of publication",
    "language": "the language",
}


def detail_words(details: Mapping[str, object]) -> str:
    """Return in a few words what a line of the log changed; empty where its verb says it all.

    Times are in the newsroom's time zone. Ids and long texts are left to the object's own page.
    """
    parts = []
    for name, said in _SHOWN_DETAILS.items():
        value = details.get(name)
        if value not in (None, "", []):
            parts.append(said.format(_spoken(value)))
    if "due_at" in details and details["due_at"] is None:
        parts.append("no due date")
    if "anchor" in details:
        parts.append(lost_words(AnchorState(str(details["anchor"]))))
    before, after = details.get("from"), details.get("to")
    if isinstance(before, str):
        parts.append(f"{before} → {after}" if isinstance(after, str) else f"from {before}")
    elif isinstance(before, list) and isinstance(after, list):
        parts.append(f"{_spoken(before) or 'none'} → {_spoken(after) or 'none'}")
    changed = details.get("changed") or (after if isinstance(after, dict) else None)
    if isinstance(changed, list | dict):
        parts.append(", ".join(_FIELDS.get(name, name.replace("_", " ")) for name in changed))
    return " · ".join(parts)


def _spoken(value: object) -> str:
    """Return one value in words: lists with commas, long texts cut."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is not None and timezone.is_aware(moment):
        return f"{timezone.localtime(moment):%-d %B %Y, %H:%M}"
    return str(value)[:200]
