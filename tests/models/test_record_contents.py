"""What a record says, word for word: reports are made of it, and the rows of that day are gone."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db.models.functions import Now

from annotations.domain.claims.states import ClaimState
from annotations.domain.verdicts.records import read_record
from annotations.models import Anchor, Claim, Document, Evidence, Rating, RatingScale, SignedRecord, User
from annotations.workflow.documents.revise import add_version
from tests.factories import (
    TEXT,
    Team,
    give_verdict,
    make_capture,
    make_claim,
    make_evidence,
)
from tests.without_rules import rules_off

pytestmark = pytest.mark.django_db

DAY = datetime(2019, 5, 2, 8, 30, 15, tzinfo=UTC)


def said(claim: Claim) -> dict[str, Any]:
    record = SignedRecord.objects.in_force(claim.pk)
    assert record is not None
    return dict(read_record(record.body))


def submit(team: Team, claim: Claim, **changed: Any) -> dict[str, Any]:
    Claim.objects.filter(pk=claim.pk).update(
        state="in_review", submitted_by=team.editor, submitted_at=Now(), **changed
    )
    claim.refresh_from_db()
    return said(claim)


def change(row: Any, **changed: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**changed)
    row.refresh_from_db()


def moment(at: datetime | None) -> str:
    assert at is not None
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def person(user: User) -> dict[str, Any]:
    return {"id": user.pk, "username": user.username, "name": user.display_name}


def test_a_record_says_every_detail_that_is_judged(team: Team) -> None:
    claim = make_claim(team)
    particulars = {
        "language": "nl",
        "claimant_name": "Maria Pérez",
        "claimant_kind": "person",
        "claimant_role": "woordvoerder",
        "said_on": date(2019, 4, 30),
        "said_where": "Caracas",
        "chosen_because": "Vaak herhaald.",
        "tags": ["caracas", "gewonden"],
    }
    change(claim, **particulars)
    article = {"url": "https://krant.example/1", "outlet": "De Krant", "author": "R. Edacteur"}
    change(claim.document, title="Onrust", published_on=date(2019, 4, 29), **article)
    change(team.editor, first_name="Edith", last_name="Or")
    source = make_evidence(team, claim, by=team.colleague)
    with rules_off("annotations_capture"):
        capture = make_capture(
            source.reference,
            title="Fifty hurt",
            site="News",
            author="A. Reporter",
            published_on=date(2019, 5, 1),
            uploaded_by=team.manager,
            fetched_at=DAY,
        )
    change(source, capture=capture, passage="Minstens", passage_start=0, passage_end=8, note="Named.")
    never_read = make_evidence(team, claim, url="https://example.org/b")
    change(never_read, stance="context")
    give_verdict(team, claim, rating="false")
    give_verdict(team, claim, rating="true")
    claim.refresh_from_db()
    verdict, rating = claim.verdict, claim.rating
    assert verdict is not None
    assert rating is not None
    values = [one.value for one in Rating.objects.filter(scale=rating.scale) if one.value is not None]
    anchor, version = Anchor.objects.get(claim=claim), claim.document.current_version
    assert version is not None
    hands = sorted((team.editor, team.colleague, team.manager), key=lambda user: user.pk)

    says = submit(team, claim)

    assert says == {
        "format": 1,
        "cause": "submitted",
        "claim": claim.pk,
        "statement": claim.statement,
        "language": "nl",
        "claimant": {"name": "Maria Pérez", "kind": "person", "role": "woordvoerder"},
        "said_on": "2019-04-30",
        "said_where": "Caracas",
        "chosen_because": "Vaak herhaald.",
        "tags": ["caracas", "gewonden"],
        "words": {
            "exact": "minstens vijftig gewonden",
            "prefix": anchor.prefix,
            "suffix": anchor.suffix,
            "start": anchor.start,
            "end": anchor.end,
            "state": anchor.state,
        },
        "article": {
            "id": claim.document_id,
            "title": "Onrust",
            **article,
            "published_on": "2019-04-29",
            "version": 1,
            "sha256": version.sha256,
            "current_version": 1,
        },
        "verdict": {
            "number": 2,
            "reasoning": "Two sources say so.",
            "reason_for_change": "A newer source.",
            "as_of": verdict.as_of.isoformat(),
            "by": person(team.editor),
            "at": moment(verdict.created_at),
        },
        "rating": {
            "scale": rating.scale.name,
            "scale_version": rating.scale.number,
            "slug": rating.slug,
            "label": rating.label,
            "definition": rating.definition,
            "tone": rating.tone,
            "position": rating.position,
            "ordered": True,
            "value": rating.value,
            "best": max(values),
            "worst": min(values),
        },
        "evidence": [
            {
                "id": source.pk,
                "stance": "supports",
                "title": "Fifty hurt",
                "site": "News",
                "url": "https://example.org/a",
                "author": "A. Reporter",
                "published_on": "2019-05-01",
                "passage": "Minstens",
                "passage_start": 0,
                "passage_end": 8,
                "note": "Named.",
                "authors": [team.colleague.pk],
                "capture": {
                    "id": capture.pk,
                    "fetched_at": "2019-05-02T08:30:15Z",
                    "body_sha256": capture.body_sha256,
                    "text_sha256": capture.text_sha256,
                    "uploaded_by": person(team.manager),
                },
                "read": "read",
            },
            {
                "id": never_read.pk,
                "stance": "context",
                "title": "",
                "site": "example.org",
                "url": "https://example.org/b",
                "author": "",
                "published_on": None,
                "passage": "",
                "passage_start": None,
                "passage_end": None,
                "note": "",
                "authors": [team.editor.pk],
                "capture": None,
                "read": "never read",
            },
        ],
        "hands": [person(one) for one in hands],
        "submitted_by": person(team.editor),
        "submitted_at": moment(claim.submitted_at),
    }


def test_what_the_page_that_was_read_does_not_say_is_not_taken_from_another_copy_of_it(team: Team) -> None:
    claim = make_claim(team)
    source = make_evidence(team, claim)
    facts = {"title": "Known title", "site": "Known site", "author": "Known author"}
    change(source.reference, published_on=date(2018, 1, 1), **facts)
    change(source, capture=make_capture(source.reference, title="", site="", author=""), url_given="")
    give_verdict(team, claim)

    [told] = submit(team, claim)["evidence"]

    assert {name: told[name] for name in facts} == {"title": "", "site": "example.org", "author": ""}
    assert (told["published_on"], told["url"]) == (None, source.reference.url)
    assert told["capture"]["uploaded_by"] is None


def test_what_the_page_says_of_itself_comes_before_what_is_known_of_its_address(team: Team) -> None:
    claim = make_claim(team)
    source = make_evidence(team, claim)
    change(source.reference, title="x", site="x", author="x", published_on=date(2018, 1, 1))
    facts = {"title": "Its title", "site": "Its site", "author": "Its author"}
    read = make_capture(source.reference, published_on=date(2019, 1, 1), **facts)
    change(source, capture=read, url_given="https://example.org/as-given")
    give_verdict(team, claim)

    [told] = submit(team, claim)["evidence"]

    assert {name: told[name] for name in facts} == facts
    assert (told["published_on"], told["url"]) == ("2019-01-01", "https://example.org/as-given")


def test_an_uploaded_file_is_named_by_its_file_name_and_has_no_address(team: Team) -> None:
    claim = make_claim(team)
    source = make_evidence(team, claim)
    change(source.reference, is_file=True)
    change(source, capture=make_capture(source.reference, title="", filename="list.pdf"))
    give_verdict(team, claim)

    [told] = submit(team, claim)["evidence"]

    assert (told["title"], told["url"]) == ("list.pdf", "")


def test_sources_come_in_the_order_in_which_they_were_attached_without_those_withdrawn(team: Team) -> None:
    claim, other = make_claim(team), make_claim(team, words="SEBIN")
    kept = [make_evidence(team, claim, url=f"https://example.org/{name}") for name in "abc"]
    gone = make_evidence(team, claim, url="https://example.org/gone")
    change(gone, withdrawn_at=Now(), withdrawn_by=team.editor)
    make_evidence(team, other, url="https://example.org/other")
    # A row that is written again lies behind the others.
    change(kept[0], note="First.")
    give_verdict(team, claim)

    assert [told["id"] for told in submit(team, claim)["evidence"]] == [source.pk for source in kept]


def test_a_claim_without_a_source_has_an_empty_list_of_them(team: Team) -> None:
    claim = make_claim(team)
    give_verdict(team, claim, rating="not_checkable")

    assert submit(team, claim)["evidence"] == []


def test_a_rating_outside_the_order_of_its_scale_has_no_numbers(team: Team) -> None:
    claim = make_claim(team)
    give_verdict(team, claim, rating="not_checkable")

    rating = submit(team, claim)["rating"]

    assert [rating[name] for name in ("ordered", "value", "best", "worst")] == [False, None, None, None]


def test_a_rating_that_is_the_only_one_with_a_number_stands_in_no_order(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    scale = RatingScale.objects.create(desk=team.desk, name="One", number=7, is_current=False)
    rating = Rating.objects.create(
        scale=scale, position=1, slug="only", label="Only", definition="The only one.", value=3, tone="good"
    )
    verdict = claim.verdicts.create(
        number=1, rating=rating, reasoning="x", as_of=date(2019, 5, 3), created_by=team.editor
    )

    told = submit(team, claim, verdict=verdict, rating=rating)["rating"]

    assert [told[name] for name in ("ordered", "value", "best", "worst")] == [False, None, None, None]
    assert (told["scale"], told["scale_version"]) == ("One", 7)


def test_a_claim_that_stands_nowhere_names_the_version_that_was_looked_at(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    Anchor.objects.filter(claim=claim).delete()

    says = submit(team, claim)

    version = claim.document.current_version
    assert version is not None
    assert says["words"] is None
    assert (says["article"]["version"], says["article"]["sha256"]) == (1, version.sha256)


def test_words_that_are_gone_from_the_article_are_those_of_the_last_version_that_had_them(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    first = claim.document.current_version
    assert first is not None
    add_version(claim.document_id, text="Er gebeurde niets bijzonders op die dag.", by=team.editor)
    assert Anchor.objects.get(claim=claim, document_version__number=2).state == "orphaned"

    says = submit(team, claim)

    assert says["words"]["exact"] == "minstens vijftig gewonden"
    assert (says["article"]["version"], says["article"]["sha256"]) == (1, first.sha256)


def test_words_are_those_of_the_newest_version_that_has_them(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    add_version(claim.document_id, text=f"Eerst dit.\n\n{TEXT}", by=team.editor)

    says = submit(team, claim)

    version = Document.objects.get(pk=claim.document_id).current_version
    assert version is not None
    assert (says["article"]["version"], says["article"]["sha256"]) == (2, version.sha256)
    assert says["words"]["start"] == version.text.index("minstens")


def test_a_version_that_came_after_the_submission_is_in_no_record_of_it(team: Team) -> None:
    claim = make_claim(team)
    source = make_evidence(team, claim)
    give_verdict(team, claim, submit=True)
    before = said(claim)
    add_version(claim.document_id, text=f"Eerst dit.\n\n{TEXT}", by=team.editor)

    Evidence.objects.filter(pk=source.pk).update(capture=make_capture(source.reference))

    after = said(claim)
    assert after["cause"] == "read"
    assert after["words"] == before["words"]
    assert (after["article"]["version"], after["article"]["sha256"]) == (1, before["article"]["sha256"])


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("Edith", "Or", "Edith Or"), ("Edith", "", "Edith"), ("", "Or", "Or"), ("", "", None)],
)
def test_a_person_is_named_as_on_that_day_and_by_the_account_if_there_is_no_name(
    team: Team, first: str, last: str, name: str | None
) -> None:
    change(team.editor, first_name=first, last_name=last)
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)

    assert submit(team, claim)["submitted_by"]["name"] == (name or team.editor.username)


def test_the_queue_is_in_the_order_of_priority_then_of_what_is_due(team: Team) -> None:
    claims = [make_claim(team) for _ in range(5)]
    wanted = [
        {"priority": 1, "due_at": datetime(2019, 5, 2, tzinfo=UTC)},
        {"priority": 1, "due_at": datetime(2999, 5, 3, tzinfo=UTC)},
        {"priority": 1, "due_at": None},
        {"priority": 2, "due_at": datetime(2019, 5, 1, tzinfo=UTC)},
        {"priority": 2, "due_at": None},
    ]
    for claim, changed in zip(claims, wanted, strict=True):
        change(claim, **changed)
    assert [claim.state for claim in claims] == [ClaimState.OPEN] * 5

    ranks = list(Claim.objects.order_by("pk").values_list("queue_rank", flat=True))

    assert ranks == sorted(set(ranks))
    assert ranks[0] == 1_000_000_000_000 + int(datetime(2019, 5, 2, tzinfo=UTC).timestamp())
    # Later than any day there is; `least` passes over what is not known.
    assert ranks[2] == 1_999_999_999_998


def test_what_is_due_beyond_all_days_still_comes_before_what_is_never_due(team: Team) -> None:
    far, never = make_claim(team), make_claim(team)
    change(far, due_at=datetime(9999, 12, 31, tzinfo=UTC))
    assert far.queue_rank < never.queue_rank
