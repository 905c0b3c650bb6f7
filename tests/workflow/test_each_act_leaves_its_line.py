"""Every act leaves its line in the log: who did what to which thing, and nothing else is written there.

Each verb of the log has its act below. A verb without one fails, so whoever adds a verb adds its act.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from annotations.domain.activity import RETIRED, Verb
from annotations.domain.reports.criteria import Criteria
from annotations.fetching import FetchFailed
from annotations.models import Activity, Alert, FetchJob, Reference, Report, SecurityKey, User
from annotations.workflow.alerts import decide
from annotations.workflow.claims import edit, leases, organise
from annotations.workflow.claims.edit import Particulars
from annotations.workflow.desks import (
    accounts,
    api_tokens,
    email_address,
    invitations,
    manage,
    outside_identity,
    second_factor,
    sessions,
)
from annotations.workflow.desks.security_keys import Answer, to_make
from annotations.workflow.desks.security_keys import Site as KeySite
from annotations.workflow.documents import load, revise
from annotations.workflow.documents.particulars import About
from annotations.workflow.evidence import attach, upload
from annotations.workflow.evidence import edit as evidence_edit
from annotations.workflow.fetches import request
from annotations.workflow.fetches.finish import finish_job
from annotations.workflow.fetches.run import run_fetch
from annotations.workflow.reports import freeze
from annotations.workflow.verdicts import changed_words, give, review
from tests.factories import (
    TEXT,
    Team,
    give_verdict,
    make_alert,
    make_claim,
    make_claim_in_review,
    make_claim_with_changed_words,
    make_document,
    make_evidence,
    make_reference,
    make_verified_claim,
    record_of,
)
from tests.fakes.security_key import FakeKey
from tests.fakes.site import Site, response
from tests.watched import story, watched_page
from tests.workflow.fetches.steps import leased, make_due

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_loopback")]


@dataclass(frozen=True)
class Line:
    """What stands in a line: the verb, who did it (None is the workbench), and part of what it says."""

    verb: Verb
    by: User | None
    details: dict[str, object] | None = None
    move: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Act:
    """Something that is done, the thing it is done to, and the lines it leaves."""

    do: Callable[[], object]
    about: tuple[str, int] | None
    lines: list[Line]


def _one(do: Callable[[], object], verb: Verb, by: User | None, thing: Any = None, **told: Any) -> Act:
    move = told.pop("move", ("", ""))
    about = (type(thing)._meta.model_name, thing.pk) if thing is not None else None
    return Act(do, about, [Line(verb, by, told or None, move)])


# --- Articles


def created(team: Team) -> Act:
    document = make_document(team)
    return _one(
        lambda: edit.create_claim_from_words(document.pk, words="onrustige dag", by=team.editor),
        Verb.CREATED, team.editor, exact="onrustige dag", move=("", "open"),
    )  # fmt: skip


def asked_to_load(team: Team) -> Act:
    url = "https://192.0.2.1/story"
    return _one(
        lambda: load.load_address(desk=team.desk, by=team.editor, url=url),
        Verb.ASKED_TO_LOAD, team.editor, url=url, move=("", "loading"),
    )  # fmt: skip


def loaded(team: Team) -> Act:
    return _one(
        lambda: load.load_text(desk=team.desk, by=team.editor, text=TEXT, propose=False),
        Verb.LOADED, team.editor, move=("", "ready"),
    )  # fmt: skip


def proposed_claims(team: Team) -> Act:
    return Act(
        lambda: load.load_text(desk=team.desk, by=team.editor, text=TEXT),
        None,
        [
            Line(Verb.PROPOSED_CLAIMS, None, {"claims": 3}, ("", "proposed")),
            Line(Verb.LOADED, team.editor, None, ("", "ready")),
        ],
    )


def failed_to_load(team: Team) -> Act:
    document = load.load_address(desk=team.desk, by=team.editor, url="https://192.0.2.1/story")
    FetchJob.objects.filter(document=document).update(
        state="failed", error_code="http_404", finished_at=timezone.now(), next_attempt_at=None
    )
    return _one(
        lambda: load.complete_loading(document.pk), Verb.FAILED_TO_LOAD, None, document,
        problem="The site has no such page (404).", move=("", "failed"),
    )  # fmt: skip


def added_version(team: Team) -> Act:
    document = make_document(team)
    return _one(
        lambda: revise.add_version(document.pk, text=TEXT + " Zo is het.", by=team.editor),
        Verb.ADDED_VERSION, team.editor, document,
    )  # fmt: skip


def corrected_language(team: Team) -> Act:
    document = make_document(team)
    return _one(
        lambda: revise.correct_language(document.pk, language="de", by=team.editor),
        Verb.CORRECTED_LANGUAGE, team.editor, document, **{"from": "nl", "to": "de"},
    )  # fmt: skip


def edited_an_article(team: Team) -> Act:
    document = make_document(team)
    return _one(
        lambda: revise.edit_document(
            document.pk, version=document.version, about=About(title="Other", language="nl"), by=team.editor
        ),
        Verb.EDITED, team.editor, document,
    )  # fmt: skip


# --- Claims


def edited(team: Team) -> Act:
    claim = make_claim(team)
    return _one(
        lambda: edit.edit_claim(
            claim.pk, version=claim.version, particulars=Particulars("Fifty were hurt."), by=team.editor
        ),
        Verb.EDITED, team.editor, claim,
    )  # fmt: skip


def _proposed(team: Team) -> Any:
    document = load.load_text(desk=team.desk, by=team.editor, text=TEXT)
    return document.claims.earliest("id")


def accepted(team: Team) -> Act:
    claim = _proposed(team)
    return _one(
        lambda: edit.accept_claims([claim.pk], by=team.editor),
        Verb.ACCEPTED, team.editor, claim, move=("proposed", "open"),
    )  # fmt: skip


def dismissed(team: Team) -> Act:
    claim = _proposed(team)
    return _one(
        lambda: edit.dismiss_claims([claim.pk], by=team.editor, reason="Weather."),
        Verb.DISMISSED, team.editor, claim, reason="Weather.", move=("proposed", "dismissed"),
    )  # fmt: skip


def restored(team: Team) -> Act:
    claim = _proposed(team)
    edit.dismiss_claims([claim.pk], by=team.editor)
    return _one(
        lambda: edit.restore_claims([claim.pk], by=team.editor),
        Verb.RESTORED, team.editor, claim, move=("dismissed", "open"),
    )  # fmt: skip


def anchor_changed(team: Team) -> Act:
    claim = make_claim(team)
    return Act(
        lambda: revise.add_version(
            claim.document_id, text=TEXT.replace("vijftig", "zestig"), by=team.colleague
        ),
        None,
        [Line(Verb.ANCHOR_CHANGED, None, {"anchor": "edited"}), Line(Verb.ADDED_VERSION, team.colleague)],
    )


def confirmed_anchor(team: Team) -> Act:
    claim = make_claim(team)
    revise.add_version(claim.document_id, text=TEXT.replace("vijftig", "zestig"), by=team.editor)
    start = TEXT.index("minstens vijftig")
    return _one(
        lambda: edit.confirm_anchor(
            claim.pk, start=start, end=start + 15, exact="minstens zestig", by=team.colleague
        ),
        Verb.CONFIRMED_ANCHOR, team.colleague, claim, start=start, end=start + 15,
    )  # fmt: skip


def assigned(team: Team) -> Act:
    claim = make_claim(team)
    return _one(
        lambda: organise.assign_claims([claim.pk], assignee=team.colleague, by=team.manager),
        Verb.ASSIGNED, team.manager, claim,
    )  # fmt: skip


def prioritised(team: Team) -> Act:
    claim = make_claim(team)
    return _one(
        lambda: organise.prioritise_claims([claim.pk], priority=1, by=team.manager),
        Verb.PRIORITISED, team.manager, claim, priority=1,
    )  # fmt: skip


def tagged(team: Team) -> Act:
    claim = make_claim(team)
    return _one(
        lambda: organise.tag_claims([claim.pk], add=["unrest"], by=team.editor),
        Verb.TAGGED, team.editor, claim, **{"from": [], "to": ["unrest"]},
    )  # fmt: skip


def skipped(team: Team) -> Act:
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.editor)
    return _one(
        lambda: organise.skip(claim.pk, by=team.editor, reason="Not mine."),
        Verb.SKIPPED, team.editor, claim, reason="Not mine.",
    )  # fmt: skip


def parked(team: Team) -> Act:
    claim, until = make_claim(team), timezone.now() + timedelta(days=2)
    return _one(
        lambda: organise.park(claim.pk, by=team.editor, reason="Waits.", until=until),
        Verb.PARKED, team.editor, claim, reason="Waits.", until=until.isoformat(),
    )  # fmt: skip


def woke(team: Team) -> Act:
    claim = make_claim(team)
    organise.park(claim.pk, by=team.editor, reason="Waits.", until=timezone.now() + timedelta(days=2))
    return _one(lambda: organise.unpark(claim.pk, by=team.editor), Verb.WOKE, team.editor, claim)


def took_over(team: Team) -> Act:
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.editor)
    return _one(
        lambda: leases.take_over(claim.pk, by=team.manager),
        Verb.TOOK_OVER, team.manager, claim, **{"from": team.editor.pk, "person": team.editor.display_name},
    )  # fmt: skip


# --- Sources and their pages


def attached(team: Team) -> Act:
    claim = make_claim(team)
    return _one(
        lambda: attach.attach_addresses(
            claim_id=claim.pk, addresses=["https://192.0.2.1/a"], stance="supports", by=team.editor
        ),
        Verb.ATTACHED, team.editor,
    )  # fmt: skip


def attached_a_file(team: Team) -> Act:
    claim = make_claim(team)
    return _one(
        lambda: attach.attach_file(
            claim_id=claim.pk, filename="a.txt", content=b"Fifty.", stance="supports", by=team.editor
        ),
        Verb.ATTACHED, team.editor,
    )  # fmt: skip


def edited_evidence(team: Team) -> Act:
    evidence = make_evidence(team, make_claim(team))
    return _one(
        lambda: evidence_edit.edit_evidence(
            evidence.pk, version=evidence.version, stance="refutes", passage="", note="", by=team.colleague
        ),
        Verb.EDITED_EVIDENCE, team.colleague, evidence,
    )  # fmt: skip


def chose_passage(team: Team) -> Act:
    evidence = make_evidence(team, make_claim(team))
    upload.upload_capture(
        evidence.reference_id, filename="a.txt", content=b"Fifty were hurt.", by=team.editor
    )
    evidence.refresh_from_db()
    return _one(
        lambda: evidence_edit.rely_on_passage(
            evidence.pk,
            capture_id=evidence.capture_id or 0,
            words="Fifty",
            version=evidence.version,
            by=team.editor,
        ),
        Verb.CHOSE_PASSAGE, team.editor, evidence,
    )  # fmt: skip


def withdrew_evidence(team: Team) -> Act:
    evidence = make_evidence(team, make_claim(team))
    return _one(
        lambda: evidence_edit.withdraw_evidence(evidence.pk, by=team.colleague),
        Verb.WITHDREW_EVIDENCE, team.colleague, evidence,
    )  # fmt: skip


def restored_evidence(team: Team) -> Act:
    evidence = make_evidence(team, make_claim(team))
    evidence_edit.withdraw_evidence(evidence.pk, by=team.editor)
    return _one(
        lambda: evidence_edit.restore_evidence(evidence.pk, by=team.colleague),
        Verb.RESTORED_EVIDENCE, team.colleague, evidence,
    )  # fmt: skip


def _job(team: Team, url: str = "https://192.0.2.1/a") -> FetchJob:
    attach.attach_addresses(claim_id=make_claim(team).pk, addresses=[url], stance="supports", by=team.editor)
    job = FetchJob.objects.get()
    make_due(job)
    return job


def fetched(team: Team) -> Act:
    site = Site(listen="0.0.0.0")
    site.__enter__()
    site.pages["/a"] = response(story())
    job = _job(team, site.url("/a"))

    def do() -> None:
        try:
            assert run_fetch(job.pk, worker="w1")
        finally:
            site.__exit__(None, None, None)

    return _one(do, Verb.FETCHED, None, job.reference)


def failed_to_fetch(team: Team) -> Act:
    job = _job(team)
    lease = leased(job)
    return _one(
        lambda: finish_job(lease, FetchFailed("http_410")),
        Verb.FAILED_TO_FETCH, None, job.reference, code="http_410",
    )  # fmt: skip


def _failed(team: Team) -> Reference:
    reference = make_reference(team, "https://192.0.2.1/failed")
    Reference.objects.filter(pk=reference.pk).update(fetch_state="failed", fetch_code="http_404")
    return reference


def retried_fetch(team: Team) -> Act:
    reference = _failed(team)
    return _one(
        lambda: request.retry_fetch(reference.pk, by=team.editor), Verb.RETRIED_FETCH, team.editor, reference
    )


def retried_all_fetches(team: Team) -> Act:
    reference = _failed(team)
    return _one(
        lambda: request.retry_fetches(team.desk.pk, by=team.editor),
        Verb.RETRIED_FETCH,
        team.editor,
        reference,
    )


def fetched_unverified(team: Team) -> Act:
    reference = _failed(team)
    Reference.objects.filter(pk=reference.pk).update(fetch_code="tls_invalid")
    return _one(
        lambda: request.order_unverified(reference.pk, by=team.manager),
        Verb.FETCHED_UNVERIFIED, team.manager, reference,
    )  # fmt: skip


def cancelled_fetch(team: Team) -> Act:
    job = _job(team)
    return _one(
        lambda: request.cancel_fetch(job.reference_id, by=team.colleague),
        Verb.CANCELLED_FETCH, team.colleague, job.reference,
    )  # fmt: skip


def uploaded_capture(team: Team) -> Act:
    reference = _failed(team)
    return _one(
        lambda: upload.upload_capture(reference.pk, filename="a.txt", content=b"Fifty.", by=team.editor),
        Verb.UPLOADED_CAPTURE, team.editor, reference, file="a.txt",
    )  # fmt: skip


# --- Verdicts, reviews, alerts


def gave_verdict(team: Team) -> Act:
    claim = make_claim(team)
    return _one(
        lambda: give_verdict(team, claim), Verb.GAVE_VERDICT, team.editor, claim, number=1, rating="True"
    )


def submitted(team: Team) -> Act:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    return _one(
        lambda: give.submit_for_review(claim.pk, by=team.editor),
        Verb.SUBMITTED, team.editor, claim, move=("open", "in_review"),
    )  # fmt: skip


def withdrew(team: Team) -> Act:
    claim = make_claim_in_review(team)
    return _one(
        lambda: review.withdraw_from_review(claim.pk, by=team.editor),
        Verb.WITHDREW, team.editor, claim, move=("in_review", "open"),
    )  # fmt: skip


def approved(team: Team) -> Act:
    claim = make_claim_in_review(team)
    return _one(
        lambda: review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer, note="Clear."),
        Verb.APPROVED, team.reviewer, claim, note="Clear.", move=("in_review", "verified"),
    )  # fmt: skip


def returned(team: Team) -> Act:
    claim = make_claim_in_review(team)
    return _one(
        lambda: review.return_claim(claim.pk, record=record_of(claim.pk), by=team.reviewer, note="Why?"),
        Verb.RETURNED, team.reviewer, claim, note="Why?", move=("in_review", "returned"),
    )  # fmt: skip


def reopened(team: Team) -> Act:
    claim = make_verified_claim(team)
    return _one(
        lambda: review.reopen(claim.pk, by=team.reviewer, reason="A newer count."),
        Verb.REOPENED, team.reviewer, claim, reason="A newer count.", move=("verified", "open"),
    )  # fmt: skip


def kept_as_signed(team: Team) -> Act:
    claim = make_claim_with_changed_words(team)
    return _one(
        lambda: changed_words.keep_as_signed(
            claim.pk, record=record_of(claim.pk), version=2, by=team.reviewer, reason="It was said so."
        ),
        Verb.KEPT_AS_SIGNED, team.reviewer, claim, reason="It was said so.", version=2,
    )  # fmt: skip


def source_changed(team: Team) -> Act:
    site = Site(listen="0.0.0.0")
    site.__enter__()
    watched = watched_page(team, site)
    watched.shows(story("Nobody was hurt on Tuesday, says the hospital."))

    def do() -> None:
        try:
            watched.look()
        finally:
            site.__exit__(None, None, None)

    return _one(do, Verb.SOURCE_CHANGED, None, watched.claim)


def _alert(team: Team) -> Alert:
    return make_alert(team, make_verified_claim(team))


def confirmed_source(team: Team) -> Act:
    alert = _alert(team)
    return _one(
        lambda: decide.confirm_alert(alert.pk, version=alert.version, by=team.manager, note="Same."),
        Verb.CONFIRMED_SOURCE, team.manager, alert.claim, note="Same.",
    )  # fmt: skip


def amended_for_source(team: Team) -> Act:
    alert = _alert(team)
    return Act(
        lambda: decide.amend_alert(alert.pk, version=alert.version, by=team.manager, note="Count anew."),
        ("claim", alert.claim_id),
        [
            Line(Verb.REOPENED, team.manager, {"reason": "Count anew."}, ("verified", "open")),
            Line(Verb.AMENDED_FOR_SOURCE, team.manager, {"note": "Count anew."}),
        ],
    )


def dismissed_source_change(team: Team) -> Act:
    alert = _alert(team)
    return _one(
        lambda: decide.dismiss_alert(alert.pk, version=alert.version, by=team.manager, note="An advert."),
        Verb.DISMISSED_SOURCE_CHANGE, team.manager, alert.claim, note="An advert.",
    )  # fmt: skip


# --- Reports


def froze_report(team: Team) -> Act:
    make_verified_claim(team)
    return _one(
        lambda: freeze.freeze_report(desk=team.desk, by=team.manager, title="R", criteria=Criteria()),
        Verb.FROZE_REPORT, team.manager, number=1, rows=1, move=("", "ready"),
    )  # fmt: skip


def asked_for_report(team: Team, monkeypatch: pytest.MonkeyPatch) -> Act:
    make_verified_claim(team)
    monkeypatch.setattr(freeze, "INLINE_LIMIT", 0)
    return _one(
        lambda: freeze.freeze_report(desk=team.desk, by=team.manager, title="R", criteria=Criteria()),
        Verb.ASKED_FOR_REPORT, team.manager, number=1, move=("", "queued"),
    )  # fmt: skip


def could_not_freeze_report(team: Team) -> Act:
    report = Report.objects.create(
        desk=team.desk, number=1, title="R", criteria={}, state="queued", created_by=team.manager
    )
    return _one(
        lambda: freeze.build_report(report.pk),
        Verb.COULD_NOT_FREEZE_REPORT, team.manager, report, number=1, move=("", "failed"),
    )  # fmt: skip


# --- Desks


def renamed(team: Team) -> Act:
    return _one(
        lambda: manage.rename_desk(team.desk.pk, name="Other", by=team.manager),
        Verb.RENAMED, team.manager, team.desk, **{"from": team.desk.name, "to": "Other"},
    )  # fmt: skip


def made_account(team: Team) -> Act:
    return _one(
        lambda: accounts.create_account(team.desk.pk, username="nora", role="editor", by=team.manager),
        Verb.MADE_ACCOUNT, team.manager, person="nora", role="editor",
    )  # fmt: skip


def _invited(team: Team) -> Any:
    return invitations.invite(team.desk.pk, username=team.outsider.username, role="editor", by=team.manager)


def invited(team: Team) -> Act:
    return _one(
        lambda: _invited(team), Verb.INVITED, team.manager, person=team.outsider.username, role="editor"
    )


def withdrew_invitation(team: Team) -> Act:
    invitation = _invited(team)
    return _one(
        lambda: invitations.withdraw_invitation(team.desk.pk, invitation.pk, by=team.manager),
        Verb.WITHDREW_INVITATION, team.manager, invitation, person=team.outsider.username,
    )  # fmt: skip


def joined(team: Team) -> Act:
    invitation = _invited(team)
    return _one(
        lambda: invitations.accept_invitation(invitation.pk, by=team.outsider),
        Verb.JOINED, team.outsider, person=team.outsider.display_name, role="editor",
    )  # fmt: skip


def changed_role(team: Team) -> Act:
    return _one(
        lambda: manage.change_role(team.desk.pk, user_id=team.editor.pk, role="viewer", by=team.manager),
        Verb.CHANGED_ROLE, team.manager,
        person=team.editor.display_name, **{"from": "editor", "to": "viewer"},
    )  # fmt: skip


def removed_member(team: Team) -> Act:
    claim, name = make_claim(team), team.colleague.display_name
    organise.assign_claims([claim.pk], assignee=team.colleague, by=team.manager)
    return Act(
        lambda: manage.remove_member(team.desk.pk, user_id=team.colleague.pk, by=team.manager),
        None,
        [
            Line(Verb.ASSIGNED, team.manager),
            Line(Verb.REMOVED_MEMBER, team.manager, {"person": name, "role": "editor"}),
        ],
    )


def required_two_factor(team: Team) -> Act:
    _with_app(team.manager)
    return _one(
        lambda: second_factor.require_two_factor(team.desk.pk, required=True, by=team.manager),
        Verb.REQUIRED_TWO_FACTOR, team.manager, team.desk,
    )  # fmt: skip


def stopped_requiring_two_factor(team: Team) -> Act:
    _with_app(team.manager)
    second_factor.require_two_factor(team.desk.pk, required=True, by=team.manager)
    return _one(
        lambda: second_factor.require_two_factor(team.desk.pk, required=False, by=team.manager),
        Verb.STOPPED_REQUIRING_TWO_FACTOR, team.manager, team.desk,
    )  # fmt: skip


# --- The account of a member


def _with_app(user: User) -> second_factor.SetUp:
    secret = second_factor.new_secret()
    code = second_factor.code_at(secret, timezone.now())
    return second_factor.set_up_app(by=user, secret=secret, code=code, keep_session=None)


SITE = KeySite("localhost", "http://localhost")


def _add_key(user: User, proved: second_factor.Proved = second_factor.NOT_PROVED) -> second_factor.SetUp:
    challenge = b"x" * 32
    made = FakeKey().make(json.dumps(to_make(user, [], SITE, challenge)), SITE.origin)
    return second_factor.add_key(
        by=user, name="Blue", answer=Answer(SITE, challenge, made), keep_session=None, proved=proved
    )


def made_link(team: Team) -> Act:
    user = accounts.create_account(team.desk.pk, username="nora", role="editor", by=team.manager).user
    return _one(
        lambda: accounts.make_link(team.desk.pk, user_id=user.pk, by=team.manager),
        Verb.MADE_LINK, team.manager, person="nora",
    )  # fmt: skip


def set_password(team: Team) -> Act:
    user = accounts.create_account(team.desk.pk, username="nora", role="editor", by=team.manager).user
    link = accounts.make_link(team.desk.pk, user_id=user.pk, by=team.manager)
    return _one(
        lambda: accounts.set_first_password(link.uid, link.token, password="correct horse battery"),
        Verb.SET_PASSWORD, user,
    )  # fmt: skip


def changed_password(team: Team) -> Act:
    return _one(
        lambda: accounts.change_password(team.editor, password="correct horse battery", by=team.editor),
        Verb.SET_PASSWORD, team.editor,
    )  # fmt: skip


def signed_in_on_new_device(team: Team) -> Act:
    return _one(
        lambda: sessions.note_device(team.editor, key="", words="Firefox on Linux"),
        Verb.SIGNED_IN_ON_NEW_DEVICE, team.editor, device="Firefox on Linux",
    )  # fmt: skip


def made_token(team: Team) -> Act:
    return _one(
        lambda: api_tokens.create_token(user=team.editor, name="morning"),
        Verb.MADE_TOKEN, team.editor, name="morning",
    )  # fmt: skip


def revoked_token(team: Team) -> Act:
    token = api_tokens.create_token(user=team.editor, name="morning").token
    return _one(
        lambda: api_tokens.revoke_token(token.pk, by=team.editor),
        Verb.REVOKED_TOKEN, team.editor, name="morning",
    )  # fmt: skip


def set_up_second_factor(team: Team) -> Act:
    return _one(lambda: _with_app(team.editor), Verb.SET_UP_SECOND_FACTOR, team.editor)


def turned_off_second_factor(team: Team) -> Act:
    proved = _with_app(team.editor).proved
    return _one(
        lambda: second_factor.turn_off(by=team.editor, proved=proved),
        Verb.TURNED_OFF_SECOND_FACTOR, team.editor,
    )  # fmt: skip


def added_security_key(team: Team) -> Act:
    return Act(
        lambda: _add_key(team.editor),
        None,
        [
            Line(Verb.SET_UP_SECOND_FACTOR, team.editor),
            Line(Verb.ADDED_SECURITY_KEY, team.editor, {"name": "Blue"}),
        ],
    )


def added_another_security_key(team: Team) -> Act:
    proved = _with_app(team.editor).proved
    return _one(lambda: _add_key(team.editor, proved), Verb.ADDED_SECURITY_KEY, team.editor, name="Blue")


def removed_security_key(team: Team) -> Act:
    proved = _with_app(team.editor).proved
    _add_key(team.editor, proved)
    key = SecurityKey.objects.get()
    return _one(
        lambda: second_factor.remove_key(key.pk, by=team.editor, proved=proved),
        Verb.REMOVED_SECURITY_KEY, team.editor, name="Blue",
    )  # fmt: skip


def removed_app(team: Team) -> Act:
    proved = _with_app(team.editor).proved
    _add_key(team.editor, proved)
    return _one(
        lambda: second_factor.remove_app(by=team.editor, proved=proved), Verb.REMOVED_APP, team.editor
    )


def used_recovery_code(team: Team) -> Act:
    codes = _with_app(team.editor).codes
    return _one(lambda: second_factor.prove(team.editor, code=codes[0]), Verb.USED_RECOVERY_CODE, team.editor)


def _token(team: Team) -> str:
    email_address.ask_to_confirm("eva@example.org", by=team.editor, link="[{token}]")
    return str(mail.outbox[-1].body).partition("[")[2].partition("]")[0]


def confirmed_email(team: Team) -> Act:
    token = _token(team)
    return _one(lambda: email_address.confirm(token, by=team.editor), Verb.CONFIRMED_EMAIL, team.editor)


def removed_email(team: Team) -> Act:
    email_address.confirm(_token(team), by=team.editor)
    return _one(lambda: email_address.remove(by=team.editor), Verb.REMOVED_EMAIL, team.editor)


EVA = outside_identity.Identity("https://id.example.org", "eva", "eva")


def connected_outside_sign_in(team: Team) -> Act:
    return _one(
        lambda: outside_identity.connect(EVA, by=team.editor), Verb.CONNECTED_OUTSIDE_SIGN_IN, team.editor
    )


def disconnected_outside_sign_in(team: Team) -> Act:
    outside_identity.connect(EVA, by=team.editor)
    return _one(
        lambda: outside_identity.disconnect(by=team.editor), Verb.DISCONNECTED_OUTSIDE_SIGN_IN, team.editor
    )


ACTS = {
    name: found
    for name, found in list(globals().items())
    if getattr(found, "__annotations__", {}).get("return") is Act and not name.startswith("_")
}


def test_every_verb_has_its_act() -> None:
    assert {verb.value for verb in Verb} - RETIRED - set(ACTS) == set()


@pytest.mark.parametrize("name", ACTS)
def test_an_act_leaves_its_line_and_no_other(
    name: str, team: Team, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    wanted = ACTS[name]
    act = wanted(team, monkeypatch) if "monkeypatch" in wanted.__annotations__ else wanted(team)
    before = Activity.objects.order_by("-id").values_list("pk", flat=True).first() or 0

    act.do()

    lines = list(Activity.objects.filter(pk__gt=before, desk=team.desk).order_by("id"))
    assert [(line.verb, line.actor, (line.from_state, line.to_state)) for line in lines] == [
        (line.verb.value, line.by, line.move) for line in act.lines
    ]
    for line, expected in zip(lines, act.lines, strict=True):
        told = expected.details or {}
        assert {key: line.details.get(key) for key in told} == told
        if act.about is not None:
            assert (line.object_type, line.object_id) == act.about
