"""The sample desk is made by its own people, whole, once, and only where its public passwords do no harm."""

import io
from collections import Counter
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from annotations.domain.claims.states import ClaimState
from annotations.models import Activity, Claim, Desk, Document, Evidence, Report, ReportRow, Review, User
from annotations.sample import desk as sample_desk
from annotations.sample.desk import SampleTaken, is_unfinished, load_sample
from annotations.sample.plan import DESK_SLUG, PEOPLE, Fate, planned_claims
from annotations.sample.site import SampleSite

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_development(settings: Any, open_loopback: None) -> None:
    settings.ENVIRONMENT = "development"
    settings.IN_DEVELOPMENT = True


@pytest.fixture
def site_port() -> int:
    """A port that was free a moment ago; the load serves the sample sources there itself."""
    site = SampleSite(0)
    site.server_close()
    return int(site.server_port)


def everything() -> dict[str, int]:
    kinds = (Activity, Claim, Desk, Document, Evidence, Report, ReportRow, Review, User)
    return {kind.__name__: kind.objects.count() for kind in kinds}


def test_the_sample_brings_every_claim_of_its_plan_to_the_planned_state(site_port: int) -> None:
    load_sample(site_port=site_port)
    states = Counter(Claim.objects.exclude(state=ClaimState.PROPOSED).values_list("state", flat=True))
    fates = Counter(planned.fate for planned in planned_claims())
    assert states == {
        ClaimState.OPEN: fates[Fate.OPEN] + fates[Fate.PARKED],
        ClaimState.IN_REVIEW: fates[Fate.IN_REVIEW],
        ClaimState.RETURNED: fates[Fate.RETURNED],
        ClaimState.VERIFIED: fates[Fate.VERIFIED],
        ClaimState.DISMISSED: fates[Fate.DISMISSED],
    }
    assert Claim.objects.filter(parked_until__isnull=False).count() == fates[Fate.PARKED]
    assert Claim.objects.filter(state=ClaimState.PROPOSED).exists()


def test_the_three_statements_of_the_demonstration_stand_in_the_article(site_port: int) -> None:
    load_sample(site_port=site_port)
    who = {
        "minstens vijftig gewonden": ("Hospital de Ejemplo", "organization"),
        "hoofd van de inlichtingendienst SEBIN": ("Nicolás Maduro", "person"),
        "door soldaten": ("Leopoldo López", "person"),
    }
    for words, claimant in who.items():
        claim = Claim.objects.get(statement__contains=words, state__in=["verified", "in_review"])
        anchor = claim.anchors.get()
        assert anchor.document_version.text[anchor.start : anchor.end] == anchor.exact
        assert (claim.claimant_name, claim.claimant_kind) == claimant


def test_the_sample_people_have_their_roles_and_can_sign_in(site_port: int) -> None:
    desk = load_sample(site_port=site_port).desk
    for person in PEOPLE:
        member = desk.memberships.get(user__username=person.username)
        assert member.role == person.role
        assert member.user.check_password(person.password)


def test_nobody_of_the_sample_signed_off_their_own_work(site_port: int) -> None:
    load_sample(site_port=site_port)
    reviews = list(Review.objects.select_related("claim"))
    assert len(reviews) == 4
    for review in reviews:
        claim = review.claim
        wrote = {*claim.statement_author_ids, review.verdict.created_by_id, claim.submitted_by_id}
        wrote.update(author for row in claim.evidence.all() for author in row.author_ids)
        assert review.reviewer_id not in wrote


def test_every_change_of_the_sample_is_in_the_log_under_one_of_its_people(site_port: int) -> None:
    load_sample(site_port=site_port)
    names = set(Activity.objects.filter(claim_id__isnull=False).values_list("actor__username", flat=True))
    assert names <= {person.username for person in PEOPLE} | {None}
    assert {"eva", "ruben", "rosa", "max"} <= names


# A job is due by the clock of its own transaction, which one around the whole test would stop.
@pytest.mark.django_db(transaction=True)
def test_the_report_of_the_sample_knows_what_its_sources_said(site_port: int) -> None:
    load_sample(site_port=site_port)
    report = Report.objects.get()
    rows = [row.data for row in ReportRow.objects.filter(report=report).order_by("position")]
    assert report.state == "ready"
    assert len(rows) == 3
    for row in rows:
        assert row["evidence"]
        for evidence in row["evidence"]:
            assert evidence["title"]
            assert len(evidence["body_sha256"]) == 64


def test_loading_twice_changes_nothing(site_port: int) -> None:
    assert load_sample(site_port=site_port).is_new
    before = everything()
    assert not load_sample(site_port=site_port).is_new
    assert everything() == before


@pytest.mark.parametrize("step", ["create_desk", "load_text", "give_verdict", "return_claim"])
def test_an_interrupted_load_is_finished_by_the_next(
    site_port: int, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(*args: object, **kwargs: object) -> None:
        raise Interrupted

    modules = (sample_desk.manage, sample_desk.load, sample_desk.give, sample_desk.review)
    module = next(one for one in modules if hasattr(one, step))
    with monkeypatch.context() as patched:
        patched.setattr(module, step, interrupt)
        with pytest.raises(Interrupted):
            load_sample(site_port=site_port)
    assert is_unfinished()
    load_sample(site_port=site_port)
    assert not is_unfinished()
    fates = Counter(planned.fate for planned in planned_claims())
    assert Claim.objects.filter(state=ClaimState.VERIFIED).count() == fates[Fate.VERIFIED]
    assert Evidence.objects.count() == sum(len(planned.sources) for planned in planned_claims())
    assert (Document.objects.count(), Report.objects.count(), Review.objects.count()) == (3, 1, 4)


def test_an_account_of_a_sample_name_is_never_taken_over(site_port: int) -> None:
    User.objects.create_user("eva", password="her own, not the sample's")
    before = everything()
    with pytest.raises(SampleTaken, match="eva"):
        load_sample(site_port=site_port)
    assert everything() == before


def test_a_copy_without_the_sample_is_not_taken_for_an_unfinished_one() -> None:
    assert not is_unfinished()
    User.objects.create_user("eva", password="her own, not the sample's")
    assert not is_unfinished()


def test_a_desk_of_the_sample_name_is_never_taken_over(site_port: int) -> None:
    Desk.objects.create(name="Real", slug=DESK_SLUG)
    before = everything()
    with pytest.raises(SampleTaken, match="not the sample desk"):
        load_sample(site_port=site_port)
    assert everything() == before


def test_the_sample_is_refused_outside_development(site_port: int, settings: Any) -> None:
    settings.IN_DEVELOPMENT = False
    before = everything()
    with pytest.raises(CommandError, match="public passwords"):
        call_command("load_sample", site_port=site_port)
    assert everything() == before


def test_the_command_prints_the_sign_ins_of_the_sample(site_port: int) -> None:
    out = io.StringIO()
    call_command("load_sample", site_port=site_port, stdout=out)
    for person in PEOPLE:
        assert f"{person.username:<6} {person.role:<9} {person.password}" in out.getvalue()


def test_only_finishing_leaves_a_copy_alone_that_never_began(site_port: int) -> None:
    before = everything()
    call_command("load_sample", site_port=site_port, only_finish=True)
    assert everything() == before
