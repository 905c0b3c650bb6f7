"""Every page takes the queries agreed in tests/query_budgets.json, with two rows and with two hundred."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.domain.documents.text import text_sha256
from annotations.domain.reports.criteria import Criteria
from annotations.models import (
    Activity,
    Alert,
    Anchor,
    ApiToken,
    Claim,
    Document,
    DocumentVersion,
    Evidence,
    FetchJob,
    LoadingState,
    Manifest,
    Membership,
    Origin,
    Reference,
    Report,
    ReportRow,
    ReportState,
    Stamp,
    StampBatch,
    StampLeaf,
    User,
    WatchCheck,
)
from annotations.workflow.proof.chain import sign_capture
from annotations.workflow.reports import freeze
from tests.factories import (
    Team,
    make_alert,
    make_capture,
    make_claim_in_review,
    make_claim_with_changed_words,
    make_claims_with_changed_words,
    make_document,
    make_evidence,
    make_verified_claim,
)

pytestmark = pytest.mark.django_db

BUDGETS = {
    name.removeprefix("page "): number
    for name, number in json.loads((Path(__file__).parents[1] / "query_budgets.json").read_text()).items()
    if name.startswith("page ")
}
SHOW_THE_TEXT_OF_A_PAGE = {"alert", "capture", "captures compared"}
# Making captures takes long, and only these pages show them.
GROW_WITH_CAPTURES = {"capture", "captures compared", "public keys", "source that changed"}


def grow(team: Team, document: Document, size: int) -> None:
    """Put `size` rows behind every list of the desk."""
    version = document.current_version
    assert version is not None
    claims = Claim.objects.bulk_create(
        Claim(
            desk=team.desk,
            document=document,
            state="open" if number % 2 else "proposed",
            origin=Origin.PROPOSED,
            statement=f"Claim {number}",
            assignee=team.reviewer if number % 4 == 1 else None,
        )
        for number in range(size)
    )
    Anchor.objects.bulk_create(
        Anchor(claim=claim, document_version=version, start=0, end=7, exact=version.text[:7])
        for claim in claims
    )
    people = User.objects.bulk_create(User(username=f"p{size}-{number}") for number in range(size))
    Membership.objects.bulk_create(
        Membership(desk=team.desk, user=person, role="viewer") for person in people
    )
    Document.objects.bulk_create(
        Document(desk=team.desk, title="T", loading_state=LoadingState.FAILED, created_by=person)
        for person in people
    )
    DocumentVersion.objects.bulk_create(
        DocumentVersion(document=document, number=2 + number, text="x", sha256=text_sha256("x"), length=1)
        for number in range(size, 2 * size)
    )
    Reference.objects.bulk_create(
        Reference(
            desk=team.desk,
            url=f"https://example.org/{size}/{number}",
            canonical_url=f"https://example.org/{size}/{number}",
            host=f"host{number}.example",
            fetch_state="failed" if number % 2 else "fetched",
            created_by=team.editor,
        )
        for number in range(size)
    )
    Report.objects.bulk_create(
        Report(
            desk=team.desk,
            number=1000 * size + number,
            title="R",
            state=ReportState.QUEUED,
            created_by=team.editor,
        )
        for number in range(size)
    )
    grow_alerts(team, document, size)
    make_claims_with_changed_words(team, size)
    Activity.objects.bulk_create(
        Activity(
            desk=team.desk,
            claim_id=claim.pk,
            document_id=document.pk,
            actor=person,
            verb="edited",
            object_type="claim",
            object_id=claim.pk,
        )
        for claim, person in zip(claims, people, strict=True)
    )
    ApiToken.objects.bulk_create(
        ApiToken(user=team.reviewer, name="x", key_sha256=f"{size}-{number}", hint="fcw_")
        for number in range(size)
    )


def grow_alerts(team: Team, document: Document, size: int) -> None:
    """Put `size` open alerts on the desk, all of verdicts that the reviewer approved."""
    known = Alert.objects.select_related("claim", "evidence").order_by("pk").first()
    if known is None:
        return
    references = Reference.objects.filter(url__startswith=f"https://example.org/{size}/").order_by("pk")
    Claim.objects.filter(pk=known.claim_id).update(state="open", verified_by=None, verified_at=None)
    evidence = Evidence.objects.bulk_create(
        Evidence(
            claim=known.claim,
            reference=reference,
            stance="supports",
            author_ids=[team.editor.pk],
            created_by=team.editor,
        )
        for reference in references
    )
    Alert.objects.bulk_create(
        Alert(
            desk=team.desk,
            claim=known.claim,
            evidence=row,
            reference=row.reference,
            seen_in=known.seen_in,
            before=known.before,
            level="text",
        )
        for row in evidence
    )


def grow_captures(size: int) -> None:
    """Put `size` captures, some signed and stamped, and as many looks behind the source that changed."""
    known = Alert.objects.select_related("reference").order_by("pk").first()
    if known is None:
        return
    jobs = FetchJob.objects.bulk_create(
        FetchJob(reference=known.reference, kind="watch", state="fetched", finished_at=Now())
        for _ in range(2 * size)
    )
    captures = [make_capture(known.reference, f"Text {job.pk}", job=job) for job in jobs[:size]]
    for capture in captures[-20:]:
        sign_capture(capture)
    WatchCheck.objects.bulk_create(
        WatchCheck(reference=known.reference, job=job, attempt=1, page_status="live", code="not_modified")
        for job in jobs[size:]
    )
    manifests = list(Manifest.objects.filter(leaf__isnull=True).order_by("pk"))
    batch = StampBatch.objects.create(root_sha256=manifests[0].sha256, leaf_count=len(manifests))
    StampLeaf.objects.bulk_create(
        StampLeaf(batch=batch, manifest=manifest, position=position)
        for position, manifest in enumerate(manifests)
    )
    Stamp.objects.create(batch=batch, authority="https://tsa.example/")


@pytest.fixture
def addresses(team: Team) -> dict[str, str]:
    """Each page under its name in the budgets."""
    document = make_document(team)
    claim = make_verified_claim(team, document=document)
    alert = make_alert(team, claim)
    make_claim_in_review(team, document=document, words="SEBIN")
    open_claim = Claim.objects.create(
        desk=team.desk, document=document, state="open", origin=Origin.PROPOSED, statement="Open"
    )
    reference = make_evidence(team, open_claim, url="https://example.org/r").reference
    report = freeze.freeze_report(desk=team.desk, by=team.editor, title="R", criteria=Criteria())
    row = ReportRow.objects.get(report=report)
    assert row.claim_id == claim.pk
    desk = f"/desks/{team.desk.slug}/"
    return {
        "account": "/account/",
        "alert": f"/alerts/{alert.pk}/",
        "alerts": "/alerts/",
        "changed claims": "/changed-words/",
        "changed words": f"/claims/{make_claim_with_changed_words(team).pk}/changed-words/",
        "claims": "/claims/",
        "claims, narrowed": "/claims/?state=open&text=claim&person=nobody",
        "desk, log": f"{desk}log/",
        "desk, people": desk,
        "desk, ratings": f"{desk}ratings/",
        "document": f"/documents/{document.pk}/",
        "document, log": f"/documents/{document.pk}/log/",
        "documents": "/documents/",
        "new document": "/documents/new/",
        "new report": "/reports/new/",
        "queue": "/",
        "report": f"/reports/{report.pk}/",
        "reports": "/reports/",
        "capture": f"/sources/captures/{alert.before_id}/",
        "captures compared": f"/sources/{alert.reference_id}/compare/",
        "public keys": "/sources/keys/",
        "source": f"/sources/{reference.pk}/",
        "source that changed": f"/sources/{alert.reference_id}/",
        "sources": "/sources/",
        "sources by site": "/sources/sites/",
        "sources, narrowed": "/sources/?part=failing&host=example.org&words=two+words",
    }


def test_every_page_here_has_its_budget(addresses: dict[str, str]) -> None:
    assert set(addresses) == set(BUDGETS)


@pytest.mark.parametrize("name", sorted(BUDGETS))
def test_a_page_takes_its_queries_at_two_and_at_two_hundred_rows(
    name: str, addresses: dict[str, str], team: Team, client: Client
) -> None:
    client.force_login(team.reviewer, backend="django.contrib.auth.backends.ModelBackend")
    document = Document.objects.order_by("pk").first()
    assert document is not None

    taken = []
    for size in (2, 200):
        grow(team, document, size)
        if name in GROW_WITH_CAPTURES:
            grow_captures(size)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(addresses[name]).status_code == 200
        taken.append(len(captured))

    assert max(taken) <= BUDGETS[name], taken


def test_a_page_that_shows_no_text_of_a_capture_loads_none(
    addresses: dict[str, str], team: Team, client: Client
) -> None:
    client.force_login(team.reviewer, backend="django.contrib.auth.backends.ModelBackend")
    loading = set()
    for name, address in addresses.items():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        if any('"annotations_capture"."text"' in query["sql"] for query in captured):
            loading.add(name)
    assert loading == SHOW_THE_TEXT_OF_A_PAGE
