"""Every recorded input held against AWS' own schemas: its names, types, enumerations, bounds and pairs that fit."""

import json
from dataclasses import replace

import pytest

from tests.infra.cloudformation import ELSEWHERE, SHAPES, faults, template
from tests.infra.recording import ENVIRONMENTS, STACKS, record

SERVICE, TASK = "ecs/service:Service", "ecs/taskDefinition:TaskDefinition"


def stacks(environment):
    return {stack: record(stack, environment).resources for stack in STACKS}


def types():
    every = (one for environment in ENVIRONMENTS for made in stacks(environment).values() for one in made)
    return {one.type for one in every if not one.is_component}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_aws_would_take_every_input_of_every_stack(environment):
    assert faults(template(stacks(environment))) == []


def test_every_type_is_held_against_its_schema_or_it_is_said_why_not():
    assert types() - {f"aws:{kind}" for kind in SHAPES} - set(ELSEWHERE) == set()


def changed(stack, kind, name, **inputs):
    it = record(stack, "prod").one(kind, name)
    other = replace(it)
    other.inputs = it.inputs | inputs
    return other


def container(**keys):
    (one,) = json.loads(record("app", "prod").one(TASK, "web").inputs["containerDefinitions"])
    return changed("app", TASK, "web", containerDefinitions=json.dumps([one | keys]))


def right(role, **statement):
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"} | statement]}
    return changed(*RIGHTS, policy=json.dumps(policy), role=role)


WEB, WEB_TASK = ("app", SERVICE, "web"), ("app", TASK, "web")
DATABASE = ("data", "rds/instance:Instance", "database")
RIGHTS = ("platform", "iam/rolePolicy:RolePolicy", "web-task")
WRONG = {
    "a pair that Fargate does not sell": (lambda: changed(*WEB_TASK, cpu="256", memory="4096"), "E3047"),
    "more days than RDS keeps": (lambda: changed(*DATABASE, backupRetentionPeriod=99), "E3719"),
    "a class that nobody sells": (lambda: changed(*DATABASE, identifier="b", instanceClass="db.z9.large"), "E3025"),
    "a word that is none of AWS'": (lambda: changed(*WEB, availabilityZoneRebalancing="SOMETIMES"), "E3030"),
    "a word for a number": (lambda: changed(*WEB, desiredCount="some"), "E3012"),
    "a property that is none of AWS'": (lambda: changed(*WEB, desiredTasks=2), "E3002"),
    "a container's with another capital": (lambda: container(readOnlyRootFilesystem=True), "E3002"),
    "a container's word that is none": (lambda: container(versionConsistency="sometimes"), "E3030"),
    "a log without its region": (lambda: container(logConfiguration={"logDriver": "awslogs"}), "E3046"),
    "a right that is no right": (lambda: right("a", Action="s3:GetObjekt"), "W3037"),
    "a statement that is none": (lambda: right("b", Action="s3:GetObject", Effect="Alow"), "E3510"),
}


@pytest.fixture(scope="module")
def found():
    """Each wrong resource in a stack of its own, all in one template: cfn-lint takes its time to begin."""
    return faults(template({f"wrong {number} ": [make()] for number, (make, _) in enumerate(WRONG.values())}))


@pytest.mark.parametrize("wrong", WRONG)
def test_what_aws_would_refuse_is_found(found, wrong):
    where = f"Wrong{list(WRONG).index(wrong)}Aws"
    assert [by for resource, by, _ in found if resource.startswith(where)] == [WRONG[wrong][1]]
