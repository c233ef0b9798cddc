"""Made-up borrowers, for tapes that do not say who owes: nobody real, and the same for the same loan every time.

Social Security numbers come from the areas 900 to 999, which are never issued (SSA, Randomization FAQ), with groups
below 50, which are no taxpayer numbers either (26 CFR 301.6109-1(d)(3)); telephone numbers from 555-0100 to 555-0199,
which are kept free for fiction; e-mail from example.com (RFC 2606). Cities, ZIP prefixes and area codes are real, and
those of the loan's state.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from hashlib import blake2b

from loans.boarding.report import Finding
from loans.identity import NOBODY, Identity
from loans.models import TapeRow

SEED = 2018
_FIRST = (
    "Aaron", "Alice", "Amir", "Ana", "Ben", "Carla", "Chen", "Clara", "Daniel", "Diego", "Elena", "Emma", "Farah",
    "Felix", "Grace", "Hana", "Henry", "Ines", "Isaac", "Jada", "James", "Kenji", "Laura", "Leo", "Lin", "Lucia",
    "Malik", "Maria", "Mina", "Nadia", "Noah", "Olga", "Omar", "Paul", "Priya", "Rosa", "Samuel", "Sofia", "Tara",
    "Tomas", "Victor", "Wendy", "Yusuf", "Zoe",
)  # fmt: skip
_SURNAMES = (
    "Adams", "Alvarez", "Baker", "Bauer", "Bell", "Bianchi", "Brooks", "Chan", "Cohen", "Cruz", "Diaz", "Evans",
    "Fischer", "Flores", "Garcia", "Gray", "Haddad", "Hill", "Ivanov", "Jackson", "Jensen", "Kaur", "Kelly", "Khan",
    "Kim", "Larsen", "Lee", "Lopez", "Mensah", "Miller", "Moreau", "Nguyen", "Novak", "Okafor", "Ortiz", "Park",
    "Patel", "Reed", "Rossi", "Sato", "Schmidt", "Silva", "Singh", "Torres", "Walker", "Weber", "Wilson", "Young",
)  # fmt: skip
_MIDDLE = ("", "", "", "A", "E", "J", "L", "M", "R")
_GENERATIONS = ("",) * 30 + ("JR", "SR", "III")
_STREETS = (
    "Ash Street", "Birch Lane", "Cedar Avenue", "Church Street", "Elm Street", "Fourth Street", "Hill Road",
    "Lake Drive", "Main Street", "Maple Avenue", "Mill Road", "Oak Street", "Park Avenue", "Pine Street",
    "River Road", "Spring Street", "Sunset Drive", "Walnut Street", "Washington Street", "Willow Lane",
)  # fmt: skip
#: By state: a city, the first three digits of its ZIP codes, and its area code.
_PLACES = {
    "AK": ("Anchorage", "995", "907"), "AL": ("Birmingham", "352", "205"), "AR": ("Little Rock", "722", "501"),
    "AZ": ("Phoenix", "850", "602"), "CA": ("Los Angeles", "900", "213"), "CO": ("Denver", "802", "303"),
    "CT": ("Hartford", "061", "860"), "DC": ("Washington", "200", "202"), "DE": ("Wilmington", "198", "302"),
    "FL": ("Miami", "331", "305"), "GA": ("Atlanta", "303", "404"), "HI": ("Honolulu", "968", "808"),
    "IA": ("Des Moines", "503", "515"), "ID": ("Boise", "837", "208"), "IL": ("Chicago", "606", "312"),
    "IN": ("Indianapolis", "462", "317"), "KS": ("Wichita", "672", "316"), "KY": ("Louisville", "402", "502"),
    "LA": ("New Orleans", "701", "504"), "MA": ("Boston", "021", "617"), "MD": ("Baltimore", "212", "410"),
    "ME": ("Portland", "041", "207"), "MI": ("Detroit", "482", "313"), "MN": ("Minneapolis", "554", "612"),
    "MO": ("Kansas City", "641", "816"), "MS": ("Jackson", "392", "601"), "MT": ("Billings", "591", "406"),
    "NC": ("Charlotte", "282", "704"), "ND": ("Fargo", "581", "701"), "NE": ("Omaha", "681", "402"),
    "NH": ("Manchester", "031", "603"), "NJ": ("Newark", "071", "973"), "NM": ("Albuquerque", "871", "505"),
    "NV": ("Las Vegas", "891", "702"), "NY": ("Albany", "122", "518"), "OH": ("Columbus", "432", "614"),
    "OK": ("Oklahoma City", "731", "405"), "OR": ("Portland", "972", "503"), "PA": ("Philadelphia", "191", "215"),
    "RI": ("Providence", "029", "401"), "SC": ("Columbia", "292", "803"), "SD": ("Sioux Falls", "571", "605"),
    "TN": ("Nashville", "372", "615"), "TX": ("Houston", "770", "713"), "UT": ("Salt Lake City", "841", "801"),
    "VA": ("Richmond", "232", "804"), "VT": ("Burlington", "054", "802"), "WA": ("Seattle", "981", "206"),
    "WI": ("Milwaukee", "532", "414"), "WV": ("Charleston", "253", "304"), "WY": ("Cheyenne", "820", "307"),
}  # fmt: skip
_YOUNGEST = date(1997, 1, 1)
_YEARS = 50


class _Draws:
    """Numbers that look drawn, and follow from a text alone."""

    def __init__(self, text: str) -> None:
        self._left = int.from_bytes(blake2b(text.encode(), digest_size=32).digest())

    def below(self, limit: int) -> int:
        self._left, drawn = divmod(self._left, limit)
        return drawn

    def one_of(self, choices: Sequence[str]) -> str:
        return choices[self.below(len(choices))]


def synthetic_identity(loan_number: str, *, state: str, seed: int = SEED) -> Identity:
    """Make up who owes a loan; the same loan, state and seed give the same person.

    Args:
        loan_number: what the person follows from.
        state: of the address; where we know none, no address and no telephone number are made up.
        seed: another one gives other people.
    """
    draw = _Draws(f"{seed}\x1f{loan_number}")
    first_name, surname = draw.one_of(_FIRST), draw.one_of(_SURNAMES)
    return Identity(
        surname=surname,
        first_name=first_name,
        middle_name=draw.one_of(_MIDDLE),
        generation=draw.one_of(_GENERATIONS),
        ssn=f"9{draw.below(100):02}{1 + draw.below(49):02}{1 + draw.below(9999):04}",
        birth_date=_YOUNGEST - timedelta(days=draw.below(_YEARS * 365)),
        email=f"{first_name}.{surname}.{draw.below(10_000)}@example.com".lower(),
        state=state,
        synthetic=True,
        **_address(state, draw),
    )


def with_synthetic_borrowers(rows: Iterator[TapeRow | Finding], *, seed: int = SEED) -> Iterator[TapeRow | Finding]:
    """Yield what was read of a tape, with somebody made up for each line that says nothing of who owes."""
    for row in rows:
        if isinstance(row, TapeRow) and row.identity == NOBODY:
            row.identity = synthetic_identity(row.loan_number, state=row.state, seed=seed)
        yield row


def _address(state: str, draw: _Draws) -> dict[str, str]:
    if state not in _PLACES:
        return {}
    city, prefix, area_code = _PLACES[state]
    return {
        "address_1": f"{100 + draw.below(9900)} {draw.one_of(_STREETS)}",
        "city": city,
        "zip": f"{prefix}{1 + draw.below(99):02}",
        "phone": f"{area_code}55501{draw.below(100):02}",
    }
