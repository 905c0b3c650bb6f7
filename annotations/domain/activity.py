"""The things that the activity log can record."""

from enum import StrEnum


class Verb(StrEnum):
    """One kind of action in the activity log. `annotations.words.activity` puts it into words.

    A verb is never renamed or removed, because lines of the log never change.
    """

    CREATED = "created"

    # Documents
    ASKED_TO_LOAD = "asked_to_load"
    LOADED = "loaded"
    FAILED_TO_LOAD = "failed_to_load"
    PROPOSED_CLAIMS = "proposed_claims"
    ADDED_VERSION = "added_version"
    CORRECTED_LANGUAGE = "corrected_language"

    # Claims; a document is edited too
    EDITED = "edited"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    RESTORED = "restored"
    ANCHOR_CHANGED = "anchor_changed"
    CONFIRMED_ANCHOR = "confirmed_anchor"
    ASSIGNED = "assigned"
    PRIORITISED = "prioritised"
    TAGGED = "tagged"
    SKIPPED = "skipped"
    PARKED = "parked"
    WOKE = "woke"
    TOOK_OVER = "took_over"

    # Evidence and its pages
    ATTACHED = "attached"
    EDITED_EVIDENCE = "edited_evidence"
    CHOSE_PASSAGE = "chose_passage"
    WITHDREW_EVIDENCE = "withdrew_evidence"
    RESTORED_EVIDENCE = "restored_evidence"
    FETCHED = "fetched"
    FAILED_TO_FETCH = "failed_to_fetch"
    RETRIED_FETCH = "retried_fetch"
    FETCHED_UNVERIFIED = "fetched_unverified"
    CANCELLED_FETCH = "cancelled_fetch"
    UPLOADED_CAPTURE = "uploaded_capture"

    # Verdicts, reviews and alerts
    GAVE_VERDICT = "gave_verdict"
    SUBMITTED = "submitted"
    WITHDREW = "withdrew"
    APPROVED = "approved"
    RETURNED = "returned"
    REOPENED = "reopened"
    KEPT_AS_SIGNED = "kept_as_signed"
    SOURCE_CHANGED = "source_changed"
    CONFIRMED_SOURCE = "confirmed_source"
    AMENDED_FOR_SOURCE = "amended_for_source"
    DISMISSED_SOURCE_CHANGE = "dismissed_source_change"

    # Reports
    ASKED_FOR_REPORT = "asked_for_report"
    FROZE_REPORT = "froze_report"
    COULD_NOT_FREEZE_REPORT = "could_not_freeze_report"

    # Desks
    RENAMED = "renamed"
    MADE_ACCOUNT = "made_account"
    INVITED = "invited"
    WITHDREW_INVITATION = "withdrew_invitation"
    JOINED = "joined"
    CHANGED_ROLE = "changed_role"
    REMOVED_MEMBER = "removed_member"
    REQUIRED_TWO_FACTOR = "required_two_factor"
    STOPPED_REQUIRING_TWO_FACTOR = "stopped_requiring_two_factor"

    # The account of a member: one line on each of their desks
    MADE_LINK = "made_link"
    SET_PASSWORD = "set_password"  # noqa: S105
    SIGNED_IN_ON_NEW_DEVICE = "signed_in_on_new_device"
    MADE_TOKEN = "made_token"  # noqa: S105
    REVOKED_TOKEN = "revoked_token"  # noqa: S105
    SET_UP_SECOND_FACTOR = "set_up_second_factor"
    TURNED_OFF_SECOND_FACTOR = "turned_off_second_factor"
    ADDED_SECURITY_KEY = "added_security_key"
    REMOVED_SECURITY_KEY = "removed_security_key"
    REMOVED_APP = "removed_app"
    USED_RECOVERY_CODE = "used_recovery_code"
    RENEWED_RECOVERY_CODES = "renewed_recovery_codes"
    CONFIRMED_EMAIL = "confirmed_email"
    REMOVED_EMAIL = "removed_email"
    CONNECTED_OUTSIDE_SIGN_IN = "connected_outside_sign_in"
    DISCONNECTED_OUTSIDE_SIGN_IN = "disconnected_outside_sign_in"

    # Formerly one line for each claim of a loaded article; PROPOSED_CLAIMS now records all of them at once.
    PROPOSED = "proposed"
    # Formerly whoever was put on a desk, new account or not; now the person is made an account, or joins.
    ADDED_MEMBER = "added_member"


RETIRED = frozenset({Verb.PROPOSED, Verb.ADDED_MEMBER})
"""Verbs that occur only in lines of earlier versions; nothing writes them any more."""
