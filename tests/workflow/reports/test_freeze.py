from datetime import UTC, date, datetime

import pytest

from annotations.domain.errors import Missing, NotAllowed
from annotations.domain.reports.contents import content_hash
from annotations.domain.reports.criteria import Criteria, CriteriaUnusable
from annotations.models import Activity, Report, ReportRow
from annotations.queries.reports import ReportRows, head_of, known_ratings, preview, reports
from annotations.workflow.reports import freeze as report_freeze
from annotations.workflow.reports.freeze import (
    ReportEmpty,
    ReportNotReady,
    ReportRefused,
    build_report,
    check_ready,
    freeze_report,
    queued_reports,
)
from tests.models.refusing import refused_by
from tests.without_rules import as_owner, save_whole
from tests.workflow.reports.verified import Newsroom

pytestmark = pytest.mark.django_db


@pytest.fixture
def room():
    return Newsroom()


@pytest.fixture
def woken(monkeypatch):
    calls = []
    monkeypatch.setattr(report_freeze, "wake", lambda name, **ids: calls.append((name, ids)))
    return calls


def freeze(room, criteria=None, **changes):
    given = {"desk": room.desk, "by": room.editor, "title": "April", "criteria": criteria or Criteria()}
    return freeze_report(**(given | changes))


def statements(report):
    return [row["statement"] for row in ReportRows(report.pk)]


def test_a_row_holds_everything_that_is_said_about_the_claim(room):
    claim = room.claim(
        claimant_name="Maria Pérez",
        claimant_kind="person",
        claimant_role="spokesperson",
        said_on=date(2019, 4, 30),
        said_where="Caracas",
        chosen_because="Repeated.",
        language="nl",
        tags=["injured"],
    )
    room.source(claim)
    room.source(claim, url="https://other.example.org/", fetched=False, stance="refutes", passage="", note="")
    claim, version = room.verify(claim, "mostly_true"), room.document.current_version
    [row] = ReportRows(freeze(room).pk)
    fetched_at, verdict_at = row["evidence"][0].pop("fetched_at"), row.pop("verdict_at")
    reviewed_at = row.pop("reviewed_at")
    assert row == {
        "claim": str(claim.pk),
        "record": claim.records.get().sha256,
        "anchor": f"claim-{claim.pk}",
        "statement": "Fifty people were injured.",
        "exact": "vijftig gewonden",
        "start": 6,
        "end": 22,
        "document": {
            "id": str(room.document.pk),
            "title": "Onrust in Caracas",
            "url": "https://paper.example.com/onrust",
            "outlet": "The Paper",
            "author": "R. Edacteur",
            "published_on": "2019-04-30",
            "version": 1,
            "sha256": version.sha256,
        },
        "claimant": {"name": "Maria Pérez", "kind": "person", "role": "spokesperson"},
        "said_on": "2019-04-30",
        "said_where": "Caracas",
        "chosen_because": "Repeated.",
        "language": "nl",
        "tags": ["injured"],
        "rating": {
            "scale": "Standard",
            "scale_version": 1,
            "slug": "mostly_true",
            "label": "Mostly true",
            "definition": "What Mostly true means.",
            "position": 2,
            "ordered": True,
            "value": 3,
            "best": 4,
            "worst": 1,
        },
        "reasoning": "Three sources agree.",
        "as_of": "2019-05-03",
        "verdict_number": 1,
        "verdict_by": "Edith Or",
        "reviewed_by": "Rev Iewer",
        "evidence": [
            {
                "stance": "supports",
                "title": "Hospital counts the injured",
                "site": "",
                "url": "https://news.example.org/injured",
                "author": "",
                "published_on": None,
                "passage": "At least fifty",
                "note": "By name.",
                "body_sha256": "b" * 64,
            },
            {
                "stance": "refutes",
                "title": "",
                "site": "",
                "url": "https://other.example.org/",
                "author": "",
                "published_on": None,
                "passage": "",
                "note": "",
                "fetched_at": None,
                "body_sha256": "",
            },
        ],
    }
    assert reviewed_at == claim.verified_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert verdict_at <= reviewed_at
    assert fetched_at.endswith("Z")


def test_the_report_says_its_number_hash_and_ratings(room, settings):
    room.verified("One.", rating="false")
    room.verified("Two.")
    room.verified("Three.")
    report = freeze(room)
    head = head_of(report)
    assert (report.state, report.number, report.row_count) == ("ready", 1, 3)
    assert report.content_hash == content_hash(ReportRows(report.pk))
    assert [(line.label, line.count) for line in head.tally] == [("True", 2), ("False", 1)]
    assert head.criteria == "All verified claims of the desk."
    assert head.url == f"{settings.PUBLIC_URL}/reports/{report.pk}/"
    assert head.publisher == "The foreign desk"


