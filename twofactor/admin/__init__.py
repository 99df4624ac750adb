"""The screens of this room."""

from twofactor.admin import callers as callers
