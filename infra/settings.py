"""Every setting of an exchange, from the environment alone. An unset integration is off, not insecure; the
defaults are a whole exchange on one machine, with its state under one folder."""

from pathlib import Path
from typing import Any

import dj_database_url

from infra import environment as env
from infra.account_settings import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent

EXCHANGE_VAR_DIR = env.path(
    "VAR_DIR", BASE_DIR / "var", "Where an exchange on one machine keeps its state.", shown="var"
)
EXCHANGE_NAME = env.text("NAME", "Comptoir", "The name of this exchange, as pages and contracts show it.")
EXCHANGE_CONTACT = env.text(
    "CONTACT", "", "An e-mail address that pages give for questions of privacy and accessibility."
)
EXCHANGE_BIND = env.text("BIND", "127.0.0.1:8000", "Address and port that `make run` listens on.")
EXCHANGE_TIME_ZONE = env.zone("TIME_ZONE", "Europe/Paris", "The zone in which pages show times.")
EXCHANGE_URL = env.text(
    "URL",
    f"http://{EXCHANGE_BIND}",
    "The public address: issuer of tokens, start of links.",
    shown="http://BIND",
).rstrip("/")
EXCHANGE_DEMO = env.boolean(
    "DEMO", False, "Demo mode: demo data, demo provider. `make run` sets it; production must not."
)
EXCHANGE_ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]", "Host names that requests may name, by commas."
)
EXCHANGE_DATABASE_URL = env.secret("DATABASE_URL", "postgres://… in production; empty: SQLite under VAR_DIR.")
EXCHANGE_BROKER_URL = env.secret(
    "BROKER_URL", "redis://… or amqp://… in production; empty: files under VAR_DIR."
)
EXCHANGE_CACHE_URL = env.secret(
    "CACHE_URL", "redis://… where several processes share limits on signing in; empty: each process its own."
)
EXCHANGE_SECRET_KEY = env.secret(
    "SECRET_KEY", "Django's secret, 50 characters or more; empty: made once under VAR_DIR."
)
EXCHANGE_KEYS_DIR = env.path(
    "KEYS_DIR",
    EXCHANGE_VAR_DIR / "keys",
    "Private keys of tokens and agreements, and the vault's.",
    shown="VAR_DIR/keys",
)
EXCHANGE_MAKE_KEYS = env.boolean(
    "MAKE_KEYS", True, "Make missing keys at start. Turn off where keys are provided."
)
EXCHANGE_REACTION_LEASE_SECONDS = env.whole(
    "REACTION_LEASE_SECONDS", 60, "After this long a reaction that has not answered runs again.", at_least=1
)

EXCHANGE_STORAGE = env.choice("STORAGE", "files", ("files", "s3"), "Where assets are kept.")
EXCHANGE_STORAGE_DIR = env.path(
    "STORAGE_DIR", EXCHANGE_VAR_DIR / "assets", "The folder of the `files` storage.", shown="VAR_DIR/assets"
)
EXCHANGE_S3_BUCKET = env.text("S3_BUCKET", "", "The bucket of the `s3` storage.")
EXCHANGE_S3_ENDPOINT = env.text("S3_ENDPOINT", "", "Endpoint of an S3-compatible server; empty: AWS.")
EXCHANGE_S3_REGION = env.text("S3_REGION", "eu-west-3", "Region of the bucket.")
EXCHANGE_S3_ACCESS_KEY = env.secret("S3_ACCESS_KEY", "Access key; empty: the machine's own identity.")
EXCHANGE_S3_SECRET_KEY = env.secret("S3_SECRET_KEY", "Secret key to it.")
EXCHANGE_S3_PUBLIC_ENDPOINT = env.text(
    "S3_PUBLIC_ENDPOINT", "", "Where buyers reach the bucket, if not at S3_ENDPOINT; for redirects."
)
EXCHANGE_REDIRECT_SECONDS = env.whole(
    "REDIRECT_SECONDS",
    20,
    "How long a link to storage lives, where redirects are allowed.",
    at_least=1,
    at_most=300,
)

EXCHANGE_SEARCH_DIR = env.path(
    "SEARCH_DIR",
    EXCHANGE_VAR_DIR / "search",
    "The search index, on a local disk; it can be built anew at any time.",
    shown="VAR_DIR/search",
)
EXCHANGE_EXPORTS_DIR = env.path(
    "EXPORTS_DIR",
    EXCHANGE_VAR_DIR / "exports",
    "Exports of the officers' desk, kept for seven days; web and workers share it.",
    shown="VAR_DIR/exports",
)
EXCHANGE_PERSONS_DIR = env.path(
    "PERSONS_DIR",
    EXCHANGE_VAR_DIR / "persons",
    "Sellers’ indexes of the persons in their datasets; web and workers share it.",
    shown="VAR_DIR/persons",
)

