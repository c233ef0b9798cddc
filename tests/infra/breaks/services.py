"""Services that are not replaced carefully."""

from pulumi_policy import PolicyCustomTimeouts

from tests.infra.breaks.change import SERVICE, broken, options, scales, to

WEB, BEAT, MONITOR = (("app", SERVICE, name) for name in ("web", "beat", "monitor"))
COLLECTOR = ("observability", SERVICE, "collector")
TARGET = ("app", "appautoscaling/target:Target", "web")
ALARM = ("data", "cloudwatch/metricAlarm:MetricAlarm", "database-cpu")

BREAKS = [
    broken(
        "a-failed-deployment-is-taken-back",
        WEB,
        'Set deployment_circuit_breaker={"enable": True, "rollback": True}.',
        to(deploymentCircuitBreaker=None),
        to(deploymentCircuitBreaker={"enable": True, "rollback": False}),
    ),
    broken(
        "a-failed-deployment-is-taken-back",
        WEB,
        "Set wait_for_steady_state=True, or a deployment ends before anybody knows how.",
        to(waitForSteadyState=None),
    ),
    broken(
        "a-deployment-has-time",
        WEB,
        "Set custom_timeouts to half an hour or more for create, update and delete.",
        options(custom_timeouts=PolicyCustomTimeouts(0, 0, 0)),
        options(custom_timeouts=PolicyCustomTimeouts(1800, 1800, 1200)),
    ),
    broken(
        "a-service-runs-where-nobody-takes-it-away",
        WEB,
        'Set launch_type="FARGATE" and platform_version, and no capacity provider.',
        to(launchType=None, capacityProviderStrategies=[{"capacityProvider": "FARGATE_SPOT"}]),
        to(launchType="EC2"),
        to(platformVersion=None),
    ),
    broken(
        "a-task-has-no-public-address",
        WEB,
        "Set assign_public_ip to False and take private subnets.",
        to(networkConfiguration={"assignPublicIp": True}),
        to(networkConfiguration=None),
    ),
    broken("a-task-is-tagged-like-its-service", WEB, 'Set propagate_tags="SERVICE".', to(propagateTags=None)),
    broken(
        "nobody-opens-a-shell-in-production", WEB, "Set enable_execute_command=False.", to(enableExecuteCommand=True)
    ),
    broken(
        "there-is-always-a-beat",
        BEAT,
        "With 2 tasks, set deployment_minimum_healthy_percent=50 and …maximum_percent=150.",
        to(deploymentMinimumHealthyPercent=0.0, deploymentMaximumPercent=100.0),
        to(deploymentMaximumPercent=None),
    ),
    broken(
        "there-is-always-a-beat",
        BEAT,
        "With 1 tasks, set deployment_minimum_healthy_percent=0 and …maximum_percent=100.",
        to(deploymentMinimumHealthyPercent=50.0, deploymentMaximumPercent=150.0),
        environment="dev",
    ),
    *(
        broken(
            "who-must-be-alone-is-stopped-first",
            at,
            "Set desired_count=1, deployment_minimum_healthy_percent=0 and deployment_maximum_percent=100.",
            to(desiredCount=2.0),
            to(deploymentMaximumPercent=200.0),
        )
        for at in (MONITOR, COLLECTOR)
    ),
    broken(
        "what-is-stopped-first-is-not-moved",
        MONITOR,
        'Set availability_zone_rebalancing="DISABLED".',
        to(availabilityZoneRebalancing="ENABLED"),
        to(availabilityZoneRebalancing=None),
    ),
    *(
        broken(
            "what-does-no-more-with-more-tasks-is-not-scaled",
            TARGET,
            f"Remove it: {name} has a fixed number of tasks.",
            scales(name),
        )
        for name in ("beat", "monitor")
    ),
    broken(
        "what-is-scaled-is-left-alone",
        ("app", SERVICE, "worker-money"),
        'Set ignore_changes=["desired_count"].',
        options(ignore_changes=[]),
    ),
    broken(
        "what-is-scaled-is-left-alone",
        TARGET,
        "Take resource_id from the service, so that what it scales can be seen.",
        scales(None),
    ),
    broken(
        "an-alarm-tells-somebody",
        ALARM,
        "Set alarm_actions to the topic of the people on call.",
        to(alarmActions=None),
    ),
    broken(
        "an-alarm-tells-somebody",
        ALARM,
        "Set treat_missing_data: `breaching` where silence is the alarm, `notBreaching` elsewhere.",
        to(treatMissingData=None),
    ),
]
