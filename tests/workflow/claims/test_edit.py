"""Making claims of exact words, wording them, and setting them aside."""

import pytest

from annotations.domain.claims.anchoring import AnchorMismatch
from annotations.domain.claims.states import MoveRefused
from annotations.domain.errors import Missing, NotAllowed
from annotations.models import Activity, Anchor, Claim, Document, Origin
from annotations.workflow.claims import edit
from annotations.workflow.claims.edit import ClaimRefused, Particulars, WordsAmbiguous, WordsNotFound
from annotations.workflow.claims.locking import ClaimLocked, StaleClaim
from tests.factories import Team, make_claim, make_claim_in_review, make_document, make_team

pytestmark = pytest.mark.django_db

EXACT = "minstens vijftig gewonden"


def test_a_claim_stands_on_exactly_the_words_that_were_selected(team: Team) -> None:
    document = make_document(team, "👩‍🚀 Er werden minstens vijftig gewonden binnengebracht.")
    text = "👩‍🚀 Er werden minstens vijftig gewonden binnengebracht."
    start = text.index(EXACT)

    claim = edit.create_claim(document.pk, start=start, end=start + len(EXACT), exact=EXACT, by=team.editor)

    anchor = Anchor.objects.get(claim=claim)
    assert (anchor.start, anchor.end, anchor.exact) == (start, start + len(EXACT), EXACT)
    assert anchor.suffix.startswith(" binnengebracht")
    assert (claim.state, claim.statement, claim.origin, claim.statement_author_ids) == (
        "open",
        EXACT,
        "selected",
        [team.editor.pk],
    )
    assert Activity.objects.get(claim_id=claim.pk).verb == "created"


def test_words_that_are_not_at_that_place_are_refused(team: Team) -> None:
    document = make_document(team)

    with pytest.raises(AnchorMismatch):
        edit.create_claim(document.pk, start=0, end=7, exact="Bogota!", by=team.editor)

    assert not Claim.objects.filter(document=document).exists()


def test_pasted_words_are_found_whatever_their_quotation_marks(team: Team) -> None:
    document = make_document(team, "De arts sprak van ‘minstens vijftig gewonden’ die dag.")

    claim = edit.create_claim_from_words(document.pk, words="'minstens  vijftig gewonden'", by=team.editor)

    assert Anchor.objects.get(claim=claim).exact == "‘minstens vijftig gewonden’"


def test_words_that_stand_twice_are_asked_about(team: Team) -> None:
    document = make_document(team, "Vijftig gewonden in de ochtend. Later weer: Vijftig gewonden.")

    with pytest.raises(WordsAmbiguous) as refusal:
        edit.create_claim_from_words(document.pk, words="Vijftig gewonden", by=team.editor)
    assert [place.start for place in refusal.value.places] == [0, 44]
    assert not Claim.objects.filter(document=document).exists()

    claim = edit.create_claim_from_words(document.pk, words="Vijftig gewonden", place=44, by=team.editor)
    assert Anchor.objects.get(claim=claim).start == 44


@pytest.mark.parametrize("words", ["", "  ", "driehonderd gewonden"])
def test_words_that_do_not_stand_in_the_article_are_refused(team: Team, words: str) -> None:
    document = make_document(team)

    with pytest.raises(WordsNotFound):
        edit.create_claim_from_words(document.pk, words=words, by=team.editor)

    assert not Claim.objects.filter(document=document).exists()


def test_claims_may_overlap(team: Team) -> None:
    document = make_document(team)

    make_claim(team, document=document)
    make_claim(team, document=document, words="vijftig gewonden binnengebracht")

    assert Claim.objects.filter(document=document).count() == 2


def test_a_viewer_makes_no_claim_and_a_stranger_sees_no_article(team: Team) -> None:
    document = make_document(team)

    with pytest.raises(NotAllowed):
        edit.create_claim_from_words(document.pk, words=EXACT, by=team.viewer)
    with pytest.raises(Missing):
        edit.create_claim_from_words(document.pk, words=EXACT, by=team.outsider)

    assert not Claim.objects.filter(document=document).exists()


def test_an_edit_says_in_the_log_what_changed_from_what_to_what(team: Team) -> None:
    claim = make_claim(team)

    edit.edit_claim(
        claim.pk,
        version=1,
        particulars=Particulars(statement="At least fifty people were hurt.", claimant_name="A spokesperson"),
        by=team.colleague,
    )

    claim.refresh_from_db()
    assert (claim.statement, claim.version) == ("At least fifty people were hurt.", 2)
    assert claim.statement_author_ids == [team.editor.pk, team.colleague.pk]
    assert Activity.objects.filter(claim_id=claim.pk).latest("id").details == {
        "changed": {
            "statement": [EXACT, "At least fifty people were hurt."],
            "claimant_name": ["", "A spokesperson"],
        }
    }


