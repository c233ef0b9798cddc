"""A clean Metro 2 file of February 2024 and January's, written by hand: positions as the reference prints them."""

from datetime import date

TODAY = date(2024, 3, 1)


def written(length, fields):
    """A line of blanks with texts at positions counted from 1."""
    line = " " * length
    for position, text in fields.items():
        line = edited(line, position, text)
    assert len(line) == length
    return line


def edited(line, position, text):
    return line[: position - 1] + text + line[position - 1 + len(text) :]


def header(**changes):
    return written(
        426,
        {
            1: "0426",
            5: "HEADER",
            13: "INNOVIS001",
            23: "EQUIFAX001",
            33: "EXP01",
            38: "TRANSUN001",
            48: "02292024",
            56: "03012024",
            64: "01012020",
            72: "00000000",
            80: "FIRST MATINS BANK",
            120: "1 MAIN ST, WILMINGTON DE 19801",
            216: "3025550100",
            226: "MATINS",
            266: "1.0",
        }
        | changes.get("at", {}),
    )


def base(account, fields):
    """A current unsecured instalment loan, changed at some positions."""
    return written(
        426,
        {
            1: "0426",
            5: "1",
            6: "02292024235959",
            20: "0",
            21: "MATINS01",
            43: account,
            73: "I",
            74: "01",
            76: "06012023",
            84: "000000000",
            93: "000010000",
            102: "036",
            105: "M",
            106: "000000310",
            115: "000000310",
            124: "11",
            127: "0000000BBBBBBBBBBBBBBBBB",
            155: "000008200",
            164: "000000000",
            173: "000000000",
            182: "02292024",
            190: "00000000",
            198: "00000000",
            206: "02012024",
            214: "F",
            232: "VAN DYKE-O'NEIL",
            257: "ANNA",
            277: "B",
            298: "900112233",
            307: "05171985",
            315: "3025550123",
            325: "1",
            328: "US",
            330: "12 ELM ST",
            362: "APT 4",
            394: "DOVER",
            414: "DE",
            416: "19901",
            425: "Y",
            426: "O",
        }
        | fields,
    )


J1 = written(
    100,
    {
        1: "J1",
        4: "MEYER",
        29: "BERT",
        69: "J",
        70: "900112244",
        79: "02291988",
        87: "3025550124",
        97: "2",
    },
)
J2 = written(
    200,
    {
        1: "J2",
        4: "MEYER",
        29: "CARLA",
        49: "DORA",
        70: "900112255",
        79: "12311990",
        87: "3025550125",
        97: "3",
        98: "T",
        100: "US",
        102: "PO BOX 7",
        166: "NEWARK",
        186: "DE",
        188: "197110007",
        197: "S",
        198: "R",
    },
)
K1 = written(34, {1: "K1", 3: "OLD LENDER INC", 33: "08"})
K2 = written(34, {1: "K2", 3: "1", 4: "OLD LENDER INC"})
K3 = written(40, {1: "K3", 3: "01", 5: "FNMA0000077", 23: "100012345678901234"})
K4 = written(30, {1: "K4", 3: "01", 5: "00000000", 13: "06012026", 21: "000005000"})
L1 = written(54, {1: "L1", 3: "1", 4: "LN00000201"})
N1 = written(146, {1: "N1", 3: "ACME LLC", 33: "9 OAK AVE", 97: "DOVER", 117: "DE", 119: "19901", 128: "CLERK"})

