"""The stock admin with our own site."""

from django.contrib.admin.apps import AdminConfig


class DeskgateAdminConfig(AdminConfig):
    """In ``INSTALLED_APPS`` in the place of ``django.contrib.admin``."""

    default_site = "config.admin.site.DeskgateSite"
