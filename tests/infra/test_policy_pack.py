"""The policy pack as the engine runs it: a process of its own that is asked about resources."""

import os
import subprocess
import sys

import grpc
import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub
from pulumi_policy import EnforcementLevel

from infra.policy.rules import RULES
from tests.infra.judging import seen
from tests.infra.recording import MARK, ROOT, record

LEVELS = {EnforcementLevel.MANDATORY: messages.MANDATORY, EnforcementLevel.ADVISORY: messages.ADVISORY}


@pytest.fixture(scope="module")
def pack():
    """The process knows nothing of this repository but the folder it is given, as with `--policy-pack`."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:0", str(ROOT / "infra" / "policy")]
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=bare, cwd="/") as process:
        try:
            with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
                yield AnalyzerStub(channel)
        finally:
            process.terminate()


def struct(raw):
    return ParseDict(raw, Struct())


def requests(stack, environment="prod", *, preview=False):
    """Return what the engine asks about each resource, secrets in their wrapping and all."""
    recorded, judged = record(stack, environment, preview=preview).resources, seen(stack, environment, preview=preview)
    providers = {it.urn: one for one, it in zip(recorded, judged, strict=True)}
    for one, it in zip(recorded, judged, strict=True):
        asked = messages.AnalyzerResource(type=it.type, name=it.name, urn=it.urn, properties=struct(one.raw))
        asked.options.protect = it.options.protect
        asked.options.ignoreChanges.extend(it.options.ignore_changes)
        for kind in ("create", "update", "delete"):
            setattr(asked.options.customTimeouts, kind, getattr(it.options.custom_timeouts, f"{kind}_seconds"))
        for name, urns in it.sources.items():
            asked.propertyDependencies[name].urns.extend(urns)
        if it.provider:
            own = providers[it.provider]
            asked.provider.CopyFrom(
                messages.AnalyzerProviderResource(
                    type=own.type, name=own.name, urn=it.provider, properties=struct(own.raw)
                )
            )
        yield asked


def analyze(pack, asked):
    return pack.Analyze(
        messages.AnalyzeRequest(
            type=asked.type,
            name=asked.name,
            urn=asked.urn,
            properties=asked.properties,
            options=asked.options,
            provider=asked.provider if asked.HasField("provider") else None,
        )
    ).diagnostics


def one(stack, kind, name, **options):
    (found,) = [it for it in requests(stack, **options) if (it.type, it.name) == (f"aws:{kind}", name)]
    return found


def test_the_pack_has_every_rule_at_its_level(pack):
    told = pack.GetAnalyzerInfo(messages.google_dot_protobuf_dot_empty__pb2.Empty())
    assert told.name == "matins"
    assert {it.name: (it.description, it.enforcementLevel) for it in told.policies} == {
        rule.name: (rule.description, LEVELS[rule.enforcement_level]) for rule in RULES
    }


def test_what_breaks_a_rule_is_refused_with_the_rule_and_what_to_change(pack):
    database = one("data", "rds/instance:Instance", "database")
    database.properties["backupRetentionPeriod"] = 7
    (said,) = analyze(pack, database)
    assert (said.policyName, said.enforcementLevel) == ("a-database-is-backed-up", messages.MANDATORY)
    assert said.message == (
        "Every second of the last two weeks can be restored.\n"
        "backup_retention_period is 7: let `backup_days` of [database] be 14 or more."
    )


def test_nothing_is_said_of_what_a_preview_does_not_know_yet(pack):
    policy = one("platform", "iam/rolePolicy:RolePolicy", "web-start", preview=True)
    assert analyze(pack, policy) == []
    assert analyze(pack, one("data", "kms/key:Key", "data", preview=True)) == []


def test_a_stack_is_judged_as_a_whole(pack):
    asked = list(requests("app"))
    assert pack.AnalyzeStack(messages.AnalyzeStackRequest(resources=asked)).diagnostics == []
    (service,) = [it for it in asked if (it.type, it.name) == ("aws:ecs/service:Service", "worker-money")]
    del service.options.ignoreChanges[:]
    (said,) = pack.AnalyzeStack(messages.AnalyzeStackRequest(resources=asked)).diagnostics
    assert (said.policyName, said.urn) == ("what-is-scaled-is-left-alone", service.urn)


def test_no_rule_repeats_a_secret(pack):
    """The engine gives rules secrets in the clear; a rule that breaks over one is shown to whoever sees the plan."""
    user = one("data", "elasticache/user:User", "matins-broker")
    user.type, user.name = "aws:iam/user:User", "matins"
    task = one("app", "ecs/taskDefinition:TaskDefinition", "web")
    task.properties["containerDefinitions"] = task.properties["containerDefinitions"].replace("INFO", f"a://b:{MARK}@c")
    said = [*analyze(pack, user), *analyze(pack, task)]
    assert [it.policyName for it in said] == ["there-is-no-stored-key", "no-container-is-told-a-secret-in-the-clear"]
    assert MARK not in str(said)
