"""Django's settings. What differs between installations comes from the environment (``config.env``), nothing else.

Names of our own begin with ``DESKGATE_``.
"""

import os
import warnings
from pathlib import Path
from urllib.parse import urlsplit

from config.env import load
from config.http.csp import DIRECTIVES
from config.logs import logging_config
from config.openapi import spectacular_settings
from config.stores import cache_from_url, database_from_url

BASE_DIR = Path(__file__).resolve().parent.parent
env = load(os.environ, BASE_DIR)

# --- this installation -------------------------------------------------------------------------------------------
DESKGATE_MODE = env.mode
DESKGATE_KEYS = env.keys
DESKGATE_PUBLIC_URL = env.public_url
DESKGATE_TRUSTED_PROXIES = env.trusted_proxies
DESKGATE_HOST = env.host
DESKGATE_PORT = env.port
DESKGATE_WORKERS = env.workers
DESKGATE_THREADS = env.threads
DESKGATE_VAR_DIR = env.var_dir
DESKGATE_VERSION = "0.1.0"
DESKGATE_BODY_LIMIT = 1024 * 1024  # bytes, outside the admin
# The foundation reaches upward by name only: who asks with a session, what he may do, ….
DESKGATE_SESSION_PRINCIPAL = "accounts.principals.principal_of_session"
DESKGATE_POLICY = "accounts.policy"
DESKGATE_ADMIN_SIGN_IN = "accounts.admin.sign_in"
DESKGATE_CORS_ORIGINS = "oauthapi.cors"
DESKGATE_CONTACT_CENTERS = "environment.ContactCenter"
DESKGATE_CLIENT_IDS = "oauthapi.selectors.is_client_id"
# Each gives lines that forbid a start, such as rows of the demo in production.
DESKGATE_START_FAULTS = ("environment.demo.start_faults",)

SECRET_KEY = env.secret_key
DEBUG = env.debug
# Outside production only this machine is answered: another page cannot reach the demo through a name of its own.
LOOPBACK_HOSTS = [".localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [env.public_host, *env.allowed_hosts] if env.is_production else LOOPBACK_HOSTS

# --- the house ---------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "whitenoise.runserver_nostatic",
    "accounts",  # before django.contrib.auth: its createsuperuser is ours
    "oauthapi",  # before oauth2_provider: its commands that would break on our models are shadowed
    "screenrec",
    "history",
    "twofactor",
    "environment",
    "activity",
    "config.admin.apps.DeskgateAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "oauth2_provider",
    "rest_framework",
    "corsheaders",
    "csp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "config.http.middleware.RequestContextMiddleware",
    "csp.middleware.CSPMiddleware",  # outside the guard: its pages carry the policy too
    "config.http.middleware.GuardMiddleware",  # outside the redirect to https: a bared credential is refused
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.http.cors.CorsGroupMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "config.http.cors.ViewDoneMiddleware",
    "config.http.cookies.TwoCookieMiddleware",
    "config.http.cookies.KindSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.http.middleware.RefusalMiddleware",  # innermost: what a plain view raised becomes an answer here
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True

# --- stores ------------------------------------------------------------------------------------------------------
DATABASES = {"default": database_from_url(env.database_url, var_dir=env.var_dir) | {"ATOMIC_REQUESTS": False}}
CACHES = {"default": cache_from_url(env.cache_url)}
if DATABASES["default"]["ENGINE"] == "config.sqlite":
    # 0700, because SQLite makes its file 0644.
    env.var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)

# --- who signs in ------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.DeskgateBackend"]
PASSWORD_HASHERS = ["accounts.hashers.DeskgateArgon2"]
LOGIN_URL = "/auth/v3/sign-in"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_ENGINE = "accounts.session_store"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
OTP_TOTP_ISSUER = "Deskgate"

