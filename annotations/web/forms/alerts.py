"""The form of a decision on an alert."""

from django import forms


class AlertForm(forms.Form):
    """A decision's note, and which state of the alert was read before deciding."""

    note = forms.CharField(required=False, strip=False)
    version = forms.IntegerField(min_value=1)
