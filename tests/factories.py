"""Factories of desks, people, articles and claims for tests. Nothing in here is random.

The factories reach states with the same workflow functions that people use, so a test never relies on a row
that the workbench itself would not write.
"""

from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.alerts import AlertLevel
from annotations.domain.desks.roles import Role
from annotations.domain.documents.text import text_sha256
from annotations.domain.evidence.stance import Stance
from annotations.domain.fetches.states import FetchKind, FetchState
from annotations.models import (
    Alert,
    Anchor,
    Capture,
    Claim,
    Desk,
    Document,
    DocumentVersion,
    Evidence,
    FetchJob,
    KeptWords,
    LoadingState,
    Membership,
    Rating,
    Reference,
    SignedRecord,
    User,
    Verdict,
    WatchCheck,
)
from annotations.workflow.claims import edit
from annotations.workflow.desks import manage, second_factor
from annotations.workflow.desks.second_factor import SetUp
from annotations.workflow.documents.revise import add_version
from annotations.workflow.verdicts import give, review
from annotations.workflow.verdicts.changed_words import keep_as_signed
from annotations.workflow.verdicts.give import Draft

AS_OF = date(2019, 5, 1)
TEXT = (
    "Caracas beleefde een onrustige dag.\n\n"
    "Volgens het ziekenhuis werden er minstens vijftig gewonden binnengebracht. "
    "President Maduro verving het hoofd van de inlichtingendienst SEBIN.\n\n"
    "Leopoldo López zei dat hij door soldaten was bevrijd."
)

_numbers = count(1)


@dataclass
class Team:
    """A desk with a person in every role, and a person of another desk."""

    desk: Desk
    viewer: User
    editor: User
    colleague: User
    reviewer: User
    manager: User
    outsider: User
    ratings: dict[str, Rating] = field(default_factory=dict)

    def in_role(self, role: Role) -> User:
        """Return the person with this role."""
        return {
            Role.VIEWER: self.viewer,
            Role.EDITOR: self.editor,
            Role.REVIEWER: self.reviewer,
            Role.MANAGER: self.manager,
        }[role]


def make_user(name: str, *, is_superuser: bool = False) -> User:
    """Return a saved account with the password `pw`. The name gets a number to be unique."""
    user = User(username=f"{name}{next(_numbers)}", first_name=name.capitalize(), is_superuser=is_superuser)
    # The hash is cheap because no test here is about passwords.
    user.password = "md5$salt$" + "0" * 32
    user.save()
    return user


def make_second_factor(user: User) -> SetUp:
    """Set up an authenticator app for the person; the code of this half-minute is used then."""
    secret = second_factor.new_secret()
    code = second_factor.code_at(secret, timezone.now())
    return second_factor.set_up_app(by=user, secret=secret, code=code, keep_session=None)


def make_team() -> Team:
    """Return a new desk with its people, and someone who belongs to another desk."""
    owner = make_user("owner", is_superuser=True)
    desk = manage.create_desk(name=f"Desk {next(_numbers)}", by=owner)
    elsewhere = manage.create_desk(name=f"Other desk {next(_numbers)}", by=owner)
    people = {
        name: make_user(name) for name in ("viewer", "editor", "colleague", "reviewer", "manager", "outsider")
    }
    roles = {"colleague": Role.EDITOR, "outsider": Role.MANAGER}
    for name, person in people.items():
        place = elsewhere if name == "outsider" else desk
        Membership.objects.create(desk=place, user=person, role=roles.get(name) or Role(name))
    ratings = {rating.slug: rating for rating in Rating.objects.filter(scale__desk=desk)}
    return Team(desk=desk, ratings=ratings, **people)


def make_document(team: Team, text: str = TEXT, *, title: str = "Onrust in Caracas") -> Document:
    """Return a loaded Dutch article without proposed claims."""
    document = Document.objects.create(
        desk=team.desk,
        title=title,
        language="nl",
        loading_state=LoadingState.LOADING,
        created_by=team.editor,
    )
    document.current_version = DocumentVersion.objects.create(
        document=document,
        number=1,
        text=text,
        sha256=text_sha256(text),
        length=len(text),
        language="nl",
        created_by=team.editor,
    )
    document.loading_state = LoadingState.READY
    document.save(update_fields=["current_version", "loading_state"])
    return document


def make_claim(
    team: Team,
    *,
    document: Document | None = None,
    words: str = "minstens vijftig gewonden",
    by: User | None = None,
) -> Claim:
    """Return an open claim on `words`, worded by the editor unless `by` is someone else."""
    article = document or make_document(team)
    return edit.create_claim_from_words(article.pk, words=words, by=by or team.editor)


def make_reference(team: Team, url: str = "https://example.org/hospital") -> Reference:
    """Return a reference of the desk with a fetched page."""
    return Reference.objects.create(
        desk=team.desk,
        url=url,
        canonical_url=url,
        host="example.org",
        fetch_state="fetched",
        created_by=team.editor,
    )


def make_evidence(
    team: Team, claim: Claim, *, by: User | None = None, url: str = "https://example.org/a"
) -> Evidence:
    """Return a source attached to the claim by the editor unless `by` is someone else."""
    person = by or team.editor
    return Evidence.objects.create(
        claim=claim,
        reference=make_reference(team, url),
        stance=Stance.SUPPORTS,
        url_given=url,
        author_ids=[person.pk],
        created_by=person,
    )


