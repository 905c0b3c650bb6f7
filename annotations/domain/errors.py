"""The refusals people can meet: one root, a stable code and a sentence to act on.

Everything below `web` and `api` raises these and knows nothing of HTTP; each of those two
turns a refusal into a response in exactly one place.
"""


class Refused(Exception):
    """An expected failure. Whoever raises it has changed nothing.

    `code` is stable and documented; `sentence` tells a person what to do; `fields` maps the
    name of an input to what is wrong with it.
    """

    code = "refused"

    def __init__(self, sentence: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fields = fields or {}


class Invalid(Refused):
    """The input cannot be used as given."""

    code = "invalid"


class NotAllowed(Refused):
    """The person may see the thing but not do this to it."""

    code = "not_allowed"


class Missing(Refused):
    """There is no such thing, or the person may not know that there is."""

    code = "not_found"


class WrongState(Refused):
    """The thing is not in a state in which this can be done."""

    code = "wrong_state"


class Duplicate(Refused):
    """The same thing is there already."""

    code = "duplicate"


class StaleEdit(Refused):
    """Someone else changed the thing since it was read.

    `current` holds the newer values by field name, so that both texts can be shown.
    """

    code = "stale_edit"

    def __init__(self, sentence: str, *, current: dict[str, object] | None = None) -> None:
        super().__init__(sentence)
        self.current = current or {}


class LeaseLost(Refused):
    """The right to work on this item has lapsed or belongs to someone else."""

    code = "lease_lost"
