"""Every setting of the workbench, read from the environment once and loudly.

docs/reference/settings.md describes each variable; a test holds the two against each other.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

from factcheck.counters import caches_of, rates
from factcheck.database_settings import database_of, owner_of
from factcheck.embedded.places import data_folder
from factcheck.fetch_settings import denied_hosts, openings
from factcheck.kept_settings import (
    authorities,
    bytes_of,
    kept_files,
    public_keys,
    signing_seed,
    witnesses,
)
from factcheck.logs import logging_config
from factcheck.provider_settings import provider
from factcheck.secret import kept_secret

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- What kind of copy this is ---------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
# "development" is one machine over plain http on loopback; "production" demands TLS and its own secrets.
ENVIRONMENT = env.str(
    "ENVIRONMENT",
    "development" if DEBUG else "production",
    validate=validate.OneOf(["development", "production"]),
)
IN_DEVELOPMENT = ENVIRONMENT == "development"
DATA_DIR = data_folder()
PORT = env.int("PORT", 8000, validate=validate.Range(1, 65535))
# The loopback site with the sources of the demonstration desk; beside PORT, so that two copies have two.
SAMPLE_SITE_PORT = env.int(
    "SAMPLE_SITE_PORT", PORT + 765 if PORT <= 64770 else PORT - 765, validate=validate.Range(1, 65535)
)
SECRET_KEY = env.str("SECRET_KEY", "") or (kept_secret(DATA_DIR) if IN_DEVELOPMENT else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "Set SECRET_KEY to a long random text; outside development there is no default."
    )

# --- Addresses -------------------------------------------------------------------------------------
# The address readers know this copy by: the base of every link in reports and feeds. No slash at the end.
PUBLIC_URL = env.str("PUBLIC_URL", f"http://127.0.0.1:{PORT}" if IN_DEVELOPMENT else "").rstrip("/")
if not urlsplit(PUBLIC_URL).hostname:
    raise ImproperlyConfigured(
        "Set PUBLIC_URL to the address of this copy, such as https://check.example.org"
    )
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", []) or [
    str(urlsplit(PUBLIC_URL).hostname),
    *(["localhost", "127.0.0.1", "[::1]"] if IN_DEVELOPMENT else []),
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "factcheck.urls"
WSGI_APPLICATION = "factcheck.wsgi.application"
APPEND_SLASH = True

# --- The application -------------------------------------------------------------------------------
INSTALLED_APPS = [
    "annotations",
    "factcheck",
    "pgtrigger",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "template_partials",
    "csp",
    "axes",
]
MIDDLEWARE = [
    "factcheck.logs.RequestIdMiddleware",
    "factcheck.health.HealthMiddleware",
    "factcheck.metrics.MetricsMiddleware",
    "annotations.api.errors.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "annotations.web.body_limits.BodyLimitMiddleware",  # Before the one that reads forms, files too.
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "annotations.web.refusals.RefusedMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "annotations.web.context.shell",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database --------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", "")
# Seconds; 0 is no limit. The web and worker processes set their own, commands may need minutes.
DATABASE_STATEMENT_TIMEOUT = env.int("DATABASE_STATEMENT_TIMEOUT", 0, validate=validate.Range(0, 3600))

DATABASES = {"default": database_of(DATABASE_URL, "DATABASE_URL", DATABASE_STATEMENT_TIMEOUT)}
# The role that owns the tables: `migrate` and `make_roles` connect with it, and nothing else does.
OWNER_DATABASE_URL = env.str("OWNER_DATABASE_URL", "")
OWNER_DATABASE = owner_of(DATABASES["default"], OWNER_DATABASE_URL, DATABASE_STATEMENT_TIMEOUT)

# --- Files -----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(DATA_DIR / "static")))
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": kept_files(env),
    "staticfiles": {
        # Hashed names let browsers keep files for ever; DEBUG serves from the source folders instead.
        # Compressing takes half a minute and is worth nothing on loopback.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if IN_DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# All kept files together may take this many bytes; 0 is no limit.
STORAGE_QUOTA = bytes_of("STORAGE_QUOTA", env.str("STORAGE_QUOTA", "0"))
# What is left free on the disk of a folder, so that the database beside it can go on writing.
STORAGE_RESERVE = bytes_of("STORAGE_RESERVE", env.str("STORAGE_RESERVE", "200 MB"))
WHITENOISE_USE_FINDERS = DEBUG
# Besides pictures and fonts, which are compressed already: maps, which only a developer's tools ask for.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("jpg", "png", "gif", "webp", "woff", "woff2", "gz", "br", "map")
# 2 MB of text may be 8 MB of UTF-8 in a form; a larger upload goes to a file on disk while it is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 9 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Background work -------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "")
if not CELERY_BROKER_URL:
    raise ImproperlyConfigured(
        "Set CELERY_BROKER_URL, such as redis://host:6379/0; "
        "`make run` and manage.py set it to their own embedded Valkey."
    )
# What all processes count together: the requests that a person may still send.
CACHES = caches_of(CELERY_BROKER_URL)
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
# A killed child's message is not put back: the sweep finds its row when the lease lapses, so a task that
# kills its worker each time cannot run in circles.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A fetch has a total deadline of its own well under two minutes, and reading runs in a child that is killed
# sooner; a task beyond these limits hangs in a way nobody foresaw.
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 270
# Parsers of other people's files may leak; a child is replaced before that matters.
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_TASK_DEFAULT_QUEUE = "default"
# Whatever talks to other machines; the other queue stays free for what only talks to the database.
CELERY_TASK_ROUTES = {
    name: {"queue": "fetch"}
    for name in ("annotations.fetch*", "annotations.ask*", "annotations.sweep_proofs")
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, so that a running one is never handed out a second time.
    "visibility_timeout": 600,
    # A page that sends a hint waits no longer than these for a broker that is gone or frozen.
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "retry_on_timeout": False,
    "max_retries": 0,
}
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "factcheck.clock:Clock"
CELERY_BEAT_SCHEDULE = {
    # What a lost hint left behind waits at most this long; `expires` spares a returning worker a pile.
    "sweep": {"task": "annotations.sweep", "schedule": 15, "options": {"expires": 15}},
    # Pages are looked at again every six hours at most, so a minute here or there is nothing.
    "watch": {"task": "annotations.watch", "schedule": 60, "options": {"expires": 60}},
    # Writes signed statements as files where a hint was lost, and asks for time stamps that are due.
    "proofs": {"task": "annotations.sweep_proofs", "schedule": 60, "options": {"expires": 60}},
    # Pages say after 15 s of silence that no worker has reported; the health of the copy waits 30 s.
    "heartbeat": {"task": "annotations.heartbeat", "schedule": 5, "options": {"expires": 5}},
    "heartbeat-fetch": {
        "task": "annotations.heartbeat",
        "schedule": 5,
        "options": {"expires": 5, "queue": "fetch"},
    },
}

# --- Fetching --------------------------------------------------------------------------------------
# What may be fetched although it is not public: the sample site and the tests, never production.
FETCH_ALLOWED_NETWORKS = openings(env.list("FETCH_ALLOWED_NETWORKS", []), sample_site_port=SAMPLE_SITE_PORT)
# Sites that are never fetched, and all below them.
FETCH_DENIED_HOSTS = denied_hosts(env.list("FETCH_DENIED_HOSTS", []))
# Where a webmaster who sees our User-Agent can read who we are.
FETCH_CONTACT_URL = env.str("FETCH_CONTACT_URL", PUBLIC_URL)

# --- Proof -----------------------------------------------------------------------------------------
# The 32-byte seed of the key that signs manifests, in base64; empty is a key made once in DATA_DIR/signing.
SIGNING_KEY = signing_seed(env.str("SIGNING_KEY", ""))
# The public keys that signed before, in hexadecimal: what another key signed does not hold.
FORMER_SIGNING_KEYS = public_keys(env.list("FORMER_SIGNING_KEYS", []))
# RFC 3161 authorities: addresses separated by commas, each with the file of its root certificates if need be.
TIMESTAMP_AUTHORITIES = authorities(env.list("TIMESTAMP_AUTHORITIES", []))
TIMESTAMP_EVERY = timedelta(minutes=env.int("TIMESTAMP_EVERY", 60, validate=validate.Range(1, 7 * 24 * 60)))
# Other archives that are asked for a copy of their own, which tells them what the newsroom looks at.
WITNESSES = witnesses(env.list("WITNESSES", []))
WAYBACK_URL = env.str("WAYBACK_URL", "https://web.archive.org").rstrip("/")
WAYBACK_ACCESS_KEY = env.str("WAYBACK_ACCESS_KEY", "")
WAYBACK_SECRET_KEY = env.str("WAYBACK_SECRET_KEY", "")
# The address of the page is written right behind it (RFC 7089).
MEMENTO_TIMEGATE = env.str("MEMENTO_TIMEGATE", "https://web.archive.org/web/")

# --- Mail ------------------------------------------------------------------------------------------
# Without a server no mail is sent, and nothing that takes mail is offered.
EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_SECURITY = env.str("EMAIL_SECURITY", "starttls", validate=validate.OneOf(["starttls", "tls", "none"]))
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
EMAIL_PORT = env.int("EMAIL_PORT", 465 if EMAIL_USE_SSL else 587, validate=validate.Range(1, 65535))
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_USER", ""), env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", f"factcheck@{urlsplit(PUBLIC_URL).hostname or 'localhost'}")

# --- Watching the deployment -----------------------------------------------------------------------
# What a scraper of /metrics sends; while it is empty there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# --- Who -------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "annotations.User"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "annotations.models.session"
# Sign-in by the newsroom's own OpenID Connect provider, under the names of mozilla-django-oidc.
_provider = provider(env, over_tls=not IN_DEVELOPMENT)
OIDC_RP_CLIENT_ID, OIDC_RP_CLIENT_SECRET = _provider.client_id, _provider.client_secret
OIDC_ISSUER, OIDC_LABEL = _provider.issuer, env.str("OIDC_LABEL", "the newsroom’s sign-in")
OIDC_OP_AUTHORIZATION_ENDPOINT, OIDC_OP_TOKEN_ENDPOINT = _provider.authorization_url, _provider.token_url
OIDC_OP_USER_ENDPOINT, OIDC_OP_JWKS_ENDPOINT = _provider.userinfo_url, _provider.jwks_url
OIDC_RP_SIGN_ALGO, OIDC_RP_SCOPES, OIDC_USE_PKCE, OIDC_TIMEOUT = "RS256", "openid profile", True, 10
OIDC_AUTHENTICATION_CALLBACK_URL = "outside_answer"
if OIDC_RP_CLIENT_ID:
    AUTHENTICATION_BACKENDS.append("annotations.web.desks.outside.Backend")
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_HANDLER = "factcheck.signin.Handler"
# What one success forgives; the handler counts by more.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "factcheck.signin.locked_out"
AXES_CLIENT_IP_CALLABLE = "factcheck.signin.client_address"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# --- Safety of pages -------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not IN_DEVELOPMENT
# Names differ by port: cookies do not, and two copies on one machine would sign each other's people out.
SESSION_COOKIE_NAME = f"factcheck_session_{PORT}" if IN_DEVELOPMENT else "__Host-factcheck_session"
# By this a device is known on which somebody has signed in before.
DEVICE_COOKIE_NAME = f"factcheck_device_{PORT}" if IN_DEVELOPMENT else "__Host-factcheck_device"
CSRF_COOKIE_NAME = f"factcheck_csrf_{PORT}" if IN_DEVELOPMENT else "__Host-factcheck_csrf"
SECURE_SSL_REDIRECT = not IN_DEVELOPMENT
SECURE_HSTS_SECONDS = 0 if IN_DEVELOPMENT else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not IN_DEVELOPMENT
# Only true behind a proxy that sets X-Forwarded-Proto itself, or anyone could claim to have come by TLS.
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", False)
# How many proxies of ours stand before this process; each adds an entry at the end of X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 1, validate=validate.Range(1, 10)) if BEHIND_TLS_PROXY else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None

# --- API (the block of annotations/api) ------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "annotations.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["annotations.api.parsing.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "annotations.api.throttling.PerPerson",
        "annotations.api.throttling.PerHeavyWrite",
    ],
    # Without it the whole of X-Forwarded-For, which the client writes, would count as an address.
    "NUM_PROXIES": TRUSTED_PROXIES,
    "DEFAULT_THROTTLE_RATES": rates(
        person=env.int("API_REQUESTS_A_MINUTE", 1200), loading=env.int("API_LOADS_A_MINUTE", 60)
    ),
    "EXCEPTION_HANDLER": "annotations.api.errors.handle",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Fact-check annotation workbench",
    "DESCRIPTION": "What the pages do, by the same rules, for programs.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": PUBLIC_URL}],
    # A file goes in as bytes; without this it would be described by the address it never has.
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "annotations.api.strict_schema.make_strict",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ActivityState": "annotations.api.activity.NAMED_STATES",
        "AlertState": "annotations.api.alerts.serializers.ALERT_STATES",
        "ClaimState": "annotations.api.claims.input_serializers.STATES",
        "FetchState": "annotations.api.references.serializers.FETCH_STATES",
        "LoadingState": "annotations.api.documents.serializers.STATES",
        "OutcomeCode": "annotations.api.captures.serializers.OUTCOME_CODES",
        "PassageState": "annotations.api.alerts.serializers.PASSAGE_STATES",
        "RetriedState": "annotations.api.references.serializers.RETRIED",
        "Role": "annotations.api.desks.serializers.ROLES_OF_A_DESK",
        "StampState": "annotations.api.proof.serializers.STAMP_STATES",
        "PageStatus": "annotations.api.references.serializers.PAGE_STATUSES",
        "WitnessState": "annotations.api.captures.serializers.WITNESS_STATES",
    },
}
# --- end of the API block --------------------------------------------------------------------------

# --- Words and times -------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", "UTC")
DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"
TIME_FORMAT = "H:i"

# --- Log -------------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"]))
LOGGING = logging_config(LOG_LEVEL)
