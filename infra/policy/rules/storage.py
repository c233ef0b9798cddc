"""Whatever keeps something: encrypted, kept as long as it should be, and not deleted by accident."""

from infra.policy.rule import Faults, Found, Member, Members, Resource, of, rule, stack_rule

BUCKET = "aws:s3/bucket:Bucket"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
KEY, SECRET = "aws:kms/key:Key", "aws:secretsmanager/secret:Secret"
REPOSITORY = "aws:ecr/repository:Repository"

#: What AWS encrypts only when it is told to, and how it is told.
ENCRYPTED = {
    "aws:rds/instance:Instance": "storageEncrypted",
    "aws:rds/cluster:Cluster": "storageEncrypted",
    "aws:elasticache/replicationGroup:ReplicationGroup": "atRestEncryptionEnabled",
    "aws:ebs/volume:Volume": "encrypted",
    "aws:efs/fileSystem:FileSystem": "encrypted",
}
#: What is encrypted with the environment's own key, which says who may read, and the input that names it.
OWN_KEY = {
    "aws:rds/instance:Instance": "kmsKeyId",
    "aws:rds/cluster:Cluster": "kmsKeyId",
    "aws:elasticache/replicationGroup:ReplicationGroup": "kmsKeyId",
    "aws:cloudtrail/trail:Trail": "kmsKeyId",
    "aws:sns/topic:Topic": "kmsMasterKeyId",
    "aws:amp/workspace:Workspace": "kmsKeyArn",
    "aws:grafana/workspace:Workspace": "kmsKeyId",
    LOG_GROUP: "kmsKeyId",
    SECRET: "kmsKeyId",
}
#: What cannot be made again, or not without everything that names it.
IRREPLACEABLE = (
    "aws:rds/instance:Instance",
    "aws:rds/cluster:Cluster",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:ec2/vpc:Vpc",
    "aws:amp/workspace:Workspace",
    KEY,
    REPOSITORY,
)
#: What deletes something at a date, the input that says so, and the days there are to think again.
SECOND_THOUGHTS = {KEY: ("deletionWindowInDays", 30), SECRET: ("recoveryWindowInDays", 30)}
AT_LEAST_DAYS = 7

#: What every bucket has besides itself; AWS made these settings resources of their own.
BUCKET_NEEDS = {
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "is open to whoever its policy names",
    "aws:s3/bucketPolicy:BucketPolicy": "answers in the clear",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "says nothing of its key",
    "aws:s3/bucketVersioning:BucketVersioning": "forgets what is overwritten",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "never forgets anything",
}
#: Policies that hang on what they are about, and can let other accounts in.
RESOURCE_POLICIES = (
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sqs/queuePolicy:QueuePolicy",
    KEY,
)
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@rule(*ENCRYPTED)
def stored_data_is_encrypted(it: Resource) -> Faults:
    """A stolen disk or snapshot tells nothing."""
    if it.get(ENCRYPTED[it.type]) is not True:
        yield f"Set {ENCRYPTED[it.type]} to true: what was made without it is encrypted only by making it anew."


@rule(*OWN_KEY)
def our_own_key_encrypts(it: Resource) -> Faults:
    """Who may read is said in one place, the environment's key."""
    if not it.has(OWN_KEY[it.type]):
        yield f"Set {OWN_KEY[it.type]} to the key of the stack."


@rule(KEY)
def keys_turn(it: Resource) -> Faults:
    """A key that leaked opens nothing that is written a year later."""
    if it.get("enableKeyRotation") is not True:
        yield "Set enable_key_rotation=True."


@rule(*SECOND_THOUGHTS)
def keys_and_secrets_can_be_had_back(it: Resource) -> Faults:
    """Deleting a key or a secret takes effect after a week at least, in production after a month."""
    name, days = SECOND_THOUGHTS[it.type]
    least = days if it.production else AT_LEAST_DAYS
    if it.get(name, days) < least:
        yield f"Set {name} to {least} or more."


@rule(LOG_GROUP)
def logs_end(it: Resource) -> Faults:
    """A log is forgotten after the days that the environment says; AWS would keep and bill it for ever."""
    if not it.get("retentionInDays"):
        yield "Set retention_in_days to the environment's `log_days`."


@rule(REPOSITORY)
def an_image_stays_what_it_is(it: Resource) -> Faults:
    """A tag never means other bits tomorrow, every image is searched for known holes, none is deleted in passing."""
    if it.get("imageTagMutability") != "IMMUTABLE":
        yield 'Set image_tag_mutability="IMMUTABLE".'
    if it.get("imageScanningConfiguration", {}).get("scanOnPush") is not True:
        yield 'Set image_scanning_configuration={"scan_on_push": True}.'
    if it.get("forceDelete"):
        yield "Set force_delete=False."


@rule(BUCKET)
def a_bucket_is_emptied_by_hand(it: Resource) -> Faults:
    """Deleting a stack deletes no files."""
    if it.get("forceDestroy"):
        yield "Set force_destroy=False; empty the bucket first if it must go."


@rule("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
def a_bucket_is_closed_whatever_its_policy_says(it: Resource) -> Faults:
    """No policy and no object's own list can open a bucket to the public."""
    for name in BLOCKS:
        if it.get(name) is not True:
            yield f"Set {name} to true."


@rule(*RESOURCE_POLICIES)
def a_policy_admits_nobody_unnamed(it: Resource) -> Faults:
    """What keeps something is read and used by whom its policy names, not by everybody."""
    for statement in it.statements("policy"):
        is_for_all = statement.get("Principal") in ("*", {"AWS": "*"}) and not statement.get("Condition")
        if statement["Effect"] == "Allow" and is_for_all:
            yield "Name the principals, or a condition that says whose they are."


@stack_rule()
def a_bucket_has_all_its_settings(members: Members) -> Found:
    """Every bucket is closed, encrypted, versioned, tidied up and has a policy that refuses plain HTTP."""
    for bucket in of(members, (BUCKET,)):
        there = {one.type for one in of(members, BUCKET_NEEDS) if _is_of(one, bucket)}
        for needed, lack in BUCKET_NEEDS.items():
            if needed not in there:
                yield bucket, f"It {lack}: make it a PrivateBucket, or give it a {needed.rpartition(':')[2]}."


def _is_of(setting: Member, bucket: Resource) -> bool:
    return bucket.urn in {source.urn for source in setting.made_from("bucket")}


@rule(*IRREPLACEABLE)
def what_cannot_be_made_again_is_protected(it: Resource) -> Faults:
    """In production, what cannot be made again is deleted only after `pulumi state unprotect`."""
    if it.production and not it.options.protect:
        yield "Give it opts=self.child(keep=True), or let `protected` of its section be true."
