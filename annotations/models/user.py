"""An account. What a person may do depends on their desks, never on the account."""

import pgtrigger
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from annotations.models.guards import Guard


class User(AbstractUser):
    """A person who signs in.

    `made_by` and `made_by_desk` say who made the account, and for which desk; both are empty for an account
    that an administrator, a command or the newsroom's own sign-in made.

    `email_confirmed_at` says when the person showed that they read the mail of `email`; whatever changes that
    address empties it. `email_asked_at` is the moment of the last mail that asked them.
    """

    made_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_by_desk = models.ForeignKey(
        "annotations.Desk", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    email_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    email_asked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = (
            # Two accounts that differ in a capital letter only would pass for one person.
            models.UniqueConstraint(Lower("username"), name="user_name_unique_in_any_case"),
            # One mailbox vouches for one account.
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(email_confirmed_at__isnull=False),
                name="user_email_confirmed_once",
            ),
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
            Guard(
                name="user_email_confirmed_anew",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("email"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(old__email__df=pgtrigger.F("new__email")),
                func="""
                IF NEW.email_confirmed_at IS NOT DISTINCT FROM OLD.email_confirmed_at THEN
                    NEW.email_confirmed_at := NULL;
                END IF;
                RETURN NEW;
                """,
            ),
        )

    @property
    def display_name(self) -> str:
        """The name shown on desks: the full name, or else the username."""
        return self.get_full_name() or self.username
