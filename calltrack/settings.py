"""All settings. What differs between installations comes from the environment, nowhere else."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from calltrack import databases, secret_key
from calltrack.api import configured
from calltrack.public_url import split_public_url
from calltrack.schema import about

env = environ.Env()


def choice(name, choices, default):
    """One of some words, told in one line otherwise."""
    word = env.str(name, default="") or default
    if word not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}")
    return word


def number(name, default):
    text = env.str(name, default="") or str(default)
    if not text.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number")
    return int(text)


def networks(name):
    try:
        return [ip_network(text) for text in env.list(name, default=[]) if text]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be networks like 10.0.0.0/8: {error}") from error


BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("CALLTRACK_DATA", default="") or BASE_DIR / "var").absolute()

# Where people and providers reach us, if that is not the address the server listens on.
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")
_public = split_public_url(PUBLIC_URL) if PUBLIC_URL else None
HTTPS = bool(_public and _public.scheme == "https")

DEBUG = choice("DEBUG", ["false", "true", "0", "1"], "false") in ("true", "1")
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key.load_or_create(DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
if _public:
    ALLOWED_HOSTS.append(_public.hostname)
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"] if _public else []

INSTALLED_APPS = [
    "calltrack.apps.CalltrackConfig",
    "calls.apps.CallsConfig",
    "webhooks.apps.WebhooksConfig",
    "calltrack.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "calltrack.api.middleware.ApiMiddleware",
    "calltrack.middleware.SessionMiddleware",
    "calltrack.middleware.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "calltrack.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "calls.viewer.ViewerMiddleware",
    "calltrack.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it answers for a login that is locked
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: it refuses who tried too often
    "calltrack.backends.DeskBackend",
]
# Machines call these: no Host check, no redirect, no session, no user.
MACHINE_PATHS = ("/webhooks/", "/healthz", "/readyz")

ROOT_URLCONF = "calltrack.urls"
WSGI_APPLICATION = "calltrack.wsgi.application"
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
                "calls.viewer.viewer_context",
            ],
        },
    },
]

DATABASES = {
    "default": databases.database(
        env.str("DATABASE_URL", default="") or f"sqlite:///{DATA_DIR / 'calltrack.sqlite3'}",
        DATA_DIR,
        pool_size=number("DATABASE_POOL_SIZE", 16),
        patience=number("DATABASE_PATIENCE", 5),
    )
}
# PostgreSQL plans the inbox's statements once for each connection. Not for poolers that cannot keep
# prepared statements.
DATABASE_PREPARED_STATEMENTS = (
    choice("DATABASE_PREPARED_STATEMENTS", ("true", "false"), "true") == "true"
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_validation = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_validation}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_validation}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_validation}.CommonPasswordValidator"},
    {"NAME": f"{_validation}.NumericPasswordValidator"},
]
# Reverse proxies of ours in front, each adding to X-Forwarded-For whom it was asked by.
TRUSTED_PROXIES = number("TRUSTED_PROXIES", 0)
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # an action on users lifts a lock
AXES_DISABLE_ACCESS_LOG = True
AXES_HANDLER = "calltrack.login.LoginHandler"
AXES_CLIENT_IP_CALLABLE = "calltrack.addresses.address_to_throttle"
AXES_LOCKOUT_CALLABLE = "calltrack.login.locked"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address"]
AXES_FAILURE_LIMIT = 5  # of one name from one address
FAILURE_LIMIT_OF_ADDRESS = 50  # with any names; offices share an address
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # trying on does not lengthen it
AXES_RESET_ON_SUCCESS = True
OTP_TOTP_ISSUER = "calltrack"
# A call that began longer ago and whose end was never reported is no longer taken for alive.
NO_END_AFTER = timedelta(hours=number("NO_END_AFTER_HOURS", 4))
# A customer who was first missed longer ago is no longer shown among those to call back.
RETURN_MISSED_WITHIN = timedelta(days=number("RETURN_MISSED_WITHIN_DAYS", 30))
CSRF_FAILURE_VIEW = "calltrack.problems.pages.csrf_failure"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
FORMAT_MODULE_PATH = "calltrack.formats"

STATIC_URL = "static/"
# Served from where the packages keep them: no collectstatic before the first start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

REST_FRAMEWORK = configured.REST_FRAMEWORK
# Requests a minute of one key or person, by the bucket that a view names; 0: as many as they like.
API_RATES = {
    "read": number("API_RATE_READ", 600),
    "write": number("API_RATE_WRITE", 120),
    "changes": number("API_RATE_CHANGES", 120),
    "export": number("API_RATE_EXPORT", 10),
    "unknown_keys": number("API_RATE_UNKNOWN_KEYS", 30),  # of one address
}
# Web pages elsewhere that may call the API with a key; nobody's cookies ever go with it.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = configured.CORS_ALLOW_HEADERS
CORS_EXPOSE_HEADERS = configured.CORS_EXPOSE_HEADERS
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "calltrack",
    "DESCRIPTION": about.ABOUT,
    "VERSION": "1",
    "TAGS": about.TAGS,
    "ENUM_NAME_OVERRIDES": about.ENUMS,
    "ENUM_SUFFIX": "",
    "ENFORCE_NON_BLANK_FIELDS": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "PREPROCESSING_HOOKS": ["calltrack.schema.hooks.only_ours"],
    "POSTPROCESSING_HOOKS": [
        "calltrack.schema.hooks.without_blank",
        "drf_spectacular.hooks.postprocess_schema_enums",
        "calltrack.schema.hooks.with_values",
        "calltrack.schema.hooks.with_strict_bodies",
        "calltrack.schema.hooks.with_fields_left_out",
        "calltrack.schema.hooks.with_shared_parts",
        "calltrack.schema.hooks.with_examples",
        "webhooks.outgoing.described.with_events",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],  # it holds nothing but what the code says: anybody may read it
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    # How well the API describes itself is no question of deployment.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 3600 * number("SESSION_HOURS", 12)  # since somebody was last seen
if HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = number("HSTS_SECONDS", 31_536_000)
    # We speak plain HTTP: whoever ends TLS before us says so with this header.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_SSL_HOST = _public.netloc
    SECURE_REDIRECT_EXEMPT = [r"^webhooks/", r"^healthz$", r"^readyz$"]
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for sibling domains is for their owner to decide
    "security.W021",  # so is the browsers' preload list
]

# In a table of calls larger than this, a filter that no index answers wants a period of 31 days.
PERIOD_NEEDED_ABOVE_ROWS = 1_000_000
# How many rows a page may read for such a filter; with fewer matches it is shorter than asked for.
ROWS_A_PAGE_LOOKS_AT = 5_000

# Threads of each process that answers; `up --threads` tells it. A quarter may wait for changes.
SERVER_THREADS = number("SERVER_THREADS", 64)
# For so long a reader of the changes may stay away; later it copies everything again.
CHANGES_KEPT_DAYS = number("CHANGES_KEPT_DAYS", 30)
# Days of deliveries that are kept; 0: all of them, for ever.
DELIVERIES_KEPT_DAYS = number("DELIVERIES_KEPT_DAYS", 0)

# How long a stop waits for requests under way; one that drips would hold it for ever.
STOP_SECONDS = number("STOP_SECONDS", 4)

# Webhooks out: networks where a target may be although they are not public, as 10.0.0.0/8.
OUTGOING_ALLOWED_NETWORKS = networks("OUTGOING_ALLOWED_NETWORKS")
# For development: targets may be plain http.
OUTGOING_ALLOW_HTTP = choice("OUTGOING_ALLOW_HTTP", ["false", "true", "0", "1"], "false") in (
    "true",
    "1",
)
OUTGOING_THREADS = number("OUTGOING_THREADS", 16)  # requests at once, of each worker
OUTGOING_SECONDS = number("OUTGOING_SECONDS", 15)  # that one request may take
# Messages are forgotten after so long, delivered or not.
OUTGOING_KEPT = timedelta(days=number("OUTGOING_KEPT_DAYS", 30))

LOG_LEVEL = choice("LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], "INFO")
LOG_FORMAT = choice("LOG_FORMAT", ["text", "json"], "text")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "calltrack.logs.TextFormatter",
            "fmt": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "calltrack.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # Django's own handlers would mail and print a second time.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "psycopg.pool": {"level": "ERROR"},  # each try to connect; who needed it says so once
    },
}
