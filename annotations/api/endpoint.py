"""The base of every endpoint: the person, strict input, versions, and pages by key."""

import hashlib
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, TypedDict, cast

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.errors import VersionNeeded
from annotations.api.throttling import say_what_is_left
from annotations.domain.desks.roles import Action
from annotations.models import Desk, User
from annotations.permissions import check_can
from annotations.queries.paging import MAX_PAGE_SIZE, PAGE_SIZE, BadCursor, Page

LARGEST_ID = 2**63 - 1
# The row's version, and a hash of what was shown. A proxy that compresses marks a tag as weak (`W/`); the
# version is still the row's, and that decides.
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})(?:\.[0-9a-f]{12})?"')
_SHOWN_DIGITS = 12


class Input(serializers.Serializer[Any]):
    """What a request may hold. Unknown fields are refused by name."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the checked values; raises ValidationError."""
        if isinstance(data, dict):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                raise ValidationError(dict.fromkeys(unknown, "There is no such field here."))
        return super().to_internal_value(data)


class Output(serializers.Serializer[Any]):
    """What a response holds."""


class IdField(serializers.IntegerField):
    """The id of a row."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **options)


class MomentField(serializers.DateTimeField):
    """A moment, shown in UTC whatever the newsroom's time zone is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)


_ROWS = f"Rows a page; {PAGE_SIZE} if left out."


class PageQuery(Input):
    """How to read a list."""

    cursor = serializers.CharField(
        required=False, default="", max_length=200, help_text="Where to go on: taken from `next`, never made."
    )
    page_size = serializers.IntegerField(
        required=False,
        default=PAGE_SIZE,
        min_value=1,
        max_value=MAX_PAGE_SIZE,
        help_text=_ROWS,
    )


class DeskQuery(PageQuery):
    """A list of one desk."""

    desk = IdField(help_text="The desk whose things are listed.")


class OptionalDeskQuery(PageQuery):
    """A list, of one desk if asked."""

    desk = IdField(required=False, help_text="Only this desk.")


class Nothing(Input):
    """A request that needs no input."""


class Endpoint(APIView):
    """A view for signed-in people."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse parameters of the address that the operation does not have."""
        super().initial(request, *args, **kwargs)
        self.check_parameters(request)

    def check_parameters(self, request: Request) -> None:
        """Raise ValidationError for a parameter that the operation, as `operation` describes it, lacks."""
        method = getattr(self, str(request.method).lower(), None)
        unknown = sorted(set(request.query_params) - getattr(method, "parameters", frozenset()))
        if unknown:
            raise ValidationError(dict.fromkeys(unknown, "There is no such parameter here."))

    @property
    def person(self) -> User:
        """Return the person who asks."""
        return cast(User, self.request.user)

    def check_desk(self, desk_id: int) -> None:
        """Raise Missing unless the person is on this desk."""
        check_can(self.person, Action.READ, desk_id, model=Desk)

    def body(self, serializer: type[Input], *, partial: bool = False) -> dict[str, Any]:
        """Return the checked body; with `partial` only what was sent. Raises ValidationError."""
        form = serializer(data=plain(self.request.data), partial=partial)
        form.is_valid(raise_exception=True)
        return cast(dict[str, Any], form.validated_data)

    def query(self, serializer: type[Input]) -> dict[str, Any]:
        """Return the checked parameters of the address; raises ValidationError."""
        form = serializer(data=plain(self.request.query_params))
        form.is_valid(raise_exception=True)
        return cast(dict[str, Any], form.validated_data)

    def version_read(self) -> int:
        """Return the version an edit rests on; raises VersionNeeded or ValidationError."""
        given = self.request.headers.get("If-Match", "").strip()
        if not given:
            raise VersionNeeded
        found = _ETAG.fullmatch(given)
        if found is None:
            raise ValidationError({"If-Match": 'Send the ETag as it was given, such as "3".'})
        return int(found[1])

    def page(self, serializer: type[Output], page: Page[Any]) -> Response:
        """Return a response with one page and the address of the next."""
        rows = serializer(page.rows, many=True).data
        return Response({"results": rows, "next": self.next_address(page.after)})

    def next_address(self, after: str) -> str | None:
        """Return the absolute address of the page behind the cursor `after`, None without one."""
        if not after:
            return None
        asked = self.request.query_params.copy()
        asked["cursor"] = urlsafe_b64encode(after.encode()).decode().rstrip("=")
        return f"{self.request.build_absolute_uri(self.request.path)}?{asked.urlencode()}"

    def address_of(self, name: str, *numbers: int) -> str:
        """Return the absolute address of a named resource."""
        return self.request.build_absolute_uri(reverse(name, args=numbers))

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> Response:
        """Keep responses out of shared caches, since they differ by person.

        Whoever names the ETag that they have as If-None-Match gets 304 and no body.
        """
        final = super().finalize_response(request, cast(Response, response), *args, **kwargs)
        if request.method in SAFE_METHODS and final.status_code == 200 and _is_known(request, final):
            final.data, final.status_code = None, 304
        say_what_is_left(request, final)
        final.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(final, ("Authorization", "Cookie"))
        return final


class NoSuchAddress(Endpoint):
    """Refuses every address that the API does not have."""

    permission_classes = (AllowAny,)
    schema = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer 404 to every method."""
        self.http_method_names = [str(request.method).lower()]
        setattr(self, self.http_method_names[0], self._refuse)
        return super().dispatch(request, *args, **kwargs)

    def check_parameters(self, request: Request) -> None:
        """Refuse none: the address is what is wrong."""

    def _refuse(self, request: Request, path: str) -> Response:
        advice = "" if path.endswith("/") else " Addresses of the API end with a slash."
        raise NotFound(f"There is no such address in the API.{advice} See {reverse('api_docs')}.")


def _is_known(request: Request, response: Response) -> bool:
    """Return whether the request names the ETag of this response, compared weakly (RFC 9110, 13.1.2)."""
    if "ETag" not in response or "If-None-Match" not in request.headers:
        return False
    named = parse_etags(request.headers["If-None-Match"])
    return "*" in named or response["ETag"] in {tag.removeprefix("W/") for tag in named}


def single(serializer: type[Output], row: Any, *, version: int, status: int = 200) -> Response:
    """Return a response with one resource and its ETag, to be sent back as If-Match.

    The ETag is the version of the row, which decides whether an edit came too late, and behind a point a hash
    of all that is shown, so that it changes with it: with the sources of a claim, too.
    """
    data = serializer(row).data
    shown = hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:_SHOWN_DIGITS]
    return Response(data, status=status, headers={"ETag": f'"{version}.{shown}"'})


def many(serializer: type[Output], rows: Sequence[Any]) -> Response:
    """Return a response with a short list that needs no pages."""
    return Response({"results": serializer(rows, many=True).data, "next": None})


class Paging(TypedDict):
    """Which page of a list is asked for, as queries take it."""

    after: str
    size: int


def paging(asked: Mapping[str, Any]) -> Paging:
    """Return which page the checked parameters ask for; raises BadCursor."""
    return {"after": position(asked["cursor"]), "size": asked["page_size"]}


def position(cursor: str) -> str:
    """Return the key behind a cursor of `next`; raises BadCursor."""
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        return b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except ValueError as wrong:
        raise BadCursor("This cursor is damaged. Start from the first page.") from wrong


def plain(data: Any) -> Any:
    """Return form fields and parameters as a plain dict, the last of each name; JSON stays as it is."""
    return {name: data[name] for name in data} if isinstance(data, QueryDict) else data
