import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from annotations.migrations._rename import rename_leftovers, rename_permissions


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0024_alert"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="reading", name="reading_append_only"),
        # The trigger is gone, and nothing else calls its function.
        migrations.RunSQL(
            "DROP FUNCTION IF EXISTS pgtrigger_reading_append_only_f6488()", migrations.RunSQL.noop
        ),
        migrations.RemoveConstraint(model_name="reading", name="reading_once_a_reader"),
        migrations.RenameModel(old_name="Reading", new_name="Extraction"),
        migrations.RenameField(model_name="extraction", old_name="reader", new_name="extractor"),
        migrations.RenameField(model_name="extraction", old_name="read_at", new_name="extracted_at"),
        migrations.RenameField(model_name="capture", old_name="reader", new_name="extractor"),
        migrations.AlterField(
            model_name="extraction",
            name="capture",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="extractions",
                to="annotations.capture",
            ),
        ),
        migrations.AddConstraint(
            model_name="extraction",
            constraint=models.UniqueConstraint(
                fields=("capture", "extractor"), name="extraction_once_an_extractor"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="extraction",
            trigger=pgtrigger.compiler.Trigger(
                name="extraction_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bb7f1d224fe9189c72eeba569d094773b1c42201",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_extraction_append_only_e0ae9",
                    table="annotations_extraction",
                    when="BEFORE",
                ),
            ),
        ),
        rename_leftovers("annotations_extraction", "annotations_reading", "annotations_extraction"),
        rename_leftovers(
            "annotations_extraction", "annotations_extraction_reader", "annotations_extraction_extractor"
        ),
        rename_leftovers(
            "annotations_extraction", "annotations_extraction_read_at", "annotations_extraction_extracted_at"
        ),
        rename_leftovers(
            "annotations_capture", "annotations_capture_reader", "annotations_capture_extractor"
        ),
        rename_permissions("reading", "extraction"),
    ]
