"""What only AWS knows of a resource once it is made: ARNs, endpoints, ids, made up from its name."""

import typing
from typing import Any

from infra.standin.account import Properties
from infra.standin.inputs import outputs_only

ACCOUNT, REGION = "000000000000", "eu-west-1"
#: Names that AWS makes up where none is given.
NAMES = ("bucket", "identifier", "name")
#: What has a shape that programs look into.
ANSWERS: dict[str, Any] = {
    "domainValidationOptions": [
        {
            "domainName": "example.com",
            "resourceRecordName": "_proof.example.com",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": "proof.acm-validations.aws",
        }
    ],
    "masterUserSecrets": [
        {
            "secretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:master",
            "secretStatus": "active",
            "kmsKeyId": "key",
        }
    ],
    "port": 5432,
}


def made(token: str, id_: str, inputs: Properties) -> Properties:
    """Return what the provider would tell of a new resource besides its inputs.

    Args:
        token: its type.
        id_: its id.
        inputs: as asked for.
    """
    told = {name: _answer(name, kind, token, id_) for name, kind in outputs_only(token).items()}
    names = {name: f"{id_}-{name}" for name in NAMES if name not in inputs}
    return {**names, **{name: value for name, value in told.items() if value is not None}}


def _answer(name: str, kind: Any, token: str, id_: str) -> Any:
    if name in ANSWERS:
        return ANSWERS[name]
    if name == "arn":
        service = token.split(":")[1].partition("/")[0]
        return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{token.rpartition(':')[2].lower()}/{id_}"
    return f"{id_}-{name}" if kind is str or str in typing.get_args(kind) else None
