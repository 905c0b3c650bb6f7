"""The decorator that every page's view has."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from annotations.domain.errors import Invalid
from annotations.web.refusals import not_a_page, way_back
from annotations.web.requests import SignedInRequest

P = ParamSpec("P")
SignedInView = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


# Not LoginRequiredMiddleware and `require_http_methods`: a page answers 401 and 405 in its own way, leads
# back to the form and sets its cache header. Three middlewares and an exemption on each open address would
# replace one line. `tests/web/test_doors.py` fails for a page without it.
def page(*methods: str, takes_files: bool = False) -> Callable[[SignedInView[P]], View[P]]:
    """Let only signed-in people call a view, and only with `methods`; GET includes HEAD.

    Anonymous people are sent to sign in, and then come back: to the page, or from a form to the page that
    holds the form. A script gets 401 and keeps what was typed. Shared caches never keep the response.
    `takes_files` lets a form be as long as a file, see `annotations.web.body_limits`.
    """
    allowed = {*methods, *({"HEAD"} if "GET" in methods else set())}

    def wrap(view: SignedInView[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _sign_in_first(request)
            if request.method not in allowed:
                return not_a_page(request, allowed=sorted(allowed))
            _refuse_null_characters(request)
            response = view(cast(SignedInRequest, request), *args, **kwargs)
            if isinstance(response, HttpResponse) and "Cache-Control" not in response:
                response["Cache-Control"] = "private, no-cache"
            return response

        checked.takes_files = takes_files  # type: ignore[attr-defined]
        return cast(View[P], checked)

    return wrap


def _refuse_null_characters(request: HttpRequest) -> None:
    for fields in (request.GET, request.POST):
        for name, values in fields.lists():
            if any("\x00" in value for value in values):
                raise Invalid(
                    "There is a null character in what was sent, which no text can hold. Take it out, "
                    "for instance by typing the words anew.",
                    fields={name: "Holds a null character."},
                )


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    if "HX-Request" in request.headers:
        return HttpResponse(status=401)
    seen = request.get_full_path() if request.method in ("GET", "HEAD") else way_back(request)
    return redirect_to_login(seen)
