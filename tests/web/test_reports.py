import csv
import io
import json
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from annotations.domain.reports.criteria import Criteria
from annotations.models import Report
from annotations.queries.reports import ReportRows, head_of
from annotations.workflow.reports import freeze
from annotations.workflow.reports.freeze import freeze_report
from tests.workflow.reports.verified import Newsroom

pytestmark = pytest.mark.django_db


@pytest.fixture
def room():
    return Newsroom()


@pytest.fixture
def editor(client, room):
    client.force_login(room.editor)
    return client


def frozen(room, **changes):
    given = {"desk": room.desk, "by": room.editor, "title": "April", "criteria": Criteria()}
    return freeze_report(**(given | changes))


def body(response):
    return b"".join(response.streaming_content)


def test_the_list_names_each_report_and_offers_a_new_one(room, editor):
    room.verified()
    frozen(room)
    page = editor.get("/reports/").content.decode()
    assert "April" in page
    assert reverse("new_report") in page


def test_a_viewer_reads_but_is_not_offered_a_new_report(room, client):
    room.verified()
    report = frozen(room)
    client.force_login(room.viewer)
    assert reverse("new_report") not in client.get("/reports/").content.decode()
    assert client.get(f"/reports/{report.pk}/").status_code == 200
    assert client.get("/reports/new/").status_code == 403
    assert client.post("/reports/new/", {"title": "x"}).status_code == 403
    assert Report.objects.count() == 1


def test_the_form_freezes_what_was_chosen(room, editor):
    room.verified("A", rating="false")
    room.verified("B")
    response = editor.post("/reports/new/", {"title": "False ones", "ratings": ["false"]})
    report = Report.objects.get()
    assert response.headers["Location"] == f"/reports/{report.pk}/"
    assert (report.title, report.row_count) == ("False ones", 1)


def test_counting_without_script_keeps_the_form_and_freezes_nothing(room, editor):
    room.verified(rating="false")
    room.verified()
    response = editor.post("/reports/new/", {"title": "Kept", "ratings": ["false"], "count": "1"})
    page = response.content.decode()
    assert response.status_code == 200
    assert 'value="Kept"' in page
    assert '<strong class="number">1</strong> verified claim<' in page
    assert not Report.objects.exists()


def test_the_live_count_follows_the_form(room, editor):
    room.verified(claimant_name="Nicolás Maduro")
    room.verified()
    page = editor.post("/reports/preview/", {"claimant": "maduro"}).content.decode()
    assert '<strong class="number">1</strong> verified claim<' in page
    assert "<dt>True</dt>" in page
    wrong = editor.post("/reports/preview/", {"verified_from": "2019-05-02", "verified_to": "2019-05-01"})
    assert "Nothing can be counted yet" in wrong.content.decode()


def test_an_article_in_the_address_is_chosen_already(room, editor):
    other = room.article("Another article")
    room.verified()
    room.verified(document=other)
    page = editor.get(f"/reports/new/?document={other.pk}").content.decode()
    assert f'value="{other.pk}" id="id_documents_0" checked' in page
    assert '<strong class="number">1</strong> verified claim<' in page


def test_a_report_of_nothing_is_refused_on_the_form(room, editor):
    response = editor.post("/reports/new/", {"title": "Empty"})
    assert response.status_code == 422
    assert "No verified claim meets these criteria" in response.content.decode()
    assert not Report.objects.exists()


def test_days_in_the_wrong_order_are_marked_at_the_field(room, editor):
    room.verified()
    response = editor.post("/reports/new/", {"verified_from": "2019-05-02", "verified_to": "2019-05-01"})
    assert response.status_code == 422
    assert 'id="id_verified_to_error"' in response.content.decode()
    assert not Report.objects.exists()


def test_the_page_shows_each_claim_under_its_fragment(room, editor):
    claim = room.claim("<b>Fifty</b> people")
    room.source(claim)
    room.verify(claim, "false")
    report = frozen(room)
    page = editor.get(f"/reports/{report.pk}/").content.decode()
    assert f'<article class="card report-claim" id="claim-{claim.pk}"' in page
    assert "&lt;b&gt;Fifty&lt;/b&gt; people" in page
    assert report.content_hash in page
    assert 'href="https://news.example.org/injured"' in page


def test_the_page_says_what_search_tools_would_miss(room, editor):
    claim = room.verified(claimant_name="Maria Pérez", claimant_kind="person")
    fine = frozen(room)
    assert "no fault" in editor.get(f"/reports/{fine.pk}/").content.decode()
    room.reopen(claim)
    room.verified("A long claim. " * 8)
    long = editor.get(f"/reports/{frozen(room).pk}/").content.decode()
    assert "longer than 75 characters" in long
    assert "The claimant is left out" in long


def test_long_reports_go_on_by_key(room, editor, monkeypatch):
    monkeypatch.setattr("annotations.queries.reports.ROWS_PAGE_SIZE", 2)
    for name in "ABC":
        room.verified(f"Claim {name}.")
    report = frozen(room)
    first = editor.get(f"/reports/{report.pk}/").content.decode()
    assert "Claim B." in first
    assert "Claim C." not in first
    assert f'href="/reports/{report.pk}/?after=2"' in first
    second = editor.get(f"/reports/{report.pk}/?after=2").content.decode()
    assert "Claim C." in second
    assert f'rel="prev" href="/reports/{report.pk}/"' in second


