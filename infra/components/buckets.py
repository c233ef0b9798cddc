"""A bucket nobody outside sees: encrypted, versioned, answering over TLS only, its own readers logged."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.render import policies
from infra.render.names import bucket_name
from infra.settings import Environment


class PrivateBucket(Component):
    """One bucket; its name carries the account's number, because bucket names are the whole world's.

    Args:
        name: logical, and part of the bucket's name.
        environment: whose it is.
        key_arn: of KMS; None where the writer can only do S3's own encryption (access logs).
        old_versions_days: days for which what was overwritten or deleted can be had back.
        expire_days: days after which objects go, or None to keep them.
        log_to: the bucket that takes this one's access log.
        statements: of the bucket's policy, given its ARN.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        key_arn: pulumi.Input[str] | None,
        old_versions_days: int = 90,
        expire_days: int | None = None,
        log_to: pulumi.Input[str] | None = None,
        statements: Sequence[policies.Statement] = (),
        keep: bool = False,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self.bucket = aws.s3.Bucket(
            name,
            bucket=bucket_name(environment, name),
            force_destroy=False,
            opts=self.child(keep=keep),
        )
        self._close(statements)
        self._encrypt(key_arn)
        self._expire(old_versions_days, expire_days)
        if log_to:
            aws.s3.BucketLogging(
                name, bucket=self.bucket.id, target_bucket=log_to, target_prefix=f"{name}/", opts=self.child()
            )
        self.register_outputs({"bucket": self.bucket.bucket})

    def _close(self, statements: Sequence[policies.Statement]) -> None:
        closed = aws.s3.BucketPublicAccessBlock(
            self.name,
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(),
        )
        aws.s3.BucketPolicy(
            self.name,
            bucket=self.bucket.id,
            policy=policies.document(policies.refuse_plain_http(self.bucket.arn), *statements),
            opts=self.child(depends_on=[closed]),
        )

    def _encrypt(self, key_arn: pulumi.Input[str] | None) -> None:
        how: aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgsDict = {
            "sse_algorithm": "aws:kms" if key_arn else "AES256"
        }
        if key_arn:
            how["kms_master_key_id"] = key_arn
        aws.s3.BucketServerSideEncryptionConfiguration(
            self.name,
            bucket=self.bucket.id,
            rules=[{"apply_server_side_encryption_by_default": how, "bucket_key_enabled": key_arn is not None}],
            opts=self.child(),
        )

    def _expire(self, old_versions_days: int, expire_days: int | None) -> None:
        versioning = aws.s3.BucketVersioning(
            self.name,
            bucket=self.bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=self.child(),
        )
        rule: aws.s3.BucketLifecycleConfigurationRuleArgsDict = {
            "id": "expire",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "noncurrent_version_expiration": {"noncurrent_days": old_versions_days},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
        }
        if expire_days:
            rule["expiration"] = {"days": expire_days}
        aws.s3.BucketLifecycleConfiguration(
            self.name, bucket=self.bucket.id, rules=[rule], opts=self.child(depends_on=[versioning])
        )