EXCHANGE_UPLOAD_LARGEST_BYTES = env.whole(
    "UPLOAD_LARGEST_BYTES", 50 * 1024**3, "The largest asset that is taken.", at_least=1
)
EXCHANGE_UPLOAD_IDLE_SECONDS = env.whole(
    "UPLOAD_IDLE_SECONDS", 30, "An upload that sends nothing for this long is cut.", at_least=1
)
EXCHANGE_UPLOAD_TOKEN_SECONDS = env.whole(
    "UPLOAD_TOKEN_SECONDS", 3600, "How long an upload link lives.", at_least=1
)
EXCHANGE_UPLOAD_DIR = env.path(
    "UPLOAD_DIR",
    EXCHANGE_VAR_DIR / "uploads",
    "What has come of uploads that are not whole yet; gateways, web and workers share it.",
    shown="VAR_DIR/uploads",
)
EXCHANGE_UPLOAD_DAYS = env.whole(
    "UPLOAD_DAYS", 7, "How long an upload that stopped is kept, to be gone on with.", at_least=1
)
EXCHANGE_DOWNLOAD_TOKEN_SECONDS = env.whole(
    "DOWNLOAD_TOKEN_SECONDS", 600, "How long a download link lives.", at_least=1
)
EXCHANGE_DOWNLOAD_IDLE_SECONDS = env.whole(
    "DOWNLOAD_IDLE_SECONDS", 120, "A download that takes nothing for this long is cut.", at_least=1
)
EXCHANGE_STORAGE_SECONDS = env.whole(
    "STORAGE_SECONDS", 20, "A download whose storage gives nothing for this long is cut.", at_least=1
)
EXCHANGE_TRANSFER_DAYS = env.whole("TRANSFER_DAYS", 7, "How long a transfer may be gone on with.", at_least=1)
EXCHANGE_TRANSFER_IDLE_SECONDS = env.whole(
    "TRANSFER_IDLE_SECONDS", 75, "A transfer without a sign for so long is interrupted.", at_least=10
)
EXCHANGE_TRANSFER_RESENDS = env.whole(
    "TRANSFER_RESENDS", 3, "How many times its size a transfer may send in all.", at_least=1
)
EXCHANGE_PROFILE_MEMORY = env.text("PROFILE_MEMORY", "1GB", "Memory that measuring one asset may take.")
EXCHANGE_TRUSTED_PROXIES = env.networks(
    "TRUSTED_PROXIES", "", "Addresses (CIDR) of proxies whose X-Forwarded-For is believed."
)

EXCHANGE_OUTBOUND_NETWORKS = env.networks(
    "OUTBOUND_NETWORKS", "", "Private networks (CIDR) where webhooks and witnesses may be called, also by http."
)

from infra.payment_settings import *  # noqa: E402, F403 (settings are shown in the order in which they are read)
from infra.tax_settings import *  # noqa: E402, F403

EXCHANGE_DECISION_DAYS = env.whole(
    "DECISION_DAYS", 45, "How long a seller may take to decide about a request.", at_least=1, at_most=365
)
EXCHANGE_AGREEMENT_RETENTION_YEARS = env.whole(
    "AGREEMENT_RETENTION_YEARS",
    10,
    "How many years after the end of its right a contract keeps who an organisation was that has closed.",
    at_least=1,
    at_most=100,
)
EXCHANGE_ACCEPTANCE_DAYS = env.whole(
    "ACCEPTANCE_DAYS",
    30,
    "How long a buyer may take to sign, where the seller sets no deadline.",
    at_least=1,
    at_most=365,
)

EXCHANGE_LOG_NAME = env.text(
    "LOG_NAME", "", "Name of the log in its checkpoints; empty: the host of URL, then /log."
)
EXCHANGE_LOG_DIR = env.path(
    "LOG_DIR",
    EXCHANGE_VAR_DIR / "log",
    "Where the signer publishes tiles and checkpoints.",
    shown="VAR_DIR/log",
)
EXCHANGE_SIGNER_DIR = env.path(
    "SIGNER_DIR",
    EXCHANGE_VAR_DIR / "signer",
    "The signer's own key and memory; no other process needs it.",
    shown="VAR_DIR/signer",
)
EXCHANGE_SEQUENCER_MILLISECONDS = env.whole(
    "SEQUENCER_MILLISECONDS",
    100,
    "Pause between batches of leaves; the signer's is five times that.",
    at_least=10,
)
EXCHANGE_WITNESSES = env.witnesses(
    "WITNESSES", "", "Witnesses that are asked to cosign the log: `name+id+key https://…`, by commas."
)
EXCHANGE_WITNESS_QUORUM = env.whole(
    "WITNESS_QUORUM", 0, "How many cosignatures a head waits for, half a second at most; 0: for all witnesses."
)
EXCHANGE_ACCESS_DIR = env.path(
    "ACCESS_DIR",
    EXCHANGE_VAR_DIR / "access",
    "The access record, which the log is compared with every night; web, gateways and workers share it.",
    shown="VAR_DIR/access",
)
from infra.compliance_settings import *  # noqa: E402, F403

