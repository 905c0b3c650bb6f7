"""The forms of desks, their people, and the account."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest, QueryDict

from annotations.domain.desks.roles import Role
from annotations.models import ApiToken, Desk, SecurityKey, User
from annotations.models.lengths import longest

ROLES = [(role.value, role.label) for role in Role]


_A_USER_NAME = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class InvitationForm(forms.Form):
    """Whom to ask, and as what."""

    prefix = "ask"

    username = forms.CharField(
        label="User name",
        max_length=longest(User, "username"),
        help_text="You are not told whether there is an account of this name.",
        widget=forms.TextInput(_A_USER_NAME),
    )
    role = forms.ChoiceField(label="Role", choices=ROLES, initial=Role.EDITOR.value)


class AccountForm(forms.Form):
    """Whom to make an account for, and as what they join the desk."""

    username = forms.CharField(
        label="User name",
        max_length=longest(User, "username"),
        help_text="A new one. The log says who made the account.",
        widget=forms.TextInput(_A_USER_NAME),
    )
    full_name = forms.CharField(label="Full name", max_length=longest(User, "first_name"), required=False)
    email = forms.EmailField(label="E-mail", max_length=longest(User, "email"), required=False)
    role = forms.ChoiceField(label="Role", choices=ROLES, initial=Role.EDITOR.value)


class DeskForm(forms.Form):
    """What a desk is called."""

    name = forms.CharField(label="Name of the desk", max_length=longest(Desk, "name"))


class SignInForm(AuthenticationForm):
    """Name and password."""

    def __init__(self, request: HttpRequest | None = None, *args: object, **kwargs: object) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "Name"
        self.error_messages = {
            "invalid_login": "Name and password do not match. Capital letters count in both.",
            "inactive": "This account has been closed.",
        }


class PasswordForm(PasswordChangeForm):
    """The old password and a new one. The form does not take the focus when the page opens."""

    def __init__(self, user: User, data: QueryDict | None = None) -> None:
        super().__init__(user, data)
        del self.fields["old_password"].widget.attrs["autofocus"]


class ProofForm(forms.Form):
    """The second factor: a code of the app, a recovery code, or what a security key answered to a script."""

    use_required_attribute = False

    code = forms.CharField(
        label="Code",
        max_length=40,
        error_messages={"required": "Type a code, or use a security key."},
        widget=forms.TextInput({"autocomplete": "one-time-code", "spellcheck": "false", "autofocus": True}),
    )
    answer = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        if data is not None and data.get("answer"):
            self.fields["code"].required = False


class _WithPassword(forms.Form):
    """Asks the password once more, so that an open screen is not enough for a first second factor."""

    password = forms.CharField(
        label="Your password", widget=forms.PasswordInput({"autocomplete": "current-password"})
    )

    def __init__(self, user: User, data: QueryDict | None = None, *, asks_password: bool) -> None:
        super().__init__(data)
        self._user = user
        if not asks_password or not user.has_usable_password():
            del self.fields["password"]

    def clean_password(self) -> str:
        """Refuse a wrong password."""
        password: str = self.cleaned_data["password"]
        if not self._user.check_password(password):
            raise forms.ValidationError("This is not your password.", code="password_incorrect")
        return password


class AppForm(_WithPassword):
    """The first code of a new app."""

    code = forms.CharField(
        label="The six digits that the app shows",
        max_length=10,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    field_order = ("code", "password")


class NewKeyForm(_WithPassword):
    """A name for a new key, and the key that a script let the browser make."""

    prefix = "key"
    name = forms.CharField(
        label="Name of the key",
        max_length=longest(SecurityKey, "name"),
        help_text="Such as “blue key” or “telephone”, so that you know later which one it is.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    answer = forms.CharField(widget=forms.HiddenInput)
    field_order = ("name", "password")


class EmailForm(forms.Form):
    """The address to confirm."""

    prefix = "mail"

    email = forms.EmailField(
        label="Your e-mail address",
        max_length=longest(User, "email"),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )


class TokenForm(forms.Form):
    """What a new token is for."""

    name = forms.CharField(
        label="What is it for?",
        max_length=longest(ApiToken, "name"),
        help_text="So that you know later which program uses it, such as “morning import”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
