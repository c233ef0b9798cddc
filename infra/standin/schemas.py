"""Which properties cannot be changed, so that the resource is replaced: AWS' schemas, which cfn-lint has, say so."""

from functools import cache

from cfnlint.schema import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

REGION = "eu-west-1"
#: Services that CloudFormation calls otherwise.
SERVICES = {
    "acm": "CertificateManager",
    "amp": "APS",
    "appautoscaling": "ApplicationAutoScaling",
    "lb": "ElasticLoadBalancingV2",
    "vpc": "EC2",
}
#: Types that are called otherwise, by what follows the provider in the token.
KINDS = {
    "appautoscaling/policy:Policy": "ApplicationAutoScaling::ScalingPolicy",
    "appautoscaling/target:Target": "ApplicationAutoScaling::ScalableTarget",
    "cloudwatch/logGroup:LogGroup": "Logs::LogGroup",
    "cloudwatch/metricAlarm:MetricAlarm": "CloudWatch::Alarm",
    "ec2/routeTableAssociation:RouteTableAssociation": "EC2::SubnetRouteTableAssociation",
    "rds/instance:Instance": "RDS::DBInstance",
    "rds/parameterGroup:ParameterGroup": "RDS::DBParameterGroup",
    "rds/subnetGroup:SubnetGroup": "RDS::DBSubnetGroup",
    "route53/record:Record": "Route53::RecordSet",
    "sns/topicSubscription:TopicSubscription": "SNS::Subscription",
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": "EC2::SecurityGroupEgress",
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": "EC2::SecurityGroupIngress",
}
#: Properties that are called otherwise, by their small letters there.
PROPERTIES = {
    "availabilityzone": "availabilityZone",
    "cachesubnetgroupname": "subnetGroupName",
    "dbinstanceidentifier": "identifier",
    "dbsubnetgroupname": "dbSubnetGroupName",
    "destinationsecuritygroupid": "referencedSecurityGroupId",
    "groupdescription": "description",
    "groupid": "securityGroupId",
    "masterusername": "username",
    "sourcesecuritygroupid": "referencedSecurityGroupId",
    "topicarn": "topic",
}


@cache
def create_only(token: str) -> frozenset[str]:
    """Return the properties of a type, in small letters, that only a new resource can have otherwise.

    Args:
        token: the resource's type, e.g. `aws:ecs/service:Service`; what CloudFormation does not know has none.
    """
    kind = _kind(token)
    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    except ResourceNotFoundError:
        return frozenset()
    names = {path.split("/")[2].lower() for path in schema.get("createOnlyProperties", ())}
    return frozenset(PROPERTIES.get(name, _without_kind(name, kind)).lower() for name in names)


def _kind(token: str) -> str:
    provider, _, rest = token.partition(":")
    service, _, name = rest.partition("/")
    return f"AWS::{KINDS.get(rest) or _known(service, name.rpartition(':')[2])}" if provider == "aws" else token


def _known(service: str, name: str) -> str:
    """Return CloudFormation's spelling of a service and of a resource."""
    wanted = f"AWS::{SERVICES.get(service, service)}::{name}".lower()
    known = PROVIDER_SCHEMA_MANAGER.get_resource_types(REGION)
    return next((one for one in known if one.lower() == wanted), wanted).removeprefix("AWS::")


def _without_kind(name: str, kind: str) -> str:
    """Return `name` for ClusterName of a cluster: there a name repeats whose it is."""
    own = kind.rpartition("::")[2].lower()
    return (
        "name"
        if name.endswith("name") and name.removesuffix("name") in (own, own.removeprefix("db"), "group")
        else name
    )
