"""What is kept of a page, handed out: with its proof, as bytes, and as a copy that can do no harm."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from annotations.archiving.standalone import standalone_script
from annotations.archiving.wacz_checks import check_wacz
from annotations.downloads import NOTHING_RUNS
from annotations.models import Capture, FetchJob, Manifest
from annotations.web.captures.sanitised_copy import script_free
from annotations.web.captures.views import COPY_POLICY
from annotations.workflow.captures.storage import keep
from annotations.workflow.evidence.attach import attach_addresses, attach_file
from annotations.workflow.fetches.run import run_fetch
from tests.factories import Team, make_claim, make_reference
from tests.fakes.site import ARTICLE, Site

pytestmark = pytest.mark.django_db
PAGE = b"<html><title>The bridge</title><body><p>It cost 41 million euros.</p></body></html>"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf000001010100a2d0ab5b0000000049454e44ae426082"
)


def uploaded(team: Team, content: bytes = PAGE, name: str = "a.html") -> Capture:
    evidence = attach_file(
        claim_id=make_claim(team).pk, filename=name, content=content, stance="supports",
        passage="41 million", by=team.editor,
    )  # fmt: skip
    assert evidence.capture is not None
    return evidence.capture


def got(client: Client, capture: Capture, what: str) -> Any:
    return client.get(f"/sources/captures/{capture.pk}/{what}")


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_fetched_page_downloads_with_all_that_proves_it(client: Client, team: Team, site: Site) -> None:
    attach_addresses(
        claim_id=make_claim(team).pk, addresses=[site.url("/article")], stance="supports",
        passage="It cost 41 million euros.", by=team.editor,
    )  # fmt: skip
    run_fetch(FetchJob.objects.get().pk, worker="w1")
    client.force_login(team.viewer)
    capture = Capture.objects.get()
    response = got(client, capture, "download.wacz")
    wacz = body_of(response)
    assert response["Content-Disposition"] == (
        f'attachment; filename="127.0.0.1-{capture.fetched_at:%Y%m%d-%H%M}-{capture.pk}.wacz"'
    )
    assert response["Content-Length"] == str(len(wacz))
    findings = check_wacz(io.BytesIO(wacz))
    assert (findings.problems, findings.gaps) == ([], [])
    names = zipfile.ZipFile(io.BytesIO(wacz)).namelist()
    assert len([name for name in names if "manifests" in name]) == 2


def test_an_uploaded_file_downloads_with_all_that_proves_it(client: Client, team: Team) -> None:
    client.force_login(team.viewer)
    capture = uploaded(team)
    wacz = body_of(got(client, capture, "download.wacz"))
    assert check_wacz(io.BytesIO(wacz)).problems == []


def test_the_same_capture_gives_the_same_file(client: Client, team: Team) -> None:
    client.force_login(team.viewer)
    capture = uploaded(team)
    assert body_of(got(client, capture, "download.wacz")) == body_of(got(client, capture, "download.wacz"))


def test_the_program_inside_checks_the_download_with_nothing_of_this_copy(
    client: Client, team: Team, tmp_path: Path
) -> None:
    client.force_login(team.viewer)
    file, script = tmp_path / "capture.wacz", tmp_path / "verify.py"
    file.write_bytes(body_of(got(client, uploaded(team), "download.wacz")))
    with zipfile.ZipFile(file) as inside:
        script.write_bytes(inside.read("evidence/verify.py"))
    assert script.read_text() == standalone_script()
    command = [sys.executable, "-I", str(script), str(file)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "All holds." in ended.stdout


def test_what_nobody_stated_has_no_proof_to_download(client: Client, team: Team) -> None:
    kept = keep(PAGE)
    capture = Capture.objects.create(
        reference=make_reference(team), outcome_code="ok", body_sha256=kept.sha256, body_key=kept.key,
        body_size=kept.size, media_type="text/html",
    )  # fmt: skip
    client.force_login(team.viewer)
    assert got(client, capture, "download.wacz").status_code == 409
    assert not Manifest.objects.exists()


def test_the_kept_bytes_come_as_a_file_that_no_browser_shows(client: Client, team: Team) -> None:
    client.force_login(team.viewer)
    capture = uploaded(team)
    response = got(client, capture, "payload")
    assert body_of(response) == PAGE
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert response["Content-Security-Policy"] == NOTHING_RUNS
    assert response["X-Content-Type-Options"] == "nosniff"


def test_the_copy_stands_in_a_sandbox_and_other_pages_keep_their_policy(client: Client, team: Team) -> None:
    client.force_login(team.viewer)
    response = got(client, uploaded(team), "copy")
    assert "<p>It cost 41 million euros.</p>" in response.content.decode()
    assert response["Content-Security-Policy"] == COPY_POLICY
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    other = client.get("/sources/")
    assert "sandbox" not in other["Content-Security-Policy"]
    assert other["X-Frame-Options"] == "DENY"


def test_a_picture_is_shown_and_a_drawing_that_could_run_is_not(client: Client, team: Team) -> None:
    client.force_login(team.viewer)
    response = got(client, uploaded(team, PNG, "a.png"), "copy")
    assert (response["Content-Type"], response.content) == ("image/png", PNG)
    assert response["Content-Security-Policy"] == COPY_POLICY
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    kept = keep(svg)
    drawing = Capture.objects.create(
        reference=make_reference(team, "https://example.org/d"), outcome_code="ok", body_sha256=kept.sha256,
        body_key=kept.key, body_size=kept.size, media_type="image/svg+xml",
    )  # fmt: skip
    assert got(client, drawing, "copy").status_code == 409


def test_a_kept_file_that_is_gone_is_no_page_with_an_error_inside(
    client: Client, team: Team, settings: Any
) -> None:
    client.force_login(team.viewer)
    capture = uploaded(team)
    (Path(settings.MEDIA_ROOT) / capture.body_key).unlink()
    for what in ("payload", "copy", "download.wacz"):
        response = got(client, capture, what)
        assert response.status_code == 409, what
        assert "manage.py verify" in response.content.decode()


@pytest.mark.parametrize(
    "nasty",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<img src='https://evil.example/pixel.gif'>",
        "<img srcset='https://evil.example/a 2x'>",
        "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<iframe src='https://evil.example'></iframe><iframe srcdoc='<script>alert(1)</script>'>",
        "<form action='https://evil.example'><input name=a><button>Send</button></form>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<base href='https://evil.example'>",
        "<link rel=stylesheet href='https://evil.example/a.css'>",
        "<style>@import url(https://evil.example/a.css)</style>",
        "<p style='background:url(https://evil.example/a.png)'>x</p>",
        "<a href='https://evil.example' ping='https://evil.example'>x</a>",
        "<a href='javascript:alert(1)'>x</a>",
        "<video src='https://evil.example/a.mp4' poster='https://evil.example/a.png'>",
        "<object data='https://evil.example'></object><embed src='https://evil.example'>",
        "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<template><script>alert(1)</script></template>",
        "<body background='https://evil.example/a.png' onload=alert(1)>",
        "</body></html><script>alert(1)</script>",
        "<td background='https://evil.example/x'>x</td>",
        "<math href='javascript:alert(1)'>x</math>",
        "<blockquote cite='https://evil.example'>x</blockquote>",
    ],
)
def test_nothing_in_a_copy_runs_loads_or_leads_away(nasty: str) -> None:
    clean = script_free(nasty)
    for word in ("<script", "onerror", "onload", "evil.example", "javascript:", "<form", "<meta", "svg+xml"):
        assert word not in clean.lower().replace("&lt;", "&"), clean


def test_words_tables_and_own_pictures_survive_in_a_copy() -> None:
    page = (
        '<h1>Bridge</h1><table><tr><td colspan="2">41</td></tr></table>'
        '<img src="data:image/png;base64,AAAA" alt="A bridge">'
    )
    clean = script_free(page)
    assert '<td colspan="2">41</td>' in clean
    assert '<img src="data:image/png;base64,AAAA" alt="A bridge">' in clean
    assert json.dumps(clean).count("Bridge") == 1


def test_the_article_of_the_fake_site_keeps_its_words(client: Client, team: Team) -> None:
    client.force_login(team.viewer)
    response = got(client, uploaded(team, ARTICLE), "copy")
    assert "It cost 41 million euros." in response.content.decode()
