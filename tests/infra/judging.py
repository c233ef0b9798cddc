"""Shows recorded resources to the rules of the policy pack, in the form in which the engine does."""

from dataclasses import dataclass, field

from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
)
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import UnknownValueError, unknown_checking_proxy

from infra.policy.rules import RULES
from tests.infra.recording import record

SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass
class Judgement:
    """What rules said: the faults, and where a preview knows too little to say."""

    faults: list = field(default_factory=list)
    silent: list = field(default_factory=list)


@dataclass
class Seen:
    """A recorded resource whose inputs and options can still be changed."""

    type: str
    name: str
    urn: str
    inputs: dict
    options: PolicyResourceOptions
    provider: str
    sources: dict

    def resource(self, others):
        return PolicyResource(
            self.type,
            unknown_checking_proxy(self.inputs),
            self.urn,
            self.name,
            self.options,
            self.made_by(others),
            None,
            [],
            {},
        )

    def made_by(self, others):
        if not self.provider:
            return None
        (it,) = [one for one in others if one.urn == self.provider]
        return PolicyProviderResource(it.type, unknown_checking_proxy(it.inputs), it.urn, it.name)

    def args(self, others):
        props = unknown_checking_proxy(self.inputs)
        return ResourceValidationArgs(self.type, props, self.urn, self.name, self.options, self.made_by(others))


def seen(stack, environment, *, preview=False):
    """Return every resource that a stack asks for, each anew."""
    resources = record(stack, environment, preview=preview).resources
    return [_seen(one, f"urn:pulumi:{environment}::matins-{stack}") for one in resources]


def judge(resources, rules=RULES):
    """Return what rules say of resources."""
    said = Judgement()
    for rule in rules:
        if isinstance(rule, ResourceValidationPolicy):
            for one in resources:
                _ask(rule, one.args(resources), one, said)
        else:
            _ask(rule, StackValidationArgs(_members(resources)), None, said)
    return said


def _ask(rule, args, one, said):
    def report(message, urn):
        said.faults.append((rule.name, one.name if one else urn.rpartition("::")[2], message))

    try:
        rule.validate(args, report)
    except UnknownValueError as unknown:
        said.silent.append((rule.name, one.name if one else "", unknown.message))


def _members(resources):
    members = {one.urn: one.resource(resources) for one in resources}
    for one in resources:
        for name, urns in one.sources.items():
            members[one.urn].property_dependencies[name] = [members[urn] for urn in urns if urn in members]
    return list(members.values())


def _seen(one, prefix):
    def own(urn):
        """Mocks answer in a thread that has forgotten the names of stack and project."""
        return f"{prefix}::{urn.split('::', 2)[2]}"

    request = one.request
    above = request.parent.split("::")[2].split("$")[-1]
    return Seen(
        type=one.type,
        name=one.name,
        urn=f"{prefix}::{above}${one.type}::{one.name}",
        inputs=deserialize_properties(one.raw),
        options=_options(request),
        provider=own(request.provider).rpartition("::")[0] if request.provider else "",
        sources={name: [own(urn) for urn in it.urns] for name, it in request.propertyDependencies.items()},
    )


def _options(request):
    times = [_seconds(getattr(request.customTimeouts, kind)) for kind in ("create", "update", "delete")]
    return PolicyResourceOptions(
        request.protect,
        list(request.ignoreChanges),
        request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        [alias.urn for alias in request.aliases],
        PolicyCustomTimeouts(*times),
        list(request.additionalSecretOutputs),
        request.parent or None,
    )


def _seconds(duration):
    return float(duration[:-1]) * SECONDS[duration[-1]] if duration else 0
