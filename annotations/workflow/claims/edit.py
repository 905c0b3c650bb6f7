"""Make claims, take them up, edit them and set them aside."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.claims.anchoring import AnchorState, Quote, anchor_at, find_words
from annotations.domain.claims.states import (
    SIGNED,
    STATEMENT_EDITABLE,
    ClaimState,
    Move,
    MoveRefused,
    target_of,
)
from annotations.domain.desks.roles import Action
from annotations.domain.documents.text import Span
from annotations.domain.errors import Invalid
from annotations.models import Activity, Anchor, Claim, ClaimantKind, Document, DocumentVersion, Origin, User
from annotations.permissions import check_can_now
from annotations.visibility import not_here
from annotations.workflow.activity import claim_activity, record_all
from annotations.workflow.claims.locking import ClaimLocked, StaleClaim, hold_article, lock_claim, lock_claims

MAX_STATEMENT = 2_000
MAX_TAGS = 20
MAX_TAG = 40


class ClaimRefused(Invalid):
    """What was typed about a claim cannot be used; `fields` says what is wrong where."""

    code = "claim_invalid"


class WordsNotFound(Invalid):
    """The pasted words do not stand in the article."""

    code = "words_not_found"


class WordsAmbiguous(Invalid):
    """The pasted words stand in the article more than once; `places` holds each."""

    code = "words_ambiguous"

    def __init__(self, sentence: str, *, places: tuple[Quote, ...]) -> None:
        super().__init__(sentence, fields={"words": sentence})
        self.places = places


@dataclass(frozen=True)
class Particulars:
    """What is known about a claim besides its words. Dates are days where the claim was made."""

    statement: str
    claimant_name: str = ""
    claimant_kind: str = ""
    claimant_role: str = ""
    said_on: date | None = None
    said_where: str = ""
    chosen_because: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()


@dataclass
class BulkOutcome:
    """What a bulk action did: the ids it changed, and for each it did not, why."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


@transaction.atomic(durable=True)
def create_claim(
    document_id: int,
    *,
    start: int,
    end: int,
    exact: str,
    by: User,
    particulars: Particulars | None = None,
    version_id: int | None = None,
) -> Claim:
    """Make a claim of `text[start:end]` in the document's current version, open for checking.

    Offsets are code points. Without particulars the statement is the words themselves. `version_id`
    is the version the person saw. Raises Missing, NotAllowed, ClaimRefused, or a refusal of
    `anchor_at`, among them AnchorMismatch where the words there are not `exact`.
    """
    document, version = _current_text(document_id, by)
    _check_read(version, version_id)
    return _create(document, version, anchor_at(version.text, start, end, exact), by, particulars)


@transaction.atomic(durable=True)
def create_claim_from_words(
    document_id: int,
    *,
    words: str,
    by: User,
    place: int | None = None,
    particulars: Particulars | None = None,
) -> Claim:
    """Make a claim of pasted words by finding them in the current version.

    `place` is the start, in code points, of the occurrence that is meant, needed where there are several.
    Raises Missing, NotAllowed, ClaimRefused, WordsNotFound or WordsAmbiguous.
    """
    document, version = _current_text(document_id, by)
    if not words.strip():
        raise WordsNotFound(
            "Paste the words of the claim as they stand in the article.", fields={"words": "Paste the words."}
        )
    spans = find_words(version.text, words)
    if place is not None:
        spans = [span for span in spans if span.start == place]
    if not spans:
        raise WordsNotFound(
            "These words do not stand in the article. Copy them from the article itself and paste them "
            "again.",
            fields={"words": "Not found in the article."},
        )
    if len(spans) > 1:
        raise WordsAmbiguous(
            f"These words stand in the article {len(spans)} times. Choose which place you mean.",
            places=tuple(_quote(version.text, span) for span in spans),
        )
    return _create(document, version, _quote(version.text, spans[0]), by, particulars)


@transaction.atomic(durable=True)
def edit_claim(
    claim_id: int, *, version: int, particulars: Particulars, by: User, lease_token: int | None = None
) -> Claim:
    """Change the statement and particulars of a claim, and nothing else.

    `version` is the row version the person saw. Whoever changes anything that a reviewer judges, so all but
    the tags, is an author of the claim for ever. Raises Missing, NotAllowed, LeaseLost, ClaimLocked,
    StaleClaim or ClaimRefused.
    """
    claim = lock_claim(claim_id, by=by, action=Action.EDIT_CLAIM, lease_token=lease_token)
    state = ClaimState(claim.state)
    if state not in STATEMENT_EDITABLE:
        raise ClaimLocked(f"This claim is “{state.label}”, so its wording is locked.")
    if claim.version != version:
        raise StaleClaim(
            "Someone changed this claim while you were editing. Your text is kept below, beside the claim as "
            "it is now: bring the two together and save again.",
            current=_editable(claim) | {"version": claim.version},
        )
    before = _editable(claim)
    _apply(claim, _checked(particulars), by)
    after = _editable(claim)
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if not changed:
        return claim
    claim.version += 1
    claim.updated_at = Now()
    claim.save(update_fields=[*EDITABLE, "statement_author_ids", "version", "updated_at"])
    record_all([claim_activity(Verb.EDITED, claim, by, details={"changed": changed})])
    claim.refresh_from_db(fields=["updated_at"])
    return claim


