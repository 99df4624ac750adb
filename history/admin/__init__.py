"""The screens of this room, and its pages of applications."""

from history.admin import browsing as browsing
from history.admin import copying as copying
from history.admin import events as events
from history.admin import exporting as exporting
from history.admin import imports as imports
from history.admin import strategies as strategies
