"""The forms in which a claim is worded. The workflow says how long each text may be."""

from typing import Any

from django import forms

from annotations.domain.claims.anchoring import MAX_EXACT_LENGTH
from annotations.models import Claim, ClaimantKind
from annotations.models.lengths import longest
from annotations.workflow.claims.edit import Particulars


class ParticularsForm(forms.Form):
    """What is claimed, by whom, and when."""

    statement = forms.CharField(
        help_text="One neutral sentence that can be true or false by itself.",
        widget=forms.Textarea({"rows": 3, "dir": "auto", "class": "words"}),
    )
    claimant_name = forms.CharField(label="Who says so", required=False)
    claimant_kind = forms.ChoiceField(
        label="Kind", required=False, choices=[(kind.value, kind.label) for kind in reversed(ClaimantKind)]
    )
    claimant_role = forms.CharField(label="Role", required=False)
    said_on = forms.DateField(
        label="Said on", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    said_where = forms.CharField(label="Said where", required=False)
    chosen_because = forms.CharField(
        label="Why it is worth checking", required=False, widget=forms.Textarea({"rows": 2, "dir": "auto"})
    )

    def particulars(self, **kept: Any) -> Particulars:
        """Return what was typed. The form must be valid; `kept` are particulars that it does not show."""
        return Particulars(**self.cleaned_data, **kept)


class WordingForm(ParticularsForm):
    """All that is known about a claim, with the version and the lease under which it is edited."""

    language = forms.CharField(
        label="Language",
        required=False,
        help_text="A code such as nl, en or es.",
        max_length=longest(Claim, "language"),
    )
    tags = forms.CharField(label="Tags", required=False, help_text="Separated by commas.")
    version = forms.IntegerField(widget=forms.HiddenInput)
    lease_token = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def particulars(self, **kept: Any) -> Particulars:
        """Return what was typed. The form must be valid."""
        given = self.cleaned_data | kept
        given["tags"] = tuple(given["tags"].split(","))
        return Particulars(**{name: given[name] for name in Particulars.__dataclass_fields__})


class MakeForm(ParticularsForm):
    """Words of the article that are to be a claim: pasted, or selected by the script of the page."""

    words = forms.CharField(
        label="Exact words from the article",
        # Browsers send a line break as two characters; the article counts one.
        max_length=2 * MAX_EXACT_LENGTH,
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
        self.fields["statement"].help_text = "One neutral sentence. If empty, the article’s words."
