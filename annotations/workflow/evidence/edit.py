"""Change evidence that is attached already: its passage, stance and note; withdraw it, restore it."""

from django.db import transaction
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.claims.anchoring import (
    AnchorMismatch,
    AnchorOutOfRange,
    AnchorTooLong,
    Quote,
    anchor_at,
    find_words,
)
from annotations.domain.desks.roles import Action
from annotations.domain.documents.text import Span
from annotations.domain.errors import Invalid, Missing, StaleEdit, WrongState
from annotations.models import Capture, Claim, Evidence, User
from annotations.visibility import not_here
from annotations.workflow.captures.rows import place_passage
from annotations.workflow.claims.locking import check_workable, lock_claim
from annotations.workflow.evidence.rules import (
    MAX_PASSAGE,
    EvidenceRefused,
    check_not_attached,
    check_words,
    record_evidence,
)
from annotations.workflow.proof.chain import sign_passage


class StaleEvidence(StaleEdit):
    """Someone else edited this source since it was read."""

    code = "stale_evidence"


class EvidenceWithdrawn(WrongState):
    """The source was withdrawn from the claim."""

    code = "evidence_withdrawn"


class PassageNotFound(Invalid):
    """The words do not stand in the text that was read from the page."""

    code = "passage_not_found"


class PassageMismatch(Invalid):
    """The words are not those at the place given, or there is no such place in the text."""

    code = "passage_mismatch"


class PassageAmbiguous(Invalid):
    """The words stand in the text more than once; `places` are the first of them, to choose from."""

    code = "passage_ambiguous"

    def __init__(self, sentence: str, *, places: tuple[Quote, ...]) -> None:
        super().__init__(sentence, fields={"words": "Choose the place you mean, or give more words."})
        self.places = places


PLACES_OFFERED = 8


@transaction.atomic(durable=True)
def rely_on_passage(
    evidence_id: int,
    *,
    capture_id: int,
    words: str,
    version: int,
    by: User,
    start: int | None = None,
    end: int | None = None,
    place: int | None = None,
    lease_token: int | None = None,
) -> Evidence:
    """Rely on these words of a capture of the source; whoever chooses them becomes one of its authors.

    Either `start` and `end` name the place in code points, and exactly `words` must stand there; or the
    words are looked up, and `place` is the start of the occurrence that is meant. The words are kept as
    the capture has them, and the evidence is pinned to that capture. Choosing the same words again changes
    nothing.

    Raises Missing (also for a capture of another source), NotAllowed, LeaseLost, ClaimLocked,
    EvidenceWithdrawn, StaleEvidence, EvidenceRefused, PassageMismatch, PassageNotFound, PassageAmbiguous
    or AnchorCutsCharacter.
    """
    evidence, claim = _locked(evidence_id, by, lease_token)
    _check_standing(evidence)
    capture = Capture.objects.filter(pk=capture_id, reference_id=evidence.reference_id).first()
    if capture is None:
        raise Missing("There is no such capture of this source.")
    span = _span_of(capture.text, words, start, end, place)
    exact = capture.text[span.start : span.end]
    chosen = {
        "capture": capture.pk,
        "passage": exact,
        "passage_start": span.start,
        "passage_end": span.end,
    }
    before: dict[str, object] = {
        "capture": evidence.capture_id,
        "passage": evidence.passage,
        "passage_start": evidence.passage_start,
        "passage_end": evidence.passage_end,
    }
    if chosen == before:
        return evidence
    check_words(evidence.stance, exact, evidence.note)
    _check_version(evidence, version)
    evidence.capture, evidence.passage = capture, exact
    evidence.passage_start, evidence.passage_end = span
    _save_by(evidence, by)
    record_evidence(Verb.CHOSE_PASSAGE, claim, [evidence], by, details={"before": before})
    sign_passage(evidence)
    return evidence


@transaction.atomic(durable=True)
def edit_evidence(
    evidence_id: int,
    *,
    version: int,
    stance: str,
    passage: str,
    note: str,
    by: User,
    lease_token: int | None = None,
) -> Evidence:
    """Change what a source does for its claim; whoever edits it becomes one of its authors.

    `version` is the row version the person saw. Raises Missing, NotAllowed, LeaseLost, ClaimLocked,
    EvidenceRefused, EvidenceWithdrawn or StaleEvidence.
    """
    evidence, claim = _locked(evidence_id, by, lease_token)
    _check_standing(evidence)
    # Forms send line breaks as CRLF, which must not make a passage of two paragraphs look changed.
    passage = passage.replace("\r\n", "\n").strip()
    check_words(stance, passage, note)
    _check_version(evidence, version)
    had = evidence.capture_id, evidence.passage_start, evidence.passage_end
    before = {"stance": evidence.stance, "passage": evidence.passage, "note": evidence.note}
    evidence.stance, evidence.note = stance, note.strip()
    if passage != evidence.passage:
        evidence.passage = passage
        evidence.capture = evidence.capture or evidence.reference.latest_capture
        place_passage(evidence, evidence.capture)
    _save_by(evidence, by)
    record_evidence(Verb.EDITED_EVIDENCE, claim, [evidence], by, details={"before": before})
    if (evidence.capture_id, evidence.passage_start, evidence.passage_end) != had:
        sign_passage(evidence)
    return evidence


