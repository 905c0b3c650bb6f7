"""People, desks, roles, tokens and saved filters as the API shows and reads them."""

from rest_framework import serializers

from annotations.api.endpoint import IdField, Input, MomentField, Output
from annotations.api.person import ILSE, NOOR, Person
from annotations.domain.desks.roles import Action, Role
from annotations.models import Desk, SavedFilter, User
from annotations.models.lengths import longest

ROLES_OF_A_DESK = [role.value for role in Role]


class MyDesk(Output):
    """A desk, with the role of the person who asks."""

    id = serializers.IntegerField(source="desk.id")
    slug = serializers.CharField(source="desk.slug")
    name = serializers.CharField(source="desk.name")
    is_demonstration = serializers.BooleanField(source="desk.is_demonstration")
    role = serializers.ChoiceField(ROLES_OF_A_DESK)
    version = serializers.IntegerField(source="desk.version")


class Me(Person):
    """The person who asks, with their role on each desk."""

    desks = MyDesk(many=True)


class Member(Output):
    """Someone on a desk."""

    person = Person(source="user")
    role = serializers.ChoiceField(ROLES_OF_A_DESK)
    since = MomentField(source="created_at")
    has_password = serializers.BooleanField(
        source="user.has_usable_password",
        help_text="False until the person has followed their invitation; the desk's page shows its link.",
    )


class InvitationOut(Output):
    """Somebody was asked to join, by the user name typed. Nothing says whether there is such an account."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    role = serializers.ChoiceField(ROLES_OF_A_DESK)
    asked_by = Person(source="invited_by")
    asked_at = MomentField(source="created_at")


class MyInvitation(Output):
    """A desk asks you to join."""

    id = serializers.IntegerField()
    desk = serializers.CharField(source="desk.name")
    role = serializers.ChoiceField(ROLES_OF_A_DESK)
    asked_by = serializers.CharField(source="invited_by.display_name")
    asked_at = MomentField(source="created_at")


class NewInvitation(Input):
    """Whom to ask, and as what."""

    username = serializers.CharField(max_length=longest(User, "username"))
    role = serializers.ChoiceField(ROLES_OF_A_DESK)


class NewMember(Input):
    """Whom to make an account for, and as what they join."""

    username = serializers.CharField(max_length=longest(User, "username"), help_text="A new one.")
    role = serializers.ChoiceField(ROLES_OF_A_DESK)
    full_name = serializers.CharField(
        required=False,
        default="",
        max_length=longest(User, "first_name"),
        allow_blank=True,
    )
    email = serializers.EmailField(
        required=False,
        default="",
        max_length=longest(User, "email"),
        allow_blank=True,
    )


class NewRole(Input):
    """Another role."""

    role = serializers.ChoiceField(ROLES_OF_A_DESK)


class DeskName(Input):
    """A new name for a desk."""

    name = serializers.CharField(max_length=longest(Desk, "name"))


class ScaleRating(Output):
    """A rating with what it means."""

    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    definition = serializers.CharField()
    value = serializers.IntegerField(allow_null=True, help_text="Higher is truer; null has no place.")
    needs_evidence = serializers.BooleanField()


class Scale(Output):
    """The scale on which a desk gives verdicts now."""

    name = serializers.CharField()
    number = serializers.IntegerField(help_text="The version of the scale.")
    ratings = ScaleRating(many=True)


class ActionRoles(Output):
    """An action, and the roles that may do it."""

    action = serializers.ChoiceField([action.value for action in Action])
    words = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(ROLES_OF_A_DESK))


class RoleMatrix(Output):
    """Who may do what on a desk."""

    results = ActionRoles(many=True)


class Token(Output):
    """One of your tokens. Its key was shown once and is not stored."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    hint = serializers.CharField(help_text="The first letters of the key.")
    created_at = MomentField()
    last_used_at = MomentField(allow_null=True)


class Filter(Output):
    """A saved filter of the list of claims."""

    id = serializers.IntegerField()
    desk = serializers.IntegerField(source="desk_id")
    name = serializers.CharField()
    query = serializers.CharField(help_text="The parameters of the list of claims, as in an address.")
    created_at = MomentField()


class NewFilter(Input):
    """A filter to save."""

    desk = IdField()
    name = serializers.CharField(max_length=longest(SavedFilter, "name"))
    query = serializers.CharField(max_length=longest(SavedFilter, "query"), allow_blank=True)


DESK = {
    "id": 3,
    "slug": "foreign",
    "name": "Foreign desk",
    "is_demonstration": False,
    "role": "editor",
    "version": 1,
}
ME = {**NOOR, "desks": [DESK]}
MEMBER = {"person": NOOR, "role": "editor", "since": "2019-04-02T09:00:00Z", "has_password": True}
INVITATION = {
    "id": 5,
    "username": "noor",
    "role": "editor",
    "asked_by": ILSE,
    "asked_at": "2019-04-02T09:00:00Z",
}
MY_INVITATION = {
    "id": 5,
    "desk": "Foreign desk",
    "role": "editor",
    "asked_by": "Ilse Brands",
    "asked_at": "2019-04-02T09:00:00Z",
}
SCALE = {
    "name": "Standard",
    "number": 1,
    "ratings": [
        {
            "slug": "true",
            "label": "True",
            "definition": "The statement is accurate and nothing that matters is left out.",
            "value": 4,
            "needs_evidence": True,
        }
    ],
}
ROLES = {
    "results": [
        {
            "action": "review",
            "words": "Approve or return another person's work",
            "roles": ["reviewer", "manager"],
        }
    ]
}
TOKEN = {
    "id": 4,
    "name": "morning import",
    "hint": "fcw_Vq2x",
    "created_at": "2019-04-30T07:00:00Z",
    "last_used_at": None,
}
FILTER = {
    "id": 2,
    "desk": 3,
    "name": "Mine, overdue",
    "query": "person=me&overdue=yes",
    "created_at": "2019-04-30T07:00:00Z",
}
