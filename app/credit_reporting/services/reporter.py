"""Who a tenant is to the bureaus."""

from django.core.exceptions import ValidationError
from django.db import transaction

from credit_reporting.exceptions import BadReporterError, NoBureauError
from credit_reporting.models import Bureau, Reporter


@transaction.atomic
def set_reporter(
    *, name: str, address: str, phone: str, identification_number: str, program_ids: dict[Bureau, str]
) -> Reporter:
    """Say who the tenant is to the bureaus, or change it from the next report on.

    Args:
        name: as the bureaus know it.
        address: on one line.
        phone: ten digits.
        identification_number: in every record; a changed one is announced by the next file, in L1 segments.
        program_ids: those that the bureaus gave; the others get no file.

    Raises:
        NoBureauError: there is no program id.
        BadReporterError: a value is missing, too long, or has another form.
    """
    reporter = Reporter.objects.select_for_update(no_key=True).order_by("id").first() or Reporter()
    reporter.name, reporter.address, reporter.phone = name, address, phone
    reporter.identification_number = identification_number
    for bureau in Bureau:
        setattr(reporter, f"{bureau}_id", program_ids.get(bureau, ""))
    if not reporter.program_ids:
        raise NoBureauError
    try:
        reporter.full_clean()
    except ValidationError as error:
        wrong = "; ".join(f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items())
        raise BadReporterError(wrong) from error
    reporter.save()
    return reporter