def test_freezing_writes_a_line_of_the_log(room):
    room.verified()
    report = freeze(room)
    line = Activity.objects.get(object_type="report")
    assert (line.verb, line.actor, line.object_id) == ("froze_report", room.editor, report.pk)
    assert line.details == {"number": 1, "rows": 1, "content_hash": report.content_hash}


def test_rows_stand_by_document_and_place_in_it(room):
    later = room.verified("Second in the text.", words="López")
    room.verified("First in the text.")
    other = room.article("Another article")
    room.verified("In another article.", document=other)
    assert statements(freeze(room)) == ["First in the text.", "Second in the text.", "In another article."]
    assert later.pk < room.verified().pk


def test_a_frozen_report_does_not_follow_its_claims(room):
    claim = room.verified("Before.")
    report = freeze(room)
    room.reopen(claim)
    claim.statement = "After."
    save_whole(claim)
    room.verify(claim, "false")
    assert statements(report) == ["Before."]
    assert content_hash(ReportRows(report.pk)) == report.content_hash


@pytest.mark.parametrize(
    ("table", "rule"), [(Report, "report_frozen"), (ReportRow, "report_row_append_only")]
)
def test_the_database_refuses_to_change_a_ready_report(room, table, rule):
    room.verified()
    report = freeze(room)
    with as_owner(), refused_by(rule):
        table.objects.update(**({"title": "x"} if table is Report else {"position": 9}))
    assert content_hash(ReportRows(report.pk)) == report.content_hash


def test_only_verified_claims_go_in(room):
    room.claim("Open.")
    room.reopen(room.verified("Reopened."))
    room.verified("Verified.")
    assert statements(freeze(room)) == ["Verified."]


def test_claims_of_other_desks_stay_out(room):
    other = Newsroom("local")
    other.verified("Theirs.")
    room.verified("Ours.")
    assert statements(freeze(room)) == ["Ours."]


def test_withdrawn_sources_stay_out(room):
    claim = room.claim()
    source = room.source(claim)
    source.withdrawn_by, source.withdrawn_at = room.editor, datetime(2019, 5, 1, tzinfo=UTC)
    save_whole(source)
    room.verify(claim)
    [row] = ReportRows(freeze(room).pk)
    assert row["evidence"] == []


def test_an_uploaded_file_has_no_address(room):
    claim = room.claim()
    source = room.source(claim, url="file:abc")
    source.reference.is_file = True
    save_whole(source.reference)
    room.verify(claim)
    [row] = ReportRows(freeze(room).pk)
    assert [(e["url"], e["title"]) for e in row["evidence"]] == [("", "Hospital counts the injured")]


def test_words_that_are_gone_are_reported_from_the_version_that_had_them(room):
    claim = room.verified()
    newer = room.version(room.document, "Something else entirely.")
    claim.anchors.create(document_version=newer, start=0, end=0, exact="", state="orphaned")
    [row] = ReportRows(freeze(room).pk)
    assert (row["exact"], row["document"]["version"]) == ("vijftig gewonden", 1)


def test_a_rating_outside_the_order_has_no_numbers(room):
    room.verified(rating="unproven")
    [row] = ReportRows(freeze(room).pk)
    rating = row["rating"]
    assert (rating["ordered"], rating["value"], rating["best"], rating["worst"]) == (False, None, None, None)


@pytest.mark.parametrize(
    ("criteria", "chosen"),
    [
        (Criteria(ratings=("false", "unproven")), ["B"]),
        (Criteria(claimant="maduro"), ["B"]),
        (Criteria(tags=("coup", "nothing")), ["A"]),
        (Criteria(language="nl"), ["A"]),
        (Criteria(verified_from=date(2019, 5, 2)), ["B"]),
        (Criteria(verified_to=date(2019, 5, 1)), ["A"]),
        (Criteria(verified_from=date(2019, 5, 1), verified_to=date(2019, 5, 2)), ["A", "B"]),
    ],
)
def test_each_criterion_chooses(room, criteria, chosen):
    room.verified("A", tags=["coup", "x"], language="nl", at=datetime(2019, 5, 1, 23, 59, tzinfo=UTC))
    room.verified(
        "B",
        rating="false",
        claimant_name="Nicolás Maduro",
        language="es",
        at=datetime(2019, 5, 2, tzinfo=UTC),
    )
    assert statements(freeze(room, criteria)) == chosen
    assert preview(room.desk.pk, criteria).count == len(chosen)


def test_documents_choose_and_name_an_untitled_report(room):
    other = room.article("Another article")
    room.verified("Here.")
    room.verified("There.", document=other)
    report = freeze(room, Criteria(documents=(other.pk,)), title=" ")
    assert statements(report) == ["There."]
    assert report.title == "Another article"
    assert head_of(report).criteria == "Verified claims of “Another article”."


def test_numbers_count_up_within_a_desk(room):
    other = Newsroom("local")
    room.verified()
    other.verified()
    numbers = [freeze(room).number, freeze(other).number, freeze(room).number]
    assert numbers == [1, 1, 2]


