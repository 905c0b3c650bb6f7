"""People, desks, roles, tokens and saved filters as the API shows and reads them."""

from rest_framework import serializers

from annotations.api.endpoint import IdField, Input, Output, PageQuery
from annotations.domain.desks.roles import Action, Role

ROLES_OF_A_DESK = [role.value for role in Role]

NOOR: dict[str, object] = {"id": 7, "username": "noor", "name": "Noor de Wit"}
ILSE: dict[str, object] = {"id": 9, "username": "ilse", "name": "Ilse Brands"}


class Person(Output):
    """Someone with an account."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField(source="display_name", help_text="The name the desk shows.")


class MyDesk(Output):
    """A desk, with the role of the person who asks."""

    id = serializers.IntegerField(source="desk.id")
    slug = serializers.CharField(source="desk.slug")
    name = serializers.CharField(source="desk.name")
    is_demonstration = serializers.BooleanField(source="desk.is_demonstration")
    role = serializers.ChoiceField(ROLES_OF_A_DESK)
    version = serializers.IntegerField(source="desk.version")


class Me(Person):
    """Who asks, and as what on which desk."""

    desks = MyDesk(many=True)


class Member(Output):
    """Someone on a desk."""

    person = Person(source="user")
    role = serializers.ChoiceField(ROLES_OF_A_DESK)
    since = serializers.DateTimeField(source="created_at")
    has_password = serializers.BooleanField(
        source="user.has_usable_password",
        help_text="False until the person has followed their invitation; the desk's page shows its link.",
    )


class NewMember(Input):
    """Whom to add, and as what."""

    username = serializers.CharField(max_length=150, help_text="Of someone with an account, or a new one.")
    role = serializers.ChoiceField(ROLES_OF_A_DESK)
    full_name = serializers.CharField(
        required=False, default="", max_length=200, allow_blank=True, help_text="For a new account."
    )
    email = serializers.EmailField(
        required=False, default="", max_length=254, allow_blank=True, help_text="For a new account."
    )


class NewRole(Input):
    """Another role."""

    role = serializers.ChoiceField(ROLES_OF_A_DESK)


class DeskName(Input):
    """A new name for a desk."""

    name = serializers.CharField(max_length=120)


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
    """One thing people do, and the roles that may."""

    action = serializers.ChoiceField([action.value for action in Action])
    words = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(ROLES_OF_A_DESK))


class RoleMatrix(Output):
    """Who may do what on a desk."""

    results = ActionRoles(many=True)


class Token(Output):
    """A token of one's own; its key was shown once and is not kept."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    hint = serializers.CharField(help_text="The first letters of the key.")
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class Filter(Output):
    """A saved filter of the list of claims."""

    id = serializers.IntegerField()
    desk = serializers.IntegerField(source="desk_id")
    name = serializers.CharField()
    query = serializers.CharField(help_text="The parameters of the list of claims, as in an address.")
    created_at = serializers.DateTimeField()


class NewFilter(Input):
    """A filter to save."""

    desk = IdField()
    name = serializers.CharField(max_length=80)
    query = serializers.CharField(max_length=2000, allow_blank=True)


class OptionalDeskQuery(PageQuery):
    """A list, of one desk on demand."""

    desk = IdField(required=False, help_text="Only this desk.")


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
