"""Where processes count together."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured


def caches_of(broker_url: str) -> dict[str, Any]:
    """Return the setting CACHES: what each process remembers by itself, and what all count together."""
    alone = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {"default": alone, "limits": counters(broker_url)}


def counters(broker_url: str) -> dict[str, Any]:
    """Return the cache of a copy whose CELERY_BROKER_URL this is: the same Valkey or Redis, by our own keys.

    A broker of another kind cannot count, and each process counts by itself.
    """
    if broker_url.startswith("redis+socket://"):
        path, _, query = broker_url.removeprefix("redis+socket://").partition("?")
        number = query.rpartition("virtual_host=")[2] if "virtual_host=" in query else "0"
        location = f"unix://{path}?db={number}"
    elif broker_url.startswith(("redis://", "rediss://")):
        location = broker_url
    else:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "limits"}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": location,
        "KEY_PREFIX": "factcheck-limits",
        # A broker that is away must not hold a page up.
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
    }


def rates(**a_minute: int) -> dict[str, str]:
    """Return the limits of the API as REST framework writes them. Raises ImproperlyConfigured below 1."""
    if min(a_minute.values()) < 1:
        raise ImproperlyConfigured("API_REQUESTS_A_MINUTE and API_LOADS_A_MINUTE are numbers from 1 on.")
    return {name: f"{number}/min" for name, number in a_minute.items()}