def nothing_changed(room):
    room.desk.refresh_from_db()
    return (room.desk.last_report_number, Report.objects.count(), Activity.objects.count()) == (0, 0, 0)


def test_a_report_of_nothing_is_refused(room):
    room.claim()
    with pytest.raises(ReportEmpty):
        freeze(room)
    assert nothing_changed(room)


def test_a_viewer_may_not_freeze_and_a_stranger_sees_no_desk(room):
    room.verified()
    with pytest.raises(NotAllowed):
        freeze(room, by=room.viewer)
    with pytest.raises(Missing):
        freeze(room, by=Newsroom("local").manager)
    assert nothing_changed(room)


def test_what_is_not_on_the_desk_cannot_be_chosen(room):
    room.verified()
    foreign = Newsroom("local").document.pk
    with pytest.raises(ReportRefused) as refused:
        freeze(room, Criteria(documents=(foreign,), ratings=("nope",)))
    assert set(refused.value.fields) == {"documents", "ratings"}
    assert nothing_changed(room)


def test_days_in_the_wrong_order_and_long_titles_are_refused(room):
    room.verified()
    with pytest.raises(CriteriaUnusable):
        freeze(room, Criteria(verified_from=date(2019, 5, 2), verified_to=date(2019, 5, 1)))
    with pytest.raises(ReportRefused):
        freeze(room, title="x" * 301)
    assert nothing_changed(room)


def test_a_large_report_waits_for_a_worker_and_is_the_same(room, woken, monkeypatch):
    room.verified("One.")
    room.verified("Two.")
    monkeypatch.setattr(report_freeze, "INLINE_LIMIT", 1)
    report = freeze(room)
    assert (report.state, woken) == ("queued", [("annotations.build_report", {"report_id": report.pk})])
    assert queued_reports() == [report.pk]
    with pytest.raises(ReportNotReady):
        check_ready(report)
    build_report(report.pk)
    report.refresh_from_db()
    assert (report.state, report.row_count, queued_reports()) == ("ready", 2, [])
    assert freeze(room, wait=True).content_hash == report.content_hash
    check_ready(report)


def test_building_twice_changes_nothing(room, woken, monkeypatch):
    room.verified()
    room.verified()
    monkeypatch.setattr(report_freeze, "INLINE_LIMIT", 1)
    report = freeze(room)
    build_report(report.pk)
    build_report(report.pk)
    assert ReportRow.objects.filter(report=report).count() == 2
    assert Activity.objects.filter(verb="froze_report").count() == 1


def test_a_queued_report_whose_claims_are_gone_fails_with_a_sentence(room, woken, monkeypatch):
    claims = [room.verified(), room.verified()]
    monkeypatch.setattr(report_freeze, "INLINE_LIMIT", 1)
    report = freeze(room)
    for claim in claims:
        room.reopen(claim)
    build_report(report.pk)
    report.refresh_from_db()
    assert (report.state, report.row_count) == ("failed", 0)
    assert report.problem.startswith("No verified claim")
    with pytest.raises(ReportNotReady):
        check_ready(report)


def test_criteria_survive_storing():
    criteria = Criteria((1, 2), date(2019, 5, 1), None, ("true",), "X", ("a",), "nl")
    assert Criteria.read(criteria.stored()) == criteria
    assert Criteria.read({}) == Criteria()


def test_criteria_are_said_in_words():
    criteria = Criteria(
        (1, 2), date(2019, 5, 1), date(2019, 5, 3), ("true", "false"), "Maduro", ("a", "b"), "nl"
    )
    assert criteria.in_words(["A", "B"], ["True", "False"]) == (
        "Verified claims of “A” and “B” rated “True” or “False” by “Maduro” tagged “a” or “b” "
        "in the language “nl” verified from 1 May 2019 until 3 May 2019."
    )
    assert (
        Criteria(verified_to=date(2019, 5, 3)).in_words([], [])
        == "Verified claims verified until 3 May 2019."
    )


def test_labels_come_once_whatever_the_number_of_scales(room):
    assert known_ratings(room.desk.pk, ["false", "true", "nope"]) == {"true": "True", "false": "False"}


def test_reports_page_by_number_newest_first(room):
    room.verified()
    for _ in range(3):
        freeze(room)
    first, second = reports(room.desk.pk, size=2), reports(room.desk.pk, before=2, size=2)
    assert ([r.number for r in first.reports], first.next_before) == ([3, 2], 2)
    assert ([r.number for r in second.reports], second.next_before) == ([1], None)


def test_rows_come_in_batches_and_may_be_read_again(room, monkeypatch):
    monkeypatch.setattr("annotations.queries.reports.BATCH", 2)
    for number in range(5):
        room.verified(str(number))
    rows = ReportRows(freeze(room).pk)
    assert [[row["statement"] for row in rows] for _ in range(2)] == [["0", "1", "2", "3", "4"]] * 2