#: Where each segment of the fullest record begins, and its lines' places in the file.
FULL, LATE, CHARGED_OFF, PAID, BANKRUPT, CARD = 2, 3, 4, 5, 6, 7
BEGINS = {"BASE": 0, "J1": 426, "J2": 526, "K1": 726, "K2": 760, "K3": 794, "K4": 834, "L1": 864, "N1": 918}
RECORDS = {
    FULL: base("LN00000002", {1: "1064"}) + J1 + J2 + K1 + K2 + K3 + K4 + L1 + N1,
    # Due 15 January, unpaid: 45 days, first delinquent 30 days after the due date.
    LATE: base("LN00000003", {115: "000000000", 124: "71", 164: "000000310", 190: "02142024", 206: "12152023"}),
    CHARGED_OFF: base(
        "LN00000004",
        {
            106: "000000000",
            115: "000000000",
            124: "97",
            127: "6543210BBBBBBBBBBBBBBBBB",
            155: "000007900",
            164: "000007900",
            173: "000008000",
            190: "08312023",
            206: "07012023",
        },
    ),
    PAID: base(
        "LN00000005",
        {
            106: "000000000",
            115: "000008510",
            124: "13",
            126: "1",
            127: "1000000BBBBBBBBBBBBBBBBB",
            155: "000000000",
            182: "02202024",
            190: "01312024",
            198: "02202024",
            206: "02202024",
        },
    ),
    BANKRUPT: base("LN00000006", {190: "02102024", 326: "A"}),
    CARD: base(
        "LN00000007",
        {73: "R", 74: "18", 84: "000005000", 93: "000000400", 102: "REV", 127: "E0E0000BBBBBBBBBBBBBBBBB", 325: "Z"},
    ),
}
TRAILER = written(
    426,
    {1: "0426", 5: "TRAILER", 12: "000000006"}
    | dict.fromkeys(range(30, 408, 9), "000000000")
    | {39: "000000001", 48: "000000001", 57: "000000008"}
    | {84: "000000003", 93: "000000001", 147: "000000001", 255: "000000001"}
    | {264: "000000001", 273: "000000001", 282: "000000001", 291: "000000001", 300: "000000001"}
    | {309: "000000001", 318: "000000001"}
    | {327: "000000008", 336: "000000006", 345: "000000001", 354: "000000001"}
    | {363: "000000008", 372: "000000006", 381: "000000001", 390: "000000001", 399: "000000008"},
)
LINES = (header(), *RECORDS.values(), TRAILER)

#: The same accounts a month earlier.
LAST_MONTH = (
    header(at={48: "01312024", 56: "02012024"}),
    base("LN00000002", {182: "01312024", 127: "000000BBBBBBBBBBBBBBBBBB", 206: "01022024"}),
    base("LN00000003", {182: "01312024", 127: "000000BBBBBBBBBBBBBBBBBB", 206: "12152023"}),
    base(
        "LN00000004",
        {
            124: "84",
            127: "543210BBBBBBBBBBBBBBBBBB",
            164: "000002170",
            182: "01312024",
            190: "08312023",
            206: "07012023",
        },
    ),
    base(
        "LN00000005",
        {
            124: "71",
            127: "000000BBBBBBBBBBBBBBBBBB",
            164: "000000310",
            182: "01312024",
            190: "01312024",
            206: "12012023",
        },
    ),
    base("LN00000006", {182: "01312024", 127: "000000BBBBBBBBBBBBBBBBBB", 206: "01022024"}),
    base(
        "LN00000007",
        {
            73: "R",
            74: "18",
            84: "000005000",
            93: "000000400",
            102: "REV",
            127: "0E0000BBBBBBBBBBBBBBBBBB",
            155: "000000000",
            182: "01312024",
            206: "00000000",
        },
    ),
    written(
        426,
        {1: "0426", 5: "TRAILER", 12: "000000006"}
        | dict.fromkeys(range(30, 408, 9), "000000000")
        | {57: "000000008", 84: "000000004", 147: "000000001", 192: "000000001"}
        | {327: "000000006", 336: "000000006", 363: "000000006", 372: "000000006", 399: "000000006"},
    ),
)


def changed(number, *edits, lines=LINES):
    """The lines of a file with one of them (from 1) edited: pairs of a position and a text."""
    line = lines[number - 1]
    for position, text in edits:
        line = edited(line, position, text)
    return (*lines[: number - 1], line, *lines[number:])