def test_the_address_in_the_markup_leads_to_the_page_that_holds_the_claim(room, editor, monkeypatch):
    monkeypatch.setattr("annotations.queries.reports.ROWS_PAGE_SIZE", 2)
    first, _, third = [room.verified(f"Claim {name}.") for name in "ABC"]
    report = frozen(room)
    markup = json.loads(body(editor.get(f"/reports/{report.pk}/claimreview/")))
    addresses = [urlsplit(review["url"]) for review in markup]
    assert [address.fragment for address in addresses][::2] == [f"claim-{first.pk}", f"claim-{third.pk}"]
    landed = [editor.get(f"{address.path}?{address.query}").headers["Location"] for address in addresses[::2]]
    assert landed == [
        f"/reports/{report.pk}/#claim-{first.pk}",
        f"/reports/{report.pk}/?after=2#claim-{third.pk}",
    ]


def test_a_claim_that_is_not_in_the_report_is_not_found(room, editor):
    room.verified()
    report = frozen(room)
    later = room.verified()
    assert editor.get(f"/reports/{report.pk}/?claim={later.pk}").status_code == 404


def test_a_report_frozen_without_pages_for_claims_keeps_its_addresses(room):
    claim = room.verified()
    report = frozen(room)
    del report.head["claim_page"]
    [row] = ReportRows(report.pk)
    assert head_of(report).claim_url(row) == f"{report.head['url']}#claim-{claim.pk}"


@pytest.mark.parametrize(
    ("form", "media_type", "name"),
    [
        ("html", "text/html; charset=utf-8", "report-1.html"),
        ("csv", "text/csv; charset=utf-8; header=present", "report-1.csv"),
        ("json", "application/json", "report-1.json"),
        ("claimreview", "application/ld+json", "report-1.jsonld"),
    ],
)
def test_a_download_has_its_type_and_name_and_the_same_bytes_each_time(room, editor, form, media_type, name):
    claim = room.verified()
    report = frozen(room)
    first = editor.get(f"/reports/{report.pk}/{form}/")
    assert first.headers["Content-Type"] == media_type
    assert first.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    data = body(first)
    room.reopen(claim)
    room.verify(claim, "false")
    again = editor.get(f"/reports/{report.pk}/{form}/")
    assert body(again) == data
    assert again.headers["ETag"] == first.headers["ETag"]


def test_a_download_that_is_known_already_is_not_sent_again(room, editor):
    room.verified()
    report = frozen(room)
    etag = editor.get(f"/reports/{report.pk}/csv/").headers["ETag"]
    assert editor.get(f"/reports/{report.pk}/csv/", headers={"If-None-Match": etag}).status_code == 304


def test_downloads_say_what_the_database_holds(room, editor):
    claim = room.claim("=1+1", tags=["a"])
    room.source(claim)
    room.verify(claim, "unproven")
    report = frozen(room)
    text = body(editor.get(f"/reports/{report.pk}/csv/")).decode("utf-8-sig")
    [cells] = csv.DictReader(io.StringIO(text, newline=""))
    assert (cells["statement"], cells["rating"], cells["rating_value"]) == ("'=1+1", "Unproven", "")
    [review] = json.loads(body(editor.get(f"/reports/{report.pk}/claimreview/")))
    assert review["claimReviewed"] == "=1+1"
    assert set(review["reviewRating"]) == {"@type", "alternateName", "ratingExplanation"}
    assert review["url"].endswith(f"/reports/{report.pk}/?claim={claim.pk}#claim-{claim.pk}")


def test_a_stranger_gets_404_for_page_and_downloads(room, client):
    room.verified()
    report = frozen(room)
    client.force_login(Newsroom("local").manager)
    assert client.get(f"/reports/{report.pk}/").status_code == 404
    assert client.get(f"/reports/{report.pk}/csv/").status_code == 404


def test_nobody_reads_without_signing_in(room, client):
    room.verified()
    report = frozen(room)
    for url in ("/reports/", "/reports/new/", f"/reports/{report.pk}/", f"/reports/{report.pk}/json/"):
        assert client.get(url).headers["Location"].startswith("/sign-in/")


def test_an_unknown_format_is_not_there(room, editor):
    room.verified()
    assert editor.get(f"/reports/{frozen(room).pk}/docx/").status_code == 404


def test_a_queued_report_waits_and_opens_by_itself(room, editor, monkeypatch):
    room.verified()
    room.verified()
    monkeypatch.setattr(freeze, "INLINE_LIMIT", 1)
    monkeypatch.setattr(freeze, "wake", lambda name, **ids: None)
    report = frozen(room)
    page = f"/reports/{report.pk}/"
    waiting = editor.get(page).content.decode()
    assert "being frozen" in waiting
    assert "No worker answers" in waiting
    assert editor.get(f"{page}csv/").status_code == 409
    assert "HX-Refresh" not in editor.get(page, headers={"HX-Request": "true"}).headers
    freeze.build_report(report.pk)
    assert editor.get(page, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "report-claim" in editor.get(page).content.decode()


@pytest.mark.parametrize("url", ["/reports/", "/reports/new/", "/reports/{pk}/"])
def test_pages_take_the_same_queries_for_2_and_for_20_claims(
    room, editor, url, django_assert_max_num_queries
):
    def visit():
        with django_assert_max_num_queries(13) as captured:
            editor.get(url.format(pk=report.pk))
        return len(captured)

    for number in range(2):
        room.verified(str(number), tags=[str(number)])
    report = frozen(room)
    visit()
    few = visit()
    for number in range(18):
        room.verified(str(number), tags=[str(number)])
    for _ in range(5):
        report = frozen(room)
    assert visit() == few
