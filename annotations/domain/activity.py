"""How the lines of the activity log read: the words for each verb, in one table."""

VERBS: dict[str, str] = {
    "accepted": "took up",
    "added_evidence": "attached a source to",
    "added_member": "added a member",
    "added_version": "added a version of",
    "approved": "approved",
    "asked_for_report": "asked for",
    "assigned": "assigned",
    "cancelled": "cancelled the fetch of",
    "changed_role": "changed a role",
    "could_not_freeze_report": "could not freeze",
    "confirmed_anchor": "confirmed the place of",
    "created": "made",
    "dismissed": "set aside",
    "edited": "edited",
    "froze_report": "froze",
    "gave_verdict": "gave a verdict on",
    "loaded": "loaded",
    "parked": "parked",
    "prioritised": "set the order of",
    "proposed": "proposed",
    "reanchored": "found again in a new version",
    "removed_member": "took off the desk",
    "renamed": "renamed the desk",
    "reopened": "reopened",
    "restored": "restored",
    "returned": "returned",
    "skipped": "skipped",
    "submitted": "sent to review",
    "tagged": "tagged",
    "took_over": "took over",
    "withdrew": "took back from review",
    "woke": "woke",
}


def words_of(verb: str, object_type: str) -> str:
    """Return how a line reads after the person's name: “made the report”, “approved the claim”.

    A verb that is not in the table reads as it is written.
    """
    words = VERBS.get(verb, verb.replace("_", " "))
    if object_type in ("member", "desk") and verb != "created":
        return words
    return f"{words} the {object_type.replace('_', ' ')}"
