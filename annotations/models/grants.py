"""What the application may do with the rows of each table; the tables themselves belong to another role.

`GRANTS` names every model. `manage.py migrate` and `manage.py make_roles` give the application's role these
rights and no others, so a statement that nobody foresaw is refused before any trigger is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from psycopg import sql

from annotations.models.page_facts import PAGE_FACTS


@dataclass(frozen=True)
class Rights:
    """What may be done with the rows of a table besides reading: every row can be read.

    `changes` names the fields that may be changed.
    """

    insert: bool = False
    changes: tuple[str, ...] = ()
    delete: bool = False


READ = Rights()
APPEND = Rights(insert=True)


def _changing(*changes: str, delete: bool = False) -> Rights:
    return Rights(insert=True, changes=changes, delete=delete)


EVERYTHING = Rights(insert=True, changes=("*",), delete=True)

GRANTS: dict[str, Rights] = {
    "annotations.Activity": APPEND,
    "annotations.Alert": _changing(
        *("seen_in", "after", "level", "findings", "state", "version", "decided_by", "decided_at", "note"),
        "changed_at",
    ),
    "annotations.Anchor": _changing(
        "start", "end", "exact", "prefix", "suffix", "state", "score", "before_changed"
    ),
    "annotations.ApiToken": _changing("name", "last_used_at", "revoked_at"),
    "annotations.Capture": APPEND,
    "annotations.Claim": _changing(
        *("state", "version", "statement", "statement_author_ids", "language", "claimant_name"),
        *("claimant_kind", "claimant_role", "said_on", "said_where", "chosen_because", "priority", "due_at"),
        *("score", "score_reasons", "tags", "assignee", "lease_holder", "lease_token", "lease_until"),
        *("parked_until", "parked_reason", "verdict", "rating", "contributor_ids", "updated_at"),
        *("submitted_by", "submitted_at", "verified_by", "verified_at"),
    ),
    "annotations.ClaimSkip": _changing("*"),
    "annotations.Desk": _changing(
        *("name", "slug", "is_demonstration", "requires_two_factor", "last_report_number", "version")
    ),
    "annotations.Device": _changing("words", "last_seen_at", delete=True),
    "annotations.Document": _changing(
        *("title", "url", "outlet", "author", "published_on", "language", "loading_state"),
        *("loading_problem", "current_version", "version", "updated_at"),
    ),
    "annotations.DocumentVersion": APPEND,
    "annotations.EarlierEntries": Rights(changes=("done_id",)),
    "annotations.Evidence": _changing(
        *("capture", "url_given", "stance", "passage", "passage_start", "passage_end", "note", "author_ids"),
        *("version", "withdrawn_at", "withdrawn_by"),
    ),
    "annotations.Extraction": APPEND,
    "annotations.FetchJob": _changing("*"),
    "annotations.Host": _changing("*"),
    "annotations.IdempotencyKey": _changing("status", "body", delete=True),
    "annotations.Invitation": _changing("state", "decided_at"),
    "annotations.KeptFile": APPEND,
    "annotations.KeptWords": APPEND,
    "annotations.Manifest": APPEND,
    "annotations.Membership": _changing("role", delete=True),
    # A row can be locked only by whoever may change a column of it.
    "annotations.OutsideIdentity": _changing("connected_at", delete=True),
    "annotations.PassagePlace": APPEND,
    "annotations.ProofChain": _changing("number", "sha256", "kept_number"),
    "annotations.Rating": APPEND,
    "annotations.RatingScale": _changing("is_current"),
    "annotations.RecoveryCode": _changing("used_at", delete=True),
    "annotations.Reference": _changing(
        *PAGE_FACTS, "host", "fetch_state", "fetch_code", "fetch_next_at", "latest_capture"
    ),
    "annotations.Report": _changing("head", "state", "problem", "row_count", "content_hash", "frozen_at"),
    "annotations.ReportRow": APPEND,
    "annotations.Review": APPEND,
    "annotations.SavedFilter": _changing("query", delete=True),
    "annotations.Seal": _changing("manifest"),
    "annotations.SecondFactor": _changing("sealed_secret", "last_step", delete=True),
    "annotations.SecurityKey": _changing("uses", "last_used_at", delete=True),
    "annotations.Session": EVERYTHING,
    "annotations.SignedRecord": APPEND,
    "annotations.Stamp": _changing("*"),
    "annotations.StampBatch": APPEND,
    "annotations.StampLeaf": APPEND,
    "annotations.User": _changing("*"),
    "annotations.User_groups": READ,
    "annotations.User_user_permissions": READ,
    "annotations.Verdict": APPEND,
    "annotations.VerdictDraft": _changing("*", delete=True),
    "annotations.Watch": _changing("*"),
    "annotations.WatchCheck": APPEND,
    "annotations.WitnessJob": _changing("*"),
    "annotations.WorkerHeartbeat": _changing("beat_at", "part", delete=True),
    # Accounts, sessions and failed sign-ins.
    "admin.LogEntry": APPEND,
    "auth.Group": READ,
    "auth.Group_permissions": READ,
    "auth.Permission": READ,
    "axes.AccessAttempt": EVERYTHING,
    "axes.AccessAttemptExpiration": EVERYTHING,
    "axes.AccessFailureLog": EVERYTHING,
    "axes.AccessLog": EVERYTHING,
    "contenttypes.ContentType": READ,
    "sessions.Session": EVERYTHING,
}
# Made by the migrations themselves; no model stands for them.
READ_ONLY_TABLES = ("django_migrations",)


def rights_by_table() -> dict[str, tuple[Rights, list[str]]]:
    """Return for each table the rights of the application, and the columns that it may change."""
    found: dict[str, tuple[Rights, list[str]]] = {}
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.managed and not meta.proxy:
            rights = GRANTS[meta.label]
            found[meta.db_table] = (rights, _columns(model, rights))
    return found | {table: (READ, []) for table in READ_ONLY_TABLES}


def statements(role: str, database: str) -> Iterator[sql.Composed]:
    """Yield the SQL that leaves `role` the rights of `GRANTS` and no others, and everybody else none.

    The tables' owner has to run it, in one transaction. Sequences may be counted on, never set back.
    """
    named = {"role": sql.Identifier(role), "database": sql.Identifier(database)}
    for text in (
        "REVOKE ALL ON DATABASE {database} FROM {role}",
        "REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {role}",
        "REVOKE ALL ON SCHEMA public FROM {role}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {role}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {role}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ):
        yield sql.SQL(text).format(**named)
    for table, (rights, columns) in rights_by_table().items():
        given = [sql.SQL("SELECT")]
        given += [sql.SQL("INSERT")] * rights.insert + [sql.SQL("DELETE")] * rights.delete
        granted: list[sql.Composable] = [*given]
        if columns:
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            granted.append(sql.SQL("UPDATE ({})").format(names))
        yield sql.SQL("GRANT {} ON TABLE public.{} TO {}").format(
            sql.SQL(", ").join(granted), sql.Identifier(table), sql.Identifier(role)
        )


def _columns(model: type[models.Model], rights: Rights) -> list[str]:
    kept = [field for field in model._meta.concrete_fields if not field.primary_key and not field.generated]
    fields = {field.name: str(field.column) for field in kept}
    return [fields[name] for name in (fields if rights.changes == ("*",) else rights.changes)]
