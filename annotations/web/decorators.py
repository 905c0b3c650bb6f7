"""What every page's view stands behind."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from annotations.web.requests import SignedInRequest

P = ParamSpec("P")
SignedInView = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def page(*methods: str) -> Callable[[SignedInView[P]], View[P]]:
    """Make a view answer only signed-in people and only `methods` (GET brings HEAD along).

    Anonymous people go to the sign-in page and come back; answers are never kept by shared caches.
    """
    allowed = {*methods, *({"HEAD"} if "GET" in methods else set())}

    def wrap(view: SignedInView[P]) -> View[P]:
        @wraps(view)
        def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method not in allowed:
                return HttpResponseNotAllowed(sorted(allowed))
            response = view(cast(SignedInRequest, request), *args, **kwargs)
            if isinstance(response, HttpResponse) and "Cache-Control" not in response:
                response["Cache-Control"] = "private, no-cache"
            return response

        return cast(View[P], login_required(answer))

    return wrap
