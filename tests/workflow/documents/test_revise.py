"""An article can be corrected and replaced, and no claim moves silently."""

from collections.abc import Callable

import pytest

from annotations.domain.errors import Missing, NotAllowed, Refused
from annotations.models import Activity, Anchor, Claim, Desk, Document, DocumentVersion, Membership, User
from annotations.workflow.documents.load import load_text
from annotations.workflow.documents.particulars import About, DocumentRefused
from annotations.workflow.documents.revise import (
    NoTextYet,
    SameText,
    StaleDocument,
    add_version,
    correct_language,
    edit_document,
)

pytestmark = pytest.mark.django_db

INJURED = "Volgens een woordvoerder van het ziekenhuis zijn minstens vijftig gewonden binnengebracht."
FREED = "Leopoldo López zei dat hij door soldaten was bevrijd."
REPLACED = "President Maduro heeft het hoofd van de inlichtingendienst vervangen."
TEXT = f"Onrust in Caracas\n\n{INJURED} Het bleef lang druk.\n\n{FREED}\n\n{REPLACED}"


@pytest.fixture
def editor() -> User:
    desk = Desk.objects.create(name="Foreign", slug="foreign")
    user = User.objects.create(username="edith")
    Membership.objects.create(desk=desk, user=user, role="editor")
    return user


@pytest.fixture
def document(editor: User) -> Document:
    return load_text(desk=Desk.objects.get(), by=editor, text=TEXT, about=About(title="Onrust"))


def refuses(kind: type[Refused], document: Document, action: Callable[[], object]) -> Refused:
    def everything() -> tuple[object, ...]:
        return (
            Document.objects.filter(pk=document.pk).values().get(),
            DocumentVersion.objects.count(),
            Activity.objects.count(),
            list(Claim.objects.order_by("pk").values()),
            Anchor.objects.count(),
        )

    before = everything()
    with pytest.raises(kind) as refusal:
        action()
    assert everything() == before
    return refusal.value


def states(version: DocumentVersion) -> dict[str, str]:
    return {
        anchor.claim.statement: anchor.state
        for anchor in Anchor.objects.filter(document_version=version).select_related("claim")
    }


def test_each_claim_is_found_again_with_a_stored_state(document: Document, editor: User) -> None:
    edited = INJURED.replace("vijftig", "zestig")
    new = f"Onrust in Caracas (update)\n\n{edited} Het bleef lang druk.\n\n{FREED}"
    revised = add_version(document.pk, text=new, by=editor)
    assert states(revised.version) == {INJURED: "edited", FREED: "exact", REPLACED: "orphaned"}
    assert {state.value: count for state, count in revised.anchors.items()} == {
        "edited": 1,
        "exact": 1,
        "orphaned": 1,
    }
    document.refresh_from_db()
    assert document.current_version == revised.version
    assert (revised.version.number, document.version) == (2, 2)


def test_earlier_versions_and_their_anchors_stay(document: Document, editor: User) -> None:
    first = document.current_version
    assert first is not None
    add_version(document.pk, text=TEXT.replace("vijftig", "zestig"), by=editor)
    assert set(states(first).values()) == {"exact"}
    assert DocumentVersion.objects.get(pk=first.pk).text == TEXT


def test_a_claim_that_waits_for_a_person_keeps_waiting_in_the_next_version(
    document: Document, editor: User
) -> None:
    changed = TEXT.replace("vijftig", "zestig")
    add_version(document.pk, text=changed, by=editor)
    revised = add_version(document.pk, text=changed + "\n\nEen naschrift.", by=editor)
    assert states(revised.version)[INJURED] == "edited"
    assert states(revised.version)[FREED] == "exact"


def test_an_orphaned_claim_stays_without_a_place(document: Document, editor: User) -> None:
    add_version(document.pk, text=TEXT.replace(REPLACED, "").strip(), by=editor)
    revised = add_version(document.pk, text=TEXT + "\n\nEinde.", by=editor)
    assert states(revised.version)[REPLACED] == "orphaned"


