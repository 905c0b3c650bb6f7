"""What no role in the database can stop is found afterwards, because each row is sealed as it is written.

Whoever has the application's password can write in another's name; `verify` names the row.
"""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from annotations.archiving.signing import SigningKey, new_seed
from annotations.domain.proof.kinds import EntryKind
from annotations.domain.reports.criteria import Criteria
from annotations.models import (
    Activity,
    Claim,
    EarlierEntries,
    ProofChain,
    Report,
    Review,
    Seal,
    SignedRecord,
    Verdict,
)
from annotations.workflow.entries import TABLES, entry_hash, signed_bytes
from annotations.workflow.proof.chain import chain_entries
from annotations.workflow.proof.manifest_files import sweep
from annotations.workflow.proof.verify import verify
from annotations.workflow.reports import freeze
from tests.factories import (
    Team,
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_document,
    make_evidence,
    make_team,
    make_verified_claim,
)
from tests.models.refusing import denied, refused_by
from tests.promises.facts import problems, run
from tests.without_rules import as_owner, change_row, rules_off

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_key")]


def test_what_nobody_forged_holds_and_every_kind_of_entry_is_sealed_and_chained(recorded: Claim) -> None:
    assert problems() == []
    assert not Seal.objects.filter(manifest=None).exists()
    sealed = {kind for seal in Seal.objects.all() for kind in seal.kinds}
    assert sealed == {kind.value for kind in EntryKind}


FORGED = {
    "a review in another's name": (
        """INSERT INTO annotations_review
        (claim_id, verdict_id, record_id, submitted_at, reviewer_id, decision, note, reviewer_name)
        SELECT c.id, c.verdict_id, r.id, c.submitted_at, %(reviewer)s, 'approved', '', ''
        FROM annotations_claim c JOIN annotations_signedrecord r ON r.claim_id = c.id
        WHERE c.id = %(waiting)s""",
        Review,
        "review",
    ),
    "a line of the log": (
        """INSERT INTO annotations_activity
        (desk_id, actor_id, verb, object_type, object_id, claim_id, from_state, to_state, details)
        VALUES (%(desk)s, %(reviewer)s, 'approved', 'claim', %(waiting)s, %(waiting)s, '', '', '{}')""",
        Activity,
        "line of the log",
    ),
    "a verdict": (
        """INSERT INTO annotations_verdict
        (claim_id, number, rating_id, reasoning, as_of, reason_for_change, created_by_id)
        VALUES (%(open)s, 1, %(rating)s, 'Forged.', '2019-05-01', '', %(editor)s)""",
        Verdict,
        "verdict",
    ),
    "a submission": (
        """UPDATE annotations_claim SET state = 'in_review', submitted_by_id = %(editor)s,
        submitted_at = now()
        WHERE id = %(returned)s""",
        SignedRecord,
        "signed record",
    ),
}


@pytest.mark.parametrize("what", FORGED)
def test_whatever_is_written_with_the_applications_password_is_found(
    what: str, recorded: Claim, team: Team
) -> None:

    waiting = make_claim_in_review(team, words="minstens vijftig gewonden")
    opened = make_claim(team)
    returned = make_claim(team)
    make_evidence(team, returned, url="https://example.org/returned")
    give_verdict(team, returned)
    sweep()
    assert problems() == []
    statement, model, called = FORGED[what]

    run(
        statement, desk=team.desk.pk, reviewer=team.reviewer.pk, editor=team.editor.pk, waiting=waiting.pk,
        open=opened.pk, returned=returned.pk, rating=team.ratings["true"].pk,
    )  # fmt: skip
    sweep()

    forged = model._default_manager.order_by("-pk").first()
    assert forged is not None
    assert problems() == [f"{called} {forged.pk}: was not written by the workbench: nothing sealed it"]


