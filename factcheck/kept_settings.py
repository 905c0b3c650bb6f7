"""The settings of kept files: where they lie, how much room they get, and who attests them."""

import base64
import binascii
import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env

SEED_BYTES = 32
WITNESSES = ("wayback_save", "memento_lookup")
_UNITS = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
_PUBLIC_KEY = re.compile(r"[0-9a-f]{64}")
_AMOUNT = re.compile(r"(\d+)\s*([KMGT]?B?)", re.IGNORECASE)


class Authority(NamedTuple):
    """A time-stamping authority: its address, and the file of root certificates it is checked against.

    Without a file, the roots that the machine trusts count.
    """

    url: str
    roots: Path | None


def bytes_of(name: str, text: str) -> int:
    """A number of bytes written such as "20 GB" (of 1024 MB each). Raises ImproperlyConfigured."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        raise ImproperlyConfigured(f"{name} is {text!r}; write a number of bytes, such as 500 MB or 2 TB.")
    unit = found[2].upper()
    return int(found[1]) * _UNITS[unit if unit.endswith("B") or not unit else f"{unit}B"]


def kept_files(env: Env) -> dict[str, Any]:
    """The storage of kept files for STORAGES: a bucket when STORAGE_S3_BUCKET names one, else a folder."""
    bucket = env.str("STORAGE_S3_BUCKET", "")
    if not bucket:
        return {"BACKEND": "annotations.storing.folder.KeptFolder"}
    endpoint = env.str("STORAGE_S3_ENDPOINT", "")
    if endpoint and not urlsplit(endpoint).hostname:
        raise ImproperlyConfigured(
            f"STORAGE_S3_ENDPOINT is {endpoint!r}; write an address, such as https://s3.example.org"
        )
    key, secret = env.str("STORAGE_S3_ACCESS_KEY", ""), env.str("STORAGE_S3_SECRET_KEY", "")
    if bool(key) != bool(secret):
        raise ImproperlyConfigured(
            "Set STORAGE_S3_ACCESS_KEY and STORAGE_S3_SECRET_KEY, or neither where the machine has a role."
        )
    return {
        "BACKEND": "annotations.storing.bucket.KeptBucket",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "region_name": env.str("STORAGE_S3_REGION", "") or None,
            "location": env.str("STORAGE_S3_PREFIX", "").strip("/"),
            "access_key": key or None,
            "secret_key": secret or None,
            "file_overwrite": False,
            # Servers of one's own often have no name for each bucket.
            "addressing_style": "path" if endpoint else None,
        },
    }


def signing_seed(text: str) -> str:
    """The seed of the signing key as given; raises ImproperlyConfigured, without repeating it."""
    try:
        fits = not text or len(base64.b64decode(text, validate=True)) == SEED_BYTES
    except (binascii.Error, ValueError):
        fits = False
    if not fits:
        raise ImproperlyConfigured(
            "SIGNING_KEY has to be 32 random bytes in base64. Make one: "
            'python -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())"'
        )
    return text


def public_keys(given: list[str]) -> list[str]:
    """The public keys as given, each 64 hexadecimal digits; raises ImproperlyConfigured."""
    keys = [text.strip().lower() for text in given if text.strip()]
    for key in keys:
        if not _PUBLIC_KEY.fullmatch(key):
            raise ImproperlyConfigured(
                f"FORMER_SIGNING_KEYS names {key!r}; a public key has 64 digits from 0 to f. The page of the "
                "desk's signing keys shows those that signed."
            )
    return keys


def authorities(given: list[str]) -> tuple[Authority, ...]:
    """Time-stamping authorities, each "address" or "address file"; raises ImproperlyConfigured."""
    found = []
    for text in filter(None, (text.strip() for text in given)):
        url, _, file = text.partition(" ")
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ImproperlyConfigured(f"TIMESTAMP_AUTHORITIES names {url!r}, which is no web address.")
        roots = Path(file.strip()) if file.strip() else None
        if roots is not None and not roots.is_file():
            raise ImproperlyConfigured(
                f"TIMESTAMP_AUTHORITIES: there is no file {roots} of root certificates."
            )
        found.append(Authority(url, roots))
    if len({authority.url for authority in found}) != len(found):
        raise ImproperlyConfigured("TIMESTAMP_AUTHORITIES names an authority twice.")
    return tuple(found)


def witnesses(given: list[str]) -> list[str]:
    """The second witnesses by name; raises ImproperlyConfigured for one that is unknown."""
    names = [text.strip() for text in given if text.strip()]
    for name in names:
        if name not in WITNESSES:
            raise ImproperlyConfigured(f"WITNESSES names {name!r}; choose from {', '.join(WITNESSES)}.")
    return names
