"""Files that people upload: as a source of its own, or as what they see on a page that refuses us."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from annotations.domain.activity import Verb
from annotations.domain.desks.roles import Action
from annotations.domain.documents.text import normalise_text
from annotations.domain.errors import WrongState
from annotations.domain.fetches.states import FetchState
from annotations.extraction import MAX_FILE_BYTES, Extracted, ExtractionLimits, extract_page
from annotations.models import Capture, FetchJob, Reference, User
from annotations.permissions import check_can, check_can_now
from annotations.storing import StorageFull
from annotations.visibility import not_here
from annotations.workflow.activity import record_of_reference
from annotations.workflow.captures.fetch_results import adopt
from annotations.workflow.captures.passages import place_again
from annotations.workflow.captures.rows import capture_of
from annotations.workflow.captures.storage import Kept, keep, keep_text
from annotations.workflow.evidence.rules import EvidenceRefused
from annotations.workflow.proof.chain import sign_capture

# A page waits for this extraction, so it gets less time than a background fetch.
UPLOAD_EXTRACTION = ExtractionLimits(wall_seconds=15.0)
KEPT_TYPES = ("text/", "image/", "application/pdf", "application/vnd.openxmlformats-officedocument.")


class StorageRefused(EvidenceRefused):
    """There is no room left for the file."""

    code = "storage_full"


class FileSource(WrongState):
    """The source is itself an uploaded file, so there is no page whose look could be uploaded."""

    code = "file_source"


@dataclass(frozen=True)
class Upload:
    """An uploaded file whose bytes and text are kept; no row knows of it yet."""

    name: str
    read: Extracted
    body: Kept
    text: Kept | None


def read_upload(filename: str, content: bytes) -> Upload:
    """Read and keep an uploaded file. This takes time and no lock, so it comes before the transaction.

    Raises EvidenceRefused for a file that is empty, too large or of a kind that is not kept, and
    StorageRefused when there is no room; then nothing is kept.
    """
    if not content:
        raise _refused("The file is empty. Choose another.")
    if len(content) > MAX_FILE_BYTES:
        raise _refused("The file is larger than 20 MB. Save a smaller one.")
    read = extract_page(content, "", limits=UPLOAD_EXTRACTION)
    if not read.media_type.startswith(KEPT_TYPES):
        raise _refused("Upload a text, an HTML page, a PDF, a Word file (.docx) or an image.")
    words = normalise_text(read.text)
    try:
        return Upload(
            name=filename.replace("\x00", "").rpartition("/")[2].rpartition("\\")[2][:300],
            read=read,
            body=keep(content),
            text=keep_text(words) if words else None,
        )
    except StorageFull:
        sentence = (
            "There is no room left to keep files. Nothing was attached; tell whoever runs this workbench."
        )
        raise StorageRefused(sentence, fields={"file": sentence}) from None


def capture_upload(reference: Reference, upload: Upload, by: User) -> Capture:
    """Write the capture of an uploaded file in the running transaction, marked with who uploaded it."""
    return capture_of(
        reference,
        upload.read,
        outcome_code="ok",
        body=upload.body,
        text=upload.text,
        filename=upload.name,
        uploaded_by=by,
        warnings=list(upload.read.warnings),
    )


def upload_capture(reference_id: int, *, filename: str, content: bytes, by: User) -> Capture:
    """Keep what a person sees at an address as a capture of it, for pages that refuse us.

    The capture says for good who uploaded it. A fetch that waits for its next try is cancelled; one that
    is running goes on. Raises Missing, NotAllowed, FileSource, EvidenceRefused or
    StorageRefused; then nothing has changed.
    """
    reference = Reference.objects.filter(pk=reference_id).first()
    if reference is None:
        raise not_here(Reference)
    check_can(by, Action.ATTACH_EVIDENCE, reference.desk_id, model=Reference)
    if reference.is_file:
        raise FileSource(
            "This source is itself a file. Attach the other file to the claim as a source of its own."
        )
    return _keep_upload(reference_id, read_upload(filename, content), by)


@transaction.atomic(durable=True)
def _keep_upload(reference_id: int, upload: Upload, by: User) -> Capture:
    reference = Reference.objects.select_for_update(of=("self",), no_key=True).get(pk=reference_id)
    check_can_now(by, Action.ATTACH_EVIDENCE, reference.desk_id, model=Reference)
    capture = capture_upload(reference, upload, by)
    adopt(reference, capture)
    # The upload answers what the fetch was for; an article that is being loaded still waits for its page.
    waiting = FetchJob.objects.filter(
        reference=reference, state=FetchState.QUEUED.value, document__isnull=True
    )
    waiting.update(state=FetchState.CANCELLED.value, finished_at=timezone.now(), next_attempt_at=None)
    if not FetchJob.objects.filter(
        reference=reference, state__in=(FetchState.QUEUED.value, FetchState.FETCHING.value)
    ).exists():
        reference.fetch_state, reference.fetch_code = FetchState.FETCHED.value, ""
        reference.fetch_next_at = None
        reference.save(update_fields=["fetch_state", "fetch_code", "fetch_next_at"])
    record_of_reference(Verb.UPLOADED_CAPTURE, reference, by, details={"file": upload.name})
    place_again(capture)
    # Signing comes last, for the lock it takes.
    sign_capture(capture)
    return capture


def _refused(sentence: str) -> EvidenceRefused:
    return EvidenceRefused(sentence, fields={"file": sentence})
