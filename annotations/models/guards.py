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


class NeverEmptied(Guard):
    """A guard that refuses TRUNCATE, which asks no trigger on rows; its constraint bears its own name."""

    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Truncate

    def get_func(self, model: type[models.Model]) -> str:  # type: ignore[override]
        """Return the body of the function: one refusal."""
        return (
            "RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME "
            f"USING ERRCODE = 'check_violation', CONSTRAINT = '{self.name}';"
        )


class DatedNow(Guard):
    """A guard that takes new rows only with the moment they are written in `column`, by the database's clock.

    It runs once for a statement, whatever the number of rows.
    """

    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="new_rows")  # type: ignore[no-untyped-call]

    def __init__(self, *, name: str, column: str) -> None:
        super().__init__(name=name)
        self.column = column

    def get_func(self, model: type[models.Model]) -> str:  # type: ignore[override]
        """Return the body of the function: one comparison."""
        return f"""
                IF EXISTS (
                    SELECT 1 FROM new_rows n
                    WHERE n.{self.column} NOT BETWEEN transaction_timestamp() AND clock_timestamp()
                ) THEN
                    RAISE EXCEPTION 'rows of % bear the moment they are written', TG_TABLE_NAME
                        USING ERRCODE = 'check_violation', CONSTRAINT = '{self.name}';
                END IF;
                RETURN NULL;
                """  # noqa: S608 - put together from names of the models
