"""Articles: what is done to them, and the line that it leaves."""

from django.utils import timezone

from annotations.domain.activity import Verb
from annotations.models import FetchJob
from annotations.workflow.claims import edit
from annotations.workflow.documents import load, revise
from annotations.workflow.documents.particulars import About
from tests.factories import (
    TEXT,
    Team,
    make_document,
)
from tests.workflow.acts.line import Act, Line, one


def created(team: Team) -> Act:
    document = make_document(team)
    return one(
        lambda: edit.create_claim_from_words(document.pk, words="onrustige dag", by=team.editor),
        Verb.CREATED, team.editor, exact="onrustige dag", move=("", "open"),
    )  # fmt: skip


def asked_to_load(team: Team) -> Act:
    url = "https://192.0.2.1/story"
    return one(
        lambda: load.load_address(desk=team.desk, by=team.editor, url=url),
        Verb.ASKED_TO_LOAD, team.editor, url=url, move=("", "loading"),
    )  # fmt: skip


def loaded(team: Team) -> Act:
    return one(
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
    return one(
        lambda: load.complete_loading(document.pk), Verb.FAILED_TO_LOAD, None, document,
        problem="The site has no such page (404).", move=("", "failed"),
    )  # fmt: skip


def added_version(team: Team) -> Act:
    document = make_document(team)
    return one(
        lambda: revise.add_version(document.pk, text=TEXT + " Zo is het.", by=team.editor),
        Verb.ADDED_VERSION, team.editor, document,
    )  # fmt: skip


def corrected_language(team: Team) -> Act:
    document = make_document(team)
    return one(
        lambda: revise.correct_language(document.pk, language="de", by=team.editor),
        Verb.CORRECTED_LANGUAGE, team.editor, document, **{"from": "nl", "to": "de"},
    )  # fmt: skip


def edited_an_article(team: Team) -> Act:
    document = make_document(team)
    return one(
        lambda: revise.edit_document(
            document.pk, version=document.version, about=About(title="Other", language="nl"), by=team.editor
        ),
        Verb.EDITED, team.editor, document,
    )  # fmt: skip
