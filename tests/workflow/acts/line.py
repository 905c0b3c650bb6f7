"""An act, and the lines that it leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from annotations.domain.activity import Verb
from annotations.models import User


@dataclass(frozen=True)
class Line:
    """What stands in a line: the verb, who did it (None is the workbench), and part of what it says."""

    verb: Verb
    by: User | None
    details: dict[str, object] | None = None
    move: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Act:
    """Something that is done, the thing it is done to, and the lines it leaves."""

    do: Callable[[], object]
    about: tuple[str, int] | None
    lines: list[Line]


def one(do: Callable[[], object], verb: Verb, by: User | None, thing: Any = None, **told: Any) -> Act:
    move = told.pop("move", ("", ""))
    about = (type(thing)._meta.model_name, thing.pk) if thing is not None else None
    return Act(do, about, [Line(verb, by, told or None, move)])
