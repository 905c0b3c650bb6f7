"""Random people do random things in random order, and after each step every promise is still kept.

The machine keeps a book of its own, from what it did and never from what the workbench says it did: whose
hands are in a claim, what each reviewer read, what each report said. A few hundred steps run with the other
tests; `PROMISE_STEPS=5000 make test ARGS=tests/promises/test_random_people.py` runs as many as are asked for.
"""

import os
from collections import defaultdict
from contextlib import suppress
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from annotations.domain.claims.states import STATE_CHANGES, ClaimState
from annotations.domain.errors import Refused
from annotations.domain.reports.criteria import Criteria
from annotations.domain.verdicts.records import read_record
from annotations.models import (
    Activity,
    Anchor,
    Claim,
    Evidence,
    Report,
    Review,
    SignedRecord,
    User,
    Verdict,
)
from annotations.permissions import forget_roles
from annotations.workflow.claims import edit
from annotations.workflow.documents.revise import add_version
from annotations.workflow.evidence import edit as evidence_edit
from annotations.workflow.evidence.upload import upload_capture
from annotations.workflow.reports.freeze import freeze_report
from annotations.workflow.verdicts import give, review
from tests.factories import AS_OF, make_document, make_evidence, make_team
from tests.promises.facts import judged, problems_of_entries, rows_of, rows_that_can_be_forged
from tests.promises.statements import STATEMENTS

STEPS = int(os.environ.get("PROMISE_STEPS", "300"))
STEPS_A_RUN = 50
WORDS = ("minstens vijftig gewonden", "SEBIN", "door soldaten")
DETAILS = ("statement", "claimant_name", "said_where")
STANCES = ("supports", "refutes")
RATINGS = ("true", "false", "misleading", "not_checkable")
# Most versions leave the claims alone, or soon every claim would wait for a person to place it.
CHANGES = (
    ("\n\n", "\n\nEen nieuwe alinea.\n\n"),
    ("onrustige", "rumoerige"),
    ("rumoerige", "onrustige"),
    ("dag.", "dag, zo bleek."),
    ("vijftig", "zestig"),
    ("zestig", "vijftig"),
)
APPROVED: list[int] = []
# Mostly editors work, or soon nobody would be left who may review.
person = st.sampled_from(("editor", "colleague", "editor", "colleague", "editor", "reviewer", "manager"))
reader = st.sampled_from(("reviewer", "manager", "reviewer", "manager", "editor"))
which = st.integers(0, len(WORDS) - 1)


