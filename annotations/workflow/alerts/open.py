"""Open alerts for the people whose verdicts rest on a page that changed; private to this package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.domain.activity import Verb
from annotations.domain.alerts import AlertLevel, AlertState, more_serious
from annotations.domain.fetches.watch import PageStatus
from annotations.models import Activity, Alert, Capture, Evidence, Reference, WatchCheck
from annotations.workflow.activity import claim_activity, record_all
from annotations.workflow.captures.passages import PassageMove

_NOT_THERE = (PageStatus.DEAD, PageStatus.SOFT_404)


@dataclass(frozen=True)
class PageObservation:
    """What a check found, for everyone concerned.

    `level` is how much the page changed apart from its passages. `new_status` is the page status if it
    has changed. `moves` holds where each passage is, by the id of its evidence.
    """

    reference: Reference
    check: WatchCheck
    before: Capture
    after: Capture | None
    level: AlertLevel | None
    new_status: PageStatus | None
    moves: Mapping[int, PassageMove]


def raise_alerts(observed: PageObservation, leaning: Sequence[Evidence]) -> list[Alert]:
    """Open an alert for each piece of evidence that the change concerns, or add it to the open alert.

    The caller has locked the page's watch. Returns the new alerts.
    """
    kept = Alert.objects.select_for_update(of=("self",)).filter(
        evidence__in=leaning, state=AlertState.OPEN.value
    )
    open_alerts = {alert.evidence_id: alert for alert in kept.order_by("pk")}
    new: list[Alert] = []
    lines: list[Activity] = []
    for evidence in leaning:
        move = observed.moves.get(evidence.pk)
        level = _level(observed, move)
        alert = open_alerts.get(evidence.pk)
        if level is None and not (alert and move and move.is_restored):
            continue
        findings = _findings(observed, move, level)
        if alert is not None:
            _add(alert, observed, level, findings)
            continue
        assert level is not None
        new.append(
            Alert(
                desk_id=observed.reference.desk_id,
                claim=evidence.claim,
                evidence=evidence,
                reference=observed.reference,
                seen_in=observed.check,
                before=evidence.capture or observed.before,
                after=observed.after,
                level=level.value,
                findings=findings,
            )
        )
        told: dict[str, object] = {"source": str(observed.reference)[:300], "what": level.label}
        lines.append(claim_activity(Verb.SOURCE_CHANGED, evidence.claim, None, details=told))
    Alert.objects.bulk_create(new)
    record_all(lines)
    return new


def _level(observed: PageObservation, move: PassageMove | None) -> AlertLevel | None:
    if move is not None and move.matters:
        return AlertLevel.PASSAGE
    if observed.new_status in _NOT_THERE:
        return AlertLevel.PAGE
    return observed.level


def _findings(
    observed: PageObservation, move: PassageMove | None, level: AlertLevel | None
) -> dict[str, Any]:
    found = {name: value for name, value in observed.check.findings.items() if name in ("details", "text")}
    if move is not None and (move.matters or move.is_restored):
        found["passage"] = move.now.state.value
    if level is AlertLevel.PAGE:
        found["page"] = {"page_status": observed.check.page_status, "code": observed.check.code}
    return found


def _add(alert: Alert, observed: PageObservation, level: AlertLevel | None, findings: dict[str, Any]) -> None:
    """Add a later change to an open alert, so that people decide once, on the page as it is now."""
    if level is not None:
        alert.level = more_serious(AlertLevel(alert.level), level).value
    details = {**alert.findings.get("details", {})}
    for name, (was, now) in findings.get("details", {}).items():
        first = details.pop(name, [was])[0]
        if first != now:
            details[name] = [first, now]
    alert.findings = {**alert.findings, **findings, "details": details}
    if not details:
        del alert.findings["details"]
    alert.after = observed.after or alert.after
    alert.seen_in = observed.check
    alert.changed_at = observed.check.checked_at
    alert.version += 1
    alert.save(update_fields=["level", "findings", "after", "seen_in", "changed_at", "version"])
