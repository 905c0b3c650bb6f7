"""Names that PostgreSQL keeps when Django renames a model or a column."""

from django.db import migrations


def rename_leftovers(table: str, old: str, new: str) -> migrations.RunSQL:
    """Rename the constraints, indexes and sequences of `table` whose names still begin with `old`."""
    return migrations.RunSQL(_renaming(table, old, new), _renaming(table, new, old))


def _renaming(table: str, old: str, new: str) -> str:
    return f"""
    DO $$
    DECLARE
        named text;
    BEGIN
        FOR named IN
            SELECT conname FROM pg_constraint
            WHERE conrelid = '{table}'::regclass AND starts_with(conname, '{old}')
        LOOP
            EXECUTE format(
                'ALTER TABLE %I RENAME CONSTRAINT %I TO %I',
                '{table}', named, left(replace(named, '{old}', '{new}'), 63)
            );
        END LOOP;
        FOR named IN
            SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
            WHERE indrelid = '{table}'::regclass AND starts_with(relname, '{old}')
        LOOP
            EXECUTE format(
                'ALTER INDEX %I RENAME TO %I', named, left(replace(named, '{old}', '{new}'), 63)
            );
        END LOOP;
        FOR named IN
            SELECT relname FROM pg_class JOIN pg_depend ON objid = pg_class.oid
            WHERE relkind = 'S' AND refobjid = '{table}'::regclass AND starts_with(relname, '{old}')
        LOOP
            EXECUTE format(
                'ALTER SEQUENCE %I RENAME TO %I', named, left(replace(named, '{old}', '{new}'), 63)
            );
        END LOOP;
    END
    $$
    """


def rename_permissions(old: str, new: str) -> migrations.RunSQL:
    """Rename the permissions of a model that Django made under its old name; content types follow by themselves."""
    return migrations.RunSQL(_permitting(old, new), _permitting(new, old))


def _permitting(old: str, new: str) -> str:
    return f"""
    UPDATE auth_permission
    SET codename = split_part(codename, '_', 1) || '_{new.replace(" ", "")}',
        name = replace(name, '{old}', '{new}')
    FROM django_content_type
    WHERE django_content_type.id = content_type_id AND app_label = 'annotations'
        AND codename LIKE '%\\_{old.replace(" ", "")}'
    """  # noqa: S608 - put together from constants
