"""The forms in which a claim is worded: shape only, the rules are the workflow's."""

from typing import Any

from django import forms

from annotations.models import ClaimantKind
from annotations.workflow.claims.edit import Particulars


class ParticularsForm(forms.Form):
    """What is claimed, by whom, and when."""

    statement = forms.CharField(
        max_length=2000,
        help_text="One neutral sentence that can be true or false by itself.",
        widget=forms.Textarea({"rows": 3, "dir": "auto", "class": "words"}),
    )
    claimant_name = forms.CharField(label="Who says so", max_length=200, required=False)
    claimant_kind = forms.ChoiceField(
        label="Kind", required=False, choices=[(kind.value, kind.label) for kind in reversed(ClaimantKind)]
    )
    claimant_role = forms.CharField(label="Role", max_length=200, required=False)
    said_on = forms.DateField(
        label="Said on", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    said_where = forms.CharField(label="Said where", max_length=200, required=False)
    chosen_because = forms.CharField(label="Why it is worth checking", max_length=2000, required=False)

    def particulars(self, **kept: Any) -> Particulars:
        """What was typed. The form must be valid; `kept` are particulars this form does not show."""
        return Particulars(**self.cleaned_data, **kept)


class MakeForm(ParticularsForm):
    """Words of the article that are to be a claim: pasted, or selected by the script of the page."""

    words = forms.CharField(
        label="Exact words from the article",
        max_length=12_000,
        strip=False,
        help_text="Copy them from the article and paste them here, or select them there.",
        widget=forms.Textarea({"rows": 3, "dir": "auto", "class": "words", "data-words": ""}),
    )
    place = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    start = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput({"data-start": ""}))
    end = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput({"data-end": ""}))
    version_id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    field_order = ("words", "statement")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["statement"].required = False
        self.fields["statement"].help_text = "One neutral sentence. Left empty, the words themselves."
