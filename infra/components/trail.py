"""Who reads and changes the state of the stacks: a trail of every access, and an alarm for what nobody should do."""

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.buckets import PrivateBucket
from infra.components.keys import Key
from infra.components.topics import OnCallTopic, alarm
from infra.render import policies
from infra.settings import Environment

#: Ways to lose the state, or to try a door that is closed.
SUSPICIOUS = (
    "{ ($.errorCode = AccessDenied) || ($.eventName = DeleteObjectVersion) || ($.eventName = DeleteBucket*) || "
    "($.eventName = PutBucketPolicy) || ($.eventName = PutBucketVersioning) || ($.eventName = PutBucketLifecycle*) }"
)
NAMESPACE, METRIC = "Matins/State", "SuspiciousAccess"


class StateTrail(Component):
    """Logs every access to the bucket of the state, and tells the people on call of the suspicious ones.

    Args:
        name: logical, and part of the trail's name.
        environment: whose it is.
        state: the bucket that is watched.
        key: encrypts the log; its policy must name CloudTrail and CloudWatch Logs.
        topic: who is told.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        state: PrivateBucket,
        key: Key,
        topic: OnCallTopic,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self._environment, self._key, self._topic = environment, key, topic
        group = aws.cloudwatch.LogGroup(
            name,
            name=f"/matins/{environment.name}/state",
            retention_in_days=environment.log_days,
            kms_key_id=key.arn,
            opts=self.child(),
        )
        self._trail(state, group, self._bucket())
        self._alarm(group)
        self.register_outputs({"log_group": group.name})

    def _bucket(self) -> PrivateBucket:
        environment, trail_arn = self._environment, trail_arn_of(self._environment, self.name)
        bucket_arn = f"arn:aws:s3:::{environment.named('trail')}-{environment.account_id}"
        ours = {"StringEquals": {"aws:SourceArn": trail_arn}}
        return PrivateBucket(
            "trail",
            environment=environment,
            key_arn=self._key.arn,
            expire_days=environment.log_days,
            statements=[
                policies.allow_service("cloudtrail.amazonaws.com", "s3:GetBucketAcl", on=[bucket_arn], when=ours),
                policies.allow_service(
                    "cloudtrail.amazonaws.com",
                    "s3:PutObject",
                    on=[f"{bucket_arn}/AWSLogs/{environment.account_id}/*"],
                    when=ours,
                ),
            ],
            opts=self.child(),
        )

    def _trail(self, state: PrivateBucket, group: aws.cloudwatch.LogGroup, bucket: PrivateBucket) -> None:
        stream = pulumi.Output.concat(group.arn, ":*")
        role = aws.iam.Role(
            self.name,
            name=self._environment.named(self.name),
            assume_role_policy=policies.document(
                policies.assume("cloudtrail.amazonaws.com", self._environment.account_id)
            ),
            opts=self.child(),
        )
        writes = aws.iam.RolePolicy(
            self.name,
            role=role.id,
            policy=policies.document(policies.allow("logs:CreateLogStream", "logs:PutLogEvents", on=[stream])),
            opts=self.child(),
        )
        aws.cloudtrail.Trail(
            self.name,
            name=self._environment.named(self.name),
            s3_bucket_name=bucket.bucket.id,
            kms_key_id=self._key.arn,
            enable_log_file_validation=True,
            include_global_service_events=False,
            cloud_watch_logs_group_arn=stream,
            cloud_watch_logs_role_arn=role.arn,
            event_selectors=[
                {
                    "read_write_type": "All",
                    "include_management_events": True,
                    "data_resources": [
                        {"type": "AWS::S3::Object", "values": [pulumi.Output.concat(state.bucket.arn, "/")]}
                    ],
                }
            ],
            opts=self.child(depends_on=[bucket, writes]),
        )

    def _alarm(self, group: aws.cloudwatch.LogGroup) -> None:
        aws.cloudwatch.LogMetricFilter(
            self.name,
            name=self._environment.named(self.name),
            log_group_name=group.name,
            pattern=SUSPICIOUS,
            metric_transformation={"namespace": NAMESPACE, "name": METRIC, "value": "1", "default_value": "0"},
            opts=self.child(),
        )
        alarm(
            "state-access",
            environment=self._environment,
            text="Somebody was refused, or deleted versions or changed the rules of the bucket of Pulumi's state. "
            f"Look for who in the log group /matins/{self._environment.name}/state.",
            namespace=NAMESPACE,
            metric=METRIC,
            above=0,
            statistic="Sum",
            minutes=1,
            topic_arn=self._topic.arn,
            opts=self.child(),
        )


def trail_arn_of(environment: Environment, name: str) -> str:
    """Return the ARN a trail will have, for the policies it needs before it exists."""
    return f"arn:aws:cloudtrail:{environment.region}:{environment.account_id}:trail/{environment.named(name)}"
