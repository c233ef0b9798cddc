"""Settings from the environment (12-factor); the defaults are those of a laptop, production names its own."""

from pathlib import Path
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
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin",
    "django.contrib.staticfiles",
]
# Every tenant's schema holds these; `MATINS_EXTRA_APPS` adds an operator's own (and the tests' jobs).
TENANT_APPS = ["ledger", "loans", "fees", "delinquency", "payments", *env.list("MATINS_EXTRA_APPS", [])]
INSTALLED_APPS = [*SHARED_APPS, *(app for app in TENANT_APPS if app not in SHARED_APPS)]

# --- Web ------------------------------------------------------------------------------------------------------------
MIDDLEWARE = [
    "django_tenants.middleware.main.TenantMainMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
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

# --- Loans ----------------------------------------------------------------------------------------------------------
# So many days before a forbearance ends, the borrower is told.
MATINS_FORBEARANCE_NOTICE_DAYS = env.int("MATINS_FORBEARANCE_NOTICE_DAYS", 14, validate=validate.Range(min=0))

# --- Payments -------------------------------------------------------------------------------------------------------
# Who collects (`payments.processors`); production names its own, or nothing is collected.
_SIMULATOR = "" if MATINS_ENV == "production" else "payments.ach.simulator.Simulator"
MATINS_PAYMENT_PROCESSOR = env.str("MATINS_PAYMENT_PROCESSOR", _SIMULATOR)
# Where files to and from banks are kept, shared by all processes: a directory, or any of Django's storages.
MATINS_FILES = env.str("MATINS_FILES", str(Path(__file__).resolve().parents[2] / ".matins" / "files"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "payments": {
        "BACKEND": env.str("MATINS_PAYMENTS_STORAGE", "django.core.files.storage.FileSystemStorage"),
        "OPTIONS": env.json("MATINS_PAYMENTS_STORAGE_OPTIONS", {"location": f"{MATINS_FILES}/payments"}),
    },
}

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

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "WARNING")},
}