@transaction.atomic(durable=True)
def accept_claims(claim_ids: Collection[int], *, by: User) -> BulkOutcome:
    """Take proposed claims up for checking. Those that are no longer proposed stay, and are named.

    A single claim that cannot be moved raises MoveRefused instead. Raises Missing or NotAllowed.
    """
    return _move_all(claim_ids, Move.ACCEPT, Verb.ACCEPTED, by)


@transaction.atomic(durable=True)
def dismiss_claims(claim_ids: Collection[int], *, by: User, reason: str = "") -> BulkOutcome:
    """Set claims aside as not worth checking. Those that cannot be set aside any more stay, and are named."""
    return _move_all(claim_ids, Move.DISMISS, Verb.DISMISSED, by, reason)


@transaction.atomic(durable=True)
def restore_claims(claim_ids: Collection[int], *, by: User) -> BulkOutcome:
    """Bring dismissed claims back for checking. The others stay, and are named."""
    return _move_all(claim_ids, Move.RESTORE, Verb.RESTORED, by)


@transaction.atomic(durable=True)
def confirm_anchor(
    claim_id: int, *, start: int, end: int, exact: str, by: User, version_id: int | None = None
) -> Anchor:
    """Confirm, after a person has looked, where a claim stands in the current version of its article.

    Whoever does is an author of the claim for ever, since the words are part of what a reviewer judges.
    `version_id` is the version the person saw. Raises Missing, NotAllowed, ClaimLocked, ClaimRefused where
    there is a newer one, or a refusal of `anchor_at`.
    """
    claim = lock_claim(claim_id, by=by, action=Action.EDIT_CLAIM)
    state = ClaimState(claim.state)
    if state in SIGNED:
        raise ClaimLocked(
            f"This claim is “{state.label}”, so its words in the article are locked. "
            + ("Take it back from review" if state is ClaimState.IN_REVIEW else "Reopen it with a reason")
            + " first; then it can be placed and reviewed again."
        )
    hold_article(claim)
    document = Document.objects.select_related("current_version").get(pk=claim.document_id)
    version = document.current_version
    assert version is not None
    _check_read(version, version_id)
    quote = anchor_at(version.text, start, end, exact)
    # `update_or_create` would write the moment of creation too, which the application may not change.
    place = quote._asdict() | {"state": AnchorState.CONFIRMED, "score": 1.0, "before_changed": False}
    anchor = Anchor.objects.filter(claim=claim, document_version=version).first()
    if anchor is None:
        anchor = Anchor.objects.create(claim=claim, document_version=version, **place)
    else:
        for name, value in place.items():
            setattr(anchor, name, value)
        anchor.save(update_fields=list(place))
    _count_author(claim, by)
    claim.version += 1
    claim.updated_at = Now()
    claim.save(update_fields=["statement_author_ids", "version", "updated_at"])
    record_all(
        [claim_activity(Verb.CONFIRMED_ANCHOR, claim, by, details={"start": quote.start, "end": quote.end})]
    )
    return anchor


def _check_read(version: DocumentVersion, version_id: int | None) -> None:
    if version_id is not None and version_id != version.pk:
        raise ClaimRefused("The article has a newer version. Reload the page and select the words again.")


EDITABLE = [
    "statement",
    "claimant_name",
    "claimant_kind",
    "claimant_role",
    "said_on",
    "said_where",
    "chosen_because",
    "language",
    "tags",
]

# Tags order the work; all else is part of what is claimed.
_JUDGED = [name for name in EDITABLE if name != "tags"]


def clean_tags(tags: Collection[str]) -> list[str]:
    """Return tags trimmed, lower-cased, each once, in alphabetical order; raises ClaimRefused."""
    cleaned = sorted({" ".join(tag.split()).casefold() for tag in tags} - {""})
    if len(cleaned) > MAX_TAGS:
        raise ClaimRefused(
            f"A claim has at most {MAX_TAGS} tags.", fields={"tags": f"At most {MAX_TAGS} tags."}
        )
    if any(len(tag) > MAX_TAG for tag in cleaned):
        raise ClaimRefused("A tag is too long.", fields={"tags": f"A tag has at most {MAX_TAG} characters."})
    return cleaned