def test_the_log_names_the_claims_a_person_has_to_look_at(document: Document, editor: User) -> None:
    add_version(document.pk, text=TEXT.replace("vijftig", "zestig"), by=editor)
    line = Activity.objects.get(verb="anchor_changed")
    assert line.claim_id == Claim.objects.get(statement=INJURED).pk
    assert (line.details, line.document_id) == ({"anchor": "edited"}, document.pk)
    assert Activity.objects.filter(verb="added_version", object_id=document.pk).count() == 1


def test_the_same_text_is_no_new_version(document: Document, editor: User) -> None:
    refuses(SameText, document, lambda: add_version(document.pk, text=TEXT.replace("\n", "\r\n"), by=editor))


def test_an_article_that_is_still_loading_takes_no_version(editor: User) -> None:
    waiting = Document.objects.create(
        desk=Desk.objects.get(), title="x", created_by=editor, loading_state="loading"
    )
    refuses(NoTextYet, waiting, lambda: add_version(waiting.pk, text=TEXT, by=editor))


def test_particulars_are_corrected_and_logged_field_by_field(document: Document, editor: User) -> None:
    edited = edit_document(
        document.pk, version=1, about=About(title="Beter", language="nl", outlet="Krant"), by=editor
    )
    assert (edited.title, edited.outlet, edited.version) == ("Beter", "Krant", 2)
    line = Activity.objects.get(verb="edited")
    assert line.details == {
        "from": {"title": "Onrust", "outlet": ""},
        "to": {"title": "Beter", "outlet": "Krant"},
    }


def test_an_edit_that_changes_nothing_leaves_no_trace(document: Document, editor: User) -> None:
    same = edit_document(document.pk, version=1, about=About(title="Onrust", language="nl"), by=editor)
    assert same.version == 1
    assert not Activity.objects.filter(verb="edited").exists()


def test_a_stale_edit_is_refused_with_the_newer_particulars(document: Document, editor: User) -> None:
    edit_document(document.pk, version=1, about=About(title="Eerst", language="nl"), by=editor)
    refusal = refuses(
        StaleDocument,
        document,
        lambda: edit_document(document.pk, version=1, about=About(title="Later", language="nl"), by=editor),
    )
    assert isinstance(refusal, StaleDocument)
    assert (refusal.current["title"], refusal.current["version"]) == ("Eerst", 2)


def test_an_article_keeps_a_title(document: Document, editor: User) -> None:
    refusal = refuses(
        DocumentRefused,
        document,
        lambda: edit_document(document.pk, version=1, about=About(title=" "), by=editor),
    )
    assert list(refusal.fields) == ["title"]


def test_a_corrected_language_reaches_the_claims_that_had_the_wrong_one(
    document: Document, editor: User
) -> None:
    other = Claim.objects.get(statement=FREED)
    Claim.objects.filter(pk=other.pk).update(language="es")
    assert correct_language(document.pk, language="af", by=editor).language == "af"
    assert sorted(Claim.objects.values_list("language", flat=True)) == ["af", "af", "es"]
    assert correct_language(document.pk, language="", by=editor).language == "nl"


def test_only_editors_of_the_desk_change_an_article(document: Document) -> None:
    viewer, stranger = User.objects.create(username="vera"), User.objects.create(username="stranger")
    Membership.objects.create(desk=document.desk, user=viewer, role="viewer")
    for action in (
        lambda by: add_version(document.pk, text="Anders dan 1 keer.", by=by),
        lambda by: correct_language(document.pk, language="en", by=by),
        lambda by: edit_document(document.pk, version=1, about=About(title="x"), by=by),
    ):
        refuses(NotAllowed, document, lambda action=action: action(viewer))
        refuses(Missing, document, lambda action=action: action(stranger))
