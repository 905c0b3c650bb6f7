"""The triggers of all models: rules that hold on every road, and that no session can switch off."""

from typing import Any

import pgtrigger
from django.db import models
from pgtrigger import compiler

from annotations.migrations._guard_sql import GuardSql


class Guard(pgtrigger.Trigger):
    """A trigger with the parameters of `pgtrigger.Trigger`, which `pgtrigger.ignore` does not switch off.

    Its function looks up every name in `public`, whatever the search path of the session and whatever
    temporary tables there are.
    """

    def compile(self, model: type[models.Model]) -> compiler.Trigger:  # type: ignore[override]
        """Return the trigger as migrations and the database hold it."""
        given: dict[str, Any] = dict(super().compile(model).sql.kwargs)  # type: ignore[arg-type]
        del given["ignore_func_name"]
        return compiler.Trigger(name=self.name, sql=GuardSql(**given))


_DONE_TO = {"UPDATE": "changed", "DELETE": "deleted"}


class Protect(Guard):
    """A guard that refuses an operation on rows outright; the name of the constraint it raises is its own."""

    when = pgtrigger.Before

    def get_func(self, model: type[models.Model]) -> str:  # type: ignore[override]
        """Return the body of the function: one refusal."""
        done = " or ".join(_DONE_TO[operation] for operation in str(self.operation).split(" OR "))
        return (
            f"RAISE EXCEPTION 'rows of % are never {done}', TG_TABLE_NAME "
            f"USING ERRCODE = 'check_violation', CONSTRAINT = '{self.name}';"
        )
