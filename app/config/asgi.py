"""The web entry point: `uvicorn config.asgi:application`."""

import gc
import os

from django.core.asgi import get_asgi_application

from config import checks
from config.threads import Threads

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = Threads(get_asgi_application())
checks.refuse_errors()  # An ASGI server runs no system checks of its own.
# What is imported by now stays: looking it through for garbage again and again holds requests up for 0.1 s each time.
gc.collect()
gc.freeze()
