"""What people do to one thing: a POST below its address, answered with the thing as it then stands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.endpoint import Endpoint, Input, Nothing, Output
from annotations.api.operations import operation

REFUSES = (403, 404, 409, 422)


@dataclass(frozen=True)
class ResourceAction:
    """One thing people do. `act` is called with the number of the thing, `by` and the checked body.

    `gives` is the example of its answer where that is not the example of the thing.
    """

    name: str
    tag: str
    summary: str
    act: Callable[..., Any]
    about: str = ""
    body: type[Input] | None = None
    sends: object = None
    gives: object = None
    status: int = 200
    refuses: tuple[int, ...] = REFUSES


@dataclass(frozen=True)
class Resource:
    """A kind of thing: its address with one number in it, and how an answer shows it.

    `show` is called with the endpoint, the number, and what the deed returned.
    """

    address: str
    shape: type[Output]
    example: object
    show: Callable[[Endpoint, int, Any], Response]

    def paths(self, actions: dict[str, ResourceAction]) -> list[URLPattern]:
        """Return an address for each deed, by the last part of it."""
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
                sends=action.sends,
                answer=self.shape,
                gives=action.gives or self.example,
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
