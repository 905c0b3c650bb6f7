"""A client generated from the description alone does the whole job, and changes what its caller named."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import orjson
import pytest
from django.test import Client

from annotations.api.description import schema
from annotations.models import User
from annotations.workflow.desks.api_tokens import create_token
from tests.factories import TEXT, Team

pytestmark = pytest.mark.django_db

NAME = "generated_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    folder: Path = tmp_path_factory.mktemp("generated")
    (folder / "schema.json").write_bytes(orjson.dumps(schema()))
    (folder / "settings.yml").write_text("post_hooks: []\n")
    subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", "schema.json", "--config", "settings.yml", "--output-path", NAME),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    sys.path.insert(0, str(folder))
    yield importlib.import_module(NAME)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


class ToTheApplication(httpx.BaseTransport):
    """Hands each request to the application in this process, as Django's test client does."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = Client().generic(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            request.headers.get("Content-Type", ""),
            headers=dict(request.headers),
        )
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)


class Generated:
    """The generated client of one person."""

    def __init__(self, module: ModuleType, user: User) -> None:
        key = create_token(user=user, name="generated").key
        self.client = module.AuthenticatedClient(
            base_url="http://testserver", token=key, raise_on_unexpected_status=True
        )
        self.client.set_httpx_client(
            httpx.Client(
                base_url="http://testserver",
                headers={"Authorization": f"Bearer {key}"},
                transport=ToTheApplication(),
            )
        )

    def ask(self, operation: str, *numbers: int, status: int = 200, **given: Any) -> Any:
        """Call an operation, such as `claims.get_claim`, and return the parsed answer."""
        module = importlib.import_module(f"{NAME}.api.{operation}")
        answer = module.sync_detailed(*numbers, client=self.client, **given)
        assert answer.status_code == status, answer.content
        return answer.parsed

    def tag(self, address: str) -> str:
        return self.client.get_httpx_client().get(f"/api/v1/{address}").headers["ETag"]


def model(name: str) -> Any:
    return getattr(importlib.import_module(f"{NAME}.models"), name)


def particulars(claim: Any) -> dict[str, Any]:
    shown = claim.to_dict()
    return {name: shown[name] for name in CHANGES}


CHANGES: dict[str, Any] = {
    "statement": "At least fifty people were injured.",
    "claimant_name": "Maria Vega",
    "claimant_kind": "person",
    "claimant_role": "spokesperson",
    "said_on": "2019-04-30",
    "said_where": "Caracas",
    "chosen_because": "It is repeated everywhere.",
    "language": "en",
    "tags": ["caracas"],
}


def test_a_change_of_one_field_leaves_all_others_as_they_were(team: Team, generated: ModuleType) -> None:
    editor = Generated(generated, team.editor)
    loaded = editor.ask(
        "documents.load_text", status=201, body=model("NewTextRequest")(desk=team.desk.pk, text=TEXT)
    )
    row = editor.ask("claims.list_claims", document=loaded.id).results[0]
    editor.ask("claims.accept_claim", row.id)
    expected = particulars(editor.ask("claims.get_claim", row.id))

    for name, value in CHANGES.items():
        edit = model("PatchedClaimEditRequest")
        # As a program writes it: the constructor fills in whatever default the description names.
        body = edit(**{name: getattr(edit.from_dict({name: value}), name)})
        changed = editor.ask("claims.edit_claim", row.id, body=body, if_match=editor.tag(f"claims/{row.id}/"))
        expected[name] = value
        assert particulars(changed) == expected, name

    assert expected == CHANGES


def test_the_whole_job_is_done_from_the_article_to_the_report(team: Team, generated: ModuleType) -> None:
    editor, reviewer = Generated(generated, team.editor), Generated(generated, team.reviewer)
    loaded = editor.ask(
        "documents.load_text",
        status=201,
        body=model("NewTextRequest")(desk=team.desk.pk, text=TEXT, title="Onrust in Caracas"),
    )
    page = editor.ask("claims.list_claims", document=loaded.id, page_size=2)
    claim = page.results[0]
    editor.ask("claims.accept_claim", claim.id)
    evidence = model("NewEvidenceRequest").from_dict(
        {"addresses": ["https://example.org/a"], "stance": "supports"}
    )
    editor.ask("evidence.attach_addresses", claim.id, status=201, body=evidence)
    verdict = model("NewVerdictRequest").from_dict(
        {
            "base_number": 0,
            "rating": "true",
            "reasoning": "The hospital says so.",
            "as_of": date(2019, 5, 3).isoformat(),
            "submit": True,
        }
    )
    editor.ask("verdicts.give_verdict", claim.id, status=201, body=verdict)

    record = reviewer.ask("reviews.get_record", claim.id)
    decision = model("DecisionInRequest").from_dict({"record": record.sha256})
    assert reviewer.ask("reviews.approve_claim", claim.id, body=decision).state == "verified"

    report = editor.ask(
        "reports.create_report",
        status=201,
        body=model("NewReportRequest").from_dict({"desk": team.desk.pk, "criteria": {}}),
    )
    [row] = editor.ask("reports.list_report_rows", report.id).results
    assert row.data.to_dict()["statement"] == claim.statement
