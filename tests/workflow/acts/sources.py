"""Sources and their pages: what is done to them, and the line that it leaves."""

from annotations.domain.activity import Verb
from annotations.fetching import FetchFailed
from annotations.models import FetchJob, Reference
from annotations.workflow.evidence import attach, upload
from annotations.workflow.evidence import edit as evidence_edit
from annotations.workflow.fetches import request
from annotations.workflow.fetches.finish import finish_job
from annotations.workflow.fetches.run import run_fetch
from tests.factories import (
    Team,
    make_claim,
    make_evidence,
    make_reference,
)
from tests.fakes.site import Site, response
from tests.watched import story
from tests.workflow.acts.line import Act, one
from tests.workflow.fetches.steps import leased, make_due


def attached(team: Team) -> Act:
    claim = make_claim(team)
    return one(
        lambda: attach.attach_addresses(
            claim_id=claim.pk, addresses=["https://192.0.2.1/a"], stance="supports", by=team.editor
        ),
        Verb.ATTACHED, team.editor,
    )  # fmt: skip


def attached_a_file(team: Team) -> Act:
    claim = make_claim(team)
    return one(
        lambda: attach.attach_file(
            claim_id=claim.pk, filename="a.txt", content=b"Fifty.", stance="supports", by=team.editor
        ),
        Verb.ATTACHED, team.editor,
    )  # fmt: skip


def edited_evidence(team: Team) -> Act:
    evidence = make_evidence(team, make_claim(team))
    return one(
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
    return one(
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
    return one(
        lambda: evidence_edit.withdraw_evidence(evidence.pk, by=team.colleague),
        Verb.WITHDREW_EVIDENCE, team.colleague, evidence,
    )  # fmt: skip


def restored_evidence(team: Team) -> Act:
    evidence = make_evidence(team, make_claim(team))
    evidence_edit.withdraw_evidence(evidence.pk, by=team.editor)
    return one(
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

    return one(do, Verb.FETCHED, None, job.reference)


def failed_to_fetch(team: Team) -> Act:
    job = _job(team)
    lease = leased(job)
    return one(
        lambda: finish_job(lease, FetchFailed("http_410")),
        Verb.FAILED_TO_FETCH, None, job.reference, code="http_410",
    )  # fmt: skip


def _failed(team: Team) -> Reference:
    reference = make_reference(team, "https://192.0.2.1/failed")
    Reference.objects.filter(pk=reference.pk).update(fetch_state="failed", fetch_code="http_404")
    return reference


def retried_fetch(team: Team) -> Act:
    reference = _failed(team)
    return one(
        lambda: request.retry_fetch(reference.pk, by=team.editor), Verb.RETRIED_FETCH, team.editor, reference
    )


def retried_all_fetches(team: Team) -> Act:
    reference = _failed(team)
    return one(
        lambda: request.retry_fetches(team.desk.pk, by=team.editor),
        Verb.RETRIED_FETCH,
        team.editor,
        reference,
    )


def fetched_unverified(team: Team) -> Act:
    reference = _failed(team)
    Reference.objects.filter(pk=reference.pk).update(fetch_code="tls_invalid")
    return one(
        lambda: request.order_unverified(reference.pk, by=team.manager),
        Verb.FETCHED_UNVERIFIED, team.manager, reference,
    )  # fmt: skip


def cancelled_fetch(team: Team) -> Act:
    job = _job(team)
    return one(
        lambda: request.cancel_fetch(job.reference_id, by=team.colleague),
        Verb.CANCELLED_FETCH, team.colleague, job.reference,
    )  # fmt: skip


def uploaded_capture(team: Team) -> Act:
    reference = _failed(team)
    return one(
        lambda: upload.upload_capture(reference.pk, filename="a.txt", content=b"Fifty.", by=team.editor),
        Verb.UPLOADED_CAPTURE, team.editor, reference, file="a.txt",
    )  # fmt: skip
