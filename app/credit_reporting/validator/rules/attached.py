"""The cross rules of the segments that follow a base segment."""

from credit_reporting.validator.rules.rule import NO_DATE, NOTHING, Parts, rule


@rule("purchased_sold_name", "must be given with indicators 1 and 2, and blank with 9", segments=("K2",))
def buyer_or_seller_is_named(k2: Parts) -> bool:
    return (k2["purchased_sold_indicator"] == "9") == k2["purchased_sold_name"].isspace()


@rule("agency_account_number", "must be given with agencies 01 and 02, and blank with 00", segments=("K3",))
def agency_has_its_number(k3: Parts) -> bool:
    return (k3["agency_identifier"] == "00") == k3["agency_account_number"].isspace()


@rule("mortgage_identification_number", "must be given with agency 00", segments=("K3",))
def mortgage_without_agency_has_its_number(k3: Parts) -> bool:
    return k3["agency_identifier"] != "00" or not k3["mortgage_identification_number"].isspace()


@rule("balloon_payment_due_date", "must be given with indicator 01", segments=("K4",))
def balloon_has_a_date(k4: Parts) -> bool:
    return k4["specialized_payment_indicator"] != "01" or k4["balloon_payment_due_date"] != NO_DATE


@rule("balloon_payment_amount", "must be above zero with indicator 01", segments=("K4",))
def balloon_has_an_amount(k4: Parts) -> bool:
    return k4["specialized_payment_indicator"] != "01" or k4["balloon_payment_amount"] != NOTHING


@rule("deferred_payment_start_date", "must be given with indicator 02", segments=("K4",))
def deferral_has_an_end(k4: Parts) -> bool:
    return k4["specialized_payment_indicator"] != "02" or k4["deferred_payment_start_date"] != NO_DATE


@rule("new_consumer_account_number", "must be given with indicators 1 and 3, and blank with 2", segments=("L1",))
def new_account_number_is_given(l1: Parts) -> bool:
    return (l1["change_indicator"] == "2") == l1["new_consumer_account_number"].isspace()


@rule("new_identification_number", "must be given with indicators 2 and 3, and blank with 1", segments=("L1",))
def new_identification_number_is_given(l1: Parts) -> bool:
    return (l1["change_indicator"] == "1") == l1["new_identification_number"].isspace()
