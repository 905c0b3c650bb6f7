"""How many queries each address takes: as many at 200 rows as at 2."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.domain.claims.states import ClaimState
from annotations.domain.documents.text import text_sha256
from annotations.domain.reports.criteria import Criteria
from annotations.models import (
    Activity,
    Alert,
    Anchor,
    ApiToken,
    Capture,
    Claim,
    Desk,
    Document,
    DocumentVersion,
    Evidence,
    LoadingState,
    Manifest,
    Membership,
    Origin,
    PassagePlace,
    Reference,
    Report,
    ReportRow,
    SavedFilter,
    Stamp,
    StampBatch,
    StampLeaf,
    User,
    Verdict,
    WatchCheck,
)
from tests.api.conftest import ROOT, Api, described
from tests.api.scenario import make_scenario
from tests.api.test_roles import TABLE, filled
from tests.factories import AS_OF, TEXT, Team, make_claims_with_changed_words
from tests.without_rules import rules_off

pytestmark = pytest.mark.django_db

BUDGETS = json.loads((Path(__file__).parents[1] / "query_budgets.json").read_text())
READS = [row for row in TABLE if row.method == "get"]
BULK = [row for row in TABLE if isinstance(row.body, dict) and "claims" in row.body]


def grow(team: Team, numbers: dict[str, int], user: User, size: int) -> None:
    """Put `size` more rows behind every list."""
    make_claims_with_changed_words(team, size)
    desk = Desk.objects.get(pk=numbers["desk"])
    document = Document.objects.get(pk=numbers["document"])
    people = User.objects.bulk_create(User(username=f"person{size}-{n}") for n in range(size))
    Membership.objects.bulk_create(Membership(desk=desk, user=person, role="editor") for person in people)
    others = Desk.objects.bulk_create(Desk(name=f"D{size}-{n}", slug=f"d{size}-{n}") for n in range(size))
    Membership.objects.bulk_create(Membership(desk=other, user=user, role="viewer") for other in others)
    SavedFilter.objects.bulk_create(
        SavedFilter(user=user, desk=desk, name=f"F{size}-{n}", query="") for n in range(size)
    )
    ApiToken.objects.bulk_create(
        ApiToken(user=user, name="x", key_sha256=f"{size}-{n}", hint="fcw_") for n in range(size)
    )
    Document.objects.bulk_create(
        Document(desk=desk, title="T", loading_state=LoadingState.FAILED, created_by=person)
        for person in people
    )
    numbered = DocumentVersion.objects.filter(document=document).count()
    DocumentVersion.objects.bulk_create(
        DocumentVersion(
            document=document,
            number=numbered + n,
            text=TEXT,
            sha256=text_sha256(TEXT),
            length=len(TEXT),
            language="nl",
        )
        for n in range(1, size + 1)
    )
    _grow_claim(numbers, people, size)
    _grow_reference(numbers, size)
    _grow_report(numbers, people, size)
    _claims(desk, document, "open", people)


def _claims(desk: Desk, document: Document, state: str, people: list[User]) -> list[int]:
    start = "proposed" if state == "proposed" else "open"
    claims = Claim.objects.bulk_create(
        Claim(
            desk=desk,
            document=document,
            state=ClaimState(start),
            origin=Origin.PROPOSED,
            statement="S",
            created_by=person,
        )
        for person in people
    )
    if state != start:
        Claim.objects.filter(pk__in=[claim.pk for claim in claims]).update(state=state)
    version = document.current_version
    assert version is not None
    Anchor.objects.bulk_create(
        Anchor(claim=claim, document_version=version, start=0, end=3, exact=TEXT[:3]) for claim in claims
    )
    return [claim.pk for claim in claims]


def _grow_claim(numbers: dict[str, int], people: list[User], size: int) -> None:
    claim = Claim.objects.get(pk=numbers["open"])
    references = Reference.objects.bulk_create(
        Reference(desk_id=claim.desk_id, url=f"{size}-{n}", canonical_url=f"{size}-{n}", created_by=person)
        for n, person in enumerate(people)
    )
    attached = Evidence.objects.bulk_create(
        Evidence(
            claim=claim, reference=reference, stance="context", author_ids=[person.pk], created_by=person
        )
        for reference, person in zip(references, people, strict=True)
    )
    known = Alert.objects.get(pk=numbers["alert"])
    Alert.objects.bulk_create(
        Alert(
            desk_id=claim.desk_id,
            claim=claim,
            evidence=evidence,
            reference_id=evidence.reference_id,
            seen_in_id=known.seen_in_id,
            before_id=known.before_id,
            after_id=known.after_id,
            level=known.level,
        )
        for evidence in attached
    )
    rating = claim.rating
    assert rating is not None
    given = Verdict.objects.filter(claim=claim).count()
    Verdict.objects.bulk_create(
        Verdict(
            claim=claim,
            number=given + n,
            rating=rating,
            reasoning="R",
            as_of=AS_OF,
            reason_for_change="W",
            created_by=person,
        )
        for n, person in enumerate(people, start=1)
    )
    Activity.objects.bulk_create(
        Activity(
            desk_id=claim.desk_id,
            claim_id=claim.pk,
            document_id=claim.document_id,
            actor=person,
            verb="edited",
            object_type="claim",
            object_id=claim.pk,
        )
        for person in people
    )


def _grow_reference(numbers: dict[str, int], size: int) -> None:
    """Captures of one page, each with a place of the passage; looks at it, and stamped links of the chain."""
    desk_id, reference_id, capture_id = numbers["desk"], numbers["reference"], numbers["capture"]
    captures = Capture.objects.bulk_create(
        Capture(reference_id=reference_id, outcome_code="ok", body_sha256="0" * 64, body_size=1)
        for _ in range(size)
    )
    PassagePlace.objects.bulk_create(
        PassagePlace(evidence_id=numbers["evidence"], capture=capture, state="gone") for capture in captures
    )
    known = WatchCheck.objects.earliest("pk")
    attempts = WatchCheck.objects.count()
    WatchCheck.objects.bulk_create(
        WatchCheck(
            reference_id=reference_id,
            job_id=known.job_id,
            attempt=attempts + n,
            page_status="live",
            code="ok",
        )
        for n in range(1, size + 1)
    )
    last = Manifest.objects.filter(desk_id=desk_id).latest("number")
    before, made = last.sha256, []
    for number in range(last.number + 1, last.number + 1 + size):
        body = f"link {number}"
        digest = hashlib.sha256(body.encode()).hexdigest()
        made.append(
            Manifest(
                desk_id=desk_id,
                number=number,
                kind="passage",
                capture_id=capture_id,
                evidence_id=numbers["evidence"],
                body=body,
                sha256=digest,
                previous_sha256=before,
                public_key=last.public_key,
                made_at=last.made_at,
            )
        )
        before = digest
    links = Manifest.objects.bulk_create(made)
    batches = StampBatch.objects.bulk_create(
        StampBatch(root_sha256=link.sha256, leaf_count=1) for link in links
    )
    StampLeaf.objects.bulk_create(
        StampLeaf(batch=batch, manifest=link, position=0) for batch, link in zip(batches, links, strict=True)
    )
    Stamp.objects.bulk_create(Stamp(batch=batch, authority="https://time.example/") for batch in batches)


def _grow_report(numbers: dict[str, int], people: list[User], size: int) -> None:
    Report.objects.bulk_create(
        Report(
            desk_id=numbers["desk"],
            number=1000 + size + n,
            title="R",
            state="queued",
            criteria=Criteria().stored(),
            created_by=person,
        )
        for n, person in enumerate(people)
    )
    desk, document = Desk.objects.get(pk=numbers["desk"]), Document.objects.get(pk=numbers["document"])
    reported_claims = _claims(desk, document, "dismissed", people)
    with rules_off("annotations_reportrow"):
        ReportRow.objects.bulk_create(
            ReportRow(
                report_id=numbers["report"],
                position=1000 * size + n,
                claim_id=reported,
                data=ReportRow.objects.filter(report_id=numbers["report"]).values_list("data", flat=True)[0],
            )
            for n, reported in enumerate(reported_claims, start=1)
        )


def parameters(address: str) -> set[str]:
    """The names of the parameters a list takes."""
    return {parameter["name"] for parameter in described("get", ROOT + address).get("parameters", ())}


def counted(api: Api, method: str, path: str, body: Any) -> int:
    """How many queries an answer takes that goes well; a stream is read to its end."""
    with CaptureQueriesContext(connection) as captured:
        response = getattr(api, method)(path, body)
        if response.streaming:
            assert b"".join(response.streaming_content)
    assert response.status_code < 300, response.content
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


def test_reading_takes_as_many_queries_at_200_rows_as_at_2():
    scenario = make_scenario()
    user = scenario.team.manager
    numbers = scenario.for_person(user)
    found: dict[int, dict[str, int]] = {}
    for size in (2, 200):
        grow(scenario.team, numbers, user, size)
        # A new person object and a used token, as in any request but the first of a minute.
        api = Api(user)
        api.get("me/")
        found[size] = {}
        for row in READS:
            address, _, query = row.path.format(**numbers).partition("?")
            asked = dict([query.split("=")]) if query else {}
            if "page_size" in parameters(address):
                asked["page_size"] = "200"
            found[size][f"api get {row.path}"] = counted(api, "get", address, asked or None)
    # A short section of the queue needs no count, so few rows may take fewer queries, never more.
    assert {name for name in found[2] if found[2][name] > found[200][name]} == set()
    assert found[200] == {name: number for name, number in BUDGETS.items() if name.startswith("api get ")}


def test_a_bulk_action_takes_as_many_queries_for_200_claims_as_for_2():
    scenario = make_scenario()
    numbers = scenario.numbers
    desk, document = Desk.objects.get(pk=numbers["desk"]), Document.objects.get(pk=numbers["document"])
    found: dict[int, dict[str, int]] = {}
    for size in (2, 200):
        api = Api(scenario.team.manager)
        api.get("me/")
        found[size] = {}
        for row in BULK:
            state = {"accept": "proposed", "restore": "dismissed"}.get(row.path.split("/")[1], "open")
            claims = _claims(desk, document, state, [scenario.team.colleague] * size)
            body = filled(row.body, numbers) | {"claims": claims}
            found[size][f"api post {row.path}"] = counted(api, "post", row.path, body)
    assert found[200] == found[2]
    assert found[2] == {name: number for name, number in BUDGETS.items() if name.startswith("api post ")}
