"""Which sentences of an article become proposed claims."""

from typing import NamedTuple

from annotations.domain.documents.text import paragraphs
from annotations.suggesting.checkworthy import Reason, score
from annotations.suggesting.language import passage_language
from annotations.suggesting.sentences import sentence_spans
from annotations.suggesting.speakers import speaker

_NOT_ENOUGH_ALONE = {"name", "comparison"}
"""A sentence that has only these is not proposed."""


class Proposal(NamedTuple):
    """A sentence that can be checked, with the reasons; the claimant is empty where none is clear."""

    start: int
    end: int
    score: float
    reasons: tuple[Reason, ...]
    statement: str
    language: str
    claimant_name: str = ""
    claimant_kind: str = ""
    claimant_role: str = ""


def propose(text: str, language: str) -> list[Proposal]:
    """Return the checkable sentences of a normalised text, best first, then in the order of the text.

    It returns each sentence with something to check, however low its score, and no other. `language` is the
    document's; a paragraph that is clearly in another language is read in that one.
    """
    proposals: list[Proposal] = []
    for paragraph in paragraphs(text):
        passage = text[paragraph.start : paragraph.end]
        spoken = passage_language(passage, language)
        for start, end in sentence_spans(passage, spoken):
            sentence = passage[start:end]
            pieces = sentence.split()
            value, reasons = score(sentence, spoken, pieces)
            codes = {reason.code for reason in reasons}
            if codes <= _NOT_ENOUGH_ALONE:
                continue
            who = speaker(sentence, spoken) if "utterance" in codes else None
            proposals.append(
                Proposal(
                    paragraph.start + start,
                    paragraph.start + end,
                    value,
                    reasons,
                    " ".join(pieces),
                    spoken,
                    who.name if who else "",
                    who.kind if who else "",
                    who.role if who else "",
                )
            )
    return sorted(proposals, key=lambda proposal: (-proposal.score, proposal.start))
