"""Bootstrap: what the other stacks need before they can be deployed: their state, and who may deploy."""

import pulumi

from infra import outputs, stack
from infra.components.buckets import PrivateBucket
from infra.components.keys import Key
from infra.components.pipeline import PipelineRole
from infra.components.topics import TELLERS, OnCallTopic
from infra.components.trail import StateTrail
from infra.render import names, policies
from infra.settings import Environment

ACCESS_LOG_DAYS = 400


def program() -> None:
    """Make the bucket of the state and all that watches it, and the role of the CI."""
    here = stack.begin()
    environment = here.settings
    users = (f"logs.{environment.region}.amazonaws.com", "cloudtrail.amazonaws.com", *TELLERS)
    key = Key("state", environment=environment, services=users, opts=here.opts)
    access_log = PrivateBucket(
        "access-log",
        environment=environment,
        key_arn=None,  # S3 writes its access logs with its own encryption only.
        expire_days=ACCESS_LOG_DAYS,
        statements=[_writes_access_log(environment)],
        opts=here.opts,
    )
    # The state of every stack, production or not, cannot be made again.
    state = PrivateBucket(
        "state",
        environment=environment,
        key_arn=key.arn,
        old_versions_days=ACCESS_LOG_DAYS,
        log_to=access_log.bucket.bucket,
        keep=True,
        opts=here.opts,
    )
    topic = OnCallTopic("alarms", environment=environment, key_arn=key.arn, opts=here.opts)
    StateTrail("state-trail", environment=environment, state=state, key=key, topic=topic, opts=here.opts)
    role = PipelineRole("pipeline", environment=environment, state=state, key=key, opts=here.opts)
    pulumi.export("state_url", names.state_url(environment))
    pulumi.export("secrets_provider", names.secrets_provider(environment))
    pulumi.export("pipeline_role_arn", role.arn)
    outputs.publish(outputs.BootstrapOutputs(topic_arn=topic.arn, key_arn=key.arn))


def _writes_access_log(environment: Environment) -> policies.Statement:
    into = f"arn:aws:s3:::{names.bucket_name(environment, 'access-log')}/*"
    ours = {"StringEquals": {"aws:SourceAccount": environment.account_id}}
    return policies.allow_service("logging.s3.amazonaws.com", "s3:PutObject", on=[into], when=ours)