def test_a_seal_with_a_key_of_ones_own_covers_nothing(recorded: Claim, team: Team) -> None:
    line = Activity.objects.create(
        desk=team.desk, actor=team.reviewer, verb="approved", object_type="claim", object_id=recorded.pk
    )
    key = SigningKey(new_seed())
    row = next(
        iter(Activity.objects.filter(pk=line.pk).values_list("pk", *TABLES[EntryKind.ACTIVITY].columns))
    )
    seal = Seal(
        desk=team.desk, kinds=["activity"], row_ids=[line.pk],
        hashes=[entry_hash(EntryKind.ACTIVITY, row)], public_key=key.public_key,
    )  # fmt: skip
    seal.signature = key.sign(signed_bytes(seal))
    seal.save()
    before = ProofChain.objects.get(desk=team.desk).number

    assert chain_entries() == 0
    assert ProofChain.objects.get(desk=team.desk).number == before
    foreign, unsealed = problems()
    assert foreign.startswith(f"seal {seal.pk}: is signed with key {key.key_id}, which is none of this")
    assert unsealed == f"line of the log {line.pk}: was not written by the workbench: nothing sealed it"


def test_a_seal_that_says_something_else_than_was_signed_does_not_hold(recorded: Claim, team: Team) -> None:
    line = Activity.objects.create(
        desk=team.desk, actor=team.reviewer, verb="approved", object_type="claim", object_id=recorded.pk
    )
    genuine = Seal.objects.order_by("-pk").first()
    assert genuine is not None
    forged = Seal.objects.create(
        desk=team.desk, kinds=["activity"], row_ids=[line.pk], hashes=["0" * 64],
        public_key=genuine.public_key, signature=genuine.signature,
    )  # fmt: skip
    sweep()
    assert f"seal {forged.pk}: its signature does not fit what it says" in problems()


def test_what_a_former_key_signed_holds_as_long_as_it_is_named(
    recorded: Claim, settings: Any, team: Team
) -> None:
    former = Seal.objects.values_list("public_key", flat=True)[0]
    settings.SIGNING_KEY = new_seed()
    make_document(team)
    assert len(problems()) > 1
    settings.FORMER_SIGNING_KEYS = [former]
    assert problems() == []


def test_entries_from_before_there_were_seals_are_sealed_as_found(team: Team) -> None:
    make_claim_in_review(team)
    last = {kind: _last(kind) for kind in EntryKind}
    with rules_off("annotations_seal"):
        run("DELETE FROM annotations_seal")
    with as_owner():
        EarlierEntries.objects.all().delete()
        EarlierEntries.objects.bulk_create(
            EarlierEntries(kind=kind.value, since=timezone.now() + timedelta(hours=1), until_id=last[kind])
            for kind in EntryKind
        )
    assert problems() != []
    sweep()
    assert problems() == []
    assert {seal.is_earlier for seal in Seal.objects.all()} == {True}


def earlier_entries(**changed: Any) -> None:
    """Change the rows that the migration wrote; write them where another test emptied all tables."""
    with rules_off("annotations_earlierentries"):
        for kind in EntryKind:
            given = {"since": timezone.now(), "until_id": 0, **changed}
            EarlierEntries.objects.update_or_create(kind=kind.value, defaults=given)


def test_nobody_slips_a_row_among_the_earlier_ones(team: Team) -> None:
    make_claim_in_review(team)
    sweep()
    earlier_entries(since=timezone.now() - timedelta(hours=1), until_id=_last(EntryKind.REVIEW))
    with rules_off("annotations_earlierentries"):
        EarlierEntries.objects.filter(kind="activity").update(until_id=10**9, done_id=10**8)
    run(
        """INSERT INTO annotations_activity
        (id, desk_id, actor_id, verb, object_type, object_id, from_state, to_state, details)
        VALUES (100000001, %(desk)s, %(person)s, 'approved', 'claim', 1, '', '', '{}')""",
        desk=team.desk.pk,
        person=team.reviewer.pk,
    )
    sweep()
    assert problems() == ["line of the log 100000001: was not written by the workbench: nothing sealed it"]


def _last(kind: EntryKind) -> int:
    return int(TABLES[kind].rows().order_by("-pk").values_list("pk", flat=True).first() or 0)


def test_a_seal_is_not_changed_and_is_chained_once(recorded: Claim) -> None:
    seal = Seal.objects.order_by("pk")[0]
    with denied():
        Seal.objects.filter(pk=seal.pk).update(hashes=["0" * 64])
    with denied():
        Seal.objects.filter(pk=seal.pk).delete()
    with refused_by("seal_dated_now"):
        Seal.objects.create(
            desk_id=seal.desk_id, kinds=["review"], row_ids=[1], hashes=["0" * 64],
            made_at=timezone.now() - timedelta(days=1),
        )  # fmt: skip
    with refused_by("seal_chained_once"):
        Seal.objects.filter(pk=seal.pk).update(manifest=None)
    with denied():
        EarlierEntries.objects.create(kind="review", since=timezone.now(), until_id=10**9)


