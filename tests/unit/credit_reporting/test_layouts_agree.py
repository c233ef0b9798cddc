"""The layout is stated twice, by what writes files and by what judges them; here the two are compared."""

import pytest

from credit_reporting.metro2 import layout as writers
from credit_reporting.validator import codes
from credit_reporting.validator import layout as validators

NAMES = ("HEADER", "BASE", "J1", "J2", "K1", "K2", "K3", "K4", "L1", "N1", "TRAILER")

#: What the two call the same field, where they differ; a constant has no name for the writer.
SAME = {
    "header": {
        "cycle": "cycle_identifier", "innovis_id": "innovis_program_identifier",
        "equifax_id": "equifax_program_identifier", "experian_id": "experian_program_identifier",
        "transunion_id": "transunion_program_identifier", "created_on": "date_created",
        "reporter_phone": "reporter_telephone_number", "vendor_name": "software_vendor_name",
        "vendor_version": "software_version_number", "microbilt_id": "prbc_program_identifier",
    },
    "data": {
        "cycle": "cycle_identifier", "account_number": "consumer_account_number", "original_amount": "highest_credit",
        "scheduled_payment": "scheduled_monthly_payment", "compliance_condition": "compliance_condition_code",
        "original_charge_off": "original_charge_off_amount", "interest_type": "interest_type_indicator",
        "ssn": "social_security_number", "birth_date": "date_of_birth", "phone": "telephone_number",
        "ecoa": "ecoa_code", "country": "country_code", "original_creditor": "original_creditor_name",
        "classification": "creditor_classification", "company": "purchased_sold_name", "agency": "agency_identifier",
        "balloon_date": "balloon_payment_due_date", "balloon_amount": "balloon_payment_amount",
        "deferred_start": "deferred_payment_start_date", "new_account_number": "new_consumer_account_number",
        "employer": "employer_name",
    },
    "indicator": {
        "K2": "purchased_sold_indicator", "K4": "specialized_payment_indicator", "L1": "change_indicator",
    },
    "trailer": {"base_records": "total_base_records", "blocks": "block_count"},
}  # fmt: skip


def name_of(field, segment):
    """Return the validator's name of a writer's field."""
    if segment == "TRAILER":
        name = field.name.replace("all_", "").replace("birth_dates", "births").replace("phones", "telephones")
        kind, _, rest = name.partition("_")
        turned = f"{rest}_{kind}" if kind in {"base", "j1", "j2"} and rest in {"ssns", "births"} else name
        return SAME["trailer"].get(field.name, f"total_{turned}")
    if segment == "N1" and field.name not in {"employer", "occupation"}:
        return f"employer_{field.name}"
    if field.name == "indicator":
        return SAME["indicator"][segment]
    return SAME["header" if segment == "HEADER" else "data"].get(field.name, field.name)


@pytest.mark.parametrize("segment", NAMES)
def test_both_state_the_same_fields_at_the_same_positions(segment):
    theirs = [(field.first, field.last, field.name) for field in getattr(validators, segment).fields]
    ours = [
        (field.first, field.last, name_of(field, segment) if field.name else their_name)
        for field, (_, _, their_name) in zip(getattr(writers, segment).fields, theirs, strict=True)
    ]
    assert ours == theirs


@pytest.mark.parametrize("segment", NAMES)
def test_both_have_the_same_constants(segment):
    theirs = {field.first: field.form.pattern(field.last - field.first + 1) for field in by_place(validators, segment)}
    for field in getattr(writers, segment).fields:
        if not field.name and field.template != "0426":
            assert theirs[field.first] in {field.template, f" {{{len(field.template)}}}"}


@pytest.mark.parametrize(
    ("field", "theirs"),
    [
        ("account_status", codes.ACCOUNT_STATUSES),
        ("payment_rating", codes.PAYMENT_RATINGS),
        ("portfolio_type", codes.PORTFOLIO_TYPES),
        ("terms_frequency", codes.TERMS_FREQUENCIES),
        ("compliance_condition", codes.COMPLIANCE_CONDITIONS),
        ("generation_code", codes.GENERATIONS),
        ("ecoa", codes.ECOA_CODES),
        ("address_indicator", codes.ADDRESS_INDICATORS),
    ],
)
def test_both_have_the_same_codes(field, theirs):
    (ours,) = [one for one in writers.BASE.fields if one.name == field]
    assert sorted(ours.takes.removeprefix("one of ").split()) == sorted(theirs)


def by_place(module, segment):
    return getattr(module, segment).fields
