"""Forms check shape only; the rules live in the workflow, whose refusals come back onto the form here."""

from django import forms

from annotations.domain.errors import Missing, NotAllowed, Refused


class AskedFor(forms.CharField):
    """A text that is asked for. Whether it may be empty is the workflow's to say, with its own sentence."""

    def validate(self, value: object) -> None:
        """Pass everything on."""


class DayAskedFor(forms.DateField):
    """A day that is asked for; an empty one is the workflow's to refuse."""

    def validate(self, value: object) -> None:
        """Pass everything on."""


def put_on_form(form: forms.Form, refused: Refused) -> None:
    """Show a refusal on a bound form: each field's problem beside it, the sentence above all of them.

    The sentence is left out when the fields already say the same. Raises the refusal again where no
    other input would help: the thing is not the person's, or they may not do this to it.
    """
    if isinstance(refused, Missing | NotAllowed):
        raise refused
    shown = set()
    for name, problem in refused.fields.items():
        form.add_error(name if name in form.fields else None, problem)
        shown.add(problem)
    if refused.sentence not in shown:
        form.add_error(None, refused.sentence)
