"""A new version of the article never leaves a signature over other words unnoticed: somebody else decides."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from annotations.domain.documents.text import text_sha256
from annotations.domain.errors import NotAllowed
from annotations.models import (
    Activity,
    Anchor,
    Claim,
    KeptWords,
    Membership,
    Review,
    SignedRecord,
    User,
    changed_words,
)
from annotations.permissions import OwnWork, forget_roles
from annotations.workflow.claims.edit import confirm_anchor
from annotations.workflow.documents.revise import add_version
from annotations.workflow.verdicts import give, review
from annotations.workflow.verdicts.changed_words import StaleWords, WordsUnchanged, keep_as_signed
from tests.api.conftest import Api
from tests.api.scenario import everything
from tests.factories import (
    TEXT,
    Team,
    make_claim,
    make_claim_in_review,
    make_claim_with_changed_words,
    make_evidence,
    make_verified_claim,
    record_of,
)
from tests.factories import give_verdict as judge
from tests.models.refusing import denied, refused_by

pytestmark = pytest.mark.django_db

SIXTY = TEXT.replace("vijftig", "zestig")
SEVENTY = TEXT.replace("vijftig", "zeventig")
ELSEWHERE = "Een nieuwe eerste alinea.\n\n"


def as_(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def waits(claim: Claim) -> bool:
    return changed_words().filter(claim=claim).exists()


def is_in_the_queue_of(person: User, claim: Claim) -> bool:
    text = as_(person).get(reverse("queue")).content.decode()
    return reverse("changed_words", args=[claim.pk]) in text


def keep(
    claim: Claim, by: User, *, version: int = 2, reason: str = "The first count was checked."
) -> KeptWords:
    return keep_as_signed(claim.pk, record=record_of(claim.pk), version=version, by=by, reason=reason)


@pytest.mark.parametrize("make", [make_claim_in_review, make_verified_claim])
@pytest.mark.parametrize("text", [SIXTY, "Er gebeurde niets bijzonders op die dag."], ids=["other", "gone"])
def test_a_signed_claim_whose_words_changed_or_went_is_in_the_queue_of_who_may_review_it(
    team: Team, make: Any, text: str
) -> None:
    claim = make(team)
    assert not is_in_the_queue_of(team.reviewer, claim)

    add_version(claim.document_id, text=text, by=team.editor)

    for person in (team.reviewer, team.manager, team.editor):
        assert is_in_the_queue_of(person, claim)
    for person in (team.colleague, team.viewer):
        assert not is_in_the_queue_of(person, claim)
    assert Activity.objects.filter(claim_id=claim.pk, verb="anchor_changed").count() == 1


def test_a_change_elsewhere_in_the_article_asks_nobody(team: Team) -> None:
    claim = make_verified_claim(team)
    add_version(claim.document_id, text=ELSEWHERE + TEXT, by=team.editor)
    assert not waits(claim)


def test_the_author_does_not_keep_what_they_wrote_by_any_road(team: Team) -> None:
    claim = make_claim_with_changed_words(team)
    give_role(team, team.editor, "reviewer")

    with pytest.raises(OwnWork):
        keep(claim, team.editor)
    sent = {"record": record_of(claim.pk), "version": 2, "reason": "Mine."}
    assert Api(team.editor).post(f"claims/{claim.pk}/keep-as-signed/", sent).status_code == 403
    page = as_(team.editor).post(reverse("keep_words", args=[claim.pk]), {**sent, "note": "Mine."})
    assert page.status_code == 403
    with refused_by("kept_words_four_eyes"):
        insert(claim, by=team.editor)

    assert waits(claim)
    assert not KeptWords.objects.exists()


def test_whoever_may_not_review_does_not_keep_it(team: Team) -> None:
    claim = make_claim_with_changed_words(team)
    with pytest.raises(NotAllowed):
        keep(claim, team.colleague)
    assert waits(claim)


def test_a_claim_kept_as_signed_is_verified_as_before_and_says_who_kept_it_and_why(team: Team) -> None:
    claim = make_claim_with_changed_words(team)
    before = SignedRecord.objects.in_force(claim.pk)

    page = as_(team.manager).post(
        reverse("keep_words", args=[claim.pk]),
        {"record": record_of(claim.pk), "version": 2, "note": "We checked the first count."},
    )

    assert page.status_code == 302
    claim.refresh_from_db()
    assert (claim.state, SignedRecord.objects.in_force(claim.pk)) == ("verified", before)
    assert not waits(claim)
    text = as_(team.viewer).get(page.headers["Location"]).content.decode()
    assert "We checked the first count." in text
    assert team.manager.display_name in text
    line = Activity.objects.get(claim_id=claim.pk, verb="kept_as_signed")
    assert (line.actor, line.details["reason"], line.details["version"]) == (
        team.manager,
        "We checked the first count.",
        2,
    )
    reader = as_(team.editor).get(reverse("document", args=[claim.document_id])).content.decode()
    assert "Decide on the changed words" not in reader


def test_a_claim_is_not_kept_without_a_reason(team: Team) -> None:
    claim = make_claim_with_changed_words(team)
    sent = {"record": record_of(claim.pk), "version": 2, "note": "  "}
    page = as_(team.manager).post(reverse("keep_words", args=[claim.pk]), sent)
    assert page.status_code == 422
    assert "Say why the claim stays as it was submitted." in page.content.decode()
    assert waits(claim)
    with refused_by("kept_words_reasoned"):
        insert(claim, by=team.manager, reason="")


def test_whoever_read_an_older_change_decides_on_nothing(team: Team) -> None:
    claim = make_claim_with_changed_words(team)
    add_version(claim.document_id, text=SEVENTY, by=team.editor)

    with pytest.raises(StaleWords) as refused:
        keep(claim, team.manager, version=2)
    sent = {"record": record_of(claim.pk), "version": 2, "note": "Fine so."}
    page = as_(team.manager).post(reverse("keep_words", args=[claim.pk]), sent)

    assert refused.value.current["version"] == 3
    assert page.status_code == 409
    assert ">Fine so.</textarea>" in page.content.decode()
    assert 'name="version" value="3"' in page.content.decode()
    assert waits(claim)
    with refused_by("kept_words_current"):
        insert(claim, by=team.manager, version=2)


def test_a_still_newer_change_of_the_words_asks_again_and_another_change_does_not(team: Team) -> None:
    claim = make_claim_with_changed_words(team)
    keep(claim, team.manager)

    add_version(claim.document_id, text=ELSEWHERE + SIXTY, by=team.editor)
    assert not waits(claim)

    add_version(claim.document_id, text=ELSEWHERE + SEVENTY, by=team.editor)
    assert waits(claim)


def test_words_that_come_back_as_they_were_signed_leave_nothing_to_decide(team: Team) -> None:
    claim = make_claim_with_changed_words(team)
    assert waits(claim)

    add_version(claim.document_id, text=ELSEWHERE + TEXT, by=team.editor)

    assert not waits(claim)
    newest = Anchor.objects.filter(claim=claim).order_by("-document_version__number").first()
    assert newest is not None
    assert newest.exact == "minstens vijftig gewonden"
    assert newest.state in ("exact", "moved")
    with pytest.raises(WordsUnchanged):
        keep(claim, team.manager, version=3)


@pytest.mark.parametrize("back", ["reopen_for_words", "withdraw_for_words"])
def test_a_claim_opened_for_work_again_waits_no_longer_and_gets_new_words(team: Team, back: str) -> None:
    claim = make_verified_claim(team) if back == "reopen_for_words" else make_claim_in_review(team)
    add_version(claim.document_id, text=SIXTY, by=team.editor)
    sent = {"record": record_of(claim.pk), "version": 2, "note": "Sixty now."}

    page = as_(team.reviewer).post(reverse(back, args=[claim.pk]), sent)

    assert page.headers["Location"] == reverse("claim", args=[claim.pk])
    claim.refresh_from_db()
    assert claim.state == "open"
    assert not waits(claim)
    words = "minstens zestig gewonden"
    start = SIXTY.index(words)
    confirm_anchor(claim.pk, start=start, end=start + len(words), exact=words, by=team.editor)
    give.submit_for_review(claim.pk, by=team.editor)
    assert not waits(claim)


def test_a_claim_in_review_is_approved_once_it_is_kept_as_submitted(team: Team) -> None:
    claim = make_claim_in_review(team)
    add_version(claim.document_id, text=SIXTY, by=team.editor)
    with pytest.raises(review.ArticleChanged):
        review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)

    keep(claim, team.reviewer)
    review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)

    assert Review.objects.get(claim=claim).decision == "approved"


def say_where_it_stands(claim: Claim, by: User) -> None:
    """Confirm the likely place of the claim in the current version."""
    claim.document.refresh_from_db()
    place = Anchor.objects.get(claim=claim, document_version=claim.document.current_version_id)
    confirm_anchor(claim.pk, start=place.start, end=place.end, exact=place.exact, by=by)


def test_a_claim_is_not_sent_in_before_somebody_said_where_it_stands_now(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    judge(team, claim)
    add_version(claim.document_id, text=SIXTY, by=team.editor)
    before = everything()

    with pytest.raises(give.PlaceUndecided):
        give.submit_for_review(claim.pk, by=team.editor)

    assert everything() == before
    say_where_it_stands(claim, team.editor)
    give.submit_for_review(claim.pk, by=team.editor)


def test_what_was_changed_before_the_submission_was_seen_by_the_reviewer_and_asks_nobody(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    add_version(claim.document_id, text=SIXTY, by=team.editor)
    say_where_it_stands(claim, team.editor)
    judge(team, claim, submit=True)
    assert not waits(claim)

    add_version(claim.document_id, text=ELSEWHERE + SIXTY, by=team.editor)
    assert not waits(claim)

    add_version(claim.document_id, text=ELSEWHERE + SEVENTY, by=team.editor)
    assert waits(claim)


def test_keeping_words_is_written_once_and_never_changed(team: Team) -> None:
    claim = make_claim_with_changed_words(team)
    kept = keep(claim, team.manager)
    for statement in ("UPDATE annotations_keptwords SET reason = 'x' WHERE id = %s", DELETE):
        with denied():
            run(statement, [kept.pk])
    assert KeptWords.objects.get().reason == "The first count was checked."


def test_words_are_kept_for_the_record_in_force_only(team: Team) -> None:
    claim = make_claim_with_changed_words(team)
    old = SignedRecord.objects.in_force(claim.pk)
    assert old is not None
    review.reopen(claim.pk, by=team.reviewer, reason="Again.")
    with refused_by("kept_words_of_record"):
        insert(claim, by=team.manager)
    say_where_it_stands(claim, team.editor)
    give.submit_for_review(claim.pk, by=team.editor)
    with refused_by("kept_words_of_record"):
        insert(claim, by=team.manager, record=old.pk)


DELETE = "DELETE FROM annotations_keptwords WHERE id = %s"


def run(statement: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def insert(
    claim: Claim, *, by: User, reason: str = "x", version: int | None = None, record: int | None = None
) -> None:
    """Write a decision by SQL, as whoever has the application's password."""
    versions = claim.document.versions.order_by("-number")
    if record is None:
        newest = SignedRecord.objects.in_force(claim.pk)
        assert newest is not None
        record = newest.pk
    run(
        """INSERT INTO annotations_keptwords (claim_id, record_id, document_version_id, kept_by_id, reason)
        VALUES (%s, %s, %s, %s, %s)""",
        [claim.pk, record, versions.get(number=version).pk if version else versions[0].pk, by.pk, reason],
    )


