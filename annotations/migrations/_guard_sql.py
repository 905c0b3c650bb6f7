"""How a trigger is made in the database. Landed migrations rest on it, so the template is never edited.

A trigger that has to be made in another way gets a class of its own beside this one.
"""

from pgtrigger import compiler

SEARCH_PATH = "pg_catalog, public, pg_temp"
"""Where functions look up names: a temporary table never stands in for one of ours."""


class GuardSql(compiler.UpsertTriggerSql):
    """SQL that makes a trigger which no setting switches off and which reads the tables of `public` only.

    The template of django-pgtrigger lets any session pass by any trigger with `pgtrigger.ignore`, and looks
    up tables along the search path of the session.
    """

    def get_template(self) -> str:
        """Return the SQL with the places for the parts of one trigger."""
        return (
            """
            CREATE OR REPLACE FUNCTION {pgid}()
            RETURNS TRIGGER LANGUAGE plpgsql SET search_path = """
            + SEARCH_PATH
            + """ AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid}
                {when} {operation} ON {table}
                {timing}
                {referencing}
                FOR EACH {level} {condition}
                EXECUTE FUNCTION {execute};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """
        )
