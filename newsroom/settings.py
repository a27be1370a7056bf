"""All settings. Each one that a site may turn is an environment variable, explained in .env.example."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from newsroom.lib.environment import mail_backend, secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
# An empty value means the default, so that .env.example can be copied as it is.
env.ENVIRON = {name: value for name, value in os.environ.items() if value}

DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
if TESTING:
    # Each test process has a folder of its own, gone with it.
    DATA_DIR = Path(tempfile.mkdtemp(prefix="newsroom-tests-"))
    atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
DATA_DIR.mkdir(parents=True, exist_ok=True)

# The site ---------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env("SECRET_KEY", default="") or secret_key(DATA_DIR)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
SITE_ID = 1

INSTALLED_APPS = [
    "newsroom.apps.NewsroomConfig",
    "newsroom.apps.NewsroomAdminConfig",
    "articles.apps.ArticlesConfig",
    "comments.apps.CommentsConfig",
    "subscribers.apps.SubscribersConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.flatpages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "ckeditor",
    "huey.contrib.djhuey",
]

MIDDLEWARE = [
    # First, so that a kept page is sent with all headers that the others gave it, and without them.
    "newsroom.pagecache.PageCacheMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "newsroom.middleware.LanguageAndZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"

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
            ],
        },
    },
]

# Data -------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'newsroom.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Django's own, with a queue for those who write.
    DATABASES["default"]["ENGINE"] = "newsroom.lib.sqlite"
    DATABASES["default"]["OPTIONS"] = {
        # Transactions take their place in the queue when they begin (IMMEDIATE) instead of failing at their first
        # write. What writes without one waits for up to 20 s.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;"
            "PRAGMA journal_size_limit=67108864; PRAGMA foreign_keys=ON;"
        ),
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
    # A file, as in life: in memory there are no two writers to queue up.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "tests.sqlite3"}
else:
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=8)}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if cache_url := env("CACHE_URL", default=""):
    CACHES = {"default": env.cache_url_config(cache_url)}
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": DATA_DIR / "cache",
            "OPTIONS": {"MAX_ENTRIES": 2000},
        }
    }
# Counters of rates (newsroom.lib.throttle): in the cache where that is Redis, else in this file.
COUNTERS_FILE = None if cache_url else DATA_DIR / "counters.sqlite3"
# Who is at which article (newsroom.lib.presence): likewise.
PRESENCE_FILE = None if "RedisCache" in CACHES["default"]["BACKEND"] else DATA_DIR / "presence.sqlite3"

HUEY = {
    "name": "newsroom",
    "results": False,
    "immediate": TESTING,
    "consumer": {
        "workers": env.int("WORKER_THREADS", default=2),
        "worker_type": "thread",
        "max_delay": 1,  # seconds that an idle worker sleeps at most
    },
}
if jobs_url := env("JOBS_URL", default=""):
    HUEY |= {"huey_class": "huey.PriorityRedisHuey", "url": jobs_url}
else:
    HUEY |= {"huey_class": "huey.SqliteHuey", "filename": str(DATA_DIR / "jobs.sqlite3")}

# People -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "newsroom.User"
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
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "admin/locked_out.html"
AXES_RESET_ON_SUCCESS = True
# How many proxies in front of this server may be believed about a reader's address.
PROXIES = env.int("PROXIES", default=0)
AXES_CLIENT_IP_CALLABLE = "newsroom.lib.addresses.client_address"

# Languages and time -----------------------------------------------------------------------

LANGUAGE_CODE = env("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", _("English")), ("de", _("German")), ("ar", _("Arabic"))]
if LANGUAGE_CODE not in dict(LANGUAGES):
    raise ImproperlyConfigured(f"LANGUAGE_CODE is “{LANGUAGE_CODE}”. Set it to one of: {', '.join(dict(LANGUAGES))}.")
LOCALE_PATHS = [BASE_DIR / "newsroom" / "locale"]
TIME_ZONE = env("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

# Files ------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_FINDERS = ["newsroom.finders.ServedFilesFinder"]
STATIC_ROOT = DATA_DIR / "static"
MEDIA_URL = "/images/"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "private"},
    },
    # Originals keep their location data and are never served; they have no address.
    "originals": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "originals", "base_url": None},
    },
    "renditions": {
        "BACKEND": "newsroom.lib.wholefiles.WholeFiles",
        "OPTIONS": {"location": DATA_DIR / "renditions", "base_url": MEDIA_URL},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DEBUG or TESTING:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = DEBUG or TESTING
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
FILE_UPLOAD_PERMISSIONS = 0o644
# Caches in front of the server, which are sent PURGE for the files of a picture that may not be seen any more.
PURGE_URLS = env.list("PURGE_URLS", default=[])

# Mail -------------------------------------------------------------------------------------

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="filemail://")
vars().update(EMAIL_CONFIG)
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_TIMEOUT = 20
# A mail service that is asked over HTTP takes the place of EMAIL_URL.
if mail_service := env("MAIL_SERVICE", default=""):
    EMAIL_BACKEND = mail_backend(mail_service)
ANYMAIL = {
    "REQUESTS_TIMEOUT": EMAIL_TIMEOUT,
    # Nobody is watched while they read. Services that cannot be told so are switched in their own settings.
    "SEND_DEFAULTS": {"track_opens": False, "track_clicks": False},
    "IGNORE_UNSUPPORTED_FEATURES": True,
    **env.dict("MAIL_SERVICE_SETTINGS", default={}),
}
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Newsroom <newsroom@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where newsletters that cannot be delivered come back to, as bounces+<mark>@news.example. Empty: to their sender.
BOUNCE_ADDRESS = env("BOUNCE_ADDRESS", default="")
# Secrets of mail services that tell of mails at /newsletter/events/<service>/. Empty: they are not listened to.
MAILGUN_WEBHOOK_KEY = env("MAILGUN_WEBHOOK_KEY", default="")
SENDGRID_WEBHOOK_KEY = env("SENDGRID_WEBHOOK_KEY", default="")
MAIL_WEBHOOK_PASSWORD = env("MAIL_WEBHOOK_PASSWORD", default="")  # "name:password", for those that sign nothing

# Safety -----------------------------------------------------------------------------------

# HTTPS is on as soon as the site's own address says so.
HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "articles.admin.signed_out.csrf_failed"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    },
}

SILENCED_SYSTEM_CHECKS = [
    # CKEditor 4's age: articles.editor holds a check of its own that asserts the guards around it.
    "ckeditor.W001",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "axes": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "flufl.bounce": {"level": "WARNING"},
        # With a handler of its own, or the worker's command would give it one that tells everything.
        "huey": {"level": "WARNING", "handlers": ["console"], "propagate": False},
    },
}
