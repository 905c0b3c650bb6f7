"""The one statement that freezes claims into the rows of a report; private to this package.

It builds each row inside the database, so that a hundred thousand claims take one round trip and all of
them are read at the same moment. Each row has the shape of `annotations.domain.reports.contents.ReportRow`.
"""

from importlib.resources import files

from django.db import connection
from django.db.models import QuerySet

from annotations.models import Claim

_FREEZE = files("annotations.workflow.reports").joinpath("rows.sql").read_text(encoding="utf-8")


def freeze_rows(report_id: int, claims: QuerySet[Claim]) -> int:
    """Write the rows of a report from its chosen claims, by document and place in it; return how many.

    Claims that are not verified at this moment are left out. Belongs inside the transaction that
    makes the report.
    """
    selection, parameters = claims.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_FREEZE.replace("(SELECTION)", f"({selection})"), [report_id, *parameters])
        return int(cursor.rowcount)
