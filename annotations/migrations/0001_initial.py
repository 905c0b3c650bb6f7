"""Every table, and before them what they lean on: extensions, a search configuration, two functions."""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension, UnaccentExtension
from django.db import migrations, models

import annotations.models.claim

SEARCH = """
CREATE TEXT SEARCH CONFIGURATION annotations_search (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION annotations_search
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;
"""

# Priority first, then due date; no due date comes last within a priority. Immutable, since a stored
# column is generated from it: the epoch is taken of the moment in UTC.
QUEUE_RANK = """
CREATE FUNCTION annotations_queue_rank(priority smallint, due_at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT priority::bigint * 1000000000000
        + coalesce(least(extract(epoch FROM due_at AT TIME ZONE 'UTC')::bigint, 999999999998), 999999999999)
$$;
"""

# Whose words stand in force on a claim: the statement's, the verdict's and the live evidence's authors.
# plpgsql, so that it may be created before the tables it reads.
CONTRIBUTORS = """
CREATE FUNCTION annotations_contributors(claim bigint, verdict bigint, statement_authors bigint[])
RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(
        SELECT unnest(statement_authors)
        UNION SELECT v.created_by_id FROM annotations_verdict v WHERE v.id = verdict
        UNION SELECT unnest(e.author_ids) FROM annotations_evidence e
            WHERE e.claim_id = claim AND e.withdrawn_at IS NULL
        ORDER BY 1
    );
END
$$;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGinExtension(),
        migrations.RunSQL(SEARCH, "DROP TEXT SEARCH CONFIGURATION annotations_search"),
        migrations.RunSQL(QUEUE_RANK, "DROP FUNCTION annotations_queue_rank(smallint, timestamptz)"),
        migrations.RunSQL(CONTRIBUTORS, "DROP FUNCTION annotations_contributors(bigint, bigint, bigint[])"),
        migrations.CreateModel(
            name="Rating",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("slug", models.SlugField(max_length=40)),
                ("label", models.CharField(max_length=60)),
                ("definition", models.TextField()),
                ("value", models.PositiveSmallIntegerField(null=True)),
                ("tone", models.CharField(max_length=20)),
                ("needs_evidence", models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Desk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("slug", models.SlugField(max_length=60)),
                ("is_demonstration", models.BooleanField(default=False)),
                ("last_report_number", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("slug",), name="desk_slug_unique")],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=500)),
                ("url", models.URLField(blank=True, max_length=2000)),
                ("outlet", models.CharField(blank=True, max_length=200)),
                ("author", models.CharField(blank=True, max_length=300)),
                ("published_on", models.DateField(blank=True, null=True)),
                ("language", models.CharField(blank=True, max_length=12)),
                (
                    "loading_state",
                    models.CharField(
                        choices=[("loading", "Loading"), ("ready", "Ready"), ("failed", "Failed")],
                        default="ready",
                        max_length=10,
                    ),
                ),
                ("loading_problem", models.TextField(blank=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "desk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="annotations.desk",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("open", "To check"),
                            ("in_review", "In review"),
                            ("returned", "Returned"),
                            ("verified", "Verified"),
                            ("dismissed", "Dismissed"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("selected", "Selected")], max_length=10
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("statement", models.TextField()),
                (
                    "statement_author_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=12)),
                ("claimant_name", models.CharField(blank=True, max_length=200)),
                (
                    "claimant_kind",
                    models.CharField(
                        blank=True,
                        choices=[("person", "Person"), ("organization", "Organization"), ("", "Unknown")],
                        default="",
                        max_length=14,
                    ),
                ),
                ("claimant_role", models.CharField(blank=True, max_length=200)),
                ("said_on", models.DateField(blank=True, null=True)),
                ("said_where", models.CharField(blank=True, max_length=200)),
                ("chosen_because", models.TextField(blank=True)),
                ("priority", models.PositiveSmallIntegerField(default=3)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                (
                    "queue_rank",
                    models.GeneratedField(
                        db_persist=True,
                        expression=annotations.models.claim.QueueRank(
                            models.F("priority"), models.F("due_at")
                        ),
                        output_field=models.BigIntegerField(),
                    ),
                ),
                ("score", models.FloatField(null=True)),
                (
                    "score_reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), default=list, size=None
                    ),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("lease_token", models.BigIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("parked_until", models.DateTimeField(null=True)),
                ("parked_reason", models.CharField(blank=True, max_length=300)),
                (
                    "contributor_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("submitted_at", models.DateTimeField(null=True)),
                ("verified_at", models.DateTimeField(null=True)),
                (
                    "assignee",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lease_holder",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "desk",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="annotations.desk",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="annotations.document",
                    ),
                ),
                (
                    "rating",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="annotations.rating",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DocumentVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("length", models.PositiveIntegerField()),
                ("language", models.CharField(blank=True, max_length=12)),
                ("source_name", models.CharField(blank=True, max_length=300)),
                ("media_type", models.CharField(blank=True, max_length=120)),
                ("warnings", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="annotations.document",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="document",
            name="current_version",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="annotations.documentversion",
            ),
        ),
        migrations.CreateModel(
            name="Anchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.PositiveIntegerField()),
                ("end", models.PositiveIntegerField()),
                ("exact", models.TextField()),
                ("prefix", models.TextField(blank=True)),
                ("suffix", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("exact", "exact"),
                            ("moved", "moved"),
                            ("edited", "edited"),
                            ("ambiguous", "ambiguous"),
                            ("orphaned", "orphaned"),
                            ("confirmed", "confirmed"),
                        ],
                        default="exact",
                        max_length=10,
                    ),
                ),
                ("score", models.FloatField(default=1.0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anchors",
                        to="annotations.claim",
                    ),
                ),
                (
                    "document_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anchors",
                        to="annotations.documentversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FetchJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("host", models.CharField(blank=True, max_length=255)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("fetching", "Fetching"),
                            ("fetched", "Fetched"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("attempt", models.PositiveIntegerField(default=0)),
                (
                    "next_attempt_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True),
                ),
                ("lease_owner", models.CharField(blank=True, max_length=120)),
                ("lease_until", models.DateTimeField(null=True)),
                ("error_code", models.CharField(blank=True, max_length=40)),
                ("error_detail", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("first_tried_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs",
                        to="annotations.document",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Capture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("fetched_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("outcome_code", models.CharField(max_length=40)),
                ("final_url", models.TextField(blank=True)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("headers", models.JSONField(default=list)),
                ("hops", models.JSONField(default=list)),
                ("media_type", models.CharField(blank=True, max_length=120)),
                ("charset", models.CharField(blank=True, max_length=40)),
                ("body_sha256", models.CharField(max_length=64)),
                ("body_size", models.PositiveBigIntegerField()),
                ("body_key", models.CharField(max_length=200)),
                ("filename", models.CharField(blank=True, max_length=300)),
                ("text", models.TextField(blank=True)),
                ("text_sha256", models.CharField(blank=True, max_length=64)),
                ("title", models.TextField(blank=True)),
                ("site", models.CharField(blank=True, max_length=300)),
                ("author", models.CharField(blank=True, max_length=500)),
                ("published_on", models.DateField(null=True)),
                ("language", models.CharField(blank=True, max_length=12)),
                ("excerpt", models.TextField(blank=True)),
                ("provenance", models.JSONField(default=dict)),
                ("warnings", models.JSONField(default=list)),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="captures",
                        to="annotations.fetchjob",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("request_sha256", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("body", models.JSONField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("viewer", "Viewer"),
                            ("editor", "Editor"),
                            ("reviewer", "Reviewer"),
                            ("manager", "Manager"),
                        ],
                        max_length=16,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "desk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="annotations.desk",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RatingScale",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("number", models.PositiveIntegerField(default=1)),
                ("is_current", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "desk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rating_scales",
                        to="annotations.desk",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="rating",
            name="scale",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="ratings",
                to="annotations.ratingscale",
            ),
        ),
        migrations.CreateModel(
            name="Reference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("url", models.TextField()),
                ("canonical_url", models.TextField()),
                ("host", models.CharField(blank=True, max_length=255)),
                ("is_file", models.BooleanField(default=False)),
                ("title", models.TextField(blank=True)),
                ("site", models.CharField(blank=True, max_length=300)),
                ("author", models.CharField(blank=True, max_length=500)),
                ("published_on", models.DateField(null=True)),
                ("language", models.CharField(blank=True, max_length=12)),
                ("excerpt", models.TextField(blank=True)),
                (
                    "fetch_state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("fetching", "Fetching"),
                            ("fetched", "Fetched"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("fetch_code", models.CharField(blank=True, max_length=40)),
                ("fetch_next_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "desk",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="references",
                        to="annotations.desk",
                    ),
                ),
                (
                    "latest_capture",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="annotations.capture",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="fetchjob",
            name="reference",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="jobs", to="annotations.reference"
            ),
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("url_given", models.TextField(blank=True)),
                (
                    "stance",
                    models.CharField(
                        choices=[("supports", "Supports"), ("refutes", "Refutes"), ("context", "Context")],
                        max_length=10,
                    ),
                ),
                ("passage", models.TextField(blank=True)),
                ("passage_start", models.PositiveIntegerField(null=True)),
                ("passage_end", models.PositiveIntegerField(null=True)),
                ("note", models.TextField(blank=True)),
                (
                    "author_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "capture",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="annotations.capture",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="annotations.claim",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reference",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="annotations.reference",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="capture",
            name="reference",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="captures",
                to="annotations.reference",
            ),
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=300)),
                ("criteria", models.JSONField(default=dict)),
                ("head", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("ready", "Ready"), ("failed", "Failed")],
                        max_length=10,
                    ),
                ),
                ("problem", models.TextField(blank=True)),
                ("row_count", models.PositiveIntegerField(default=0)),
                ("content_hash", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("frozen_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "desk",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="annotations.desk",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("data", models.JSONField()),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="report_rows",
                        to="annotations.claim",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rows",
                        to="annotations.report",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("query", models.CharField(max_length=2000)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "desk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="annotations.desk"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_filters",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("reasoning", models.TextField()),
                ("as_of", models.DateField()),
                ("reason_for_change", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="annotations.claim",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rating",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="annotations.rating",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("submitted_at", models.DateTimeField()),
                (
                    "decision",
                    models.CharField(
                        choices=[("approved", "Approved"), ("returned", "Returned")], max_length=10
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="annotations.claim",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "verdict",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="annotations.verdict",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="claim",
            name="verdict",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="annotations.verdict",
            ),
        ),
        migrations.CreateModel(
            name="VerdictDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reasoning", models.TextField(blank=True)),
                ("as_of", models.DateField(null=True)),
                ("reason_for_change", models.TextField(blank=True)),
                ("saved_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "base",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="annotations.verdict",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="annotations.claim",
                    ),
                ),
                (
                    "rating",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="annotations.rating",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WorkerHeartbeat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("beat_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("name",), name="worker_heartbeat_name")],
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("key_sha256", models.CharField(max_length=64)),
                ("hint", models.CharField(max_length=12)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("key_sha256",), name="api_token_key_unique")],
            },
        ),
        migrations.CreateModel(
            name="ClaimSkip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("until", models.DateTimeField()),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="skips",
                        to="annotations.claim",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("claim", "user"), name="claim_skip_unique")],
            },
        ),
        migrations.CreateModel(
            name="Activity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("claim_id", models.BigIntegerField(null=True)),
                ("document_id", models.BigIntegerField(null=True)),
                ("verb", models.CharField(max_length=40)),
                ("object_type", models.CharField(max_length=30)),
                ("object_id", models.BigIntegerField()),
                ("from_state", models.CharField(blank=True, max_length=20)),
                ("to_state", models.CharField(blank=True, max_length=20)),
                ("details", models.JSONField(default=dict)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "desk",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="annotations.desk",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "activities",
                "indexes": [
                    models.Index(fields=["desk", "-id"], name="activity_desk_newest"),
                    models.Index(
                        condition=models.Q(("claim_id__isnull", False)),
                        fields=["claim_id", "-id"],
                        name="activity_claim_newest",
                    ),
                    models.Index(
                        condition=models.Q(("document_id__isnull", False)),
                        fields=["document_id", "-id"],
                        name="activity_document_newest",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="activity_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6f2aa26e415fdcb9578beec6eadd0f3d85a7533f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_activity_append_only_8c8d1",
                    table="annotations_activity",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="documentversion",
            constraint=models.UniqueConstraint(
                fields=("document", "number"), name="document_version_number_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="documentversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("length__gt", 0)), name="document_version_not_empty"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="documentversion",
            trigger=pgtrigger.compiler.Trigger(
                name="document_version_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a03017a820c8e60a9c3d6b6e8f5e0b8522b4a774",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_document_version_append_only_fe94b",
                    table="annotations_documentversion",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["desk", "-id"], name="document_desk_newest"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("loading_state__in", ["loading", "ready", "failed"])),
                name="document_loading_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("loading_state", "ready"), _negated=True),
                    ("current_version__isnull", False),
                    _connector="OR",
                ),
                name="document_ready_has_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="anchor",
            constraint=models.UniqueConstraint(
                fields=("claim", "document_version"), name="anchor_once_a_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="anchor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["exact", "moved", "edited", "ambiguous", "orphaned", "confirmed"])
                ),
                name="anchor_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="anchor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end", 0), ("exact", ""), ("start", 0), ("state", "orphaned")),
                    ("start__lt", models.F("end")),
                    _connector="OR",
                ),
                name="anchor_start_before_end",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="anchor",
            trigger=pgtrigger.compiler.Trigger(
                name="anchor_exact",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."end" > 0)',
                    func="\n                IF NOT EXISTS (\n                    SELECT 1 FROM annotations_documentversion v\n                    JOIN annotations_claim c ON c.id = NEW.claim_id AND c.document_id = v.document_id\n                    WHERE v.id = NEW.document_version_id\n                        AND substr(v.text, NEW.start + 1, NEW.\"end\" - NEW.start) = NEW.exact\n                ) THEN\n                    RAISE EXCEPTION 'the anchor does not cover the words it claims to cover'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'anchor_exact';\n                END IF;\n                RETURN NEW;\n                ",
                    hash="fbdf6ee0e92e74868bf37ca32df38786d1dea24d",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_anchor_exact_01254",
                    table="annotations_anchor",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="idempotencykey",
            index=models.Index(fields=["created_at"], name="idempotency_key_age"),
        ),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.UniqueConstraint(fields=("user", "key"), name="idempotency_key_unique"),
        ),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("body__isnull", True), ("status__isnull", True)),
                    ("status__isnull", False),
                    _connector="OR",
                ),
                name="idempotency_answer_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("desk", "user"), name="membership_unique"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["viewer", "editor", "reviewer", "manager"])),
                name="membership_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratingscale",
            constraint=models.UniqueConstraint(fields=("desk", "number"), name="rating_scale_number_unique"),
        ),
        migrations.AddConstraint(
            model_name="ratingscale",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_current", True)), fields=("desk",), name="rating_scale_one_current"
            ),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.UniqueConstraint(fields=("scale", "slug"), name="rating_slug_unique"),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.UniqueConstraint(fields=("scale", "position"), name="rating_position_unique"),
        ),
        migrations.AddConstraint(
            model_name="rating",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__isnull", True), ("value__gte", 1), _connector="OR"),
                name="rating_value_from_one",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rating",
            trigger=pgtrigger.compiler.Trigger(
                name="rating_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="022458d6f87439f1c8469b67a5c429215061bf94",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rating_append_only_89208",
                    table="annotations_rating",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="reference",
            index=models.Index(fields=["desk", "-id"], name="reference_desk_newest"),
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.UniqueConstraint(
                models.F("desk"), models.Func("canonical_url", function="md5"), name="reference_once_a_desk"
            ),
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fetch_state__in", ["queued", "fetching", "fetched", "failed", "cancelled"])
                ),
                name="reference_fetch_state_known",
            ),
        ),
        migrations.AddIndex(
            model_name="fetchjob",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["next_attempt_at"], name="fetch_job_due"
            ),
        ),
        migrations.AddIndex(
            model_name="fetchjob",
            index=models.Index(
                condition=models.Q(("state", "fetching")),
                fields=["host", "lease_until"],
                name="fetch_job_in_flight",
            ),
        ),
        migrations.AddConstraint(
            model_name="fetchjob",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "fetching", "fetched", "failed", "cancelled"])),
                name="fetch_job_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="fetchjob",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["queued", "fetching"])),
                fields=("reference",),
                name="fetch_job_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="fetchjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "queued"), _negated=True),
                    ("next_attempt_at__isnull", False),
                    _connector="OR",
                ),
                name="fetch_job_queued_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="fetchjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "fetching"), _negated=True),
                    ("lease_until__isnull", False),
                    _connector="OR",
                ),
                name="fetch_job_fetching_has_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="fetchjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["fetched", "failed", "cancelled"]), _negated=True),
                    ("finished_at__isnull", False),
                    _connector="OR",
                ),
                name="fetch_job_ended_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(("stance__in", ["supports", "refutes", "context"])),
                name="evidence_stance_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    _connector="OR",
                ),
                name="evidence_withdrawn_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("passage_end__isnull", True), ("passage_start__isnull", True)),
                    models.Q(("capture__isnull", False), ("passage_start__lt", models.F("passage_end"))),
                    _connector="OR",
                ),
                name="evidence_passage_place_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("claim", "reference"),
                name="evidence_once_a_claim",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="evidence_not_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="29e703d34225d631e29a44765d59cbe2fabd6dd8",
                    operation="DELETE",
                    pgid="pgtrigger_evidence_not_deleted_978f7",
                    table="annotations_evidence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="evidence_while_workable",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                IF TG_OP = 'UPDATE' THEN\n                    IF NEW.claim_id <> OLD.claim_id OR NEW.reference_id <> OLD.reference_id\n                        OR NOT (NEW.author_ids @> OLD.author_ids) THEN\n                        RAISE EXCEPTION 'evidence stays with its claim, its reference and its authors'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_stays';\n                    END IF;\n                    -- A fetch that lands later pins its capture and finds the passage in it; the words stay.\n                    IF OLD.capture_id IS NULL AND NEW.stance = OLD.stance AND NEW.passage = OLD.passage\n                        AND NEW.note = OLD.note AND NEW.url_given = OLD.url_given\n                        AND NEW.author_ids = OLD.author_ids AND NEW.version = OLD.version\n                        AND NEW.withdrawn_at IS NOT DISTINCT FROM OLD.withdrawn_at THEN\n                        RETURN NEW;\n                    END IF;\n                END IF;\n                IF NEW.author_ids = '{}' THEN\n                    RAISE EXCEPTION 'evidence has an author'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_authored';\n                END IF;\n                PERFORM 1 FROM annotations_claim c\n                    WHERE c.id = NEW.claim_id AND c.state IN ('open', 'returned') FOR SHARE;\n                IF NOT FOUND THEN\n                    RAISE EXCEPTION 'evidence changes only while the claim is to be checked'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_while_workable';\n                END IF;\n                RETURN NEW;\n                ",
                    hash="24f3b5f854c21cb01562a54d2c1bff9d8a9d6a7b",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_evidence_while_workable_da952",
                    table="annotations_evidence",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="capture",
            constraint=models.UniqueConstraint(
                condition=models.Q(("job__isnull", False)),
                fields=("job", "attempt"),
                name="capture_once_an_attempt",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="capture",
            trigger=pgtrigger.compiler.Trigger(
                name="capture_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e29d7c68d8663049585c4662e3e3076df18fe514",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_capture_append_only_38aa1",
                    table="annotations_capture",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(fields=("desk", "number"), name="report_number_unique"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "ready", "failed"])), name="report_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ready"), _negated=True),
                    models.Q(
                        ("frozen_at__isnull", False),
                        ("row_count__gt", 0),
                        models.Q(("content_hash", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="report_ready_whole",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="report",
            trigger=pgtrigger.compiler.Trigger(
                name="report_frozen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"state\" = 'ready')",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="fd835cd88b3c67bf3200424622d83682fae0f6e2",
                    operation="UPDATE",
                    pgid="pgtrigger_report_frozen_d357b",
                    table="annotations_report",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="report",
            trigger=pgtrigger.compiler.Trigger(
                name="report_not_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="a480aa8776b7c32b7ccd7ebc2f2cfd1a3955fec1",
                    operation="DELETE",
                    pgid="pgtrigger_report_not_deleted_16700",
                    table="annotations_report",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="reportrow",
            constraint=models.UniqueConstraint(fields=("report", "position"), name="report_row_position"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reportrow",
            trigger=pgtrigger.compiler.Trigger(
                name="report_row_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="3be1a98419243df6347575a76da30329caac4baf",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_report_row_append_only_cd404",
                    table="annotations_reportrow",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="savedfilter",
            constraint=models.UniqueConstraint(fields=("user", "desk", "name"), name="saved_filter_unique"),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.UniqueConstraint(fields=("claim", "number"), name="verdict_number_unique"),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(("reasoning", ""), _negated=True), name="verdict_reasoned"
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("number", 1), models.Q(("reason_for_change", ""), _negated=True), _connector="OR"
                ),
                name="verdict_change_says_why",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="verdict",
            trigger=pgtrigger.compiler.Trigger(
                name="verdict_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4cda6bc79aabaa7a09c37a679dd9fae0d775ac22",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_verdict_append_only_08d94",
                    table="annotations_verdict",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="verdict",
            trigger=pgtrigger.compiler.Trigger(
                name="verdict_while_workable",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                PERFORM 1 FROM annotations_claim c\n                    WHERE c.id = NEW.claim_id AND c.state IN ('open', 'returned') FOR SHARE;\n                IF NOT FOUND THEN\n                    RAISE EXCEPTION 'a verdict is given only while the claim is to be checked'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_while_workable';\n                END IF;\n                RETURN NEW;\n                ",
                    hash="33695304bc6757e64f14b47426f09e03bf741029",
                    operation="INSERT",
                    pgid="pgtrigger_verdict_while_workable_304a8",
                    table="annotations_verdict",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["approved", "returned"])), name="review_decision_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                fields=("claim", "submitted_at"), name="review_once_a_submission"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision", "approved"), models.Q(("note", ""), _negated=True), _connector="OR"
                ),
                name="review_return_says_why",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="review",
            trigger=pgtrigger.compiler.Trigger(
                name="review_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="fba4b16a4f15fe3e06277cfdb152c74489406ec5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_review_append_only_056a4",
                    table="annotations_review",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="review",
            trigger=pgtrigger.compiler.Trigger(
                name="review_four_eyes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE subject annotations_claim%ROWTYPE;",
                    func="\n                SELECT * INTO subject FROM annotations_claim c WHERE c.id = NEW.claim_id FOR SHARE;\n                IF subject.state <> 'in_review' OR subject.verdict_id <> NEW.verdict_id\n                    OR subject.submitted_at <> NEW.submitted_at THEN\n                    RAISE EXCEPTION 'a review decides the verdict in force of a claim in review'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_of_submission';\n                END IF;\n                IF NEW.reviewer_id = ANY (\n                    annotations_contributors(\n                        subject.id, subject.verdict_id, subject.statement_author_ids || subject.submitted_by_id\n                    )\n                ) THEN\n                    RAISE EXCEPTION 'nobody reviews what they wrote'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_four_eyes';\n                END IF;\n                RETURN NEW;\n                ",
                    hash="930ad3d8cff6e3197b4abd3a2258fac893f5d37d",
                    operation="INSERT",
                    pgid="pgtrigger_review_four_eyes_9d839",
                    table="annotations_review",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "returned"])),
                fields=["desk", "assignee", "queue_rank", "id"],
                name="claim_check_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("state", "in_review")),
                fields=["desk", "assignee", "queue_rank", "id"],
                name="claim_review_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["desk", "queue_rank", "id"], name="claim_desk_order"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["desk", "state", "queue_rank", "id"], name="claim_desk_state_order"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("rating__isnull", False)),
                fields=["desk", "rating", "queue_rank", "id"],
                name="claim_desk_rating_order",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("lease_holder__isnull", False)),
                fields=["lease_holder", "lease_until"],
                name="claim_held",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(
                    ("due_at__isnull", False), ("state__in", ["open", "returned", "in_review"])
                ),
                fields=["desk", "due_at"],
                name="claim_due",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("state", "verified")),
                fields=["desk", "verified_at", "id"],
                name="claim_verified_order",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="claim_tags"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector(
                    "statement", "claimant_name", config="annotations_search"
                ),
                name="claim_search",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["proposed", "open", "in_review", "returned", "verified", "dismissed"])
                ),
                name="claim_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin__in", ["proposed", "selected"])), name="claim_origin_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("claimant_kind__in", ["person", "organization", ""])),
                name="claim_claimant_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__range", (1, 5))), name="claim_priority_one_to_five"
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("statement", ""), _negated=True), name="claim_statement_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lease_holder__isnull", True), ("lease_until__isnull", True)),
                    models.Q(("lease_holder__isnull", False), ("lease_until__isnull", False)),
                    _connector="OR",
                ),
                name="claim_lease_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parked_until__isnull", True),
                    models.Q(("parked_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="claim_parked_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rating__isnull", True), ("verdict__isnull", True)),
                    models.Q(("rating__isnull", False), ("verdict__isnull", False)),
                    _connector="OR",
                ),
                name="claim_rating_with_verdict",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state", "verified"), ("verified_at__isnull", False), ("verified_by__isnull", False)
                    ),
                    models.Q(
                        models.Q(("state", "verified"), _negated=True),
                        ("verified_at__isnull", True),
                        ("verified_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="claim_verified_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["in_review", "verified"]), _negated=True),
                    models.Q(
                        ("submitted_at__isnull", False),
                        ("submitted_by__isnull", False),
                        ("verdict__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="claim_submitted_whole",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="claim_not_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="64360d84b9cfa9e1811b948eee4a8308d3924986",
                    operation="DELETE",
                    pgid="pgtrigger_claim_not_deleted_a124a",
                    table="annotations_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="claim_guard",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE contributors bigint[];",
                    func="\n                IF TG_OP = 'INSERT' THEN\n                    IF NEW.state NOT IN ('proposed', 'open', 'dismissed') OR NEW.verdict_id IS NOT NULL THEN\n                        RAISE EXCEPTION 'a claim starts without a verdict, proposed, open or dismissed'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_starts_open';\n                    END IF;\n                    NEW.contributor_ids := '{}';\n                    RETURN NEW;\n                END IF;\n                IF NEW.desk_id <> OLD.desk_id OR NEW.document_id <> OLD.document_id THEN\n                    RAISE EXCEPTION 'a claim stays with its document'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_stays';\n                END IF;\n                IF NEW.statement <> OLD.statement AND OLD.state NOT IN ('proposed', 'open', 'returned') THEN\n                    RAISE EXCEPTION 'the statement is locked while a claim is %', OLD.state\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_statement_locked';\n                END IF;\n                IF NOT (NEW.statement_author_ids @> OLD.statement_author_ids) THEN\n                    RAISE EXCEPTION 'authors of a statement are never forgotten'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_authors_kept';\n                END IF;\n                IF NEW.verdict_id IS DISTINCT FROM OLD.verdict_id AND OLD.state NOT IN ('open', 'returned') THEN\n                    RAISE EXCEPTION 'the verdict is locked while a claim is %', OLD.state\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_verdict_locked';\n                END IF;\n                IF NEW.verdict_id IS DISTINCT FROM OLD.verdict_id AND NOT EXISTS (\n                    SELECT 1 FROM annotations_verdict v\n                    WHERE v.id = NEW.verdict_id AND v.claim_id = NEW.id AND v.rating_id = NEW.rating_id\n                ) THEN\n                    RAISE EXCEPTION 'the verdict in force is one of this claim, with its rating'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_verdict_own';\n                END IF;\n                IF NEW.state IS NOT DISTINCT FROM OLD.state THEN\n                    NEW.contributor_ids := OLD.contributor_ids;\n                    RETURN NEW;\n                END IF;\n                IF NEW.state = 'in_review' AND OLD.state NOT IN ('open', 'returned')\n                    OR NEW.state IN ('verified', 'returned') AND OLD.state <> 'in_review'\n                    OR NEW.state = 'proposed' THEN\n                    RAISE EXCEPTION 'a claim does not go from % to %', OLD.state, NEW.state\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_move_known';\n                END IF;\n                contributors := annotations_contributors(\n                    NEW.id, NEW.verdict_id, NEW.statement_author_ids || NEW.submitted_by_id\n                );\n                IF NEW.state = 'verified' AND (\n                    NEW.verified_by_id = ANY (contributors)\n                    OR NOT EXISTS (\n                        SELECT 1 FROM annotations_review r\n                        WHERE r.claim_id = NEW.id AND r.verdict_id = NEW.verdict_id\n                            AND r.submitted_at = NEW.submitted_at\n                            AND r.decision = 'approved' AND r.reviewer_id = NEW.verified_by_id\n                    )\n                ) THEN\n                    RAISE EXCEPTION 'a claim is verified by the approval of a second person only'\n                        USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_four_eyes';\n                END IF;\n                NEW.contributor_ids := CASE WHEN NEW.state IN ('in_review', 'verified')\n                    THEN contributors ELSE '{}' END;\n                RETURN NEW;\n                ",
                    hash="3e2e951bd867fb3085aed2ab5cc4c78c4a3a941b",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_claim_guard_27082",
                    table="annotations_claim",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="verdictdraft",
            constraint=models.UniqueConstraint(fields=("claim", "user"), name="verdict_draft_one_a_person"),
        ),
    ]
