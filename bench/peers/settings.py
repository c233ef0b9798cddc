"""Matins' settings, and the tables of django-celery-beat beside Matins' own in `public`."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, SHARED_APPS

SHARED_APPS = [*SHARED_APPS, "django_celery_beat"]
INSTALLED_APPS = [*INSTALLED_APPS, "django_celery_beat"]
