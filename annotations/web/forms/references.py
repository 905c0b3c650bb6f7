"""The form in which a person uploads what they see at an address."""

from django import forms


class UploadForm(forms.Form):
    """What a person sees at the address. The workflow checks kind and size."""

    use_required_attribute = False
    file = forms.FileField(
        label="What you see",
        allow_empty_file=True,
        error_messages={"required": "Choose the file that you saved."},
        help_text="Saved from your browser: PDF, HTML, an image or text, of at most 20 MB.",
    )
