"""What the workbench suggests about an article: language, sentences, and which of them can be checked.

Suggestions rank; people decide. Nothing here reads or writes the database.
"""

from annotations.suggesting.checkworthy import Reason
from annotations.suggesting.language import UNKNOWN, detect
from annotations.suggesting.proposals import Proposal, propose
from annotations.suggesting.sentences import sentence_spans

__all__ = ["UNKNOWN", "Proposal", "Reason", "detect", "propose", "sentence_spans"]
