"""The person who asks, roles, tokens and saved filters."""

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.desks import serializers
from annotations.api.endpoint import Endpoint, Nothing, OptionalDeskQuery, many, paging
from annotations.api.idempotency import creation
from annotations.api.operations import listing, operation
from annotations.api.person import Person
from annotations.domain.desks.roles import matrix
from annotations.queries.desks.account import filters_page, membership_on, memberships_for, tokens_of
from annotations.queries.desks.people import invitations_to
from annotations.workflow.desks.api_tokens import revoke_token
from annotations.workflow.desks.invitations import accept_invitation, decline_invitation
from annotations.workflow.desks.saved_filters import delete_filter, save_filter


class MeView(Endpoint):
    """The person who asks."""

    @operation("me", "people", "Show who you are", response=serializers.Me, response_example=serializers.ME)
    def get(self, request: Request) -> Response:
        """Show the person and their desks."""
        desks = serializers.MyDesk(memberships_for(self.person), many=True).data
        return Response({**Person(self.person).data, "desks": desks})


class Roles(Endpoint):
    """The permission matrix."""

    @operation(
        "roles",
        "people",
        "Show who may do what",
        response=serializers.RoleMatrix,
        response_example=serializers.ROLES,
    )
    def get(self, request: Request) -> Response:
        """Show the matrix; it is the same on every desk."""
        rows = [
            {"action": action, "words": words, "roles": [role for role, allowed in roles.items() if allowed]}
            for action, words, roles in matrix()
        ]
        return Response(serializers.RoleMatrix({"results": rows}).data)


class Tokens(Endpoint):
    """The person's own tokens."""

    @listing(
        "list_tokens",
        "people",
        "List your tokens",
        serializers.Token,
        serializers.TOKEN,
        about="Tokens are made on the account page or by `manage.py create_token`, never here.",
        query=None,
        refuses=(),
    )
    def get(self, request: Request) -> Response:
        """List those that are not revoked."""
        return many(serializers.Token, tokens_of(self.person))


class OneToken(Endpoint):
    """One of the person's own tokens."""

    @operation(
        "revoke_token",
        "people",
        "Revoke a token",
        about="Whatever uses it is refused from then on; the one you ask with may be it.",
        status=204,
        refuses=(404,),
    )
    def delete(self, request: Request, token_id: int) -> Response:
        """Revoke it."""
        revoke_token(token_id, by=self.person)
        return Response(status=204)


class MyInvitations(Endpoint):
    """The invitations that the person may answer."""

    @listing(
        "list_my_invitations",
        "people",
        "List who asks you to join",
        serializers.MyInvitation,
        serializers.MY_INVITATION,
        query=None,
        refuses=(),
    )
    def get(self, request: Request) -> Response:
        """List them, newest first."""
        return many(serializers.MyInvitation, invitations_to(self.person))


class Accept(Endpoint):
    """Joining a desk."""

    @operation(
        "accept_invitation",
        "people",
        "Join the desk that asks you",
        body=Nothing,
        body_example={},
        response=serializers.MyDesk,
        response_example=serializers.DESK,
        refuses=(404,),
    )
    def post(self, request: Request, invitation_id: int) -> Response:
        """Join it."""
        desk = accept_invitation(invitation_id, by=self.person)
        return Response(serializers.MyDesk(membership_on(self.person, desk.pk)).data)


class Decline(Endpoint):
    """Saying no."""

    @operation(
        "decline_invitation",
        "people",
        "Decline an invitation",
        about="The desk is not told.",
        body=Nothing,
        body_example={},
        status=204,
        refuses=(404,),
    )
    def post(self, request: Request, invitation_id: int) -> Response:
        """Decline it."""
        decline_invitation(invitation_id, by=self.person)
        return Response(status=204)


class Filters(Endpoint):
    """The person's saved filters."""

    @listing(
        "list_filters",
        "people",
        "List your saved filters",
        serializers.Filter,
        serializers.FILTER,
        query=OptionalDeskQuery,
    )
    def get(self, request: Request) -> Response:
        """List them, newest first."""
        asked = self.query(OptionalDeskQuery)
        if "desk" in asked:
            self.check_desk(asked["desk"])
        page = filters_page(
            self.person,
            desk_id=asked.get("desk"),
            **paging(asked),
        )
        return self.page(serializers.Filter, page)

    @operation(
        "save_filter",
        "people",
        "Save a filter",
        body=serializers.NewFilter,
        body_example={"desk": 3, "name": "Mine, overdue", "query": "person=me&overdue=yes"},
        response=serializers.Filter,
        response_example=serializers.FILTER,
        refuses=(404, 409, 422),
        creates=True,
    )
    @creation
    def post(self, request: Request) -> Response:
        """Save it."""
        given = self.body(serializers.NewFilter)
        saved = save_filter(desk_id=given["desk"], name=given["name"], query=given["query"], by=self.person)
        saved.refresh_from_db()
        return Response(serializers.Filter(saved).data, status=201)


class OneFilter(Endpoint):
    """One of the person's saved filters."""

    @operation("delete_filter", "people", "Forget a saved filter", status=204, refuses=(404,))
    def delete(self, request: Request, filter_id: int) -> Response:
        """Delete it."""
        delete_filter(filter_id, by=self.person)
        return Response(status=204)


urlpatterns: list[URLPattern] = [
    path("me/", MeView.as_view()),
    path("roles/", Roles.as_view()),
    path("tokens/", Tokens.as_view()),
    path("tokens/<int:token_id>/", OneToken.as_view()),
    path("invitations/", MyInvitations.as_view()),
    path("invitations/<int:invitation_id>/accept/", Accept.as_view()),
    path("invitations/<int:invitation_id>/decline/", Decline.as_view()),
    path("filters/", Filters.as_view()),
    path("filters/<int:filter_id>/", OneFilter.as_view()),
]