# --- what browsers are told --------------------------------------------------------------------------------------
# Names, paths and SameSite per desk and admin: config.http.cookies.
SESSION_COOKIE_NAME = "deskgate_session"
CSRF_COOKIE_NAME = "deskgate_csrf"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.is_https
CSRF_TRUSTED_ORIGINS = [env.public_url] if env.is_https else []
SECURE_HSTS_SECONDS = 31_536_000 if env.is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.is_production and env.is_https and env.hsts_subdomains
# Credentials over plain HTTP are refused before (GuardMiddleware); callers on this machine are not redirected.
SECURE_SSL_REDIRECT = env.is_production and env.is_https
SECURE_SSL_HOST = urlsplit(env.public_url).netloc if SECURE_SSL_REDIRECT else None
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "config.http.pages.csrf_failure"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": DIRECTIVES}
# No path by itself: config.http.cors and the check_request_enabled signal decide each request.
CORS_URLS_REGEX = r"(?!)"
CORS_ALLOW_CREDENTIALS = False  # by path and method in config.http.cors
CORS_ALLOW_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CORS_ALLOW_HEADERS = (
    "Authorization", "Origin", "X-Requested-With", "Content-Type", "Accept",
    "x-b3-spanid", "x-b3-traceid", "x-api-key", "x-gws-unstable",
)  # fmt: skip
CORS_PREFLIGHT_MAX_AGE = 600  # seconds

SILENCED_SYSTEM_CHECKS = [
    "oauth2_provider.W001",  # implicit grant: the Authentication API has it; refused per client
    "oauth2_provider.W002",  # password grant: likewise
    "oauth2_provider.W008",  # http redirect URIs: loopback ones of native apps (RFC 8252)
]

# --- files -------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Production serves what collectstatic gathered; elsewhere nothing needs to be gathered.
WHITENOISE_USE_FINDERS = not env.is_production
if not env.is_production:
    warnings.filterwarnings("ignore", message="No directory at", module="whitenoise|django")
_STATIC = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if env.is_production
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC},
}
# The admin's forms; other paths stop at the body limit.
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * DESKGATE_BODY_LIMIT
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- the API -----------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TemporaryTokenAuthentication",
        "oauthapi.authentication.BearerAuthentication",
        "accounts.authentication.OpsCredentialAuthentication",
        "accounts.authentication.CredentialAuthentication",
        "accounts.authentication.PairAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.http.negotiation.StrictJsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "config.http.negotiation.AlwaysJson",
    "EXCEPTION_HANDLER": "config.http.views.handle_exception",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = spectacular_settings(DESKGATE_VERSION)

OAUTH2_PROVIDER_APPLICATION_MODEL = "oauthapi.ApiClient"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oauthapi.AccessToken"  # noqa: S105 - a model's name
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oauthapi.RefreshToken"  # noqa: S105 - a model's name
OAUTH2_PROVIDER_GRANT_MODEL = "oauthapi.AuthorizationCode"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "oauthapi.IDToken"  # noqa: S105 - a model's name
# `oauthapi.server` takes class, validator and generators from here. Scopes: oauthapi.rules, asked by the validator.
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": f"{env.public_url}/auth/v3",
    "OAUTH2_VALIDATOR_CLASS": "oauthapi.validator.DeskgateValidator",
    "OAUTH2_SERVER_CLASS": "oauthapi.server.DeskgateServer",
    "ACCESS_TOKEN_GENERATOR": "oauthapi.tokens.access_token",
    "REFRESH_TOKEN_GENERATOR": "oauthapi.tokens.refresh_token",
    "APPLICATION_ADMIN_CLASS": "oauthapi.admin.ApiClientAdmin",
    "ACCESS_TOKEN_ADMIN_CLASS": "oauthapi.admin.AccessTokenAdmin",
    "REFRESH_TOKEN_ADMIN_CLASS": "oauthapi.admin.RefreshTokenAdmin",
    "GRANT_ADMIN_CLASS": "oauthapi.admin.AuthorizationCodeAdmin",
    "ID_TOKEN_ADMIN_CLASS": "oauthapi.admin.IDTokenAdmin",
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
}

LOGGING = logging_config(level=env.log_level, format=env.log_format)
