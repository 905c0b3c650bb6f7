"""The forms in which people attach a source and say what it does for a claim."""

from django import forms

from annotations.domain.evidence.stance import Stance
from annotations.web.forms.fields import AskedFor

STANCES = [(stance.value, stance.label) for stance in Stance]
_PROSE = {"rows": 3, "dir": "auto"}


class EvidenceForm(forms.Form):
    """What a source does for the claim. The workflow checks lengths and states."""

    stance = forms.ChoiceField(
        label="What it does to the claim",
        choices=STANCES,
        initial=Stance.SUPPORTS.value,
        widget=forms.RadioSelect,
    )
    passage = forms.CharField(
        label="The passage you rely on",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs=_PROSE),
        help_text="Copied from the page; it is looked up in what was fetched.",
    )
    note = forms.CharField(
        label="Note", required=False, strip=False, widget=forms.Textarea(attrs={**_PROSE, "rows": 2})
    )


class PassageForm(forms.Form):
    """Words of a capture to rely on: pasted, or selected by the script of the page."""

    use_required_attribute = False

    words = AskedFor(
        label="The words you rely on",
        strip=False,
        help_text="Select them in the text, or copy and paste them here.",
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto", "class": "words", "data-words": ""}),
    )
    capture = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    start = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput({"data-start": ""}))
    end = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput({"data-end": ""}))
    place = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)


class AttachForm(EvidenceForm):
    """One or many addresses, or one file."""

    use_required_attribute = False

    addresses = AskedFor(
        label="Addresses, one on each line",
        widget=forms.Textarea(
            attrs={
                "rows": 2,
                "spellcheck": "false",
                "autocapitalize": "none",
                "placeholder": "https://…",
                "dir": "ltr",
                "data-key": "s",
                "data-key-label": "Add a source",
            }
        ),
    )
    file = forms.FileField(
        label="A file instead of addresses",
        required=False,
        help_text="A text, HTML page, PDF, Word file or image of at most 20 MB.",
    )
    field_order = ("addresses", "file", "stance", "passage", "note")