@transaction.atomic(durable=True)
def withdraw_evidence(evidence_id: int, *, by: User, lease_token: int | None = None) -> Evidence:
    """Withdraw a source from its claim; it stays readable and can be restored.

    While it is withdrawn, whoever withdrew it counts among those who worked on the claim. Withdrawing twice
    changes nothing. Raises Missing, NotAllowed, LeaseLost or ClaimLocked.
    """
    evidence, claim = _locked(evidence_id, by, lease_token)
    if evidence.withdrawn_at is None:
        Evidence.objects.filter(pk=evidence.pk).update(
            withdrawn_at=Now(), withdrawn_by=by, version=evidence.version + 1
        )
        record_evidence(Verb.WITHDREW_EVIDENCE, claim, [evidence], by)
    evidence.refresh_from_db()
    return evidence


@transaction.atomic(durable=True)
def restore_evidence(evidence_id: int, *, by: User, lease_token: int | None = None) -> Evidence:
    """Undo a withdrawal; whoever does becomes one of its authors. Restoring twice changes nothing.

    Raises Missing, NotAllowed, LeaseLost, ClaimLocked, or EvidenceAttached where the same page was
    attached anew meanwhile.
    """
    evidence, claim = _locked(evidence_id, by, lease_token)
    if evidence.withdrawn_at is not None:
        check_not_attached(claim, [evidence.reference])
        Evidence.objects.filter(pk=evidence.pk).update(
            withdrawn_at=None,
            withdrawn_by=None,
            version=evidence.version + 1,
            author_ids=sorted({*evidence.author_ids, by.pk}),
        )
        record_evidence(Verb.RESTORED_EVIDENCE, claim, [evidence], by)
    evidence.refresh_from_db()
    return evidence


def _locked(evidence_id: int, by: User, lease_token: int | None) -> tuple[Evidence, Claim]:
    claim_id = Evidence.objects.filter(pk=evidence_id).values_list("claim_id", flat=True).first()
    if claim_id is None:
        raise not_here(Evidence)
    claim = lock_claim(
        claim_id, by=by, action=Action.ATTACH_EVIDENCE, lease_token=lease_token, model=Evidence
    )
    check_workable(claim)
    evidence = (
        Evidence.objects.select_for_update(of=("self",), no_key=True)
        .select_related("reference")
        .get(pk=evidence_id)
    )
    return evidence, claim


def _check_standing(evidence: Evidence) -> None:
    if evidence.withdrawn_at is not None:
        raise EvidenceWithdrawn("This source was withdrawn. Restore it first.")


def _check_version(evidence: Evidence, version: int) -> None:
    if evidence.version != version:
        raise StaleEvidence(
            "Someone changed this source while you were writing. Your text is kept below, beside theirs.",
            current={
                "stance": evidence.stance,
                "passage": evidence.passage,
                "note": evidence.note,
                "version": evidence.version,
            },
        )


def _save_by(evidence: Evidence, by: User) -> None:
    if by.pk not in evidence.author_ids:
        evidence.author_ids = [*evidence.author_ids, by.pk]
    evidence.version += 1
    evidence.save(
        update_fields=[
            *("capture", "stance", "passage", "passage_start", "passage_end", "note", "author_ids", "version")
        ]
    )


def _span_of(text: str, words: str, start: int | None, end: int | None, place: int | None) -> Span:
    """Return where the words that are meant stand in the text, without blanks around them."""
    if len(words) > MAX_PASSAGE:
        told = (
            f"At most {MAX_PASSAGE:,} characters; this has {len(words):,}. Choose the sentences that count."
        )
        raise EvidenceRefused(told, fields={"words": told})
    if not any(map(str.isalnum, words)):
        told = "Select the words in the text, or copy and paste them here."
        raise PassageNotFound(told, fields={"words": told})
    if start is not None and end is not None:
        return _span_at(text, words, start, end)
    spans = find_words(text, words)
    if not spans:
        raise PassageNotFound(
            "These words do not stand in the text as it was read. Copy them from the text on this page.",
            fields={"words": "Not found in the text."},
        )
    chosen = [span for span in spans if span.start == place] or spans
    if len(chosen) > 1:
        more = f" The first {PLACES_OFFERED} are shown; with more words there are fewer."
        raise PassageAmbiguous(
            f"These words stand in the text {len(spans)} times. Choose which place you mean."
            + (more if len(spans) > PLACES_OFFERED else ""),
            places=tuple(anchor_at(text, *span) for span in spans[:PLACES_OFFERED]),
        )
    return chosen[0]


def _span_at(text: str, words: str, start: int, end: int) -> Span:
    try:
        anchor_at(text, start, end, words.replace("\r\n", "\n"))
    except (AnchorMismatch, AnchorOutOfRange, AnchorTooLong) as refused:
        raise PassageMismatch(
            "These are not the words at that place in the text. Select them again.",
            fields={"words": "Select them again, or send them as they are to have them looked up."},
        ) from refused
    here = text[start:end]
    return Span(start + len(here) - len(here.lstrip()), end - len(here) + len(here.rstrip()))