class Newsroom(RuleBasedStateMachine):
    """One desk, one article, three claims."""

    def __init__(self) -> None:
        super().__init__()
        self.team = make_team()
        self.document = make_document(self.team)
        self.claims: list[int] = []
        self.states: dict[int, str] = {}
        # The book: who worded a claim or chose its words, gave which verdict, sent it in, did what to which
        # source.
        self.worded: dict[int, set[int]] = defaultdict(set)
        self.gave: dict[int, int] = {}
        self.sent: dict[int, int] = {}
        self.wrote: dict[int, set[int]] = defaultdict(set)
        self.withdrew: dict[int, int] = {}
        self.uploaded: dict[int, int] = {}
        # What each person read of each claim: the hash, and the rows as they were.
        self.read: dict[tuple[str, int], tuple[str, dict[str, Any]]] = {}
        self.signed: dict[int, dict[str, Any]] = {}
        self.reported: dict[int, list[Any]] = {}
        self.kept: dict[Any, dict[int, Any]] = {Verdict: {}, Review: {}, SignedRecord: {}}
        self.lines = 0
        # What was written by SQL and not by the workbench.
        self.forged: set[str] = set()

    # What people do

    def someone(self, name: str) -> User:
        found: User = getattr(self.team, name)
        forget_roles(found)
        return found

    def claim(self, index: int) -> Claim:
        pk = self.claims[index % len(self.claims)]
        return Claim.objects.select_related("document__current_version", "verdict").get(pk=pk)

    @initialize()
    def begin(self) -> None:
        for words in WORDS:
            self.make_claim("editor", words)
        self.work_through("editor", 0)

    def make_claim(self, who: str, words: str) -> None:
        by = self.someone(who)
        with suppress(Refused):
            claim = edit.create_claim_from_words(self.document.pk, words=words, by=by)
            self.claims.append(claim.pk)
            self.states[claim.pk] = claim.state
            self.worded[claim.pk].add(by.pk)

    @rule(
        who=person,
        index=which,
        field=st.sampled_from(DETAILS),
        word=st.sampled_from("AB"),
    )
    def word(self, who: str, index: int, field: str, word: str) -> None:
        claim, by = self.claim(index), self.someone(who)
        values = {name: getattr(claim, name) for name in edit.EDITABLE} | {field: f"Iets {word}"}
        values["tags"] = tuple(values["tags"])
        before = getattr(claim, field)
        with suppress(Refused):
            edit.edit_claim(claim.pk, version=claim.version, particulars=edit.Particulars(**values), by=by)
            if before != f"Iets {word}":
                self.worded[claim.pk].add(by.pk)

    @rule(who=person, index=which, words=st.sampled_from(WORDS))
    def place(self, who: str, index: int, words: str) -> None:
        claim, by = self.claim(index), self.someone(who)
        text = claim.document.current_version
        assert text is not None
        start = text.text.find(words)
        if start < 0:
            return
        with suppress(Refused):
            edit.confirm_anchor(claim.pk, start=start, end=start + len(words), exact=words, by=by)
            self.worded[claim.pk].add(by.pk)

    @rule(who=person, index=which, page=st.sampled_from("ab"))
    def attach(self, who: str, index: int, page: str) -> None:
        claim, by = self.claim(index), self.someone(who)
        with suppress(Refused, DatabaseError), transaction.atomic():
            made = make_evidence(self.team, claim, by=by, url=f"https://example.org/{claim.pk}/{page}")
            self.wrote[made.pk].add(by.pk)

    def source(self, index: int) -> Evidence | None:
        return Evidence.objects.filter(claim=self.claim(index)).order_by("?").first()

    @rule(who=person, index=which, stance=st.sampled_from(STANCES), note=st.sampled_from("AB"))
    def change_source(self, who: str, index: int, stance: str, note: str) -> None:
        row, by = self.source(index), self.someone(who)
        if row is None:
            return
        with suppress(Refused):
            evidence_edit.edit_evidence(
                row.pk, version=row.version, stance=stance, passage=row.passage, note=note, by=by
            )
            self.wrote[row.pk].add(by.pk)

    @rule(who=person, index=which, back=st.booleans())
    def withdraw_source(self, who: str, index: int, back: bool) -> None:
        row, by = self.source(index), self.someone(who)
        if row is None:
            return
        with suppress(Refused):
            if back:
                evidence_edit.restore_evidence(row.pk, by=by)
                if row.withdrawn_at is not None:
                    self.wrote[row.pk].add(by.pk)
                    self.withdrew.pop(row.pk, None)
            else:
                evidence_edit.withdraw_evidence(row.pk, by=by)
                if row.withdrawn_at is None:
                    self.withdrew[row.pk] = by.pk

    @rule(who=person, index=which)
    def upload(self, who: str, index: int) -> None:
        row, by = self.source(index), self.someone(who)
        if row is None:
            return
        with suppress(Refused):
            capture = upload_capture(
                row.reference_id, filename="seen.txt", content=b"Minstens vijftig.", by=by
            )
            self.uploaded[capture.pk] = by.pk

    @rule(who=person, index=which, rating=st.sampled_from(RATINGS), submit=st.booleans())
    def judge(self, who: str, index: int, rating: str, submit: bool) -> None:
        claim, by = self.claim(index), self.someone(who)
        number = claim.verdict.number if claim.verdict else 0
        draft = give.Draft(
            self.team.ratings[rating].pk, f"Reden {number}.", AS_OF, "Beter." if number else ""
        )
        with suppress(Refused):
            verdict = give.give_verdict(claim.pk, draft=draft, base_number=number, by=by, submit=submit)
            self.gave[verdict.pk] = by.pk
            if submit:
                self.sent[claim.pk] = by.pk

    @rule(who=person, index=which)
    def submit(self, who: str, index: int) -> None:
        claim, by = self.claim(index), self.someone(who)
        with suppress(Refused):
            give.submit_for_review(claim.pk, by=by)
            self.sent[claim.pk] = by.pk

    @rule(who=person, index=which)
    def work_through(self, who: str, index: int) -> None:
        """Do at once what brings a claim to review, or else few would come that far."""
        self.attach(who, index, "b")
        self.judge(who, index, "true", submit=True)
        for name in ("reviewer", "manager"):
            self.look(name, index)

    @rule(who=reader, index=which)
    def look(self, who: str, index: int) -> None:
        claim = self.claim(index)
        record = SignedRecord.objects.in_force(claim.pk)
        if claim.state == ClaimState.IN_REVIEW and record is not None:
            self.read[who, claim.pk] = (record.sha256, judged(claim))

    @precondition(lambda self: self.read)
    @rule(data=st.data(), approves=st.sampled_from((True, True, False)))
    def decide_late(self, data: st.DataObject, approves: bool) -> None:
        """Decide from a page that was opened at any time before."""
        self.decide(*data.draw(st.sampled_from(sorted(self.read))), approves=approves)

    @rule(who=reader, index=which, approves=st.sampled_from((True, True, False)))
    def look_and_decide(self, who: str, index: int, approves: bool) -> None:
        self.look(who, index)
        pk = self.claims[index % len(self.claims)]
        if (who, pk) in self.read:
            self.decide(who, pk, approves=approves)

    def decide(self, who: str, pk: int, *, approves: bool) -> None:
        record, seen = self.read[who, pk]
        by = self.someone(who)
        with suppress(Refused):
            if not approves:
                review.return_claim(pk, record=record, by=by, note="Nog eens.")
                return
            review.approve(pk, record=record, by=by)
            claim = self.claim(self.claims.index(pk))
            assert seen == judged(claim), "somebody signed what they had not read"
            self.signed[pk] = seen
            APPROVED.append(pk)

    @rule(who=reader, index=which, reopens=st.booleans())
    def undo(self, who: str, index: int, reopens: bool) -> None:
        claim, by = self.claim(index), self.someone(who)
        with suppress(Refused):
            if reopens:
                review.reopen(claim.pk, by=by, reason="Nieuws.")
            else:
                review.withdraw_from_review(claim.pk, by=by)

    @rule(who=person, change=st.sampled_from(CHANGES))
    def revise(self, who: str, change: tuple[str, str]) -> None:
        self.document.refresh_from_db()
        current = self.document.current_version
        assert current is not None
        with suppress(Refused):
            add_version(self.document.pk, text=current.text.replace(*change, 1), by=self.someone(who))

    @precondition(lambda self: self.signed)
    @rule(who=person)
    def report(self, who: str) -> None:
        with suppress(Refused):
            made = freeze_report(desk=self.team.desk, by=self.someone(who), title="", criteria=Criteria())
            rows = rows_of(made.pk)
            self.reported[made.pk] = [made.content_hash, rows]
            for claim_id, row in rows:
                assert row["statement"] == self.signed[claim_id]["statement"]

    @rule(who=person, index=which, statement=st.sampled_from(STATEMENTS))
    def type_sql(self, who: str, index: int, statement: str) -> None:
        values = {"claim": self.claims[index % len(self.claims)], "person": getattr(self.team, who).pk}
        before = self.states[values["claim"]]
        there = rows_that_can_be_forged()
        with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            after = Claim.objects.values_list("state", flat=True).get(pk=values["claim"])
            # A line of the log is written by the workflow, which a prompt goes around.
            self.states[values["claim"]] = after
            if (before, after) == ("in_review", "verified"):
                self.signed[values["claim"]] = judged(self.claim(index))
        self.forged |= rows_that_can_be_forged() - there

    # What must hold after every step

    @invariant()
    def nobody_signed_their_own_work(self) -> None:
        for claim in Claim.objects.filter(pk__in=self.claims, state="verified").select_related("verdict"):
            sources = Evidence.objects.filter(claim=claim)
            hands = set(self.worded[claim.pk]) | {self.sent[claim.pk], self.gave[claim.verdict_id]}  # type: ignore[index]
            for source in sources:
                if source.withdrawn_at is None:
                    hands |= self.wrote[source.pk]
                    hands |= (
                        {self.uploaded[source.capture_id]} if source.capture_id in self.uploaded else set()
                    )
                elif source.pk in self.withdrew:
                    hands.add(self.withdrew[source.pk])
            assert claim.verified_by_id not in hands

    @invariant()
    def what_is_verified_is_what_was_signed(self) -> None:
        verified = Claim.objects.filter(pk__in=self.claims, state="verified")
        for claim in verified.select_related("document__current_version", "verdict"):
            assert judged(claim) == self.signed[claim.pk]
            record = SignedRecord.objects.in_force(claim.pk)
            assert record is not None
            assert read_record(record.body)["statement"] == claim.statement
            assert Review.objects.filter(
                record=record, decision="approved", reviewer=claim.verified_by
            ).exists()

    @invariant()
    def claims_move_as_agreed_and_each_move_is_in_the_log(self) -> None:
        for pk, state in Claim.objects.filter(pk__in=self.claims).values_list("pk", "state"):
            before = self.states[pk]
            if before != state:
                assert (ClaimState(before), ClaimState(state)) in STATE_CHANGES
                assert Activity.objects.filter(claim_id=pk, from_state=before, to_state=state).exists()
            self.states[pk] = state

    @invariant()
    def anchors_cover_the_words_they_name(self) -> None:
        for anchor in Anchor.objects.filter(claim_id__in=self.claims).select_related("document_version"):
            assert anchor.document_version.text[anchor.start : anchor.end] == anchor.exact

    @invariant()
    def reports_stay_as_they_were(self) -> None:
        for pk, (content_hash, rows) in self.reported.items():
            assert Report.objects.get(pk=pk).content_hash == content_hash
            assert rows_of(pk) == rows

    @invariant()
    def what_was_written_stays_written(self) -> None:
        for model, before in self.kept.items():
            rows = {row["id"]: row for row in model.objects.filter(claim_id__in=self.claims).values()}
            assert all(rows[pk] == row for pk, row in before.items())
            self.kept[model] = rows
        lines = Activity.objects.filter(desk=self.team.desk).count()
        assert lines >= self.lines
        self.lines = lines

    def teardown(self) -> None:
        """Find what was written past the workbench, and nothing else."""
        assert sorted(problem.name for problem in problems_of_entries()) == sorted(self.forged)


@pytest.mark.django_db
@pytest.mark.timeout(0)
def test_whatever_people_do_in_whatever_order_the_promises_hold() -> None:
    run_state_machine_as_test(
        Newsroom,
        settings=settings(
            max_examples=max(1, STEPS // STEPS_A_RUN),
            stateful_step_count=STEPS_A_RUN,
            deadline=None,
            # The share that runs with the other tests is the same each time.
            derandomize="PROMISE_STEPS" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # A machine that never comes to a signature shows nothing about signatures.
    assert APPROVED
