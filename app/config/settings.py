"""Settings from the environment (12-factor); the defaults are those of a laptop, production names its own."""

import os
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import dj_database_url
from environs import validate

from config import queues
from config.environment import env

MATINS_ENV = env.str("MATINS_ENV", "development", validate=validate.OneOf(["development", "test", "production"]))
DEBUG = env.bool("DEBUG", False)
INSECURE_SECRET_KEY = "insecure: for laptops only, refused when MATINS_ENV=production"  # noqa: S105
SECRET_KEY = env.str("SECRET_KEY", INSECURE_SECRET_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", ".localhost"])
MATINS_SANDBOX = env.bool("MATINS_SANDBOX", False)

# What seals who somebody is (`common.sealing`): 64 bytes in base64 each; the first seals, all open.
SANDBOX_IDENTITY_KEY = "bWF0aW5zLXNhbmRib3g6IGV2ZXJ5Ym9keSBrbm93cyB0aGlzIGtleSwgcHJvZHVjdGlvbiByZWZ1c2VzIGl0Lg=="
MATINS_IDENTITY_KEYS: list[str] = env.list("MATINS_IDENTITY_KEYS", [SANDBOX_IDENTITY_KEY])

# --- Postgres -------------------------------------------------------------------------------------------------------
# Two roles from the start: the owner migrates, onboards, closes and prunes; everything else runs as the
# app role, which can drop no schema and change no history. `manage.py` picks the owner by command.
MATINS_DB_ROLE = env.str("MATINS_DB_ROLE", "app", validate=validate.OneOf(["app", "owner"]))
_URLS = {
    "app": env.str("DATABASE_URL", "postgresql://matins_app@localhost:5432/matins"),
    "owner": env.str("DATABASE_OWNER_URL", "postgresql://matins_owner@localhost:5432/matins"),
}
MATINS_APP_DB_USER, MATINS_OWNER_DB_USER = (dj_database_url.parse(_URLS[role])["USER"] for role in ("app", "owner"))


def _database(url: str) -> dict[str, Any]:
    """Return Django's entry for one database URL, with the session options every process of Matins has."""
    entry: dict[str, Any] = dict(dj_database_url.parse(url, engine="django_tenants.postgresql_backend"))
    entry["CONN_MAX_AGE"] = None  # One connection per process; CELERY_DB_REUSE_MAX recycles the workers'.
    entry["CONN_HEALTH_CHECKS"] = True
    options = entry.setdefault("OPTIONS", {})
    session = {
        "search_path": "public",  # Never "$user": a session always starts, and ends, in public.
        "timezone": "UTC",
        # A dead worker's SQL dies within a second of its socket; without this it goes on, holding its locks.
        "client_connection_check_interval": "1s",
        "statement_timeout": f"{env.int('MATINS_STATEMENT_TIMEOUT_S', 3600)}s",
        "idle_in_transaction_session_timeout": f"{env.int('MATINS_IDLE_TIMEOUT_S', 3600)}s",
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "2",
        "tcp_keepalives_count": "2",
    }
    options["options"] = " ".join(f"-c {name}={value}" for name, value in session.items())
    options["prepare_threshold"] = 5  # For cursors that bind on the server; Django's own never prepare.
    options.update({"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 2, "keepalives_count": 2})
    return entry


DATABASES = {"default": _database(_URLS[MATINS_DB_ROLE])}
DATABASE_ROUTERS = ("django_tenants.routers.TenantSyncRouter",)

# --- Tenants --------------------------------------------------------------------------------------------------------
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
PUBLIC_SCHEMA_NAME = "public"
SHOW_PUBLIC_IF_NO_TENANT_FOUND = True
# The search path is set and verified once per transaction (common.tasks); repeating it before every cursor
# costs a round trip each and, worse, django-tenants ignores errors of its own SET.
TENANT_LIMIT_SET_CALLS = True

SHARED_APPS = [
    "tenants",  # Before django_tenants, whose `migrate` command it replaces.
    "django_tenants",
    "config",
    "common",
    "schedules",
    "monitoring",
    "board",
    "board.api",
    "django_htmx",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "board.admin_app.BoundAdminConfig",  # Django's, whose pages keep to who is bound to which tenant.
    "django.contrib.staticfiles",
]
# Every tenant's schema holds these; `MATINS_EXTRA_APPS` adds an operator's own (and the tests' jobs).
TENANT_APPS = [
    "ledger",
    "loans",
    "fees",
    "delinquency",
    "payments",
    "casework",
    "portfolios",
    "compliance",
    "statements",
    "credit_reporting",
    *env.list("MATINS_EXTRA_APPS", []),
]
INSTALLED_APPS = [*SHARED_APPS, *(app for app in TENANT_APPS if app not in SHARED_APPS)]

# --- Web ------------------------------------------------------------------------------------------------------------
MIDDLEWARE = [
    "board.api.problems.Middleware",  # Outermost: what anything below refuses becomes a problem document.
    "monitoring.health.probes",  # Before whoever asks the database or refuses an unknown host.
    "whitenoise.middleware.WhiteNoiseMiddleware",  # Scripts and styles, which need no tenant.
    "django_tenants.middleware.main.TenantMainMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
# Before the passwords: too many failures from one address are refused unread, here and in the admin.
AUTHENTICATION_BACKENDS = ["board.throttle.Throttle", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL, LOGIN_REDIRECT_URL = "board:sign-in", "board:tonight"
# Cookies travel over TLS only, which ends at the load balancer in front of us.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = MATINS_ENV == "production"
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # Straight from the apps: there is no build step, and nothing to collect.

# --- Loans ----------------------------------------------------------------------------------------------------------
# So many days before a forbearance ends, the borrower is told.
MATINS_FORBEARANCE_NOTICE_DAYS = env.int("MATINS_FORBEARANCE_NOTICE_DAYS", 14, validate=validate.Range(min=0))

# --- Payments -------------------------------------------------------------------------------------------------------
# Who collects (`payments.processors`); production names its own, or nothing is collected.
_SIMULATOR = "" if MATINS_ENV == "production" else "payments.ach.simulator.Simulator"
MATINS_PAYMENT_PROCESSOR = env.str("MATINS_PAYMENT_PROCESSOR", _SIMULATOR)
# Where files are kept, shared by all processes: a directory, or any of Django's storages.
MATINS_FILES = env.str("MATINS_FILES", str(Path(__file__).resolve().parents[2] / ".matins" / "files"))
STORAGES = {
    # Documents: statements, Metro 2 files. Production names storages.backends.s3.S3Storage.
    "default": {
        "BACKEND": env.str("MATINS_STORAGE", "django.core.files.storage.FileSystemStorage"),
        "OPTIONS": env.json("MATINS_STORAGE_OPTIONS", {"location": f"{MATINS_FILES}/documents"}),
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "payments": {
        "BACKEND": env.str("MATINS_PAYMENTS_STORAGE", "django.core.files.storage.FileSystemStorage"),
        "OPTIONS": env.json("MATINS_PAYMENTS_STORAGE_OPTIONS", {"location": f"{MATINS_FILES}/payments"}),
    },
}

# --- Mail and other ways to borrowers -------------------------------------------------------------------------------
# Laptops write mail to files; production sends it, unless it names another of Django's e-mail backends.
_MAIL = "smtp" if MATINS_ENV == "production" else "filebased"
EMAIL_BACKEND = env.str("EMAIL_BACKEND", f"django.core.mail.backends.{_MAIL}.EmailBackend")
EMAIL_FILE_PATH = f"{MATINS_FILES}/mail"
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
# The outbox tries again; a server that does not answer must not hold its relay up.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 10)
# Who brings what is no e-mail (`casework.channels`): people, unless a vendor's class is named, e.g. for `sms`.
MATINS_CHANNELS: dict[str, str] = dict(env.json("MATINS_CHANNELS", {}))

# --- The night board ------------------------------------------------------------------------------------------------
# So many requests a minute may one token of the API make.
MATINS_API_REQUESTS_PER_MINUTE = env.int("MATINS_API_REQUESTS_PER_MINUTE", 300, validate=validate.Range(min=1))

# --- Time and language ----------------------------------------------------------------------------------------------
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- The night ------------------------------------------------------------------------------------------------------
MATINS_QUEUES = queues.NAMES
MATINS_UNACKED_SETS = queues.UNACKED_SETS
MATINS_CATALOG = env.str("MATINS_CATALOG", "schedules.catalog.CATALOG")
# Simulated business clock, shared by all processes through this file; empty means the real clock.
MATINS_CLOCK_FILE = env.str("MATINS_CLOCK_FILE", "")
MATINS_TICK_S = env.float("MATINS_TICK_S", 1.0)
MATINS_RECONCILE_S = env.float("MATINS_RECONCILE_S", 2.0)
# A claimed run whose row nobody holds after this long has lost its worker.
MATINS_LEASE_GRACE_S = env.float("MATINS_LEASE_GRACE_S", 10.0)
MATINS_RETRY_DELAYS_S = env.list("MATINS_RETRY_DELAYS_S", [5.0, 30.0, 300.0], subcast=float)
MATINS_PUBLISHED_PER_QUEUE = env.int("MATINS_PUBLISHED_PER_QUEUE", 20_000)
MATINS_RETENTION_DAYS = env.int("MATINS_RETENTION_DAYS", 400)

# --- Monitoring -----------------------------------------------------------------------------------------------------
# The exporter looks at the ledger this often; deadlines are judged again at every scrape.
MATINS_SCAN_S = env.float("MATINS_SCAN_S", 2.0, validate=validate.Range(min=0.1))
MATINS_VERSION = env.str("MATINS_VERSION", "unreleased")
MATINS_MONITOR_PORT = env.int("MATINS_MONITOR_PORT", 9464)
# Problems told by tenant and schedule; the others are counted in `matins_series_omitted`.
MATINS_PROBLEM_SERIES_MAX = env.int("MATINS_PROBLEM_SERIES_MAX", 500, validate=validate.Range(min=0))
# "full" adds the time of the last success of every tenant and schedule, up to so many tenants.
MATINS_TENANT_SERIES = env.str("MATINS_TENANT_SERIES", "problems", validate=validate.OneOf(["problems", "full"]))
MATINS_FULL_SERIES_TENANTS_MAX = env.int("MATINS_FULL_SERIES_TENANTS_MAX", 500, validate=validate.Range(min=1))
# A canary goes through every queue this often.
MATINS_CANARY_S = env.float("MATINS_CANARY_S", 60.0, validate=validate.Range(min=0.1))
# Where worker and beat leave their heartbeats; processes of one kind on one machine need a directory each.
MATINS_HEARTBEATS = env.str("MATINS_HEARTBEATS", str(Path(gettempdir()) / f"matins-{os.getuid()}"))
# Each worker serves its metrics here; 0 means not at all, for where several of them share a machine.
MATINS_WORKER_METRICS_PORT = env.int("MATINS_WORKER_METRICS_PORT", 0)
# On AWS the monitor tells CloudWatch what waits per task of this deployment's queues; empty means it tells nobody.
MATINS_CLOUDWATCH_ENVIRONMENT = env.str("MATINS_CLOUDWATCH_ENVIRONMENT", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"with_run": {"()": "config.logs.WithRun"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s%(run)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["with_run"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "WARNING")},
}
