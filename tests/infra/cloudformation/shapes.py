"""What a resource of Pulumi's provider is in CloudFormation, and what is not there and why."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from tests.infra.cloudformation import building


@dataclass(frozen=True)
class Shape:
    """A type of CloudFormation.

    Args:
        kind: its name, behind `AWS::`.
        built: turns inputs that are built differently.
        names: of properties that differ by more than capital letters; not of what is inside them.
        without: inputs that tell the provider how to work, and are no property of the resource.
    """

    kind: str
    built: Callable[[dict], dict] = dict
    names: Mapping[str, str] = field(default_factory=dict)
    without: Collection[str] = ()


SHAPES = {
    "acm/certificate:Certificate": Shape("CertificateManager::Certificate"),
    "amp/alertManagerDefinition:AlertManagerDefinition": Shape(
        "APS::Workspace", names={"definition": "AlertManagerDefinition"}, without=["workspaceId"]
    ),
    "amp/ruleGroupNamespace:RuleGroupNamespace": Shape("APS::RuleGroupsNamespace", building.rule_groups),
    "amp/workspace:Workspace": Shape("APS::Workspace"),
    "amp/workspaceConfiguration:WorkspaceConfiguration": Shape("APS::Workspace", building.limits),
    "appautoscaling/policy:Policy": Shape("ApplicationAutoScaling::ScalingPolicy", names={"name": "PolicyName"}),
    "appautoscaling/target:Target": Shape("ApplicationAutoScaling::ScalableTarget"),
    "cloudtrail/trail:Trail": Shape(
        "CloudTrail::Trail",
        lambda inputs: inputs | {"isLogging": True},
        names={"name": "TrailName", "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn"},
    ),
    "cloudwatch/logGroup:LogGroup": Shape("Logs::LogGroup", names={"name": "LogGroupName"}),
    "cloudwatch/logMetricFilter:LogMetricFilter": Shape(
        "Logs::MetricFilter", building.metric_filter, names={"name": "FilterName", "pattern": "FilterPattern"}
    ),
    "cloudwatch/metricAlarm:MetricAlarm": Shape("CloudWatch::Alarm", building.alarm, names={"name": "AlarmName"}),
    "ec2/eip:Eip": Shape("EC2::EIP"),
    "ec2/flowLog:FlowLog": Shape("EC2::FlowLog", building.flow_log, names={"iamRoleArn": "DeliverLogsPermissionArn"}),
    "ec2/internetGateway:InternetGateway": Shape("EC2::InternetGateway", without=["vpcId"]),
    "ec2/natGateway:NatGateway": Shape("EC2::NatGateway"),
    "ec2/route:Route": Shape("EC2::Route"),
    "ec2/routeTable:RouteTable": Shape("EC2::RouteTable"),
    "ec2/routeTableAssociation:RouteTableAssociation": Shape("EC2::SubnetRouteTableAssociation"),
    "ec2/securityGroup:SecurityGroup": Shape(
        "EC2::SecurityGroup", names={"name": "GroupName", "description": "GroupDescription"}
    ),
    "ec2/subnet:Subnet": Shape("EC2::Subnet"),
    "ec2/vpc:Vpc": Shape("EC2::VPC"),
    "ec2/vpcEndpoint:VpcEndpoint": Shape("EC2::VPCEndpoint"),
    "ecr/lifecyclePolicy:LifecyclePolicy": Shape("ECR::Repository", building.image_lifecycle),
    "ecr/repository:Repository": Shape(
        "ECR::Repository", building.repository, names={"name": "RepositoryName", "forceDelete": "EmptyOnDelete"}
    ),
    "ecs/cluster:Cluster": Shape("ECS::Cluster", names={"name": "ClusterName", "settings": "ClusterSettings"}),
    "ecs/clusterCapacityProviders:ClusterCapacityProviders": Shape(
        "ECS::ClusterCapacityProviderAssociations",
        lambda inputs: {"defaultCapacityProviderStrategy": []} | inputs,
        names={"clusterName": "Cluster"},
    ),
    "ecs/service:Service": Shape(
        "ECS::Service", building.service, names={"name": "ServiceName"}, without=["waitForSteadyState"]
    ),
    "ecs/taskDefinition:TaskDefinition": Shape("ECS::TaskDefinition", building.task, without=["skipDestroy"]),
    "elasticache/parameterGroup:ParameterGroup": Shape(
        "ElastiCache::ParameterGroup",
        building.parameters,
        names={"name": "CacheParameterGroupName", "family": "CacheParameterGroupFamily", "parameters": "Properties"},
    ),
    "elasticache/replicationGroup:ReplicationGroup": Shape(
        "ElastiCache::ReplicationGroup",
        building.replication_group,
        names={
            "description": "ReplicationGroupDescription",
            "maintenanceWindow": "PreferredMaintenanceWindow",
            "nodeType": "CacheNodeType",
            "parameterGroupName": "CacheParameterGroupName",
            "subnetGroupName": "CacheSubnetGroupName",
        },
        without=["applyImmediately", "finalSnapshotIdentifier"],
    ),
    "elasticache/subnetGroup:SubnetGroup": Shape("ElastiCache::SubnetGroup", names={"name": "CacheSubnetGroupName"}),
    "elasticache/user:User": Shape("ElastiCache::User"),
    "elasticache/userGroup:UserGroup": Shape("ElastiCache::UserGroup"),
    "grafana/workspace:Workspace": Shape("Grafana::Workspace", building.grafana, without=["kmsKeyId"]),
    "grafana/workspaceSamlConfiguration:WorkspaceSamlConfiguration": Shape("Grafana::Workspace", building.saml),
    "iam/openIdConnectProvider:OpenIdConnectProvider": Shape(
        "IAM::OIDCProvider", names={"clientIdLists": "ClientIdList"}
    ),
    "iam/role:Role": Shape(
        "IAM::Role",
        building.document("assumeRolePolicy"),
        names={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
    ),
    "iam/rolePolicy:RolePolicy": Shape(
        "IAM::RolePolicy",
        lambda inputs: building.document("policy")(inputs) | {"policyName": inputs["role"]},
        names={"policy": "PolicyDocument", "role": "RoleName"},
    ),
    "kms/alias:Alias": Shape("KMS::Alias", names={"name": "AliasName"}),
    "kms/key:Key": Shape(
        "KMS::Key",
        building.document("policy"),
        names={"policy": "KeyPolicy", "deletionWindowInDays": "PendingWindowInDays"},
    ),
    "lb/listener:Listener": Shape("ElasticLoadBalancingV2::Listener", building.listener),
    "lb/loadBalancer:LoadBalancer": Shape(
        "ElasticLoadBalancingV2::LoadBalancer", building.load_balancer, names={"loadBalancerType": "Type"}
    ),
    "lb/targetGroup:TargetGroup": Shape("ElasticLoadBalancingV2::TargetGroup", building.target_group),
    "rds/instance:Instance": Shape(
        "RDS::DBInstance",
        names={
            "backupWindow": "PreferredBackupWindow",
            "caCertIdentifier": "CACertificateIdentifier",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
            "identifier": "DBInstanceIdentifier",
            "instanceClass": "DBInstanceClass",
            "maintenanceWindow": "PreferredMaintenanceWindow",
            "parameterGroupName": "DBParameterGroupName",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
            "username": "MasterUsername",
            "vpcSecurityGroupIds": "VPCSecurityGroups",
        },
        without=["skipFinalSnapshot", "finalSnapshotIdentifier", "masterUserSecretKmsKeyId"],
    ),
    "rds/parameterGroup:ParameterGroup": Shape(
        "RDS::DBParameterGroup", building.parameters, names={"name": "DBParameterGroupName"}
    ),
    "rds/subnetGroup:SubnetGroup": Shape(
        "RDS::DBSubnetGroup", names={"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription"}
    ),
    "route53/record:Record": Shape(
        "Route53::RecordSet", building.record, names={"zoneId": "HostedZoneId", "records": "ResourceRecords"}
    ),
    "s3/bucket:Bucket": Shape("S3::Bucket", names={"bucket": "BucketName"}, without=["forceDestroy"]),
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Shape("S3::Bucket", building.bucket_lifecycle),
    "s3/bucketLogging:BucketLogging": Shape("S3::Bucket", building.bucket_logging),
    "s3/bucketPolicy:BucketPolicy": Shape(
        "S3::BucketPolicy", building.document("policy"), names={"policy": "PolicyDocument"}
    ),
    "s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Shape("S3::Bucket", building.public_access_block),
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Shape(
        "S3::Bucket", building.bucket_encryption
    ),
    "s3/bucketVersioning:BucketVersioning": Shape("S3::Bucket", without=["bucket"]),
    "secretsmanager/secret:Secret": Shape("SecretsManager::Secret", without=["recoveryWindowInDays"]),
    "sns/topic:Topic": Shape("SNS::Topic", names={"name": "TopicName"}),
    "sns/topicPolicy:TopicPolicy": Shape(
        "SNS::TopicPolicy",
        lambda inputs: building.document("policy")(inputs) | {"arn": [inputs["arn"]]},
        names={"policy": "PolicyDocument", "arn": "Topics"},
    ),
    "sns/topicSubscription:TopicSubscription": Shape("SNS::Subscription", names={"topic": "TopicArn"}),
    "ssm/parameter:Parameter": Shape("SSM::Parameter"),
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": Shape(
        "EC2::SecurityGroupEgress",
        names={
            "cidrIpv4": "CidrIp",
            "prefixListId": "DestinationPrefixListId",
            "referencedSecurityGroupId": "DestinationSecurityGroupId",
            "securityGroupId": "GroupId",
        },
    ),
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": Shape(
        "EC2::SecurityGroupIngress",
        names={
            "cidrIpv4": "CidrIp",
            "referencedSecurityGroupId": "SourceSecurityGroupId",
            "securityGroupId": "GroupId",
        },
    ),
}

#: What CloudFormation has no resource for, and why nothing is lost by that.
ELSEWHERE = {
    "aws:acm/certificateValidation:CertificateValidation": "makes nothing: it waits until the certificate is proved",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "makes nothing: it takes the rules from a group that is there",
    "aws:grafana/roleAssociation:RoleAssociation": "CloudFormation admits nobody to Grafana",
    "aws:grafana/workspaceServiceAccount:WorkspaceServiceAccount": "CloudFormation makes no service accounts",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "a list in the role there",
    "aws:secretsmanager/secretVersion:SecretVersion": "a text in the secret there, and too secret for a template",
    "grafana:oss/dashboard:Dashboard": "is Grafana's; the dashboards have tests of their own",
    "grafana:oss/dataSource:DataSource": "is Grafana's",
    "grafana:oss/folder:Folder": "is Grafana's",
    "pulumi:providers:aws": "is Pulumi's",
    "pulumi:providers:grafana": "is Pulumi's",
}
