"""The one way in: whoever is let in, by whatever proof, gets a session and a device here."""

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from annotations.domain.desks.devices import device_words
from annotations.models import User
from annotations.models.session import DEVICE_KEY, SIGNED_IN_KEY
from annotations.workflow.desks.sessions import note_device

BACKEND = "django.contrib.auth.backends.ModelBackend"
_TWO_YEARS = 2 * 365 * 24 * 3600


def let_in(request: HttpRequest, user: User, response: HttpResponse) -> HttpResponse:
    """Sign the person in and return the response with the cookie of their device."""
    words = device_words(request.headers.get("User-Agent", ""))
    login(request, user, backend=BACKEND)
    request.session[DEVICE_KEY] = words
    request.session[SIGNED_IN_KEY] = timezone.now().isoformat()
    key = note_device(user, key=request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), words=words)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        key,
        max_age=_TWO_YEARS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response
