"""People decide on a changed source: the verdict stands, has to be amended, or the change does not matter."""

from django.db import transaction
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.alerts import AlertLevel, AlertState
from annotations.domain.claims.states import ClaimState, Move
from annotations.domain.desks.roles import Action
from annotations.domain.errors import StaleEdit, WrongState
from annotations.domain.fetches.watch import PageStatus
from annotations.models import Alert, Claim, User, Watch
from annotations.permissions import check_can_move
from annotations.visibility import not_here
from annotations.workflow.activity import claim_activity, record_all
from annotations.workflow.claims.locking import lock_claim
from annotations.workflow.verdicts.review import NoteNeeded, reopen_locked, withdraw_locked


class StaleAlert(StaleEdit):
    """The page changed again since the alert was read."""

    code = "stale_alert"


class AlertDecided(WrongState):
    """Someone has decided on this alert already."""

    code = "alert_decided"


@transaction.atomic(durable=True)
def confirm_alert(alert_id: int, *, version: int, by: User, note: str = "") -> Alert:
    """Say that the verdict stands although its source changed.

    `version` is that of the alert as it was read. Raises Missing, NotAllowed, AlertDecided or StaleAlert.
    """
    alert, claim = _locked(alert_id, version=version, by=by, action=Action.GIVE_VERDICT)
    return _decide(alert, claim, AlertState.CONFIRMED, by, note.strip())


@transaction.atomic(durable=True)
def dismiss_alert(alert_id: int, *, version: int, by: User, note: str) -> Alert:
    """Say, with a reason, that the change has nothing to do with the claim.

    Raises Missing, NotAllowed, AlertDecided, StaleAlert or NoteNeeded.
    """
    alert, claim = _locked(alert_id, version=version, by=by, action=Action.GIVE_VERDICT)
    if not note.strip():
        raise NoteNeeded("Say why the change does not matter here.", fields={"note": "Say why."})
    return _decide(alert, claim, AlertState.DISMISSED, by, note.strip())


@transaction.atomic(durable=True)
def amend_alert(alert_id: int, *, version: int, by: User, note: str) -> Alert:
    """Put the claim back to work because of the change.

    A verified claim is reopened with the note as its reason, which needs the right to reopen. A claim in
    review is withdrawn from review. A claim that can be worked on already is left unchanged. Raises Missing,
    NotAllowed, AlertDecided, StaleAlert or NoteNeeded.
    """
    alert, claim = _locked(alert_id, version=version, by=by, action=Action.GIVE_VERDICT)
    if claim.state == ClaimState.VERIFIED:
        check_can_move(by, Move.REOPEN, claim.desk_id)
    if not note.strip():
        raise NoteNeeded("Say what has to change in the verdict.", fields={"note": "Say what has to change."})
    if claim.state == ClaimState.VERIFIED:
        reopen_locked(claim, by=by, reason=note)
    elif claim.state == ClaimState.IN_REVIEW:
        withdraw_locked(claim, by=by)
    return _decide(alert, claim, AlertState.AMENDED, by, note.strip())


def _locked(alert_id: int, *, version: int, by: User, action: Action) -> tuple[Alert, Claim]:
    """Lock claim, watch and alert; a check of the page locks the last two in the same order."""
    known = Alert.objects.filter(pk=alert_id).values("claim_id", "reference_id").first()
    if known is None:
        raise not_here(Alert)
    claim = lock_claim(known["claim_id"], by=by, action=action, model=Alert)
    Watch.objects.select_for_update(of=("self",)).filter(pk=known["reference_id"]).first()
    alert = Alert.objects.select_for_update(of=("self",)).get(pk=alert_id)
    if alert.state != AlertState.OPEN:
        who = alert.decided_by.display_name if alert.decided_by else "Someone"
        raise AlertDecided(f"{who} has decided on this change already: {AlertState(alert.state).label}.")
    if alert.version != version:
        raise StaleAlert(
            "The source changed again since you read this. Look at it as it is now, then decide. "
            "Your note is kept below.",
            current={"version": alert.version, "what changed": AlertLevel(alert.level).label},
        )
    return alert, claim


def _decide(alert: Alert, claim: Claim, state: AlertState, by: User, note: str) -> Alert:
    alert.state, alert.decided_by, alert.decided_at, alert.note = state.value, by, Now(), note
    alert.version += 1
    alert.save(update_fields=["state", "decided_by", "decided_at", "note", "version"])
    others = Alert.objects.filter(reference_id=alert.reference_id, state=AlertState.OPEN.value)
    if not others.exists():
        # Everyone concerned has decided, so from now on the page is compared with what they saw.
        Watch.objects.filter(pk=alert.reference_id, page_status=PageStatus.CHANGED.value).update(
            page_status=PageStatus.LIVE.value, page_status_since=Now()
        )
    told: dict[str, object] = {"source": str(alert.reference)[:300], "note": note}
    record_all([claim_activity(_VERBS[state], claim, by, details=told)])
    return alert


_VERBS = {
    AlertState.CONFIRMED: Verb.CONFIRMED_SOURCE,
    AlertState.AMENDED: Verb.AMENDED_FOR_SOURCE,
    AlertState.DISMISSED: Verb.DISMISSED_SOURCE_CHANGE,
}
