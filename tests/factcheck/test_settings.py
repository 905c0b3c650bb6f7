"""What the environment may say, and what the settings make of it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from factcheck.embedded.places import PROJECT

READ = re.compile(r'(?:env\.\w+\(\s*|environ(?:\.get|\.setdefault)?[(\[]\s*)"([A-Z][A-Z0-9_]+)"')
# Belong to the system or to a library, or name what this project sets for its own children.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"}
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k9Zq2-not-a-real-key-but-long-enough-for-the-check",
    "PUBLIC_URL": "https://check.example.org",
    "DATABASE_URL": "postgresql://someone:secret@db.example.org:5433/news?sslmode=require",
    "CELERY_BROKER_URL": "redis://broker.example.org/0",
}


def _variables_read() -> set[str]:
    sources = [*(PROJECT / "factcheck").rglob("*.py"), *(PROJECT / "annotations").rglob("*.py")]
    return {name for path in sources for name in READ.findall(path.read_text())} - NOT_OURS


def _shown(environment: dict[str, str], expression: str) -> "subprocess.CompletedProcess[str]":
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [sys.executable, "-c", f"import factcheck.settings as s; print({expression})"],
        env=clean | environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_variable_read_is_documented_and_every_documented_one_is_read() -> None:
    page = (PROJECT / "docs/reference/settings.md").read_text()
    documented = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", page, flags=re.MULTILINE))
    assert documented == _variables_read()


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("SECRET_KEY", "SECRET_KEY"),
        ("PUBLIC_URL", "PUBLIC_URL"),
        ("DATABASE_URL", "DATABASE_URL"),
        ("CELERY_BROKER_URL", "CELERY_BROKER_URL"),
    ],
)
def test_production_does_not_start_without_what_it_needs(missing: str, named: str) -> None:
    told = _shown({key: value for key, value in PRODUCTION.items() if key != missing}, "1")
    assert told.returncode == 1
    assert f"ImproperlyConfigured: Set {named}" in told.stderr


OUTSIDE = {
    "OIDC_CLIENT_ID": "factcheck",
    "OIDC_CLIENT_SECRET": "secret",
    "OIDC_ISSUER": "https://id.example.org",
    "OIDC_AUTHORIZATION_URL": "https://id.example.org/authorize",
    "OIDC_TOKEN_URL": "https://id.example.org/token",
    "OIDC_USERINFO_URL": "https://id.example.org/userinfo",
    "OIDC_JWKS_URL": "https://id.example.org/jwks",
}


@pytest.mark.parametrize("name", sorted(set(OUTSIDE) - {"OIDC_CLIENT_ID"}))
def test_the_newsrooms_sign_in_is_named_whole_and_over_tls_or_not_at_all(name: str) -> None:
    backend = "'annotations.web.desks.outside.Backend' in s.AUTHENTICATION_BACKENDS"
    without = {key: value for key, value in OUTSIDE.items() if key != name}
    told = _shown(PRODUCTION | without, "1")
    assert told.returncode == 1
    assert f"set {name} too" in told.stderr
    if name.endswith("_URL"):
        assert _shown(PRODUCTION | OUTSIDE | {name: "http://id.example.org/"}, "1").returncode == 1
    assert _shown(PRODUCTION | OUTSIDE, backend).stdout == "True\n"
    assert _shown(PRODUCTION, backend).stdout == "False\n"


@pytest.mark.parametrize(
    ("said", "hops"),
    [({}, 0), ({"TRUSTED_PROXIES": "2"}, 0), ({"BEHIND_TLS_PROXY": "yes"}, 1)],
)
def test_forwarded_addresses_are_believed_only_behind_a_proxy(said: dict[str, str], hops: int) -> None:
    shown = _shown(PRODUCTION | said, "s.TRUSTED_PROXIES, s.REST_FRAMEWORK['NUM_PROXIES']")
    assert shown.stdout == f"{hops} {hops}\n"


def test_production_speaks_https_only() -> None:
    told = _shown(
        PRODUCTION,
        "s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS",
    )
    assert told.stdout.strip() == "True True True 31536000"


def test_the_database_address_is_taken_apart_with_its_options() -> None:
    told = _shown(PRODUCTION, "s.DATABASES['default']['HOST']")
    assert told.stdout.strip() == "db.example.org"
    told = _shown(PRODUCTION, "s.DATABASES['default']['OPTIONS']['sslmode'], s.DATABASES['default']['PORT']")
    assert told.stdout.strip() == "require 5433"


def test_a_database_address_without_a_database_is_refused() -> None:
    told = _shown(PRODUCTION | {"DATABASE_URL": "postgresql://db.example.org"}, "1")
    assert "names no database" in told.stderr


def test_a_development_copy_keeps_its_secret_key(tmp_path: Path) -> None:
    development = {
        "ENVIRONMENT": "development",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "postgresql:///news",
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    }
    first, second = (_shown(development, "s.SECRET_KEY").stdout for _ in range(2))
    assert first == second
    assert len(first.strip()) > 60
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_nothing_private_may_be_fetched_unless_someone_says_so() -> None:
    assert _shown(PRODUCTION, "s.FETCH_ALLOWED_NETWORKS").stdout.strip() == "[]"


def test_the_policy_of_pages_allows_nothing_inline() -> None:
    told = _shown(PRODUCTION, "s.CONTENT_SECURITY_POLICY['DIRECTIVES']")
    assert "unsafe" not in told.stdout
    assert "'default-src': [\"'none'\"]" in told.stdout
