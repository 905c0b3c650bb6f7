"""Desks: their names, people, rating scale and log."""

from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.activity import ACTIVITY, ActivityOut
from annotations.api.desks import serializers
from annotations.api.endpoint import Endpoint, PageQuery, many, paging, single
from annotations.api.idempotency import creation
from annotations.api.operations import listing, operation
from annotations.domain.desks.roles import Action
from annotations.permissions import check_can
from annotations.queries.activity import activity_of_desk
from annotations.queries.desks.account import memberships_for
from annotations.queries.desks.pages import current_scale, member_of, members_of
from annotations.queries.desks.people import invitations_of
from annotations.visibility import get_membership
from annotations.workflow.desks.accounts import create_account
from annotations.workflow.desks.invitations import invite, withdraw_invitation
from annotations.workflow.desks.manage import change_role, remove_member, rename_desk


class Desks(Endpoint):
    """The person's desks."""

    @listing(
        "list_desks",
        "desks",
        "List your desks",
        serializers.MyDesk,
        serializers.DESK,
        query=None,
        refuses=(),
    )
    def get(self, request: Request) -> Response:
        """List them by name, with the person's role."""
        return many(serializers.MyDesk, memberships_for(self.person))


class OneDesk(Endpoint):
    """A desk."""

    @operation(
        "get_desk",
        "desks",
        "Show a desk",
        response=serializers.MyDesk,
        response_example=serializers.DESK,
        refuses=(404,),
        versioned=True,
    )
    def get(self, request: Request, desk_id: int) -> Response:
        """Show it with the person's role."""
        membership = get_membership(self.person, desk_id)
        return single(serializers.MyDesk, membership, version=membership.desk.version)

    @operation(
        "rename_desk",
        "desks",
        "Rename a desk",
        body=serializers.DeskName,
        body_example={"name": "Foreign desk"},
        response=serializers.MyDesk,
        response_example=serializers.DESK,
        refuses=(403, 404, 422),
        edits=True,
    )
    def patch(self, request: Request, desk_id: int) -> Response:
        """Change the name people read."""
        version = self.version_read()
        rename_desk(desk_id, name=self.body(serializers.DeskName)["name"], by=self.person, version=version)
        membership = get_membership(self.person, desk_id)
        return single(serializers.MyDesk, membership, version=membership.desk.version)


class Members(Endpoint):
    """The people of a desk."""

    @listing(
        "list_members",
        "desks",
        "List the people of a desk",
        serializers.Member,
        serializers.MEMBER,
        refuses=(404,),
        query=None,
    )
    def get(self, request: Request, desk_id: int) -> Response:
        """List them by name."""
        self.check_desk(desk_id)
        return many(serializers.Member, members_of(desk_id))

    @operation(
        "add_member",
        "desks",
        "Make an account for a new member of a desk",
        about="The account has no password; the link to set one is made on the desk's page by its managers, "
        "and nothing here gives it away. Who has an account is asked instead, with an invitation.",
        body=serializers.NewMember,
        body_example={"username": "noor", "role": "editor", "full_name": "Noor de Wit"},
        response=serializers.Member,
        response_example={**serializers.MEMBER, "has_password": False},
        refuses=(403, 404, 422),
        creates=True,
    )
    @creation
    def post(self, request: Request, desk_id: int) -> Response:
        """Make it."""
        made = create_account(desk_id, by=self.person, **self.body(serializers.NewMember))
        response = _member(desk_id, made.user_id, status=201)
        response["Location"] = self.address_of("api_member", desk_id, made.user_id)
        return response


class OneMember(Endpoint):
    """Someone on a desk."""

    @operation(
        "get_member",
        "desks",
        "Show a member",
        response=serializers.Member,
        response_example=serializers.MEMBER,
        refuses=(404,),
        versioned=True,
    )
    def get(self, request: Request, desk_id: int, user_id: int) -> Response:
        """Show them. The ETag is that of the desk, which changes whenever its people do."""
        self.check_desk(desk_id)
        return _member(desk_id, user_id)

    @operation(
        "change_role",
        "desks",
        "Give a member another role",
        about="It counts from their next request. A desk keeps at least one manager.",
        body=serializers.NewRole,
        body_example={"role": "reviewer"},
        response=serializers.Member,
        response_example={**serializers.MEMBER, "role": "reviewer"},
        refuses=(403, 404, 422),
        edits=True,
    )
    def patch(self, request: Request, desk_id: int, user_id: int) -> Response:
        """Change it."""
        version = self.version_read()
        role = self.body(serializers.NewRole)["role"]
        change_role(desk_id, user_id=user_id, role=role, by=self.person, version=version)
        return _member(desk_id, user_id)

    @operation(
        "remove_member",
        "desks",
        "Take a person off a desk",
        about="What they wrote stays, under their name. A desk keeps at least one manager.",
        status=204,
        refuses=(403, 404, 422),
    )
    def delete(self, request: Request, desk_id: int, user_id: int) -> Response:
        """Take them off."""
        remove_member(desk_id, user_id=user_id, by=self.person)
        return Response(status=204)


