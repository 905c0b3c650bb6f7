"""The forms in which an article is added, described and revised."""

from django import forms

from annotations.models import Document
from annotations.models.lengths import longest
from annotations.web.languages import choices_with


class AboutForm(forms.Form):
    """What is known about an article besides its text."""

    title = forms.CharField(
        max_length=longest(Document, "title"),
        required=False,
        help_text="If empty, the article's own title is taken.",
    )
    outlet = forms.CharField(
        max_length=longest(Document, "outlet"), required=False, help_text="Where it was published."
    )
    author = forms.CharField(max_length=longest(Document, "author"), required=False)
    published_on = forms.DateField(
        label="Published on", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    url = forms.CharField(
        label="Address",
        max_length=longest(Document, "url"),
        required=False,
        widget=forms.TextInput({"inputmode": "url"}),
    )
    language = forms.ChoiceField(required=False, choices=choices_with(""))


class TextForm(AboutForm):
    """An article as pasted text."""

    text = forms.CharField(
        label="Text of the article",
        strip=False,
        help_text="An empty line separates paragraphs. Up to 2 MB.",
        widget=forms.Textarea({"rows": 14, "spellcheck": "false", "dir": "auto", "class": "words"}),
    )


class FileForm(AboutForm):
    """An article as a file."""

    file = forms.FileField(
        label="File",
        allow_empty_file=True,
        help_text="Text (.txt), web page (.html), Word (.docx) or PDF, up to 20 MB.",
        widget=forms.FileInput({"accept": ".txt,.html,.htm,.docx,.pdf,text/plain,text/html,application/pdf"}),
    )


class AddressForm(AboutForm):
    """An article by its address."""

    url = forms.CharField(
        label="Address of the article",
        max_length=longest(Document, "url"),
        help_text="The page is fetched in the background; this takes a moment.",
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://"}),
    )


class VersionForm(forms.Form):
    """A newer text of an article."""

    text = forms.CharField(
        label="Text as it is now",
        strip=False,
        widget=forms.Textarea({"rows": 20, "spellcheck": "false", "dir": "auto", "class": "words"}),
    )
