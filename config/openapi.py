"""How ``/schema/`` is made: drf-spectacular's settings. Imports nothing: Django's settings load this module."""

from __future__ import annotations

from typing import Any

# Proofs that no authenticator of DRF's stands for: flows of screenrec and the lock of history judge them.
_SCHEMES: dict[str, dict[str, Any]] = {
    "agent": {"type": "http", "scheme": "basic", "description": "An agent's user name and password."},
    "recorder": {
        "type": "apiKey",
        "in": "cookie",
        "name": "deskgate_recorder",
        "description": "The session cookie of a login at /api/v2/me.",
    },
    "history": {
        "type": "http",
        "scheme": "basic",
        "description": "`security/user-id` and `security/password` of the Web Engagement Server application, when its "
        "`security/auth-scheme` is Basic.",
    },
}


def spectacular_settings(version: str) -> dict[str, Any]:
    """``SPECTACULAR_SETTINGS`` of this release."""
    return {
        "TITLE": "Deskgate",
        "DESCRIPTION": "Authentication and configuration for contact centers.",
        "VERSION": version,
        "OAS_VERSION": "3.1.0",
        "SERVE_INCLUDE_SCHEMA": False,
        "SERVE_AUTHENTICATION": [],
        "SERVE_PERMISSIONS": [],
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
        "COMPONENT_SPLIT_REQUEST": True,
        "PREPROCESSING_HOOKS": [
            "config.schema.without_trailing_slash",
            "history.schema.without_aliases",
            "twofactor.webservices.schema.without_keys",
        ],
        "APPEND_COMPONENTS": {"securitySchemes": _SCHEMES},
    }
