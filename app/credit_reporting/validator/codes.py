"""The code sets of Metro 2, as the CFPB's own tool lists them, and the few groups of codes that the rules speak of."""

PORTFOLIO_TYPES = ("C", "I", "M", "O", "R")
LINE_OF_CREDIT = "C"
#: Instalment loans and mortgages.
LOANS = frozenset("IM")
#: The terms duration of the portfolios that have no number of months or years.
TERMS_OF = {"C": "LOC", "O": "001", "R": "REV"}

ACCOUNT_TYPES = (
    *("00", "01", "02", "03", "04", "05", "06", "07", "08", "10", "11", "12", "13", "15", "17", "18", "19", "20"),
    *("25", "26", "29", "37", "43", "47", "48", "50", "65", "66", "67", "68", "69", "70", "71", "72", "73", "74"),
    *("75", "77", "89", "90", "91", "92", "93", "95", "0A", "2A", "3A", "5A", "6A", "7A", "8A", "9A", "5B", "6B"),
    *("7B", "8B", "9B", "0C", "2C", "4D", "6D", "0F", "0G"),
)
#: The only account types of a line of credit (the CFPB evaluator's rule).
LINES_OF_CREDIT = frozenset({"15", "43", "47", "89", "7A", "9B"})
#: Account types that name their portfolio: auto, unsecured and secured loans; lines of credit; first mortgages.
PORTFOLIO_OF = {"00": "I", "01": "I", "02": "I", "15": "C", "89": "C", "7A": "C", "19": "M", "25": "M", "26": "M"}

TERMS_FREQUENCIES = tuple("DPWBEMLQTSY")

ACCOUNT_STATUSES = (
    *("05", "11", "13", "61", "62", "63", "64", "65", "71", "78", "80", "82", "83", "84"),
    *("88", "89", "93", "94", "95", "96", "97", "DA", "DF"),
)
ALL_STATUSES = frozenset(ACCOUNT_STATUSES)
#: Days past due at which a status begins.
DAYS_OF_STATUS = {"71": 30, "78": 60, "80": 90, "82": 120, "83": 150, "84": 180}
LATE = frozenset(DAYS_OF_STATUS)
PAID = frozenset({"13", "61", "62", "63", "64", "65"})
#: Statuses that have a date of first delinquency whatever else the record says.
DEROGATORY = frozenset({"61", "62", "63", "64", "65", "88", "89", "93", "94", "95", "96", "97"}) | LATE
CHARGED_OFF = frozenset({"64", "97"})
#: Statuses that say how late the account was before, in the payment rating.
RATED = frozenset({"05", "13", "65", "88", "89", "94", "95"})
#: Reported once and not again.
FINAL = frozenset({"05", "DA", "DF", *PAID})

PAYMENT_RATINGS = tuple("0123456GL")
LATE_RATINGS = frozenset("123456GL")
#: What a status becomes in the next month's payment history; the others have no code of their own.
HISTORY_OF = {
    "11": "0",
    "71": "1",
    "78": "2",
    "80": "3",
    "82": "4",
    "83": "5",
    "84": "6",
    "93": "G",
    "94": "H",
    "95": "J",
    "96": "K",
    "97": "L",
}

SPECIAL_COMMENTS = (
    *("B", "C", "H", "I", "M", "O", "S", "V"),
    *("AB", "AC", "AH", "AI", "AL", "AM", "AN", "AO", "AP", "AS", "AT", "AU", "AV", "AW", "AX", "AZ"),
    *("BA", "BB", "BC", "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BK", "BL", "BN", "BO", "BP", "BS", "BT"),
    *("CH", "CI", "CJ", "CK", "CL", "CM", "CN", "CO", "CP", "CS", "DE"),
)
COMPLIANCE_CONDITIONS = ("XA", "XB", "XC", "XD", "XE", "XF", "XG", "XH", "XJ", "XR")

GENERATIONS = tuple("JS23456789")
ECOA_CODES = tuple("12357TXWZ")
#: Consumers who need neither a social security number nor a date of birth.
ECOA_WITHOUT_IDENTITY = frozenset({"2", "5"})
CONSUMER_INFORMATION = (*"ABCDEFGHQRSTUVZ", "1A", "2A")
#: Bankruptcies, reaffirmations rescinded and receivership: they give a current account a date of first delinquency.
PETITIONS = frozenset({*(f"{letter} " for letter in "ABCDEFGHVZ"), "1A"})
ADDRESS_INDICATORS = tuple("CYNMSBUDP")
CREDITOR_CLASSES = tuple(f"{number:02}" for number in range(1, 16))
