"""Open alerts for those whose verdicts lean on a page that changed; private to this package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.domain.activity import Verb
from annotations.domain.alerts import AlertLevel, AlertState, more_serious
from annotations.domain.fetches.watch import PageStatus
from annotations.models import Activity, Alert, Capture, Evidence, Reference, WatchCheck
from annotations.workflow.activity import claim_activity, record_all
from annotations.workflow.captures.passages import Shift

_NOT_THERE = (PageStatus.DEAD, PageStatus.SOFT_404)


@dataclass(frozen=True)
class Seen:
    """What a look brought, for everyone concerned.

    `level` is how much the page changed apart from passages, `turned` the page's status where
    it is another than before, `shifts` where each passage stands, by evidence.
    """

    reference: Reference
    check: WatchCheck
    before: Capture
    after: Capture | None
    level: AlertLevel | None
    turned: PageStatus | None
    shifts: Mapping[int, Shift]


def raise_alerts(seen: Seen, leaning: Sequence[Evidence]) -> list[Alert]:
    """Open an alert for each piece of evidence that the change concerns, or add it to the open one.

    The page's watch is locked. Returns the alerts that are new.
    """
    kept = Alert.objects.select_for_update(of=("self",)).filter(
        evidence__in=leaning, state=AlertState.OPEN.value
    )
    open_alerts = {alert.evidence_id: alert for alert in kept.order_by("pk")}
    new: list[Alert] = []
    lines: list[Activity] = []
    for evidence in leaning:
        shift = seen.shifts.get(evidence.pk)
        level = _level(seen, shift)
        alert = open_alerts.get(evidence.pk)
        if level is None and not (alert and shift and shift.is_restored):
            continue
        findings = _findings(seen, shift, level)
        if alert is not None:
            _add(alert, seen, level, findings)
            continue
        assert level is not None
        new.append(
            Alert(
                desk_id=seen.reference.desk_id,
                claim=evidence.claim,
                evidence=evidence,
                reference=seen.reference,
                seen_in=seen.check,
                before=evidence.capture or seen.before,
                after=seen.after,
                level=level.value,
                findings=findings,
            )
        )
        told: dict[str, object] = {"source": str(seen.reference)[:300], "what": level.label}
        lines.append(claim_activity(Verb.SOURCE_CHANGED, evidence.claim, None, details=told))
    Alert.objects.bulk_create(new)
    record_all(lines)
    return new


def _level(seen: Seen, shift: Shift | None) -> AlertLevel | None:
    if shift is not None and shift.matters:
        return AlertLevel.PASSAGE
    if seen.turned in _NOT_THERE:
        return AlertLevel.PAGE
    return seen.level


def _findings(seen: Seen, shift: Shift | None, level: AlertLevel | None) -> dict[str, Any]:
    found = {name: value for name, value in seen.check.findings.items() if name in ("details", "text")}
    if shift is not None and (shift.matters or shift.is_restored):
        found["passage"] = shift.now.state.value
    if level is AlertLevel.PAGE:
        found["page"] = {"page_status": seen.check.page_status, "code": seen.check.code}
    return found


def _add(alert: Alert, seen: Seen, level: AlertLevel | None, findings: dict[str, Any]) -> None:
    """A later change joins what is open, so that people decide once, on the page as it stands."""
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
    alert.after = seen.after or alert.after
    alert.seen_in = seen.check
    alert.changed_at = seen.check.checked_at
    alert.version += 1
    alert.save()