def test_a_seal_that_gets_no_place_in_the_chain_is_found(team: Team) -> None:
    make_document(team)
    sweep()
    with rules_off("annotations_seal"):
        run("UPDATE annotations_seal SET manifest_id = NULL, made_at = now() - interval '1 hour'")
    found = problems()
    assert any(problem.endswith("stands in no manifest") for problem in found)


def test_one_command_says_that_all_of_it_holds(recorded: Claim) -> None:
    out = StringIO()
    call_command("verify", stdout=out)
    assert "All holds." in out.getvalue()


def test_a_desk_is_checked_by_itself(recorded: Claim, team: Team) -> None:
    other = make_team()
    sweep()
    line = Activity.objects.filter(desk=team.desk).order_by("-pk")[0]
    change_row("UPDATE annotations_activity SET verb = 'renamed' WHERE id = %s", line.pk)
    assert verify(desk_id=other.desk.pk).problems == []
    assert len(verify(desk_id=team.desk.pk).problems) == 2
    assert len(verify(since=timezone.now() - timedelta(days=1)).problems) == 2
    assert verify(since=timezone.now() + timedelta(days=1)).problems == []


def test_what_was_passed_once_is_not_sealed_again_as_earlier(team: Team) -> None:
    sweep()
    earlier_entries(until_id=100, done_id=100)
    for changed in ({"done_id": -100}, {"done_id": 99}):
        with refused_by("earlier_entries_forward"):
            EarlierEntries.objects.update(**changed)
    with as_owner():
        for changed in ({"until_id": 200}, {"since": timezone.now()}, {"kind": "else"}):
            with refused_by("earlier_entries_forward"):
                EarlierEntries.objects.filter(kind="report").update(**changed)
    assert set(EarlierEntries.objects.values_list("done_id", "until_id")) == {(100, 100)}
    EarlierEntries.objects.filter(kind="report").update(done_id=100)


def test_what_counts_as_earlier_stays_as_the_upgrade_found_it() -> None:
    with as_owner():
        kept, _ = EarlierEntries.objects.get_or_create(
            kind="report", defaults={"since": timezone.now(), "until_id": 7}
        )
        for changed in ({"until_id": kept.until_id + 1}, {"done_id": kept.done_id - 1}):
            with refused_by("earlier_entries_forward"):
                EarlierEntries.objects.filter(kind="report").update(**changed)
    assert EarlierEntries.objects.get(kind="report").until_id == kept.until_id


@pytest.mark.parametrize("forged", ["the row", "its criteria", "its desk's name", "its author"])
def test_no_worker_signs_a_report_that_nobody_asked_for(
    team: Team, monkeypatch: pytest.MonkeyPatch, forged: str
) -> None:
    make_verified_claim(team)
    monkeypatch.setattr(freeze, "INLINE_LIMIT", 0)
    if forged == "the row":
        report = Report.objects.create(
            desk=team.desk, number=1, title="Forged", criteria={}, state="queued", created_by=team.reviewer
        )
    else:
        report = freeze.freeze_report(desk=team.desk, by=team.manager, title="R", criteria=Criteria())
        changed: dict[str, Any] = {
            "its criteria": {"criteria": {"ratings": ["true"]}},
            "its desk's name": {"head": report.head | {"desk": "Forged"}},
            "its author": {"created_by": team.reviewer},
        }[forged]
        with as_owner():
            Report.objects.filter(pk=report.pk).update(**changed)
    freeze.build_report(report.pk)
    report.refresh_from_db()
    assert (report.state, report.rows.count()) == ("failed", 0)
    assert "asked for" in report.problem
    assert not Activity.objects.filter(verb="froze_report").exists()
    line = Activity.objects.get(verb="could_not_freeze_report")
    assert line.actor_id is None


def test_a_queued_report_that_was_asked_for_is_frozen(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    make_verified_claim(team)
    monkeypatch.setattr(freeze, "INLINE_LIMIT", 0)
    report = freeze.freeze_report(desk=team.desk, by=team.manager, title="R", criteria=Criteria())
    freeze.build_report(report.pk)
    report.refresh_from_db()
    assert (report.state, report.rows.count()) == ("ready", 1)
