"""What people do to one resource: a POST below its address, answered with the resource as it then stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.endpoint import Endpoint, Input, Nothing, Output
from annotations.api.operations import operation

REFUSES = (403, 404, 409, 422)


@dataclass(frozen=True)
class ResourceAction:
    """One thing that people do to a resource. `act` takes the id, `by` and what the checked body holds.

    `changes` are the values in which the example of its answer differs from the example of the resource.
    """

    name: str
    tag: str
    summary: str
    act: Callable[..., Any]
    about: str = ""
    body: type[Input] | None = None
    body_example: object = None
    changes: Mapping[str, object] = field(default_factory=dict)
    status: int = 200
    refuses: tuple[int, ...] = REFUSES


@dataclass(frozen=True)
class Resource:
    """A kind of resource: its address with one id in it, and how a response shows it.

    `show` takes the endpoint, the id, and what the action returned.
    """

    address: str
    serializer: type[Output]
    example: Mapping[str, object]
    show: Callable[[Endpoint, int, Any], Response]

    def paths(self, actions: dict[str, ResourceAction]) -> list[URLPattern]:
        """Return a route for each action; the key is the last part of its address."""
        return [
            path(f"{self.address}{last}/", self._view(action).as_view()) for last, action in actions.items()
        ]

    def _view(self, action: ResourceAction) -> type[Endpoint]:
        show = self.show

        class OneAction(Endpoint):
            @operation(
                action.name,
                action.tag,
                action.summary,
                about=action.about,
                body=action.body,
                body_example=action.body_example,
                response=self.serializer,
                response_example={**self.example, **action.changes},
                status=action.status,
                refuses=action.refuses,
            )
            def post(self, request: Request, **numbers: int) -> Response:
                """Do it."""
                (number,) = numbers.values()
                done = action.act(number, by=self.person, **self.body(action.body or Nothing))
                response = show(self, number, done)
                response.status_code = action.status
                return response

        OneAction.__doc__ = f"{action.summary}."
        return OneAction
