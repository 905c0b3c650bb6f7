"""Attach evidence to a claim, by address or as a file."""

from collections.abc import Sequence

from django.db import transaction

from annotations.domain.activity import Verb
from annotations.domain.desks.roles import Action
from annotations.domain.fetches.states import FetchState
from annotations.domain.references.addresses import Address, AddressRefused, canonical
from annotations.models import Claim, Evidence, Reference, User
from annotations.permissions import check_can
from annotations.visibility import not_here
from annotations.workflow.captures.rows import place_passage, plain
from annotations.workflow.claims.locking import check_workable, lock_claim
from annotations.workflow.evidence.rules import (
    EvidenceRefused,
    check_not_attached,
    check_words,
    record_evidence,
)
from annotations.workflow.evidence.upload import Upload, capture_upload, read_upload
from annotations.workflow.fetches.enqueue import (
    checked_address,
    locked_references,
    order_fetches,
    references_for,
)
from annotations.workflow.proof.chain import sign_capture, sign_passage, sign_passages

MAX_ADDRESSES = 50


@transaction.atomic(durable=True)
def attach_addresses(
    *,
    claim_id: int,
    addresses: Sequence[str],
    stance: str,
    passage: str = "",
    note: str = "",
    by: User,
    lease_token: int | None = None,
) -> list[Evidence]:
    """Attach web pages to a claim, and have those pages fetched that are not kept yet.

    Blank lines and repeats are dropped; each gets the same stance, passage and note. All are attached or
    none: raises Missing, NotAllowed, LeaseLost, ClaimLocked, EvidenceRefused (naming each bad
    address) or EvidenceAttached.
    """
    claim = lock_claim(claim_id, by=by, action=Action.ATTACH_EVIDENCE, lease_token=lease_token)
    check_workable(claim)
    check_words(stance, passage, note)
    given = _parsed(addresses)
    references = references_for(claim.desk_id, list(given.values()), by)
    in_order = [
        (text, references[key])
        for key, text in {canonical(address): text for text, address in given.items()}.items()
    ]
    check_not_attached(claim, [reference for _, reference in in_order])
    evidence = Evidence.objects.bulk_create(
        _evidence(claim, reference, by, stance=stance, passage=passage, note=note, url_given=text)
        for text, reference in in_order
    )
    order_fetches([reference for _, reference in in_order], by)
    record_evidence(Verb.ATTACHED, claim, evidence, by)
    sign_passages(evidence)
    return evidence


def attach_file(
    *,
    claim_id: int,
    filename: str,
    content: bytes,
    stance: str,
    passage: str = "",
    note: str = "",
    by: User,
    lease_token: int | None = None,
) -> Evidence:
    """Keep an uploaded file (text, HTML, PDF, Word or image) and attach it to a claim.

    Raises Missing, NotAllowed, LeaseLost, ClaimLocked, EvidenceRefused, StorageRefused or
    EvidenceAttached; then nothing is attached.
    """
    # Reading and storing take time, so they come first and hold no lock; the check of the right comes before.
    claim = Claim.objects.filter(pk=claim_id).first()
    if claim is None:
        raise not_here(Claim)
    check_can(by, Action.ATTACH_EVIDENCE, claim.desk_id, model=Claim)
    check_workable(claim)
    check_words(stance, passage, note)
    upload = read_upload(filename, content)
    return _attach_kept(
        claim_id,
        by,
        lease_token,
        upload=upload,
        words=(stance, passage, note),
    )


@transaction.atomic(durable=True)
def _attach_kept(
    claim_id: int,
    by: User,
    lease_token: int | None,
    *,
    upload: Upload,
    words: tuple[str, str, str],
) -> Evidence:
    claim = lock_claim(claim_id, by=by, action=Action.ATTACH_EVIDENCE, lease_token=lease_token)
    check_workable(claim)
    stance, passage, note = words
    reference = _file_reference(claim, upload, by)
    check_not_attached(claim, [reference])
    is_new = reference.latest_capture_id is None
    if is_new:
        capture = capture_upload(reference, upload, by)
        reference.latest_capture = capture
        reference.fetch_state = FetchState.FETCHED.value
        reference.save(update_fields=["latest_capture", "fetch_state"])
    evidence = _evidence(claim, reference, by, stance=stance, passage=passage, note=note, url_given="")
    evidence.save()
    record_evidence(Verb.ATTACHED, claim, [evidence], by)
    assert reference.latest_capture is not None
    # Signing comes last, for the lock it takes; the evidence rests on the capture by now.
    if is_new:
        sign_capture(reference.latest_capture)
    else:
        sign_passage(evidence)
    return evidence


def _file_reference(claim: Claim, upload: Upload, by: User) -> Reference:
    key, read = f"file:{upload.body.sha256}", upload.read
    Reference.objects.bulk_create(
        [
            Reference(
                desk_id=claim.desk_id,
                url=upload.name,
                canonical_url=key,
                is_file=True,
                title=plain(read.title) or upload.name,
                author=plain(read.author)[:500],
                published_on=read.published_on,
                language=plain(read.language)[:12],
                excerpt=plain(read.excerpt),
                created_by=by,
            )
        ],
        ignore_conflicts=True,
    )
    return locked_references(claim.desk_id, [key])[key]


def _parsed(addresses: Sequence[str]) -> dict[str, Address]:
    given = [text.strip() for text in addresses if text.strip()]
    if not given:
        sentence = "Paste at least one address."
        raise EvidenceRefused(sentence, fields={"addresses": sentence})
    if len(given) > MAX_ADDRESSES:
        sentence = f"Attach at most {MAX_ADDRESSES} addresses at once; these are {len(given)}."
        raise EvidenceRefused(sentence, fields={"addresses": sentence})
    parsed, wrong = {}, []
    for text in given:
        try:
            parsed[text] = checked_address(text)
        except AddressRefused as refused:
            wrong.append(f"{text[:200]} — {refused.sentence}")
    if wrong:
        sentence = "Nothing was attached. Correct these addresses: " + " ".join(wrong)
        raise EvidenceRefused(sentence, fields={"addresses": " ".join(wrong)})
    return parsed


def _evidence(
    claim: Claim, reference: Reference, by: User, *, stance: str, passage: str, note: str, url_given: str
) -> Evidence:
    evidence = Evidence(
        claim=claim,
        reference=reference,
        capture_id=reference.latest_capture_id,
        url_given=url_given,
        stance=stance,
        passage=passage.strip(),
        note=note.strip(),
        author_ids=[by.pk],
        created_by=by,
    )
    if reference.latest_capture_id and evidence.passage:
        place_passage(evidence, reference.latest_capture)
    return evidence
