"""A number that no row can have is passed over or refused like any other, however long it is."""

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from annotations.web.urls import urlpatterns
from tests.factories import Team, make_claim, make_document
from tests.web.test_who_may import FIELDS, TABLE

pytestmark = pytest.mark.django_db

# Beyond the largest id, longer than Python reads as a number, a digit of another script, and no digit at all.
NUMBERS = ["9" * 40, "9" * 5_000, "٣", "²"]
ASKED = {
    "alerts": ("after",),
    "claims": ("after", "desk", "document", "person"),
    "compare_captures": ("one", "other"),
    "desk_log": ("after", "person"),
    "document": ("place", "version"),
    "document_log": ("after",),
    "documents": ("after",),
    "new_report": ("document",),
    "queue": ("document",),
    "reference": ("before", "evidence"),
    "references": ("after",),
    "report": ("after", "claim"),
    "reports": ("before",),
    "source_text": ("part", "reading"),
    "waiting_references": ("seen",),
    "waiting_sources": ("seen",),
}
SENT = {
    "assign_claim": ("assignee",),
    "bulk_claims": ("assignee", "claim", "priority"),
    "bulk_document_claims": ("claim",),
    "choose_passage": ("capture", "end", "lease_token", "place", "start", "version"),
    "confirm_alert": ("version",),
    "edit_claim": ("lease_token", "version"),
    "edit_document": ("version",),
    "edit_source": ("lease_token", "version"),
    "give_verdict": ("base_number", "lease_token", "rating"),
    "make_claim": ("end", "place", "start", "version_id"),
    "new_report": ("documents",),
    "place_claim": ("end", "start", "version_id"),
    "prioritise_claim": ("priority",),
    "release_claim": ("lease_token",),
    "renew_claim": ("lease_token",),
    "retry_references": ("source",),
    "return_claim": ("lease_token",),
    "save_draft": ("base_number", "rating"),
    "submit_claim": ("verdict_number",),
}


def address_of(name: str, team: Team) -> str:
    return reverse(name, kwargs=TABLE[name].thing(team) if name in TABLE else {})


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_list_asked_for_with_such_a_number_still_answers(name: str, team: Team, editor: Client) -> None:
    address = address_of(name, team)
    for field in ASKED[name]:
        for number in NUMBERS:
            assert editor.get(address, {field: number}).status_code in (200, 204, 302, 404, 422), field


@pytest.mark.parametrize("name", sorted(SENT))
def test_a_form_with_such_a_number_is_answered(name: str, team: Team, client: Client) -> None:
    client.force_login(team.manager)
    address, fields = address_of(name, team), FIELDS | dict(TABLE[name].fields) if name in TABLE else FIELDS
    for field in SENT[name]:
        for number in NUMBERS:
            answer = client.post(address, {**fields, "action": "prioritise", field: number})
            assert answer.status_code in (200, 204, 302, 404, 409, 422), field


@pytest.mark.parametrize(
    "pattern",
    [
        pattern
        for pattern in urlpatterns
        if isinstance(pattern, URLPattern)
        and any(type(known).__name__ == "IntConverter" for known in pattern.pattern.converters.values())
    ],
    ids=lambda pattern: str(pattern.name),
)
def test_no_address_holds_such_a_number(pattern: URLPattern, editor: Client) -> None:
    numbers = {
        name: 10**40 if type(known).__name__ == "IntConverter" else "x"
        for name, known in pattern.pattern.converters.items()
    }
    address = reverse(str(pattern.name), kwargs=numbers)
    sent = {**FIELDS, "until": "2199-01-01", "stance": "supports", "version": "1"}
    assert editor.get(address).status_code in (404, 405)
    assert editor.post(address, sent).status_code in (404, 405)


def test_a_due_moment_beyond_the_calendar_is_refused(team: Team, editor: Client) -> None:
    claim = make_claim(team, document=make_document(team))
    address = reverse("prioritise_claim", args=[claim.pk])

    assert editor.post(address, {"due": "9999-12-31T23:59:59-12:00"}).status_code == 422

    claim.refresh_from_db()
    assert claim.due_at is None
    assert editor.get(reverse("claim", args=[claim.pk])).status_code == 200
