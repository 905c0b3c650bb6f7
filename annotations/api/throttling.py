"""How many requests a person may send: a brake for runaway programs, which each web process counts itself."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle, UserRateThrottle


class PerPerson(UserRateThrottle):
    """Every request of one person, or of one address without sign-in."""

    scope = "person"


class PerHeavyWrite(ScopedRateThrottle):
    """Loading and uploading, which read whole files."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count writes only; reading the same address costs little."""
        return request.method in SAFE_METHODS or super().allow_request(request, view)
