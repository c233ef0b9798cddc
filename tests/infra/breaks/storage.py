"""Storage that is open, forgotten or lost."""

import json

from tests.infra.breaks.change import broken, gone, options, to
from tests.infra.breaks.databases import BROKER, DATABASE

LOG_GROUP = ("network", "cloudwatch/logGroup:LogGroup", "flow-log")
KEY, SECRET = ("data", "kms/key:Key", "data"), ("data", "secretsmanager/secret:Secret", "redis-url")
IMAGES, FILES = ("platform", "ecr/repository:Repository", "app"), ("data", "s3/bucket:Bucket", "files")
TOPIC, TRAIL = ("bootstrap", "sns/topic:Topic", "alarms"), ("bootstrap", "cloudtrail/trail:Trail", "state-trail")
METRICS = ("observability", "amp/workspace:Workspace", "metrics")
GRAFANA = ("observability", "grafana/workspace:Workspace", "grafana")
LACKS = {
    "BucketPublicAccessBlock": "is open to whoever its policy names",
    "BucketPolicy": "answers in the clear",
    "BucketServerSideEncryptionConfiguration": "says nothing of its key",
    "BucketVersioning": "forgets what is overwritten",
    "BucketLifecycleConfiguration": "never forgets anything",
}


def of_bucket(kind):
    return ("data", f"s3/{kind[0].lower()}{kind[1:]}:{kind}", "files")


def admits(principal):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}
    return to(policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


BREAKS = [
    *(
        broken(
            "stored-data-is-encrypted",
            at,
            f"Set {name} to true: what was made without it is encrypted only by making it anew.",
            to(**{name: False}),
            to(**{name: None}),
        )
        for at, name in {DATABASE: "storageEncrypted", BROKER: "atRestEncryptionEnabled"}.items()
    ),
    *(
        broken("our-own-key-encrypts", at, "Set kmsKeyId to the key of the stack.", to(kmsKeyId=None))
        for at in (DATABASE, BROKER, LOG_GROUP, SECRET, TRAIL, GRAFANA)
    ),
    broken("our-own-key-encrypts", METRICS, "Set kmsKeyArn to the key of the stack.", to(kmsKeyArn=None)),
    broken("our-own-key-encrypts", TOPIC, "Set kmsMasterKeyId to the key of the stack.", to(kmsMasterKeyId=None)),
    broken("keys-turn", KEY, "Set enable_key_rotation=True.", to(enableKeyRotation=False), to(enableKeyRotation=None)),
    broken(
        "keys-and-secrets-can-be-had-back",
        KEY,
        "Set deletionWindowInDays to 30 or more.",
        to(deletionWindowInDays=7.0),
    ),
    broken(
        "keys-and-secrets-can-be-had-back",
        SECRET,
        "Set recoveryWindowInDays to 7 or more.",
        to(recoveryWindowInDays=0.0),
        environment="dev",
    ),
    broken("logs-end", LOG_GROUP, "Set retention_in_days to the environment's `log_days`.", to(retentionInDays=None)),
    broken(
        "an-image-stays-what-it-is",
        IMAGES,
        'Set image_tag_mutability="IMMUTABLE".',
        to(imageTagMutability="MUTABLE"),
        to(imageTagMutability=None),
    ),
    broken(
        "an-image-stays-what-it-is",
        IMAGES,
        'Set image_scanning_configuration={"scan_on_push": True}.',
        to(imageScanningConfiguration=None),
    ),
    broken("an-image-stays-what-it-is", IMAGES, "Set force_delete=False.", to(forceDelete=True)),
    broken(
        "a-bucket-is-emptied-by-hand",
        FILES,
        "Set force_destroy=False; empty the bucket first if it must go.",
        to(forceDestroy=True),
    ),
    *(
        broken(
            "a-bucket-is-closed-whatever-its-policy-says",
            of_bucket("BucketPublicAccessBlock"),
            f"Set {name} to true.",
            to(**{name: None}),
        )
        for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    ),
    *(
        broken(
            "a-policy-admits-nobody-unnamed",
            at,
            "Name the principals, or a condition that says whose they are.",
            admits("*"),
            admits({"AWS": "*"}),
        )
        for at in (KEY, of_bucket("BucketPolicy"), ("bootstrap", "sns/topicPolicy:TopicPolicy", "alarms"))
    ),
    *(
        broken(
            "a-bucket-has-all-its-settings",
            of_bucket(kind),
            f"It {lack}: make it a PrivateBucket, or give it a {kind}.",
            gone,
        )
        for kind, lack in LACKS.items()
    ),
    *(
        broken(
            "what-cannot-be-made-again-is-protected",
            at,
            "Give it opts=self.child(keep=True), or let `protected` of its section be true.",
            options(protect=False),
        )
        for at in (DATABASE, BROKER, KEY, IMAGES, METRICS, ("network", "ec2/vpc:Vpc", "network"))
    ),
]
