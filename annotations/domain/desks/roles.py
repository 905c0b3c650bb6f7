"""The permissions on a desk: one table for the permission checks, the app and the docs."""

from enum import StrEnum


class Role(StrEnum):
    """A person's role on one desk. Each role may do everything that the one before it may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    MANAGER = "manager"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class Action(StrEnum):
    """One thing that people do. Error messages and the API call it by its value."""

    READ = "read"
    LOAD_DOCUMENT = "load_document"
    EDIT_DOCUMENT = "edit_document"
    EDIT_CLAIM = "edit_claim"
    ORGANISE = "organise"
    ATTACH_EVIDENCE = "attach_source"
    GIVE_VERDICT = "give_verdict"
    REVIEW = "review"
    REOPEN = "reopen"
    CREATE_REPORT = "create_report"
    RELEASE_OTHERS = "release_others"
    RUN_DESK = "run_desk"


ACTION_WORDS: dict[Action, str] = {
    Action.READ: "Read articles, claims, sources, reports and the log",
    Action.LOAD_DOCUMENT: "Load an article",
    Action.EDIT_DOCUMENT: "Correct an article's language and particulars, add a version",
    Action.EDIT_CLAIM: "Make, accept, edit and dismiss claims",
    Action.ORGANISE: "Assign, prioritise, tag, set due dates, park and skip",
    Action.ATTACH_EVIDENCE: "Attach, edit and withdraw sources, fetch pages again, cancel fetches",
    Action.GIVE_VERDICT: "Give a verdict and submit it for review",
    Action.REVIEW: "Approve or return another person's work",
    Action.REOPEN: "Reopen a verified claim, with a reason",
    Action.CREATE_REPORT: "Freeze a report of verified claims",
    Action.RELEASE_OTHERS: "Take over a claim that someone else holds",
    Action.RUN_DESK: "Ask people, make accounts, change roles, rename the desk",
}

# What makes a claim a person's own work, for refusals, pages and the manual. `annotations_contributors` in
# `annotations.models.functions` decides.
OWN_WORK = (
    "its statement, who made it, when, where or why it was chosen; its words in the article; its verdict; "
    "a source, attached, edited, withdrawn or restored; an uploaded capture of a source; a later text or "
    "corrected particulars of the article; its submission for review"
)

_FROM_ROLE: dict[Action, Role] = {
    Action.READ: Role.VIEWER,
    Action.LOAD_DOCUMENT: Role.EDITOR,
    Action.EDIT_DOCUMENT: Role.EDITOR,
    Action.EDIT_CLAIM: Role.EDITOR,
    Action.ORGANISE: Role.EDITOR,
    Action.ATTACH_EVIDENCE: Role.EDITOR,
    Action.GIVE_VERDICT: Role.EDITOR,
    Action.REVIEW: Role.REVIEWER,
    Action.REOPEN: Role.REVIEWER,
    Action.CREATE_REPORT: Role.EDITOR,
    Action.RELEASE_OTHERS: Role.MANAGER,
    Action.RUN_DESK: Role.MANAGER,
}

_ORDER = list(Role)


def roles_for(action: Action) -> tuple[Role, ...]:
    """Return the roles that may do `action`, weakest first."""
    return tuple(_ORDER[_ORDER.index(_FROM_ROLE[action]) :])


def may(role: Role, action: Action) -> bool:
    """Return whether a member with `role` may do `action` on that desk."""
    return role in roles_for(action)


def matrix() -> list[tuple[Action, str, dict[Role, bool]]]:
    """Return the whole table in the order in which the app and the docs show it."""
    return [(action, ACTION_WORDS[action], {role: may(role, action) for role in Role}) for action in Action]
