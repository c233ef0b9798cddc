"""What the records of a Metro 2 file say, as plain values in the order of the layout; None and "" mean missing.

What must not be missing, the writer asks for. Amounts are dollars with their cents (the writer cuts them), SSNs and
telephone numbers are digits alone. Who somebody is never shows in a `repr`, as these find their way into logs.

These are named tuples, as a file has millions of them: `Base._make(row)` makes one from a row of a query within a
microsecond, where a frozen dataclass of that width takes twenty.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

Amount = Decimal | int | None
Day = date | None
Text = str | None


def _anonymous(record: tuple[object, ...]) -> str:
    return f"<{type(record).__name__} {getattr(record, 'account_number', 'of somebody')}>"


class Header(NamedTuple):
    """Who reports, and about which month."""

    cycle: Text = None
    innovis_id: Text = None
    equifax_id: Text = None
    experian_id: Text = None
    transunion_id: Text = None
    activity_date: Day = None
    created_on: Day = None
    program_date: Day = None
    program_revision_date: Day = None
    reporter_name: str = ""
    reporter_address: str = ""
    reporter_phone: Text = None
    vendor_name: Text = None
    vendor_version: Text = None
    microbilt_id: Text = None


class Base(NamedTuple):
    """The account, and the first consumer who answers for it (how: `ecoa`)."""

    time_stamp: datetime | None = None
    identification_number: str = ""
    cycle: Text = None
    account_number: str = ""
    portfolio_type: str = ""
    account_type: str = ""
    date_opened: Day = None
    credit_limit: Amount = None
    original_amount: Amount = None
    terms_duration: str = ""
    terms_frequency: Text = None
    scheduled_payment: Amount = None
    actual_payment: Amount = None
    account_status: str = ""
    payment_rating: Text = None
    payment_history_profile: str = ""
    special_comment: Text = None
    compliance_condition: Text = None
    current_balance: Amount = None
    amount_past_due: Amount = None
    original_charge_off: Amount = None
    date_of_account_information: Day = None
    date_of_first_delinquency: Day = None
    date_closed: Day = None
    date_of_last_payment: Day = None
    interest_type: Text = None
    surname: str = ""
    first_name: str = ""
    middle_name: Text = None
    generation_code: Text = None
    ssn: Text = None
    birth_date: Day = None
    phone: Text = None
    ecoa: str = ""
    consumer_information_indicator: Text = None
    country: Text = None
    address_line_1: str = ""
    address_line_2: Text = None
    city: str = ""
    state: str = ""
    zip_code: str = ""
    address_indicator: Text = None
    residence_code: Text = None

    def __repr__(self) -> str:
        return _anonymous(self)


class J1(NamedTuple):
    """Another consumer, at the same address."""

    surname: str
    first_name: str
    middle_name: Text = None
    generation_code: Text = None
    ssn: Text = None
    birth_date: Day = None
    phone: Text = None
    ecoa: str = ""
    consumer_information_indicator: Text = None

    def __repr__(self) -> str:
        return _anonymous(self)


class J2(NamedTuple):
    """Another consumer, at another address."""

    surname: str
    first_name: str
    middle_name: Text = None
    generation_code: Text = None
    ssn: Text = None
    birth_date: Day = None
    phone: Text = None
    ecoa: str = ""
    consumer_information_indicator: Text = None
    country: Text = None
    address_line_1: str = ""
    address_line_2: Text = None
    city: str = ""
    state: str = ""
    zip_code: str = ""
    address_indicator: Text = None
    residence_code: Text = None

    def __repr__(self) -> str:
        return _anonymous(self)


class K1(NamedTuple):
    """Who lent the money first, and what kind of business that is (01 to 15)."""

    original_creditor: str
    classification: str


class K2(NamedTuple):
    """From whom the account was bought (1), or to whom it was sold (2); 9 takes back what was said before."""

    indicator: str
    company: Text = None


class K3(NamedTuple):
    """The mortgage's numbers with an agency (00 none, 01 Fannie Mae, 02 Freddie Mac) and in the registry (MIN)."""

    agency: str
    agency_account_number: Text = None
    mortgage_identification_number: Text = None


class K4(NamedTuple):
    """A balloon payment (01), or payments that are deferred (02)."""

    indicator: str
    deferred_start: Day = None
    balloon_date: Day = None
    balloon_amount: Amount = None


class L1(NamedTuple):
    """A new account number (1), a new identification number (2), or both (3)."""

    indicator: str
    new_account_number: Text = None
    new_identification_number: Text = None


class N1(NamedTuple):
    """Where the first consumer works."""

    employer: str
    address_line_1: Text = None
    address_line_2: Text = None
    city: Text = None
    state: Text = None
    zip_code: Text = None
    occupation: Text = None

    def __repr__(self) -> str:
        return _anonymous(self)


Consumer = Base | J1 | J2
Segment = J1 | J2 | K1 | K2 | K3 | K4 | L1 | N1


class Record(NamedTuple):
    """All that is said of one account: the base segment and those that apply."""

    base: Base
    j1: tuple[J1, ...] = ()
    j2: tuple[J2, ...] = ()
    k1: K1 | None = None
    k2: K2 | None = None
    k3: K3 | None = None
    k4: K4 | None = None
    l1: L1 | None = None
    n1: N1 | None = None

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What follows the base segment, in the order of the file."""
        if self[1:] == _BASE_ALONE:
            return ()
        single = (self.k1, self.k2, self.k3, self.k4, self.l1, self.n1)
        return (*self.j1, *self.j2, *(segment for segment in single if segment))


_BASE_ALONE = ((), (), *[None] * 6)


class Trailer(NamedTuple):
    """How much of everything the file holds; each number can be counted again."""

    base_records: int = 0
    status_df: int = 0
    j1_segments: int = 0
    j2_segments: int = 0
    blocks: int = 0
    status_da: int = 0
    status_05: int = 0
    status_11: int = 0
    status_13: int = 0
    status_61: int = 0
    status_62: int = 0
    status_63: int = 0
    status_64: int = 0
    status_65: int = 0
    status_71: int = 0
    status_78: int = 0
    status_80: int = 0
    status_82: int = 0
    status_83: int = 0
    status_84: int = 0
    status_88: int = 0
    status_89: int = 0
    status_93: int = 0
    status_94: int = 0
    status_95: int = 0
    status_96: int = 0
    status_97: int = 0
    ecoa_z: int = 0
    n1_segments: int = 0
    k1_segments: int = 0
    k2_segments: int = 0
    k3_segments: int = 0
    k4_segments: int = 0
    l1_segments: int = 0
    all_ssns: int = 0
    base_ssns: int = 0
    j1_ssns: int = 0
    j2_ssns: int = 0
    all_birth_dates: int = 0
    base_birth_dates: int = 0
    j1_birth_dates: int = 0
    j2_birth_dates: int = 0
    all_phones: int = 0
