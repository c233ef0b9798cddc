"""Services on ECS: replaced carefully, taken back when they fail, scaled only where that is safe."""

from infra.policy.rule import ADVISORY, Faults, Found, Members, Resource, of, rule, stack_rule

SERVICE, TARGET = "aws:ecs/service:Service", "aws:appautoscaling/target:Target"
#: Percent of the wanted tasks that stay, and that run, while they are replaced.
HALVES, STOP_FIRST = (50, 150), (0, 100)
#: Services of one task: a second monitor would count everything twice, a second collector write it twice.
ALONE = ("monitor", "collector")
#: Services whose number of tasks is stated: more of them do no more work.
FIXED = ("beat", *ALONE)
PATIENCE_S = 1800


@rule(SERVICE)
def a_failed_deployment_is_taken_back(it: Resource) -> Faults:
    """ECS notices tasks that do not start, goes back to the ones before, and Pulumi says so."""
    breaker = it.get("deploymentCircuitBreaker", {})
    if not (breaker.get("enable") and breaker.get("rollback")):
        yield 'Set deployment_circuit_breaker={"enable": True, "rollback": True}.'
    if it.get("waitForSteadyState") is not True:
        yield "Set wait_for_steady_state=True, or a deployment ends before anybody knows how."


@rule(SERVICE)
def a_deployment_has_time(it: Resource) -> Faults:
    """A service that drains and stops softly is not given up halfway."""
    timeouts = it.options.custom_timeouts
    if min(timeouts.create_seconds, timeouts.update_seconds, timeouts.delete_seconds) < PATIENCE_S:
        yield "Set custom_timeouts to half an hour or more for create, update and delete."


@rule(SERVICE)
def a_service_runs_where_nobody_takes_it_away(it: Resource) -> Faults:
    """Tasks run on Fargate at a stated version, never on Spot, where two minutes' notice ends a body."""
    if it.get("launchType") != "FARGATE" or it.has("capacityProviderStrategies") or not it.has("platformVersion"):
        yield 'Set launch_type="FARGATE" and platform_version, and no capacity provider.'


@rule(SERVICE)
def a_task_has_no_public_address(it: Resource) -> Faults:
    """Tasks are reached through the load balancer or not at all."""
    if it.get("networkConfiguration", {}).get("assignPublicIp") is not False:
        yield "Set assign_public_ip to False and take private subnets."


@rule(SERVICE, level=ADVISORY)
def a_task_is_tagged_like_its_service(it: Resource) -> Faults:
    """What tasks cost can be told apart by their tags."""
    if it.get("propagateTags") != "SERVICE":
        yield 'Set propagate_tags="SERVICE".'


@rule(SERVICE)
def nobody_opens_a_shell_in_production(it: Resource) -> Faults:
    """What happens in production can be read in logs and the audit, not done by hand."""
    if it.production and it.get("enableExecuteCommand"):
        yield "Set enable_execute_command=False."


def _rollout(it: Resource) -> tuple[float, float]:
    least, most = it.get("deploymentMinimumHealthyPercent", 100), it.get("deploymentMaximumPercent", 200)
    return (least, most)


@rule(SERVICE)
def there_is_always_a_beat(it: Resource) -> Faults:
    """Of several beats one stays while they are replaced; a single one is stopped before the next starts."""
    tasks = it.get("desiredCount", 1)
    wanted = HALVES if tasks > 1 else STOP_FIRST
    if it.name == "beat" and _rollout(it) != wanted:
        least, most = wanted
        yield f"With {tasks:g} tasks, set deployment_minimum_healthy_percent={least} and …maximum_percent={most}."


@rule(SERVICE)
def who_must_be_alone_is_stopped_first(it: Resource) -> Faults:
    """A second monitor would count everything twice, and a second collector would write it twice."""
    if it.name in ALONE and (it.get("desiredCount") != 1 or _rollout(it) != STOP_FIRST):
        yield "Set desired_count=1, deployment_minimum_healthy_percent=0 and deployment_maximum_percent=100."


@rule(SERVICE)
def what_is_stopped_first_is_not_moved(it: Resource) -> Faults:
    """Moving a task to an emptier zone starts the second one first, which these services must not have."""
    if _rollout(it)[1] <= STOP_FIRST[1] and it.get("availabilityZoneRebalancing") != "DISABLED":
        yield 'Set availability_zone_rebalancing="DISABLED".'


@stack_rule()
def what_does_no_more_with_more_tasks_is_not_scaled(members: Members) -> Found:
    """The number of beats, monitors and collectors is stated, and nothing changes it."""
    for target in of(members, (TARGET,)):
        for service in target.made_from("resourceId"):
            if service.type == SERVICE and service.name in FIXED:
                yield target, f"Remove it: {service.name} has a fixed number of tasks."


@stack_rule()
def what_is_scaled_is_left_alone(members: Members) -> Found:
    """A deployment does not undo what scaling did: it ignores the number of tasks."""
    for target in of(members, (TARGET,)):
        services = [one for one in target.made_from("resourceId") if one.type == SERVICE]
        if not services:
            yield target, "Take resource_id from the service, so that what it scales can be seen."
        for service in services:
            if "desiredCount" not in service.options.ignore_changes:
                yield service, 'Set ignore_changes=["desired_count"].'


@rule("aws:cloudwatch/metricAlarm:MetricAlarm")
def an_alarm_tells_somebody(it: Resource) -> Faults:
    """An alarm goes to people, and says what silence means."""
    if not it.has("alarmActions"):
        yield "Set alarm_actions to the topic of the people on call."
    if not it.has("treatMissingData"):
        yield "Set treat_missing_data: `breaching` where silence is the alarm, `notBreaching` elsewhere."
