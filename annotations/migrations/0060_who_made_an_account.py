import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0030_guard_signed_records'),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('username', models.CharField(max_length=150)),
                ('role', models.CharField(choices=[('viewer', 'Viewer'), ('editor', 'Editor'), ('reviewer', 'Reviewer'), ('manager', 'Manager')], max_length=16)),
                ('state', models.CharField(choices=[('asked', 'asked'), ('accepted', 'accepted'), ('declined', 'declined'), ('withdrawn', 'withdrawn')], default='asked', max_length=16)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='user',
            name='made_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='user',
            name='made_by_desk',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.desk'),
        ),
        # An account was made by whoever put the person on a desk, if that transaction began just before it was
        # made. Where the log does not show it, nobody is named.
        migrations.RunSQL(
            """
            UPDATE annotations_user u SET made_by_id = a.actor_id, made_by_desk_id = a.desk_id
                FROM (
                    SELECT DISTINCT ON (object_id) object_id, actor_id, desk_id, at FROM annotations_activity
                    WHERE verb = 'added_member' AND object_type = 'member' AND actor_id IS NOT NULL
                    ORDER BY object_id, id
                ) a
                WHERE a.object_id = u.id AND u.date_joined >= a.at
                    AND u.date_joined < a.at + interval '5 seconds';
            -- What follows changes the table, which waits for no check of a row.
            SET CONSTRAINTS ALL IMMEDIATE
            """,
            migrations.RunSQL.noop,
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='user_maker_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                IF NEW.made_by_id IS DISTINCT FROM OLD.made_by_id\n                    OR NEW.made_by_desk_id IS DISTINCT FROM OLD.made_by_desk_id THEN\n                    RAISE EXCEPTION 'who made an account is written once'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'user_maker_kept';\n                END IF;\n                RETURN NEW;\n                ", hash='a9fc0c423e7cc2a408a7f5dba3e930ab704b7aa5', operation='UPDATE', pgid='pgtrigger_user_maker_kept_9242e', table='annotations_user', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('username'), name='user_name_unique_in_any_case'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='desk',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='annotations.desk'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='invited_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(django.db.models.functions.text.Lower('username'), name='invitation_by_name'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(models.F('desk'), django.db.models.functions.text.Lower('username'), condition=models.Q(('state__in', ['asked', 'declined'])), name='invitation_open_once'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'editor', 'reviewer', 'manager'])), name='invitation_role_known'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'accepted', 'declined', 'withdrawn'])), name='invitation_state_known'),
        ),
    ]
