"""The forms in which a verdict is written, and decided on by a second person."""

from collections.abc import Sequence
from typing import Self

from django import forms
from django.utils import timezone

from annotations.domain.verdicts.records import Difference
from annotations.models import Verdict, VerdictDraft
from annotations.web.forms.fields import AskedFor, DayAskedFor
from annotations.workflow.verdicts.give import Draft


class VerdictForm(forms.Form):
    """A verdict as typed so far. Every field may be empty, since drafts are saved with the same form."""

    use_required_attribute = False

    rating = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reasoning = AskedFor(
        label="Reasoning",
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 8, "dir": "auto", "data-key": "v", "data-key-label": "Write the reasoning"}
        ),
        help_text="How the sources lead to this rating, for a reader who knows none of them.",
    )
    as_of = DayAskedFor(
        label="Holds as of",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The day for which you say this.",
    )
    reason_for_change = AskedFor(
        label="Why it replaces the verdict in force",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    base_number = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    @classmethod
    def starting(cls, draft: VerdictDraft | None, in_force: Verdict | None) -> Self:
        """Return the form as a person first sees it: their draft, else the verdict in force, else empty."""
        number = in_force.number if in_force else 0
        if draft is not None:
            return cls(
                initial={
                    "rating": draft.rating_id,
                    "reasoning": draft.reasoning,
                    "as_of": draft.as_of or timezone.localdate(),
                    "reason_for_change": draft.reason_for_change,
                    "base_number": number,
                }
            )
        return cls(
            initial={
                "rating": in_force.rating_id if in_force else None,
                "reasoning": in_force.reasoning if in_force else "",
                "as_of": timezone.localdate(),
                "reason_for_change": "",
                "base_number": number,
            }
        )

    def draft(self) -> Draft:
        """Return what was typed. What cannot be read is left empty, and the workflow asks for it."""
        given = self.cleaned_data
        return Draft(
            rating_id=given.get("rating"),
            reasoning=given.get("reasoning", ""),
            as_of=given.get("as_of"),
            reason_for_change=given.get("reason_for_change", ""),
        )

    @property
    def seen_number(self) -> int:
        """The number of the verdict the person saw when they began; 0 for none."""
        return int(self.cleaned_data.get("base_number") or 0)

    @property
    def chosen(self) -> str:
        """The id of the ticked rating as text, empty for none."""
        value = self["rating"].value()
        return str(value) if value else ""


class ReviewForm(forms.Form):
    """A decision's note, and the hash of the record that was read before deciding."""

    # How the record in force differs from the one that was read, after a decision that came too late.
    changes: Sequence[Difference] = ()

    note = forms.CharField(required=False, strip=False)
    record = forms.CharField(max_length=64)
    lease_token = forms.IntegerField(required=False)


class ChangedWordsForm(forms.Form):
    """A decision on changed words: its note, and which record and version of the article were read."""

    note = forms.CharField(required=False, strip=False)
    record = forms.CharField(max_length=64)
    version = forms.IntegerField(min_value=1)
