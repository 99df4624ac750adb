"""Rows of this room."""

from twofactor.models.callers import Caller as Caller
from twofactor.models.callers import CapabilityKey as CapabilityKey
from twofactor.models.customers import Authenticator as Authenticator
from twofactor.models.customers import Customer as Customer
from twofactor.models.customers import RecoveryCode as RecoveryCode
from twofactor.models.deliveries import Delivery as Delivery
from twofactor.models.deliveries import OutboxMessage as OutboxMessage
from twofactor.models.guards import Budget as Budget
from twofactor.models.guards import Guard as Guard
from twofactor.models.sessions import Challenge as Challenge
from twofactor.models.sessions import FlowSession as FlowSession
from twofactor.models.sessions import FlowStep as FlowStep
from twofactor.models.sessions import Method as Method
from twofactor.models.sessions import StoredAnswer as StoredAnswer
