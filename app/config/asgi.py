"""The web entry point: `uvicorn config.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

from config import checks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()
checks.refuse_errors()  # An ASGI server runs no system checks of its own.
