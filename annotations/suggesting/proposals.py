"""Which sentences of an article become proposed claims."""

from typing import NamedTuple

from annotations.domain.documents.text import paragraphs
from annotations.suggesting.checkworthy import Reason, score
from annotations.suggesting.language import passage_language
from annotations.suggesting.sentences import sentence_spans
from annotations.suggesting.speakers import speaker

_NOTHING_ALONE = {"name", "comparison"}
"""What makes a sentence no more than worth reading."""


class Proposal(NamedTuple):
    """A sentence that can be checked, with the reasons; claimant words are empty when none is clear."""

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
    """The checkable sentences of a normalised text, best first, then in the order of the text.

    Every sentence with something to check is there, however low its score; a sentence with nothing is
    not. `language` is the document's; a paragraph in clearly another language is read as that one.
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
            if codes <= _NOTHING_ALONE:
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
