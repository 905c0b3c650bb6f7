"""An account. What a person may do depends on their desks, never on the account."""

import pgtrigger
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower

from annotations.models.guards import Guard


class User(AbstractUser):
    """A person who signs in.

    `made_by` and `made_by_desk` say who made the account, and for which desk; both are empty for an account
    that an administrator, a command or the newsroom's own sign-in made.
    """

    made_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_by_desk = models.ForeignKey(
        "annotations.Desk", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = (
            # Two accounts that differ in a capital letter only would pass for one person.
            models.UniqueConstraint(Lower("username"), name="user_name_unique_in_any_case"),
        )
        triggers = (
            Guard(
                name="user_maker_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                IF NEW.made_by_id IS DISTINCT FROM OLD.made_by_id
                    OR NEW.made_by_desk_id IS DISTINCT FROM OLD.made_by_desk_id THEN
                    RAISE EXCEPTION 'who made an account is written once'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'user_maker_kept';
                END IF;
                RETURN NEW;
                """,
            ),
        )

    @property
    def display_name(self) -> str:
        """The name shown on desks: the full name, or else the username."""
        return self.get_full_name() or self.username
