"""The decorator that describes an operation for the OpenAPI schema, with its examples."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from annotations.api.endpoint import Input, Output, PageQuery
from annotations.api.errors import MEDIA_TYPE, SIGN_IN, TOO_LARGE, UNAVAILABLE

Method = TypeVar("Method", bound=Callable[..., Any])

_IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of what you read. 428 without it; 412 with the newer values if someone was faster.",
    examples=[OpenApiExample("Version 3", value='"3"')],
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    required=False,
    description="The ETag of what you have. 304 without a body if it is still so.",
    examples=[OpenApiExample("What I have", value='"3.9f2c01ab77de"')],
)
_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=False,
    description="A value of your choice, kept for 24 hours: the same request again makes nothing and "
    "gets the first answer, marked `Idempotency-Replayed: true`.",
    examples=[OpenApiExample("A key", value="import-2019-05-01-17")],
)


class Problem(Output):
    """What went wrong, as in RFC 9457. Nothing was changed."""

    type = serializers.CharField(help_text="A name of the kind of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence to act on.")
    code = serializers.CharField(help_text="Stable; the manual lists all.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(), help_text="What is wrong with which input."
    )
    current = serializers.DictField(required=False, help_text="With 412: the newer values.")
    places = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="With words_ambiguous and passage_ambiguous: where they stand.",
    )


def _problem(status: int, code: str, title: str, detail: str, **more: object) -> dict[str, object]:
    head = {"type": f"urn:factcheck:problem:{code}", "title": title, "status": status, "detail": detail}
    return {**head, "code": code, "fields": {}, **more}


_PROBLEMS = {
    400: _problem(
        400,
        "invalid_request",
        "The request cannot be read",
        "Some of the input cannot be read. colour: There is no such field here.",
        fields={"colour": "There is no such field here."},
    ),
    401: _problem(401, "not_authenticated", "Sign in", SIGN_IN),
    403: _problem(
        403,
        "not_allowed",
        "Not for you to do",
        "“Load an article” takes the role editor or reviewer or manager on this desk; you are viewer.",
    ),
    404: _problem(
        404,
        "not_found",
        "Not here",
        "There is no such claim, or it belongs to a desk you are not a member of.",
    ),
    409: _problem(
        409,
        "claim_locked",
        "Not possible right now",
        "This claim is “In review”, so its sources and verdict are locked.",
    ),
    412: _problem(
        412,
        "stale_claim",
        "Someone was faster",
        "Someone changed this claim while you were editing.",
        current={"statement": "At least fifty people were injured.", "version": 4},
    ),
    422: _problem(
        422,
        "claim_invalid",
        "That cannot be used as it is",
        "Say in one neutral sentence what is claimed.",
        fields={"statement": "Say in one neutral sentence what is claimed."},
    ),
    413: _problem(
        413,
        "too_large",
        "Too large",
        TOO_LARGE,
    ),
    429: _problem(
        429, "throttled", "Too many requests", "Request was throttled. Expected available in 17 seconds."
    ),
    503: _problem(
        503,
        "unavailable",
        "Not available right now",
        UNAVAILABLE,
    ),
    428: _problem(
        428,
        "version_needed",
        "Say which version you read",
        "Send the ETag of what you read as If-Match, so that nobody's change is lost.",
    ),
}
_MEANINGS = {
    400: "The request cannot be read, or names a field that is not there.",
    401: "No token, or one that no longer works.",
    403: "Your role does not allow it.",
    404: "There is no such thing on your desks.",
    409: "It is not in a state in which this can be done, or is there already.",
    412: "Someone changed it since you read it; `current` holds the newer values.",
    422: "What was sent can be read but not used.",
    413: "The body is larger than any request may be.",
    428: "If-Match is missing.",
    429: "Too many requests; `Retry-After` says in how many seconds to come back.",
    503: "The database does not answer; `Retry-After` says in how many seconds to come back.",
}


@cache
def page_of(serializer: type[Output]) -> type[Output]:
    """Return the serializer of a page of these rows."""
    return type(
        f"{serializer.__name__}Page",
        (Output,),
        {
            "__doc__": "One page of a list.",
            "results": serializer(many=True),
            "next": serializers.URLField(allow_null=True, help_text="The next page; null on the last."),
        },
    )


def page_example(*rows: object) -> dict[str, object]:
    """Return the example of a last page that holds `rows`."""
    return {"results": list(rows), "next": None}


def operation(
    operation_id: str,
    tag: str,
    summary: str,
    *,
    about: str = "",
    query: type[Input] | None = None,
    body: type[Input] | None = None,
    body_example: object = None,
    form: bool = False,
    response: Any = None,
    response_example: object = None,
    status: int | None = None,
    media: str = "application/json",
    also: Mapping[str, object] | None = None,
    versioned: bool = False,
    refuses: tuple[int, ...] = (),
    creates: bool = False,
    edits: bool = False,
) -> Callable[[Method], Method]:
    """Describe a method: what it reads and what it answers, each with an example.

    The status is 201 where it `creates`, else 200, unless `status` says otherwise. `also` holds an example
    for each other media type of the answer. What is `versioned` has an ETag, and answers 304 where the
    request names it. `refuses` are the statuses of refusals besides 400, 401, 429 and 503, which every
    operation has, 413 of those with a body, 412 and 428 of those that edit, and 409 and 422 of those that
    create.
    """
    status = status or (201 if creates else 200)
    request_media = "multipart/form-data" if form else "application/json"
    numbers = {400, 401, 429, 503, *refuses}
    if body:
        numbers.add(413)
    if creates:
        numbers |= {409, 422}
    if edits:
        numbers |= {412, 428}
    examples = []
    if body is not None and body_example is not None:
        examples.append(
            OpenApiExample("Request", value=body_example, request_only=True, media_type=request_media)
        )
    responses: dict[Any, Any] = {}
    if response is None:
        responses[status] = OpenApiResponse(description="Done; there is nothing to say.")
    else:
        example = OpenApiExample(
            "Response", value=response_example, media_type=media, status_codes=[str(status)]
        )
        responses[(status, media)] = OpenApiResponse(response, "As asked.", examples=[example])
    for other, value in (also or {}).items():
        example = OpenApiExample("Response", value=value, media_type=other, status_codes=[str(status)])
        responses[(status, other)] = OpenApiResponse(OpenApiTypes.STR, "As asked.", examples=[example])
    if versioned:
        responses[304] = OpenApiResponse(description="Not changed since you read it.")
    for number in sorted(numbers):
        shown = OpenApiExample(
            f"Refused {number}", value=_PROBLEMS[number], media_type=MEDIA_TYPE, status_codes=[str(number)]
        )
        responses[(number, MEDIA_TYPE)] = OpenApiResponse(Problem, _MEANINGS[number], examples=[shown])
    parameters: list[Any] = [query] if query else []
    parameters += [_IF_MATCH] if edits else []
    parameters += [_IDEMPOTENCY_KEY] if creates else []
    parameters += [_IF_NONE_MATCH] if versioned else []
    described = extend_schema(
        operation_id=operation_id,
        tags=[tag],
        summary=summary,
        description=about or summary + ".",
        parameters=parameters,
        request={request_media: body} if body is not None else None,
        responses=responses,
        examples=examples,
    )

    def describe(method: Method) -> Method:
        made = described(method)
        made.parameters = frozenset(query().fields if query else ())  # type: ignore[attr-defined]
        return made

    return describe


def listing(
    operation_id: str,
    tag: str,
    summary: str,
    serializer: type[Output],
    example: object,
    *,
    about: str = "",
    query: type[Input] | None = PageQuery,
    refuses: tuple[int, ...] = (404, 422),
) -> Callable[[Method], Method]:
    """Describe a method that answers with a page of rows, or with all of them where `query` is None."""
    return operation(
        operation_id,
        tag,
        summary,
        about=about,
        query=query,
        response=page_of(serializer),
        response_example=page_example(example),
        refuses=refuses,
    )
