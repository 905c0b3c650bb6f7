from django.db import migrations, models

from annotations.migrations._rename import rename_leftovers

_KNOWN = models.Q(("page_status__in", ["live", "changed", "moved", "soft_404", "blocked", "dead"]))
_FINDINGS = """
    UPDATE annotations_sourcealert
    SET findings = jsonb_set(
        findings #- '{page,%(old)s}', '{page,%(new)s}', findings #> '{page,%(old)s}'
    )
    WHERE findings #> '{page,%(old)s}' IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0022_leased_jobs"),
    ]

    operations = [
        # A check and a partial index name the column, and Django renames it in neither.
        migrations.RemoveConstraint(model_name="watch", name="watch_verdict_known"),
        migrations.RemoveIndex(model_name="watch", name="watch_turned"),
        migrations.RenameField(model_name="watch", old_name="verdict", new_name="page_status"),
        migrations.RenameField(model_name="watch", old_name="verdict_since", new_name="page_status_since"),
        migrations.AddConstraint(
            model_name="watch",
            constraint=models.CheckConstraint(condition=_KNOWN, name="watch_page_status_known"),
        ),
        migrations.AddIndex(
            model_name="watch",
            index=models.Index(
                condition=models.Q(("page_status", "live"), _negated=True),
                fields=["page_status", "-reference"],
                name="watch_turned",
            ),
        ),
        migrations.RemoveConstraint(model_name="watchcheck", name="watch_check_verdict_known"),
        migrations.RenameField(model_name="watchcheck", old_name="verdict", new_name="page_status"),
        migrations.AddConstraint(
            model_name="watchcheck",
            constraint=models.CheckConstraint(condition=_KNOWN, name="watch_check_page_status_known"),
        ),
        rename_leftovers("annotations_watch", "annotations_watch_verdict", "annotations_watch_page_status"),
        rename_leftovers(
            "annotations_watchcheck", "annotations_watchcheck_verdict", "annotations_watchcheck_page_status"
        ),
        migrations.RunSQL(
            _FINDINGS % {"old": "verdict", "new": "page_status"},
            _FINDINGS % {"old": "page_status", "new": "verdict"},
        ),
    ]