def _current_text(document_id: int, by: User) -> tuple[Document, DocumentVersion]:
    # A version that is just being added waits, and finds the new claim; or it is waited for, and is current.
    # Joined to the lock, the version could be the one from before the wait.
    document = Document.objects.select_for_update(no_key=True).filter(pk=document_id).first()
    if document is None:
        raise not_here(Document)
    check_can_now(by, Action.EDIT_CLAIM, document.desk_id, model=Document)
    if document.current_version is None:
        raise ClaimRefused("The text of this article is not loaded yet.")
    return document, document.current_version


def _quote(text: str, span: Span) -> Quote:
    return anchor_at(text, span.start, span.end)


def _create(
    document: Document, version: DocumentVersion, quote: Quote, by: User, particulars: Particulars | None
) -> Claim:
    given = _checked(particulars or Particulars(statement=" ".join(quote.exact.split())[:MAX_STATEMENT]))
    claim = Claim(
        desk_id=document.desk_id,
        document=document,
        state=ClaimState.OPEN,
        origin=Origin.SELECTED,
        created_by=by,
        statement="",
        language=document.language,
    )
    _apply(claim, given, by)
    claim.save(force_insert=True)
    Anchor.objects.create(
        claim=claim,
        document_version=version,
        start=quote.start,
        end=quote.end,
        exact=quote.exact,
        prefix=quote.prefix,
        suffix=quote.suffix,
    )
    record_all(
        [claim_activity(Verb.CREATED, claim, by, to_state=claim.state, details={"exact": quote.exact[:300]})]
    )
    claim.refresh_from_db(fields=["created_at", "updated_at", "queue_rank"])
    return claim


def _checked(given: Particulars) -> Particulars:
    fields = {}
    statement = " ".join(given.statement.split())
    if not statement:
        fields["statement"] = "Say in one neutral sentence what is claimed."
    elif len(statement) > MAX_STATEMENT:
        fields["statement"] = f"At most {MAX_STATEMENT:,} characters; this has {len(statement):,}."
    if given.claimant_kind not in set(ClaimantKind):
        fields["claimant_kind"] = "Choose person or organization, or leave it open."
    for name in ("claimant_name", "claimant_role", "said_where"):
        if len(getattr(given, name)) > 200:
            fields[name] = "At most 200 characters."
    if fields:
        raise ClaimRefused(" ".join(fields.values()), fields=fields)
    return Particulars(
        statement=statement,
        claimant_name=given.claimant_name.strip(),
        claimant_kind=given.claimant_kind,
        claimant_role=given.claimant_role.strip(),
        said_on=given.said_on,
        said_where=given.said_where.strip(),
        chosen_because=given.chosen_because.strip(),
        language=given.language.strip()[:12],
        tags=tuple(clean_tags(given.tags)),
    )


def _apply(claim: Claim, given: Particulars, by: User) -> None:
    before = [getattr(claim, name) for name in _JUDGED]
    claim.statement = given.statement
    claim.claimant_name = given.claimant_name
    claim.claimant_kind = given.claimant_kind
    claim.claimant_role = given.claimant_role
    claim.said_on = given.said_on
    claim.said_where = given.said_where
    claim.chosen_because = given.chosen_because
    claim.language = given.language or claim.language
    claim.tags = list(given.tags)
    if [getattr(claim, name) for name in _JUDGED] != before:
        _count_author(claim, by)


def _count_author(claim: Claim, by: User) -> None:
    if by.pk not in claim.statement_author_ids:
        claim.statement_author_ids = [*claim.statement_author_ids, by.pk]


def _editable(claim: Claim) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(claim, name) for name in EDITABLE}
    values["said_on"] = claim.said_on.isoformat() if claim.said_on else None
    return values


def _move_all(claim_ids: Collection[int], move: Move, verb: Verb, by: User, reason: str = "") -> BulkOutcome:
    outcome = BulkOutcome()
    moved: list[Claim] = []
    lines: list[Activity] = []
    for claim in lock_claims(claim_ids, by=by, action=Action.EDIT_CLAIM):
        source = ClaimState(claim.state)
        try:
            target = target_of(move, source)
        except MoveRefused as refusal:
            if len(claim_ids) == 1:
                raise
            outcome.refused[claim.pk] = refusal.sentence
            continue
        lines.append(
            claim_activity(
                verb,
                claim,
                by,
                from_state=source,
                to_state=target,
                details={"reason": reason} if reason else {},
            )
        )
        claim.state = target
        claim.lease_holder = claim.lease_until = None
        claim.version += 1
        moved.append(claim)
        outcome.done.append(claim.pk)
    Claim.objects.bulk_update(moved, ["state", "lease_holder", "lease_until", "version"], batch_size=500)
    Claim.objects.filter(pk__in=outcome.done).update(updated_at=Now())
    record_all(lines)
    return outcome