def make_capture(reference: Reference, text: str = "Minstens vijftig gewonden.", **facts: Any) -> Capture:
    """Return a capture of the page with this text, which becomes its latest; `facts` override defaults."""
    usual = {
        "outcome_code": "ok",
        "status": 200,
        "body_sha256": text_sha256(text),
        "body_size": len(text),
        "body_key": f"captures/{text_sha256(text)}",
        "text": text,
        "text_sha256": text_sha256(text) if text else "",
        "title": "Injured",
    }
    capture = Capture.objects.create(reference=reference, **(usual | facts))
    Reference.objects.filter(pk=reference.pk).update(latest_capture=capture)
    return capture


def make_alert(team: Team, claim: Claim, *, level: AlertLevel = AlertLevel.TEXT) -> Alert:
    """Return an open alert: the page behind the claim's evidence now reads differently."""
    evidence = Evidence.objects.select_related("reference").get(claim=claim)
    job = FetchJob.objects.create(
        reference=evidence.reference, kind=FetchKind.WATCH, state=FetchState.FETCHED, finished_at=Now()
    )
    before = make_capture(evidence.reference, "Fifty people were hurt in the fire.")
    after = make_capture(evidence.reference, "Forty people were hurt in the fire.", job=job)
    check = WatchCheck.objects.create(
        reference=evidence.reference, job=job, attempt=1, page_status="changed", code="ok", capture=after
    )
    return Alert.objects.create(
        desk=team.desk,
        claim=claim,
        evidence=evidence,
        reference=evidence.reference,
        seen_in=check,
        before=before,
        after=after,
        level=level,
        findings={"text": {"share": 0.4, "removed": 10, "added": 10}},
    )


def give_verdict(
    team: Team, claim: Claim, *, by: User | None = None, rating: str = "true", submit: bool = False
) -> Verdict:
    """Put a verdict in force that follows the existing one."""
    claim.refresh_from_db()
    number = claim.verdict.number if claim.verdict else 0
    return give.give_verdict(
        claim.pk,
        draft=Draft(
            rating_id=team.ratings[rating].pk,
            reasoning="Two sources say so.",
            as_of=AS_OF,
            reason_for_change="A newer source." if number else "",
        ),
        base_number=number,
        by=by or team.editor,
        submit=submit,
    )


def record_of(claim_id: int) -> str:
    """Return the hash of the record of a claim that is in force, as a reviewer who just read it sends it."""
    record = SignedRecord.objects.in_force(claim_id)
    assert record is not None
    return record.sha256


def make_claim_in_review(
    team: Team, *, words: str = "minstens vijftig gewonden", document: Document | None = None
) -> Claim:
    """Return a claim with the editor's own statement, source, verdict and submission."""
    claim = make_claim(team, words=words, document=document)
    make_evidence(team, claim, url=f"https://example.org/{claim.pk}")
    give_verdict(team, claim, submit=True)
    claim.refresh_from_db()
    return claim


def make_verified_claim(
    team: Team, *, words: str = "minstens vijftig gewonden", document: Document | None = None
) -> Claim:
    """Return a claim of the editor that the reviewer approved."""
    claim = make_claim_in_review(team, words=words, document=document)
    review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    claim.refresh_from_db()
    return claim


def make_claim_with_changed_words(team: Team) -> Claim:
    """Return a verified claim whose article has a second version that counts sixty injured, not fifty."""
    claim = make_verified_claim(team)
    add_version(claim.document_id, text=TEXT.replace("vijftig", "zestig"), by=team.editor)
    return claim


def keep_words(claim: Claim, *, by: User) -> KeptWords:
    """Keep a claim as signed in view of the second version of its article."""
    return keep_as_signed(claim.pk, record=record_of(claim.pk), version=2, by=by, reason="It was said so.")


def make_claims_with_changed_words(team: Team, count: int) -> None:
    """Put `count` claims into review, of an article that then gets other words for each."""
    document = make_document(team)
    opened = [
        Claim(
            desk=team.desk, document=document, state="open", origin="proposed", statement=f"Changed {number}"
        )
        for number in range(count)
    ]
    claims, rating = Claim.objects.bulk_create(opened), team.ratings["not_checkable"]
    for verdict in Verdict.objects.bulk_create(
        Verdict(claim=claim, number=1, rating=rating, reasoning="R", as_of=AS_OF, created_by=team.editor)
        for claim in claims
    ):
        verdict.claim.verdict, verdict.claim.rating = verdict, rating
    Claim.objects.bulk_update(claims, ["verdict", "rating"])
    ids = [claim.pk for claim in claims]
    Claim.objects.filter(pk__in=ids).update(state="in_review", submitted_by=team.editor, submitted_at=Now())
    later = DocumentVersion.objects.create(
        document=document, number=2, text=TEXT + "!", sha256=text_sha256(TEXT + "!"), length=len(TEXT) + 1
    )
    Document.objects.filter(pk=document.pk).update(current_version=later)
    Anchor.objects.bulk_create(
        Anchor(claim=claim, document_version=later, start=0, end=7, exact=TEXT[:7], state="edited")
        for claim in claims
    )
