"""The screens of this room, and its pages of applications."""

from twofactor.admin import activity_page as activity_page
from twofactor.admin import callers as callers
from twofactor.admin import customers as customers
from twofactor.admin import deliveries as deliveries
from twofactor.admin import guards as guards
from twofactor.admin import outbox as outbox
from twofactor.admin import sessions as sessions
from twofactor.admin import settings_page as settings_page
from twofactor.admin import test_sending as test_sending
from twofactor.admin import try_page as try_page
