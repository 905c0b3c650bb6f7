"""Construction of the sample desk. One of its people takes every step through the workflow.

No code here writes a claim, a source or a verdict directly. If a rule of the workbench forbids a step,
loading the sample fails, as it should.
"""

import errno
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from annotations.domain.claims.states import ClaimState
from annotations.domain.desks.roles import Role
from annotations.domain.fetches.states import FetchState
from annotations.domain.reports.criteria import Criteria
from annotations.models import Claim, Desk, Document, Evidence, FetchJob, Rating, Report, User
from annotations.queries.verdicts import record_for
from annotations.sample.plan import (
    DESK_NAME,
    DESK_SLUG,
    PEOPLE,
    REPORT_TITLE,
    Fate,
    PlannedClaim,
    planned_claims,
)
from annotations.sample.site import HOST, SampleSite
from annotations.sample.texts import SampleText, sample_texts
from annotations.workflow.claims import edit, organise
from annotations.workflow.desks import invitations, manage
from annotations.workflow.documents import load
from annotations.workflow.documents.particulars import About
from annotations.workflow.evidence import attach
from annotations.workflow.fetches import run
from annotations.workflow.reports import freeze
from annotations.workflow.verdicts import give, review

AS_OF = date(2019, 5, 3)
PARKED_FOR = timedelta(days=1)


class SampleTaken(Exception):
    """There is something in the way under a sample name; the message says what."""


@dataclass(frozen=True)
class Loaded:
    """The sample desk, and whether this call made or finished it."""

    desk: Desk
    is_new: bool


def load_sample(*, site_port: int) -> Loaded:
    """Make the sample desk with its people, articles, claims and report. Leaves a complete one unchanged.

    Sources get addresses of the sample site on `site_port`. The sources of verdicts are fetched here, so that
    the report includes them; the others wait for a worker. The next call finishes a load that was
    interrupted. Raises SampleTaken if an account or desk of a sample name does not belong to the sample.
    Raises Refused if a rule of the workbench forbids a step.
    """
    desk = Desk.objects.filter(slug=DESK_SLUG).first()
    if desk is not None and not desk.is_demonstration:
        raise SampleTaken(f"There is a desk “{DESK_SLUG}” that is not the sample desk.")
    # The report is made last, so a desk with a report is complete, and people may have worked on it since.
    if desk is not None and Report.objects.filter(desk=desk).exists():
        return Loaded(desk, is_new=False)
    people = _people(is_first_time=desk is None)
    if desk is None:
        desk = manage.create_desk(name=DESK_NAME, slug=DESK_SLUG, by=people["max"], is_demonstration=True)
    _join(desk, people)
    documents = [_document(desk, text, people["ruben"]) for text in sample_texts()]
    article = documents[0]
    with _answering(site_port):
        for planned in planned_claims():
            _work_on(article, planned, people, site_port)
    freeze.freeze_report(
        desk=desk, by=people["max"], title=REPORT_TITLE, criteria=Criteria(documents=(article.pk,)), wait=True
    )
    return Loaded(desk, is_new=True)


def is_unfinished() -> bool:
    """Return whether a load of the sample began in this copy and was interrupted."""
    desk = Desk.objects.filter(slug=DESK_SLUG, is_demonstration=True).first()
    if desk is not None:
        return not Report.objects.filter(desk=desk).exists()
    passwords = {person.username: person.password for person in PEOPLE}
    there = list(User.objects.all()[: len(PEOPLE) + 1])
    # A load interrupted before the desk existed has left only unchanged sample people.
    return bool(there) and all(user.check_password(passwords.get(user.username, "")) for user in there)


def _people(*, is_first_time: bool) -> dict[str, User]:
    """Return the sample accounts by user name; makes missing ones. The manager also runs this copy."""
    found = {user.username: user for user in User.objects.filter(username__in=[p.username for p in PEOPLE])}
    if is_first_time:
        taken = [
            p.username
            for p in PEOPLE
            if p.username in found and not found[p.username].check_password(p.password)
        ]
        if taken:
            names = ", ".join(taken)
            raise SampleTaken(
                f"There are accounts of sample names already: {names}. Load it into a new copy."
            )
    for person in PEOPLE:
        if person.username in found:
            continue
        is_manager = person.role is Role.MANAGER
        found[person.username] = User.objects.create_user(
            person.username,
            password=person.password,
            first_name=person.first_name,
            last_name=person.last_name,
            is_staff=is_manager,
            is_superuser=is_manager,
        )
    return found


def _join(desk: Desk, people: dict[str, User]) -> None:
    members = set(desk.memberships.values_list("user__username", flat=True))
    for person in PEOPLE:
        if person.username not in members:
            asked = invitations.invite(desk.pk, username=person.username, role=person.role, by=people["max"])
            invitations.accept_invitation(asked.pk, by=people[person.username])