EXCHANGE_EMAIL_URL = env.secret(
    "EMAIL_URL", "smtp://user:password@host:587; empty: mails become files under VAR_DIR/mail."
)
EXCHANGE_EMAIL_FROM = env.text("EMAIL_FROM", "comptoir@localhost", "Sender of mails.")
EXCHANGE_DIGEST_HOUR = env.whole(
    "DIGEST_HOUR", 7, "The hour, in TIME_ZONE, at which daily mails about notices leave.", at_most=23
)


def _made_once(file: Path) -> str:
    """A random secret, kept in `file` readable by its owner alone."""
    import secrets

    from exchange.kernel.signing import write_secret

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(file, lambda: secrets.token_urlsafe(64).encode())
    return file.read_text()


SECRET_KEY = EXCHANGE_SECRET_KEY or _made_once(EXCHANGE_VAR_DIR / "keys" / "django.secret")
DEBUG = False
ALLOWED_HOSTS = EXCHANGE_ALLOWED_HOSTS
ROOT_URLCONF = "infra.urls"
ASGI_APPLICATION = "infra.asgi.application"
WSGI_APPLICATION = "infra.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ninja",
    "exchange.kernel.apps.KernelConfig",
    "exchange.participants.apps.ParticipantsConfig",  # before allauth: its templates are drawn anew here
    "exchange.look.apps.LookConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "compliance.apps.ComplianceConfig",
    "datasets.apps.DatasetsConfig",
    "payments.apps.PaymentsConfig",
    "contracts.apps.ContractsConfig",
    "infra.apps.InfraConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "infra.headers.security_headers",
    "infra.problems.method_not_allowed",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "infra.problems.RefusalPages",
    "infra.looks.record_looks",
    "exchange.participants.repeats.answer_repeats",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "exchange.look.context.site",
                "exchange.participants.context.acting",
                "compliance.context.log_head",
            ]
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    if not url:
        url = f"sqlite:///{EXCHANGE_VAR_DIR / 'exchange.sqlite3'}"
    found: dict[str, Any] = dict(dj_database_url.parse(url))
    if found["ENGINE"].endswith("sqlite3"):
        found["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # else REPLACE deletes a row past its triggers, and what is shredded stays in free pages
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA recursive_triggers=ON; PRAGMA secure_delete=ON;",
        }
    else:
        found |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    return found


DATABASES = {"default": _database(EXCHANGE_DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if EXCHANGE_CACHE_URL:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": EXCHANGE_CACHE_URL}
    }

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
STATIC_URL = "/static/"
STATIC_ROOT = EXCHANGE_VAR_DIR / "static"
WHITENOISE_USE_FINDERS = True

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
APPEND_SLASH = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{EXCHANGE_NAME}: "
MFA_TOTP_ISSUER = EXCHANGE_NAME
LOGIN_REDIRECT_URL = "/"
_is_https = EXCHANGE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _is_https
SESSION_ENGINE = "exchange.participants.sessions"
SESSION_COOKIE_HTTPONLY = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = (
    not _is_https
)  # browsers themselves allow keys on https and localhost alone
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if _is_https else 0
SECURE_REFERRER_POLICY = "same-origin"  # with no-referrer, browsers send forms with the origin null
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if EXCHANGE_TRUSTED_PROXIES else None
CSRF_TRUSTED_ORIGINS = [EXCHANGE_URL]

if EXCHANGE_EMAIL_URL:
    from urllib.parse import unquote, urlparse

    _mail = urlparse(EXCHANGE_EMAIL_URL)
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "", _mail.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS = True
    EMAIL_TIMEOUT = 10
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(EXCHANGE_VAR_DIR / "mail")
DEFAULT_FROM_EMAIL = EXCHANGE_EMAIL_FROM

# A request has little time for a broker that is down or deaf: what cannot be sent at once, the sweep sends later.
_redis_patience = {"socket_connect_timeout": 2, "socket_timeout": 3, "max_retries": 0}

CELERY: dict[str, Any] = {
    "broker_url": EXCHANGE_BROKER_URL or "filesystem://",
    "broker_transport": None if EXCHANGE_BROKER_URL else "infra.broker:Transport",
    "broker_transport_options": (_redis_patience if EXCHANGE_BROKER_URL.startswith("redis") else {})
    if EXCHANGE_BROKER_URL
    else {
        "data_folder_in": str(EXCHANGE_VAR_DIR / "broker" / "queue"),
        "data_folder_out": str(EXCHANGE_VAR_DIR / "broker" / "queue"),
        "control_folder": str(EXCHANGE_VAR_DIR / "broker" / "control"),
        "polling_interval": 0.1,
    },
    "broker_connection_timeout": 2,
    "broker_connection_retry_on_startup": True,
    "task_ignore_result": True,
    "task_publish_retry": False,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_store_errors_even_if_ignored": False,
    "worker_prefetch_multiplier": 1,
    "worker_enable_remote_control": False,
    "worker_hijack_root_logger": False,
    "timezone": "UTC",
    "enable_utc": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "infra.logs.Plain", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # WeasyPrint writes the words that it draws into its log, and these are names of parties.
    "loggers": {
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "factur-x": {"level": "WARNING"},
    },
}
CSRF_FAILURE_VIEW = "infra.problems.csrf_failed"
