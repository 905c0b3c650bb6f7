"""Rating scales: versioned, never edited once used, with a definition for each rating."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.models.constraints import append_only
from annotations.models.desk import Desk
from annotations.models.guards import Guard, NeverEmptied


class RatingScale(models.Model):
    """One version of a desk's scale. A change makes a new version and retires the old one."""

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="rating_scales")
    name = models.CharField(max_length=80)
    number = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(name="rating_scale_number_unique", fields=["desk", "number"]),
            models.UniqueConstraint(
                name="rating_scale_one_current", fields=["desk"], condition=Q(is_current=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Rating(models.Model):
    """One step of a scale. `value` gives the order, higher is truer; an empty value is outside the order."""

    scale = models.ForeignKey(RatingScale, on_delete=models.CASCADE, related_name="ratings")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=40)
    label = models.CharField(max_length=60)
    definition = models.TextField()
    value = models.PositiveSmallIntegerField(null=True)
    tone = models.CharField(max_length=20)
    needs_evidence = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="rating_slug_unique", fields=["scale", "slug"]),
            models.UniqueConstraint(name="rating_position_unique", fields=["scale", "position"]),
            models.CheckConstraint(
                name="rating_value_from_one", condition=Q(value__isnull=True) | Q(value__gte=1)
            ),
        )
        triggers = (
            append_only("rating_append_only"),
            NeverEmptied(name="rating_never_emptied"),
            # The ends of a scale are what earlier records were made with.
            Guard(
                name="rating_scale_unused",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                IF EXISTS (
                    SELECT 1 FROM annotations_rating r JOIN annotations_verdict v ON v.rating_id = r.id
                    WHERE r.scale_id = NEW.scale_id
                ) THEN
                    RAISE EXCEPTION 'a scale takes no further rating once a verdict used it'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'rating_scale_unused';
                END IF;
                RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return self.label
