import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._rename import rename_leftovers, rename_permissions

_LEVELS = ["passage", "page", "details", "text"]
_STATES = ["open", "confirmed", "amended", "dismissed"]


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0023_page_status"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="sourcealert", name="source_alert_level_known"),
        migrations.RemoveConstraint(model_name="sourcealert", name="source_alert_state_known"),
        migrations.RemoveConstraint(model_name="sourcealert", name="source_alert_one_open"),
        migrations.RemoveConstraint(model_name="sourcealert", name="source_alert_decided_whole"),
        migrations.RenameModel(old_name="SourceAlert", new_name="Alert"),
        migrations.RenameIndex(model_name="alert", old_name="source_alert_open", new_name="alert_open"),
        migrations.AlterField(
            model_name="alert",
            name="claim",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="alerts",
                to="annotations.claim",
            ),
        ),
        migrations.AlterField(
            model_name="alert",
            name="desk",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="alerts",
                to="annotations.desk",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", _LEVELS)), name="alert_level_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", _STATES)), name="alert_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("evidence",), name="alert_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True), ("decided_by__isnull", True), ("state", "open")
                    ),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="alert_decided_whole",
            ),
        ),
        rename_leftovers("annotations_alert", "annotations_sourcealert", "annotations_alert"),
        rename_permissions("source alert", "alert"),
    ]
