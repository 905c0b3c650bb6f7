"""The states of a claim and the only moves between them.

The table `MOVES` is the single source. The workflow asks it, the trigger on claims is made from it, the tests
compare its full matrix with both, and the diagram in the docs is drawn from it.
"""

from dataclasses import dataclass
from enum import StrEnum

from annotations.domain.desks.roles import Action
from annotations.domain.errors import WrongState


class ClaimState(StrEnum):
    """The state of work on a claim, which is not what its verdict says."""

    PROPOSED = "proposed"
    OPEN = "open"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    VERIFIED = "verified"
    DISMISSED = "dismissed"

    @property
    def label(self) -> str:
        return STATE_LABELS[self]


STATE_LABELS: dict[ClaimState, str] = {
    ClaimState.PROPOSED: "Proposed",
    ClaimState.OPEN: "To check",
    ClaimState.IN_REVIEW: "In review",
    ClaimState.RETURNED: "Returned",
    ClaimState.VERIFIED: "Verified",
    ClaimState.DISMISSED: "Dismissed",
}

STATE_MEANINGS: dict[ClaimState, str] = {
    ClaimState.PROPOSED: "Found by the workbench when the article was loaded; nobody has accepted it yet.",
    ClaimState.OPEN: "Someone has to find sources and give a verdict.",
    ClaimState.IN_REVIEW: "A verdict waits for a second person; sources, verdict and statement are locked.",
    ClaimState.RETURNED: "The second person returned it with a note.",
    ClaimState.VERIFIED: "A second person approved the verdict; locked until it is reopened with a reason.",
    ClaimState.DISMISSED: "Not worth checking; can be restored.",
}

# The states in which a claim begins, and their labels in the diagram.
STARTS: dict[ClaimState, str] = {
    ClaimState.PROPOSED: "found by the workbench",
    ClaimState.OPEN: "selected by a person",
}

# Sources, verdict and statement can be worked on only in these states; the triggers are made from them.
WORKABLE = (ClaimState.OPEN, ClaimState.RETURNED)
# What a reviewer judges or has judged stands still, the words in the article too.
SIGNED = (ClaimState.IN_REVIEW, ClaimState.VERIFIED)
STATEMENT_EDITABLE = (ClaimState.PROPOSED, ClaimState.OPEN, ClaimState.RETURNED)


class Move(StrEnum):
    """An action of people that changes the state of a claim."""

    ACCEPT = "accept"
    DISMISS = "dismiss"
    RESTORE = "restore"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    RETURN = "return"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Rule:
    """One row of the table: a move, its source state, its target state, and the permission it requires."""

    move: Move
    sources: tuple[ClaimState, ...]
    target: ClaimState
    action: Action
    words: str


MOVES: dict[Move, Rule] = {
    rule.move: rule
    for rule in (
        Rule(
            Move.ACCEPT, (ClaimState.PROPOSED,), ClaimState.OPEN, Action.EDIT_CLAIM, "Accept it for checking"
        ),
        Rule(
            Move.DISMISS,
            (ClaimState.PROPOSED, ClaimState.OPEN, ClaimState.RETURNED),
            ClaimState.DISMISSED,
            Action.EDIT_CLAIM,
            "Dismiss it as not worth checking",
        ),
        Rule(
            Move.RESTORE,
            (ClaimState.DISMISSED,),
            ClaimState.OPEN,
            Action.EDIT_CLAIM,
            "Restore a dismissed claim for checking",
        ),
        Rule(
            Move.SUBMIT,
            (ClaimState.OPEN, ClaimState.RETURNED),
            ClaimState.IN_REVIEW,
            Action.GIVE_VERDICT,
            "Submit the verdict for review",
        ),
        Rule(
            Move.WITHDRAW,
            (ClaimState.IN_REVIEW,),
            ClaimState.OPEN,
            Action.GIVE_VERDICT,
            "Take it back from review to change it",
        ),
        Rule(
            Move.APPROVE,
            (ClaimState.IN_REVIEW,),
            ClaimState.VERIFIED,
            Action.REVIEW,
            "Approve another person's verdict",
        ),
        Rule(
            Move.RETURN,
            (ClaimState.IN_REVIEW,),
            ClaimState.RETURNED,
            Action.REVIEW,
            "Return it with a note",
        ),
        Rule(
            Move.REOPEN,
            (ClaimState.VERIFIED,),
            ClaimState.OPEN,
            Action.REOPEN,
            "Reopen a verified claim, with a reason",
        ),
    )
}

STATE_CHANGES = frozenset((source, rule.target) for rule in MOVES.values() for source in rule.sources)


class MoveRefused(WrongState):
    """The claim is not in a state from which this move is possible."""

    code = "move_refused"


def target_of(move: Move, source: ClaimState) -> ClaimState:
    """Return the state that `move` leads to from `source`.

    Raises MoveRefused with a sentence that names the present state and the possible ones.
    """
    rule = MOVES[move]
    if source not in rule.sources:
        possible = " or ".join(f"“{state.label}”" for state in rule.sources)
        raise MoveRefused(
            f"This claim is “{source.label}”; “{rule.words}” is possible only while it is {possible}. "
            "Someone may have been faster: reload the page to see where it stands."
        )
    return rule.target


def moves_from(source: ClaimState) -> tuple[Rule, ...]:
    """Return the rules that apply to a claim in `source`."""
    return tuple(rule for rule in MOVES.values() if source in rule.sources)
