"""A check of everything may run while people work; work that is half done is not a finding."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from annotations.models import Manifest
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.evidence.edit import edit_evidence
from annotations.workflow.proof.manifest_files import keep_manifests
from annotations.workflow.proof.verify import verify
from tests.factories import Team, make_claim, make_document, make_team

WORDS = ("Caracas", "onrustige", "ziekenhuis", "President", "bevrijd")


@pytest.mark.django_db(transaction=True)
def test_checking_while_others_attach_and_edit_finds_nothing_wrong(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    team = make_team()
    document = make_document(team)
    claims = [make_claim(team, document=document, words=word).pk for word in WORDS]
    errors: list[BaseException] = []
    done = threading.Event()

    def work() -> None:
        try:
            for number in range(25):
                _attach_and_edit(team, claims[number % len(claims)], number)
        except BaseException as error:
            errors.append(error)
        finally:
            done.set()
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    found, rounds = [], 0
    try:
        while not done.is_set() or rounds < 3:
            found += verify().problems
            rounds += 1
    finally:
        worker.join()
    assert errors == []
    assert [str(problem) for problem in found] == []
    assert Manifest.objects.count() == 75


def _attach_and_edit(team: Team, claim_id: int, number: int) -> None:
    content = f"Bridge number {number} cost 41 million euros.".encode()
    evidence = attach_file(
        claim_id=claim_id, filename="a.txt", content=content, stance="supports", passage="Bridge number",
        by=team.editor,
    )  # fmt: skip
    edit_evidence(
        evidence.pk, version=1, stance="supports", passage="41 million euros", note="", by=team.editor
    )
    keep_manifests(team.desk.pk)
