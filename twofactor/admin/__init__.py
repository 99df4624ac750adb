"""The screens of this room, and its pages of applications."""

from twofactor.admin import callers as callers
from twofactor.admin import customers as customers
from twofactor.admin import deliveries as deliveries
from twofactor.admin import outbox as outbox
from twofactor.admin import test_sending as test_sending
