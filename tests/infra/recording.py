"""Runs a stack's program without an engine and keeps every resource it asked for, options and all."""

import asyncio
import json
import os
import runpy
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from unittest import mock

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks, set_all_config, set_mocks, settings
from pulumi.runtime.settings import get_root_resource

ROOT = Path(__file__).resolve().parents[2]
STACKS = {
    "bootstrap": (),
    "network": (),
    "data": ("bootstrap", "network"),
    "platform": ("network", "data"),
    "app": ("bootstrap", "network", "data", "platform"),
    "observability": ("bootstrap", "network", "platform"),
    "dashboards": ("observability",),
}
ENVIRONMENTS = ("dev", "staging", "prod")
SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
#: Values of every secret in the tests' configuration carry this mark, so that one which leaks is found.
MARK = "hush"
IMAGE = f"333333333333.dkr.ecr.eu-west-1.amazonaws.com/matins-dev-app@sha256:{'0' * 64}"
COLLECTOR = IMAGE.replace("dev-app", "dev-collector")
CONFIG = {
    ("data", "ownerPassword"): f"{MARK}-owner",
    ("data", "appPassword"): f"{MARK}-app/?@",
    ("data", "brokerPassword"): f"{MARK}-broker",
    ("data", "resultPassword"): f"{MARK}-result",
    ("data", "secretKey"): f"{MARK}-secret-key",
    ("data", "identityKeys"): f"{MARK}-identity",
    ("app", "image"): IMAGE,
    ("observability", "image"): COLLECTOR,
}
#: What a run has in its environment; it too carries the mark.
TOKENS = {"GRAFANA_HTTP_HEADERS": json.dumps({"Authorization": f"Bearer {MARK}-token"})}


class Mocks(pulumi.runtime.Mocks):
    """Answers as AWS would as far as a program can see: names become ids and ARNs."""

    def __init__(self, upstream, preview):
        self.upstream, self.preview = upstream, preview

    def call(self, args):
        raise AssertionError(f"The program asks AWS: {args.token}; take it from the settings.")

    def new_resource(self, args):
        if args.typ == "pulumi:pulumi:StackReference":
            project = args.inputs["name"].split("/")[1]
            return args.name, {"name": args.name, "outputs": self.upstream[project], "secretOutputNames": []}
        if self.preview:
            return "", args.inputs
        return f"{args.name}-id", {**made_by_aws(args), **args.inputs}


def made_by_aws(args):
    service = args.typ.split(":")[1].split("/")[0]
    made = {"arn": f"arn:aws:{service}:eu-west-1:333333333333:{args.typ.split(':')[-1].lower()}/{args.name}"}
    for name in (
        "name",
        "bucket",
        "url",
        "endpoint",
        "address",
        "dnsName",
        "zoneId",
        "arnSuffix",
        "keyId",
        "versionId",
        "workspaceId",
    ):
        made[name] = f"{args.name}-{name}"
    for name in ("primaryEndpointAddress", "repositoryUrl", "prometheusEndpoint", "prefixListId", "hostedZoneId"):
        made[name] = f"{args.name}-{name}"
    made["masterUserSecrets"] = [{"secretArn": f"{made['arn']}-master", "secretStatus": "active", "kmsKeyId": "k"}]
    option = {"resourceRecordName": "_a.example.com", "resourceRecordType": "CNAME", "resourceRecordValue": "b.aws"}
    made["domainValidationOptions"] = [{"domainName": "example.com", **option}]
    made["port"] = 5432
    return made


class Monitor(mocks.MockMonitor):
    """Keeps the requests themselves, because the mocks are not told of a resource's options."""

    def __init__(self, answers):
        super().__init__(answers)
        self.requests, self.hooks, self.told = [], {}, []

    def register_resource_hook(self, hook):
        """Take a hook as the engine would; nothing calls it but a test."""
        self.hooks[hook.name] = hook

    def RegisterResource(self, request):  # noqa: N802 - gRPC's name
        self.requests.append(request)
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request):  # noqa: N802 - gRPC's name
        self.told.append(MessageToDict(request.outputs))
        return super().RegisterResourceOutputs(request)


#: Pulumi makes futures before it looks for a loop, and a test that used `asyncio.run` leaves its thread without one.
LOOP = asyncio.new_event_loop()
# A program that is refused leaves the futures of all its resources failed; asyncio told of each, in 27,000 lines.
LOOP.set_exception_handler(lambda _loop, _context: None)


@dataclass
class Resource:
    """One resource as the program asked for it: `inputs` without the wrapping of secrets, `raw` with it."""

    type: str
    name: str
    raw: dict
    request: object
    inputs: dict = field(init=False)

    def __post_init__(self):
        self.inputs = opened(self.raw)

    @property
    def label(self):
        return f"{self.type} {self.name}"

    @property
    def is_component(self):
        return self.type.startswith("matins:")


@dataclass
class Recording:
    """What one program asked for, what its components say of themselves, and what it tells the next stack."""

    resources: list
    outputs: dict
    hooks: dict
    told: list

    def of(self, kind):
        """Return the resources of a type, e.g. `ecs/service:Service`, by name."""
        return {one.name: one.inputs for one in self.resources if one.type == f"aws:{kind}"}

    def one(self, kind, name):
        (found,) = [one for one in self.resources if one.type == f"aws:{kind}" and one.name == name]
        return found


def opened(value):
    """Return plain data: secrets as their value."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return opened(value["value"])
        return {key: opened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [opened(item) for item in value]
    return value


def leaks(value, path=""):
    """Yield where a marked secret stands without its wrapping."""
    if isinstance(value, dict) and value.get(SIGNATURE) != SECRET:
        for key, item in value.items():
            yield from leaks(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from leaks(item, f"{path}[]")
    elif isinstance(value, str) and MARK in value:
        yield path


@cache
def record(stack, environment, *, preview=False, missing=False):
    """Run a stack's `__main__.py` for an environment.

    Args:
        stack: the folder's name.
        environment: e.g. `prod`.
        preview: as before anything exists: what AWS would say is unknown.
        missing: the stacks before it have told nothing yet.
    """
    upstream = {f"matins-{name}": {} if missing else record(name, environment).outputs for name in STACKS[stack]}
    return run(ROOT / "infra" / "stacks" / stack / "__main__.py", environment, upstream, preview=preview)


def run(main, environment, upstream, *, preview=False, config=None):
    project, given = f"matins-{main.parent.name}", CONFIG if config is None else config
    monitor = Monitor(Mocks(upstream, preview))
    asyncio.set_event_loop(LOOP)
    set_mocks(monitor.mocks, project=project, stack=environment, preview=preview, monitor=monitor)
    settings.SETTINGS.callbacks = monitor
    of_project = {f"{project}:{key}": value for (stack, key), value in given.items() if stack == main.parent.name}
    set_all_config(of_project, [key for key, value in of_project.items() if MARK in value])
    get_root_resource().outputs.clear()
    told = {}

    @pulumi.runtime.test
    def program():
        runpy.run_path(str(main), run_name="__main__")
        return pulumi.Output.all(**get_root_resource().outputs).apply(told.update)

    path = list(sys.path)
    try:
        with mock.patch.dict(os.environ, TOKENS):
            program()
    finally:
        sys.path[:] = path
    requests = [request for request in monitor.requests if not request.type.startswith("pulumi:pulumi:")]
    resources = [Resource(one.type, one.name, MessageToDict(one.object), one) for one in requests]
    return Recording(resources, json.loads(json.dumps(told, default=str)), monitor.hooks, monitor.told)
