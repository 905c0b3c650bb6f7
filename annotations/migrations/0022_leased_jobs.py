from django.db import migrations, models

# Rows from before. The first try at another archive is not known, but it came soon after the question was written.
# Nobody has written a row that lacks what the new constraints ask for, and one written by hand must not stop the
# migration. Each row is updated once: a second update in one transaction would leave a check of its foreign key
# pending, and a table with pending checks cannot be altered.
FILL = [
    """
    UPDATE annotations_stamp SET
        next_attempt_at = coalesce(next_attempt_at, statement_timestamp()),
        lease_until = CASE state WHEN 'asking' THEN coalesce(lease_until, statement_timestamp()) END
    WHERE state IN ('queued', 'asking')
    """,
    """
    UPDATE annotations_witnessjob SET
        first_tried_at = CASE WHEN attempt > 0 THEN created_at END,
        next_attempt_at = CASE state WHEN 'queued' THEN coalesce(next_attempt_at, statement_timestamp()) END,
        lease_until = CASE state WHEN 'asking' THEN coalesce(lease_until, statement_timestamp()) END,
        finished_at = CASE WHEN state IN ('done', 'failed') THEN coalesce(finished_at, created_at) END
    """,
]


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0021_guard_moves_from_the_table'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='stamp',
            name='stamp_due',
        ),
        migrations.RemoveIndex(
            model_name='witnessjob',
            name='witness_job_due',
        ),
        migrations.AddField(
            model_name='stamp',
            name='finished_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='stamp',
            name='first_tried_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='stamp',
            name='lease_owner',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='stamp',
            name='started_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='witnessjob',
            name='first_tried_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='witnessjob',
            name='lease_owner',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='witnessjob',
            name='started_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='stamp',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['next_attempt_at', 'id'], name='stamp_due'),
        ),
        migrations.AddIndex(
            model_name='stamp',
            index=models.Index(condition=models.Q(('state', 'asking')), fields=['lease_until'], name='stamp_in_flight'),
        ),
        migrations.AddIndex(
            model_name='witnessjob',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['next_attempt_at', 'id'], name='witness_job_due'),
        ),
        migrations.AddIndex(
            model_name='witnessjob',
            index=models.Index(condition=models.Q(('state', 'asking')), fields=['lease_until'], name='witness_job_in_flight'),
        ),
        migrations.AddConstraint(
            model_name='stamp',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'queued'), _negated=True), ('next_attempt_at__isnull', False), _connector='OR'), name='stamp_queued_has_time'),
        ),
        migrations.AddConstraint(
            model_name='stamp',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'asking'), _negated=True), ('lease_until__isnull', False), _connector='OR'), name='stamp_asking_has_lease'),
        ),
        migrations.AddConstraint(
            model_name='witnessjob',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'queued'), _negated=True), ('next_attempt_at__isnull', False), _connector='OR'), name='witness_job_queued_has_time'),
        ),
        migrations.AddConstraint(
            model_name='witnessjob',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'asking'), _negated=True), ('lease_until__isnull', False), _connector='OR'), name='witness_job_asking_has_lease'),
        ),
        migrations.AddConstraint(
            model_name='witnessjob',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['done', 'failed']), _negated=True), ('finished_at__isnull', False), _connector='OR'), name='witness_job_ended_has_time'),
        ),
    ]
