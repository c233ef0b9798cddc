"""Programs of a few resources of AWS: what the tests run on the real engine against the stand-ins."""

import os

import pulumi
import pulumi_aws as aws

from config import queues
from infra.components.release import Release
from infra.programs import app
from infra.settings import load


def program():
    """A security group, something that stands on it, and a secret."""
    opts = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1"))
    description = os.environ.get("DESCRIPTION", "first")
    group = aws.ec2.SecurityGroup("door", description=description, vpc_id="vpc-1", tags={"a": "b"}, opts=opts)
    aws.ssm.Parameter("sign", type="String", value=group.arn, opts=opts)
    aws.secretsmanager.SecretVersion(
        "word", secret_id="secret-1", secret_string=pulumi.Output.secret("hush-word"), opts=opts
    )


def wrong():
    """A property that the provider does not have that way."""
    opts = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1"))
    aws.ec2.SecurityGroup("door", description=7, vpc_id="vpc-1", opts=opts)


def unrotated():
    """A key that the policies refuse."""
    opts = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1"))
    aws.kms.Key("old", opts=opts)


def platform_app():
    """The very app, with migrations that fail where BREAK is set, and with the queue that QUEUE names."""
    if name := os.environ.get("QUEUE"):
        queues.QUEUES += (queues.Queue(name=name, purpose="one more", time_limit_s=600),)
        queues.NAMES += (name,)
    app.program(migrate=_migrate)


def release():
    """A release, and a service that waits for its migrations."""
    opts = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1"))
    gate = Release("release", environment=load("dev"), order='{"image": "new"}', migrate=_migrate, opts=opts)
    after = pulumi.ResourceOptions(provider=opts.provider, depends_on=[gate])
    aws.ssm.Parameter("service", type="String", value="new", opts=after)


def _migrate(_args):
    if "BREAK" in os.environ:
        raise RuntimeError("A schema does not migrate.")