class Invitations(Endpoint):
    """The invitations of a desk that wait."""

    @listing(
        "list_invitations",
        "desks",
        "List who is asked to join a desk",
        serializers.InvitationOut,
        serializers.INVITATION,
        about="For managers. One that was declined stands here until it ends or is withdrawn, like one that "
        "nobody can answer: only who accepts tells the desk of their account.",
        refuses=(403, 404),
        query=None,
    )
    def get(self, request: Request, desk_id: int) -> Response:
        """List them, newest first."""
        check_can(self.person, Action.RUN_DESK, desk_id)
        return many(serializers.InvitationOut, invitations_of(desk_id))

    @operation(
        "invite",
        "desks",
        "Ask a person to join a desk",
        about="The answer is the same whether or not there is such an account. Its person answers.",
        body=serializers.NewInvitation,
        body_example={"username": "noor", "role": "editor"},
        response=serializers.InvitationOut,
        response_example=serializers.INVITATION,
        refuses=(403, 404, 409, 422),
        creates=True,
    )
    @creation
    def post(self, request: Request, desk_id: int) -> Response:
        """Ask them."""
        asked = invite(desk_id, by=self.person, **self.body(serializers.NewInvitation))
        return Response(serializers.InvitationOut(asked).data, status=201)


class OneInvitation(Endpoint):
    """An invitation of a desk."""

    @operation(
        "withdraw_invitation",
        "desks",
        "Withdraw an invitation",
        status=204,
        refuses=(403, 404),
    )
    def delete(self, request: Request, desk_id: int, invitation_id: int) -> Response:
        """Withdraw it."""
        withdraw_invitation(desk_id, invitation_id, by=self.person)
        return Response(status=204)


class RatingScale(Endpoint):
    """The scale of a desk."""

    @operation(
        "get_rating_scale",
        "desks",
        "Show the rating scale of a desk",
        response=serializers.Scale,
        response_example=serializers.SCALE,
        refuses=(404,),
    )
    def get(self, request: Request, desk_id: int) -> Response:
        """Show the scale in force with its definitions."""
        self.check_desk(desk_id)
        scale, ratings = current_scale(desk_id)
        head = {"name": scale.name if scale else "", "number": scale.number if scale else 0}
        return Response(serializers.Scale({**head, "ratings": ratings}).data)


class DeskActivity(Endpoint):
    """The log of a desk."""

    @listing(
        "list_desk_activity",
        "activity",
        "Read the log of a desk",
        ActivityOut,
        ACTIVITY,
    )
    def get(self, request: Request, desk_id: int) -> Response:
        """List what happened, newest first."""
        asked = self.query(PageQuery)
        self.check_desk(desk_id)
        return self.page(ActivityOut, activity_of_desk(self.person, desk_id, **paging(asked)))


def _member(desk_id: int, user_id: int, **options: Any) -> Response:
    member = member_of(desk_id, user_id)
    return single(serializers.Member, member, version=member.desk.version, **options)


urlpatterns: list[URLPattern] = [
    path("desks/", Desks.as_view()),
    path("desks/<int:desk_id>/", OneDesk.as_view()),
    path("desks/<int:desk_id>/members/", Members.as_view()),
    path("desks/<int:desk_id>/members/<int:user_id>/", OneMember.as_view(), name="api_member"),
    path("desks/<int:desk_id>/invitations/", Invitations.as_view()),
    path("desks/<int:desk_id>/invitations/<int:invitation_id>/", OneInvitation.as_view()),
    path("desks/<int:desk_id>/rating-scale/", RatingScale.as_view()),
    path("desks/<int:desk_id>/activity/", DeskActivity.as_view()),
]
