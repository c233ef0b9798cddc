"""Where CloudFormation builds a resource differently from Pulumi's provider: functions from inputs to inputs."""

import json


class Verbatim(dict):
    """A document inside a resource, whose keys are nobody's to rename."""


def without(inputs, *names):
    return {name: value for name, value in inputs.items() if name not in names}


def document(name):
    """Return what turns the JSON text of one input into the document it holds."""
    return lambda inputs: {**inputs, name: Verbatim(json.loads(inputs[name]))}


def public_access_block(inputs):
    return {"publicAccessBlockConfiguration": without(inputs, "bucket")}


def bucket_logging(inputs):
    where = {"destinationBucketName": inputs["targetBucket"], "logFilePrefix": inputs["targetPrefix"]}
    return {"loggingConfiguration": where}


def image_lifecycle(inputs):
    return {"lifecyclePolicy": {"lifecyclePolicyText": inputs["policy"]}}


def rule_groups(inputs):
    workspace = f"arn:aws:aps:eu-west-1:333333333333:workspace/{inputs['workspaceId']}"
    return without(inputs, "workspaceId") | {"workspace": workspace}


def parameters(inputs):
    return {**inputs, "parameters": Verbatim({one["name"]: one["value"] for one in inputs["parameters"]})}


def pairs(mapping, name="name"):
    return [{name: key, "value": value} for key, value in mapping.items()]


def alarm(inputs):
    return without(inputs, "dimensions") | {"dimensions": pairs(inputs.get("dimensions", {}))}


def bucket_lifecycle(inputs):
    rules = [_bucket_rule(one) for one in inputs["rules"]]
    return {"lifecycleConfiguration": {"rules": rules}}


def _bucket_rule(one):
    rule = without(one, "filter", "expiration") | {"prefix": one["filter"]["prefix"]}
    return rule | ({"expirationInDays": one["expiration"]["days"]} if "expiration" in one else {})


def bucket_encryption(inputs):
    default = "applyServerSideEncryptionByDefault"
    rules = [without(one, default) | {"serverSideEncryptionByDefault": one[default]} for one in inputs["rules"]]
    return {"bucketEncryption": {"serverSideEncryptionConfiguration": rules}}


def flow_log(inputs):
    return without(inputs, "vpcId") | {"resourceId": inputs["vpcId"], "resourceType": "VPC"}


def repository(inputs):
    (encryption,) = inputs["encryptionConfigurations"]
    return without(inputs, "encryptionConfigurations") | {"encryptionConfiguration": encryption}


def replication_group(inputs):
    name = "logDeliveryConfigurations"
    return {**inputs, name: [_delivery(one) for one in inputs[name]]}


def _delivery(one):
    group = {"logGroup": one["destination"]}
    return without(one, "destination") | {"destinationDetails": {"cloudWatchLogsDetails": group}}


ROLLOUT = {
    "deploymentMinimumHealthyPercent": "minimumHealthyPercent",
    "deploymentMaximumPercent": "maximumPercent",
    "deploymentCircuitBreaker": "deploymentCircuitBreaker",
    "alarms": "alarms",
}


def service(inputs):
    network = inputs["networkConfiguration"]
    public = {"assignPublicIp": "ENABLED" if network["assignPublicIp"] else "DISABLED"}
    return without(inputs, *ROLLOUT) | {
        "networkConfiguration": {"awsvpcConfiguration": network | public},
        "deploymentConfiguration": {ROLLOUT[name]: value for name, value in inputs.items() if name in ROLLOUT},
    }


def task(inputs):
    containers = [_exactly(one) for one in json.loads(inputs["containerDefinitions"])]
    return {**inputs, "containerDefinitions": containers}


def _exactly(value):
    """ECS reads this text itself: a name that differs by a capital letter is another name."""
    if isinstance(value, dict):
        pascal = {name[0].upper() + name[1:]: inner for name, inner in value.items()}
        return Verbatim({name: inner if name == "Options" else _exactly(inner) for name, inner in pascal.items()})
    return [_exactly(inner) for inner in value] if isinstance(value, list) else value


def load_balancer(inputs):
    attributes = {
        "access_logs.s3.enabled": _flag(inputs["accessLogs"]["enabled"]),
        "access_logs.s3.bucket": inputs["accessLogs"]["bucket"],
        "routing.http.drop_invalid_header_fields.enabled": _flag(inputs["dropInvalidHeaderFields"]),
        "deletion_protection.enabled": _flag(inputs["enableDeletionProtection"]),
    }
    return without(inputs, "internal", "accessLogs", "dropInvalidHeaderFields", "enableDeletionProtection") | {
        "scheme": "internal" if inputs["internal"] else "internet-facing",
        "loadBalancerAttributes": pairs(attributes, "key"),
    }


def _flag(value):
    return "true" if value else "false"


def target_group(inputs):
    check = inputs["healthCheck"]
    delay = {"deregistration_delay.timeout_seconds": str(int(inputs["deregistrationDelay"]))}
    return without(inputs, "deregistrationDelay", "healthCheck") | {
        "targetGroupAttributes": pairs(delay, "key"),
        "healthCheckIntervalSeconds": check["interval"],
        "healthCheckTimeoutSeconds": check["timeout"],
        "healthCheckPath": check["path"],
        "healthyThresholdCount": check["healthyThreshold"],
        "matcher": {"httpCode": check["matcher"]},
    }


def listener(inputs):
    certificates = [{"certificateArn": inputs["certificateArn"]}]
    return without(inputs, "certificateArn") | {"certificates": certificates}


def record(inputs):
    targets = [without(one, "name", "zoneId") | _target(one) for one in inputs.get("aliases", [])]
    return without(inputs, "aliases") | ({"aliasTarget": targets[0]} if targets else {})


def _target(one):
    return {"dnsName": one["name"], "hostedZoneId": one["zoneId"]}


def metric_filter(inputs):
    transformation = inputs["metricTransformation"]
    told = without(transformation, "name", "namespace", "value") | {
        "metricName": transformation["name"],
        "metricNamespace": transformation["namespace"],
        "metricValue": transformation["value"],
    }
    return without(inputs, "metricTransformation") | {"metricTransformations": [told]}


def limits(inputs):
    sets = [{**one, "labelSet": pairs(one["labelSet"])} for one in inputs["limitsPerLabelSets"]]
    return {"workspaceConfiguration": without(inputs, "workspaceId") | {"limitsPerLabelSets": sets}}


def grafana(inputs):
    configuration = json.loads(inputs["configuration"])
    return without(inputs, "configuration") | {"pluginAdminEnabled": configuration["plugins"]["pluginAdminEnabled"]}


def saml(inputs):
    roles = {"admin": inputs["adminRoleValues"]}
    return {
        "samlConfiguration": {
            "idpMetadata": {"url": inputs["idpMetadataUrl"]},
            "assertionAttributes": {"role": inputs["roleAssertion"]},
            "roleValues": roles,
        }
    }