def give_role(team: Team, person: User, role: str) -> None:
    Membership.objects.filter(user=person, desk=team.desk).update(role=role)
    forget_roles(person)


def version_by_sql(claim: Claim, text: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO annotations_documentversion
            (document_id, number, text, sha256, length, language, source_name, media_type, warnings,
                created_at)
            SELECT %s, 1 + max(number), %s, %s, %s, 'nl', '', '', '[]', transaction_timestamp()
            FROM annotations_documentversion WHERE document_id = %s RETURNING id""",
            [claim.document_id, text, text_sha256(text), len(text), claim.document_id],
        )
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def make_current(claim: Claim, version_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotations_document SET current_version_id = %s WHERE id = %s",
            [version_id, claim.document_id],
        )
        # As at the end of every transaction.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_no_version_by_sql_leaves_a_claim_without_a_place(team: Team) -> None:
    claim = make_verified_claim(team)
    with refused_by("document_claims_placed"):
        make_current(claim, version_by_sql(claim, SIXTY))
    claim.document.refresh_from_db()
    assert claim.document.current_version is not None
    assert claim.document.current_version.text == TEXT


def test_no_anchor_by_sql_says_that_other_words_are_the_signed_ones(team: Team) -> None:
    claim = make_verified_claim(team)
    start = SIXTY.index("minstens zestig")
    version_id = version_by_sql(claim, SIXTY)
    for state in ("exact", "moved", "confirmed"):
        with refused_by("anchor_of_record"):
            Anchor.objects.create(
                claim=claim, document_version_id=version_id, start=start, end=start + 24,
                exact="minstens zestig gewonden", state=state,
            )  # fmt: skip
    Anchor.objects.create(
        claim=claim, document_version_id=version_id, start=start, end=start + 24,
        exact="minstens zestig gewonden", state="edited",
    )  # fmt: skip
    make_current(claim, version_id)
    assert waits(claim)


def test_an_article_never_goes_back_to_an_earlier_version_or_to_that_of_another(team: Team) -> None:
    claim = make_claim(team)
    first = claim.document.current_version_id
    add_version(claim.document_id, text=ELSEWHERE + TEXT, by=team.editor)
    elsewhere = make_claim(team).document.current_version_id
    for version_id in (first, elsewhere, None):
        with refused_by("document_goes_forward" if version_id else "document_ready_has_text"):
            make_current(claim, version_id)  # type: ignore[arg-type]
    claim.document.refresh_from_db()
    assert claim.document.current_version is not None
    assert claim.document.current_version.number == 2
