"""A desk: a team with its own documents, members and rating scale."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.desks.roles import Role
from annotations.models.constraints import choices_of, one_of


class Desk(models.Model):
    """A team with its own documents; nothing of one desk is visible to another."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60)
    is_demonstration = models.BooleanField(default=False)
    # Members without a second factor see nothing of the desk.
    requires_two_factor = models.BooleanField(default=False, db_default=False)
    # Incremented under a row lock, so that a desk's report numbers have no gaps.
    last_report_number = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(name="desk_slug_unique", fields=["slug"]),)

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Narrowings of memberships."""

    def in_force(self) -> "MembershipQuerySet":
        """Keep those that open their desk: all, but of a desk that requires a second factor the person lacks.

        Whatever asks what a person may see or do asks through this.
        """
        return self.filter(Q(desk__requires_two_factor=False) | Q(user__second_factor__isnull=False))


class Membership(models.Model):
    """A person's role on a desk."""

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=choices_of(Role))
    created_at = models.DateTimeField(db_default=Now())

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="membership_unique", fields=["desk", "user"]),
            one_of("membership_role_known", "role", Role),
        )

    def __str__(self) -> str:
        return f"{self.user} on {self.desk}: {self.role}"
