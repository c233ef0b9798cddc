"""The payment processors: one port, and the setting that says who stands behind it."""

from django.conf import settings
from django.core.files.storage import storages
from django.utils.module_loading import import_string

from payments.processors.exceptions import NoProcessorError
from payments.processors.port import Originator, PaymentProcessor


def processor_for(*, tenant: str, originator: Originator) -> PaymentProcessor:
    """Return the configured processor for one tenant, whose files are kept in a folder of its name.

    Raises:
        NoProcessorError: if `MATINS_PAYMENT_PROCESSOR` is empty.
    """
    if not settings.MATINS_PAYMENT_PROCESSOR:
        raise NoProcessorError(
            "No payment processor is configured, so nothing is collected: set MATINS_PAYMENT_PROCESSOR to "
            "payments.ach.processor.AchProcessor, or to a class of your own that implements payments.processors.port."
        )
    build = import_string(settings.MATINS_PAYMENT_PROCESSOR)
    processor: PaymentProcessor = build(originator=originator, storage=storages["payments"], folder=tenant)
    return processor
