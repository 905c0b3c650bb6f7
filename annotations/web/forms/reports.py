"""The form in which the claims of a report are chosen."""

from typing import Any

from django import forms

from annotations.domain.reports.criteria import Criteria
from annotations.models import Claim, Report
from annotations.models.lengths import longest
from annotations.queries.reports import Choices


class ReportForm(forms.Form):
    """Which claims a new report holds; everything may be left open."""

    title = forms.CharField(
        max_length=longest(Report, "title"),
        required=False,
        help_text="Readers see it at the top. If empty, the article’s title is taken, or “Verified claims”.",
    )
    documents = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple, label="Articles"
    )
    ratings = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    tags = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    claimant = forms.CharField(
        max_length=longest(Claim, "claimant_name"), required=False, label="Claimant’s name contains"
    )
    language = forms.ChoiceField(required=False)
    verified_from = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    verified_to = forms.DateField(
        required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), label="Verified until"
    )

    def __init__(self, offered: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, options in (
            ("documents", list(offered.documents)),
            ("ratings", list(offered.ratings)),
            ("tags", [(tag, tag) for tag in offered.tags]),
            ("language", [("", "Any language"), *((code, code) for code in offered.languages)]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = options
        if not offered.tags:
            del self.fields["tags"]

    def criteria(self) -> Criteria:
        """Return what was chosen. The form must be valid."""
        chosen = self.cleaned_data
        return Criteria(
            documents=tuple(chosen["documents"]),
            verified_from=chosen["verified_from"],
            verified_to=chosen["verified_to"],
            ratings=tuple(chosen["ratings"]),
            claimant=chosen["claimant"],
            tags=tuple(chosen.get("tags", ())),
            language=chosen["language"],
        )