def _document(desk: Desk, text: SampleText, by: User) -> Document:
    there = Document.objects.filter(desk=desk, title=text.title).first()
    return there or load.load_text(
        desk=desk,
        by=by,
        text=text.text,
        about=About(
            title=text.title,
            outlet=text.outlet,
            author=text.author,
            published_on=text.published_on,
            language=text.language,
        ),
        source_name=text.file,
    )


def _work_on(document: Document, planned: PlannedClaim, people: dict[str, User], site_port: int) -> None:
    """Bring one claim to its planned state, from wherever an earlier load left it."""
    editor = people[planned.editor]
    claim = _found(document, planned)
    if planned.fate is Fate.DISMISSED:
        if claim.state == ClaimState.PROPOSED:
            edit.dismiss_claims([claim.pk], by=editor, reason="Geen nieuws.")
        return
    if claim.state == ClaimState.PROPOSED:
        _take_up(claim, planned, editor)
    claim.refresh_from_db()
    if claim.state == ClaimState.OPEN:
        _attach(claim, planned, editor, site_port)
        if planned.rating:
            _fetch_sources_of(claim)
            _judge(claim, planned, editor)
    if planned.fate is Fate.PARKED and claim.parked_until is None:
        organise.park(claim.pk, by=editor, reason=planned.note, until=timezone.now() + PARKED_FOR)
    _review(claim, planned, people[planned.reviewer])


def _found(document: Document, planned: PlannedClaim) -> Claim:
    """Return the claim that covers the planned words in the current version."""
    assert document.current_version is not None
    at = document.current_version.text.index(planned.words)
    return Claim.objects.get(
        document=document,
        anchors__document_version=document.current_version,
        anchors__start__lte=at,
        anchors__end__gte=at + len(planned.words),
    )


def _take_up(claim: Claim, planned: PlannedClaim, editor: User) -> None:
    edit.edit_claim(
        claim.pk,
        version=claim.version,
        particulars=edit.Particulars(
            statement=planned.statement or claim.statement,
            claimant_name=planned.claimant_name or claim.claimant_name,
            claimant_kind=planned.claimant_kind or claim.claimant_kind,
            claimant_role=planned.claimant_role or claim.claimant_role,
            said_on=planned.said_on,
            said_where=planned.said_where,
            chosen_because=planned.chosen_because,
            language=claim.language,
            tags=planned.tags,
        ),
        by=editor,
    )
    hours = planned.due_in_hours
    organise.prioritise_claims(
        [claim.pk],
        by=editor,
        priority=planned.priority,
        due_at=timezone.now() + timedelta(hours=hours) if hours is not None else None,
    )
    # The claim is taken up last, so that after an interrupted load it is still proposed and all of this is
    # repeated.
    edit.accept_claims([claim.pk], by=editor)


def _attach(claim: Claim, planned: PlannedClaim, editor: User, site_port: int) -> None:
    attached = set(Evidence.objects.filter(claim=claim).values_list("url_given", flat=True))
    for source in planned.sources:
        address = f"http://{HOST}:{site_port}{source.path}"
        if address not in attached:
            attach.attach_addresses(
                claim_id=claim.pk,
                addresses=[address],
                stance=source.stance,
                passage=source.passage,
                note=source.note,
                by=editor,
            )


def _fetch_sources_of(claim: Claim) -> None:
    """Do what a worker would do with the jobs that attaching has queued."""
    jobs = FetchJob.objects.filter(reference__evidence__claim=claim, state=FetchState.QUEUED).order_by("pk")
    for job in jobs:
        run.run_fetch(job.pk, worker="load_sample")


@contextmanager
def _answering(port: int) -> Iterator[None]:
    """Serve the sample sources for as long as the block runs, unless they are being served already."""
    try:
        site = SampleSite(port, slow_seconds=0)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        yield
        return
    serving = threading.Thread(target=site.serve_forever, name="sample-site")
    serving.start()
    try:
        yield
    finally:
        site.stop()
        serving.join()


def _judge(claim: Claim, planned: PlannedClaim, editor: User) -> None:
    rating = Rating.objects.get(scale__desk_id=claim.desk_id, scale__is_current=True, slug=planned.rating)
    give.give_verdict(
        claim.pk,
        draft=give.Draft(rating_id=rating.pk, reasoning=planned.reasoning, as_of=AS_OF),
        base_number=0,
        by=editor,
        submit=True,
    )


def _review(claim: Claim, planned: PlannedClaim, reviewer: User) -> None:
    claim.refresh_from_db()
    if claim.state != ClaimState.IN_REVIEW:
        return
    record = record_for(reviewer, claim.pk).sha256
    if planned.fate is Fate.VERIFIED:
        review.approve(claim.pk, record=record, by=reviewer, note=planned.note)
    elif planned.fate is Fate.RETURNED:
        review.return_claim(claim.pk, record=record, by=reviewer, note=planned.note)
