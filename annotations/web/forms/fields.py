"""Fields that leave it to the workflow whether they may be empty."""

from django import forms


class AskedFor(forms.CharField):
    """A text that the workflow refuses with its own sentence where it is missing."""

    def validate(self, value: object) -> None:
        """Accept an empty text."""


class DayAskedFor(forms.DateField):
    """A day that the workflow refuses with its own sentence where it is missing."""

    def validate(self, value: object) -> None:
        """Accept an empty day."""