def test_an_edit_that_changes_nothing_leaves_no_trace(team: Team) -> None:
    claim = make_claim(team)

    edit.edit_claim(claim.pk, version=1, particulars=Particulars(statement=EXACT), by=team.colleague)

    claim.refresh_from_db()
    assert claim.version == 1
    assert claim.statement_author_ids == [team.editor.pk]


def test_who_changes_what_a_reviewer_judges_is_an_author_and_who_tags_is_none(team: Team) -> None:
    claim = make_claim(team)
    tagged = Particulars(statement=EXACT, language=claim.language, tags=("caracas",))
    edit.edit_claim(claim.pk, version=1, particulars=tagged, by=team.reviewer)
    placed = Particulars(statement=EXACT, language=claim.language, said_where="Caracas")
    edit.edit_claim(claim.pk, version=2, particulars=placed, by=team.colleague)

    claim.refresh_from_db()
    assert claim.statement_author_ids == [team.editor.pk, team.colleague.pk]


def test_the_later_of_two_edits_is_refused_and_shown_the_newer_text(team: Team) -> None:
    claim = make_claim(team)
    edit.edit_claim(claim.pk, version=1, particulars=Particulars(statement="First."), by=team.colleague)

    with pytest.raises(StaleClaim) as refusal:
        edit.edit_claim(claim.pk, version=1, particulars=Particulars(statement="Second."), by=team.editor)

    assert refusal.value.current["statement"] == "First."
    assert refusal.value.current["version"] == 2
    claim.refresh_from_db()
    assert claim.statement == "First."


def test_the_wording_is_locked_in_review(team: Team) -> None:
    claim = make_claim_in_review(team)

    with pytest.raises(ClaimLocked):
        edit.edit_claim(
            claim.pk, version=claim.version, particulars=Particulars(statement="Other."), by=team.colleague
        )

    claim.refresh_from_db()
    assert claim.statement == EXACT


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"statement": " "}, "statement"),
        ({"statement": "x" * 2001}, "statement"),
        ({"statement": "x", "claimant_kind": "robot"}, "claimant_kind"),
        ({"statement": "x", "claimant_name": "x" * 201}, "claimant_name"),
        ({"statement": "x", "tags": tuple(str(number) for number in range(21))}, "tags"),
        ({"statement": "x", "tags": ("x" * 41,)}, "tags"),
    ],
)
def test_particulars_that_cannot_be_used_are_named_by_field(
    team: Team, changes: dict[str, str], field: str
) -> None:
    claim = make_claim(team)

    with pytest.raises(ClaimRefused) as refusal:
        edit.edit_claim(claim.pk, version=1, particulars=Particulars(**changes), by=team.editor)  # type: ignore[arg-type]

    assert set(refusal.value.fields) == {field}
    claim.refresh_from_db()
    assert claim.version == 1


def proposals(document: Document, number: int) -> list[Claim]:
    return Claim.objects.bulk_create(
        Claim(
            desk_id=document.desk_id,
            document=document,
            state="proposed",
            origin=Origin.PROPOSED,
            statement=f"Proposal {index}",
        )
        for index in range(number)
    )


def test_a_bulk_action_changes_what_it_can_and_names_the_rest(team: Team) -> None:
    first, second, third = proposals(make_document(team), 3)
    edit.dismiss_claims([second.pk], by=team.colleague)

    outcome = edit.accept_claims([first.pk, second.pk, third.pk], by=team.editor)

    assert outcome.done == [first.pk, third.pk]
    assert set(outcome.refused) == {second.pk}
    assert "Dismissed" in outcome.refused[second.pk]
    states = dict(Claim.objects.filter(document=first.document).values_list("pk", "state"))
    assert states == {first.pk: "open", second.pk: "dismissed", third.pk: "open"}


def test_accepting_a_single_claim_twice_is_refused(team: Team) -> None:
    (claim,) = proposals(make_document(team), 1)
    edit.accept_claims([claim.pk], by=team.editor)

    with pytest.raises(MoveRefused):
        edit.accept_claims([claim.pk], by=team.colleague)

    assert Activity.objects.filter(claim_id=claim.pk, verb="accepted").count() == 1


def test_a_dismissed_claim_can_be_brought_back(team: Team) -> None:
    claim = make_claim(team)
    edit.dismiss_claims([claim.pk], by=team.editor, reason="An opinion.")

    edit.restore_claims([claim.pk], by=team.colleague)

    claim.refresh_from_db()
    assert claim.state == "open"
    assert list(Activity.objects.filter(claim_id=claim.pk).order_by("id").values_list("verb", flat=True)) == [
        "created",
        "dismissed",
        "restored",
    ]


def test_a_claim_of_another_desk_spoils_the_whole_bulk_action(team: Team) -> None:
    (claim,) = proposals(make_document(team), 1)
    foreign = make_claim(make_team())

    with pytest.raises(Missing):
        edit.accept_claims([claim.pk, foreign.pk], by=team.editor)

    claim.refresh_from_db()
    assert claim.state == "proposed"
