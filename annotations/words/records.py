"""The parts of a signed record, in words."""

from annotations.domain.verdicts.records import Part

_WORDS: dict[Part, str] = {
    Part.STATEMENT: "Statement",
    Part.CLAIMANT: "Who made it",
    Part.SAID: "When and where it was made",
    Part.CHOSEN_BECAUSE: "Why it was chosen",
    Part.WORDS: "Words in the article",
    Part.ARTICLE: "Article",
    Part.RATING: "Rating",
    Part.REASONING: "Reasoning",
    Part.AS_OF: "Holds as of",
    Part.EVIDENCE: "Source changed",
    Part.EVIDENCE_ADDED: "Source added",
    Part.EVIDENCE_GONE: "Source withdrawn",
    Part.HANDS: "Who worked on it",
}


def part_words(part: Part) -> str:
    """Return the name of a part of a record as people read it."""
    return _WORDS[part]
