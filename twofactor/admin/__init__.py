"""The screens of this room, and its pages of applications."""

from twofactor.admin import customers as customers
