"""The entry of Django's admin in the list of apps, with the site of `board.admin_site`; apart, for no app has two."""

from django.contrib.admin.apps import AdminConfig


class BoundAdminConfig(AdminConfig):
    """Django's admin, at a site that knows who is bound to which tenant."""

    default = False
    default_site = "board.admin_site.BoundSite"
