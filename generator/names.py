"""Names that are known before anything stands.

What is named here needs no wiring: any stack, in any Region, can say it. Only what never has to be
replaced may have such a name (CloudFormation cannot replace a resource whose name is fixed).

Texts with `${AWS::…}` in them are for Fn::Sub.
"""

from __future__ import annotations

import re

from generator.settings.model import Settings


def stack(settings: Settings, layer: str) -> str:
    """A top stack or stack set: `gtm-prod-regional`."""
    return f"{settings.prefix}-{layer.replace('_', '-')}"


def artifact_bucket(settings: Settings) -> str:
    """The Region's bucket of templates and service archives."""
    return f"{settings.prefix}-artifacts-${{AWS::AccountId}}-${{AWS::Region}}"


def log_bucket(settings: Settings) -> str:
    """The Region's bucket of access and flow logs."""
    return f"{settings.prefix}-logs-${{AWS::AccountId}}-${{AWS::Region}}"


def topic(settings: Settings, severity: str, *, edge: bool = False) -> str:
    """Name of an SNS topic; us-east-1 may hold the Region's own and the edge's."""
    return f"{settings.prefix}-{'edge-' if edge else ''}{severity}"


def topic_arn(settings: Settings, severity: str) -> str:
    """ARN of the Region's topic, for alarms that stand before it does."""
    return "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:" + topic(settings, severity)


def origin_secret(settings: Settings) -> str:
    """The Secrets Manager secret that CloudFront sends and load balancers demand."""
    return f"{settings.prefix}/origin-secret"


def origin_secret_value(settings: Settings) -> str:
    """Dynamic reference to the secret, resolved by CloudFormation in each Region's replica."""
    return "{{resolve:secretsmanager:" + origin_secret(settings) + ":SecretString:value}}"


SECRET_HEADER = "X-Origin-Secret"
"""The HTTP header that carries the origin secret."""


def cache_secret(settings: Settings) -> str:
    """The Secrets Manager secret of the Region's cache user: JSON with `username`, `password`."""
    return f"{settings.prefix}/cache"


AURORA_USER = "app"
"""The database user that instances connect as, with an IAM token for a password."""


def aurora(settings: Settings) -> str:
    """Identifier of the global database, and of each Region's cluster in it.

    At most 28 characters, of the 63 that RDS takes.
    """
    return f"{settings.prefix}-aurora"


def aurora_secret(settings: Settings) -> str:
    """The Secrets Manager secret of the database's administrator, in the home Region."""
    return f"{settings.prefix}/aurora"


TABLES = ("sessions", "ranking")
"""The global tables: session metadata, and the ranking behind Redis' sorted set."""


BY_SCORE = "by_score"
"""The index of the ranking that is ordered by score."""

INDEXES: dict[str, tuple[str, ...]] = {"sessions": (), "ranking": (BY_SCORE,)}
"""Global secondary indexes, by table: DynamoDB counts their throttles apart from the table's."""


def table(settings: Settings, purpose: str) -> str:
    """A DynamoDB global table: the same name in every Region."""
    return f"{settings.prefix}-{purpose}"


def table_arn(settings: Settings, purpose: str) -> str:
    """ARN of the Region's replica of a table."""
    name = table(settings, purpose)
    return f"arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{name}"


def database_key_alias(settings: Settings) -> str:
    """Alias of the tables' multi-Region key: the same in every Region."""
    return f"alias/{settings.prefix}-database"


def public(settings: Settings) -> tuple[str, ...]:
    """What users type: the apex, then the alternate names."""
    assert settings.domain is not None
    apex = settings.domain.name
    return (apex, *(f"{label}.{apex}" for label in settings.domain.alternate_names))


def origin(settings: Settings) -> str:
    """The DNS name that Route 53 routes over the Regions.

    CloudFront's origin; without an edge, the platform's own name.
    """
    assert settings.domain is not None
    name = settings.domain.name
    return f"origin.{name}" if settings.edge.enabled else name


def regional_origin(settings: Settings, region: object = "${AWS::Region}") -> str:
    """One Region's load balancer in DNS: what its health check asks, wherever it moved to."""
    assert settings.domain is not None
    return f"{region}.origin.{settings.domain.name}"


def switch_namespace(settings: Settings) -> str:
    """CloudWatch namespace of the evacuation switch."""
    return f"{settings.prefix}/evacuation"


SWITCH_METRIC = "Evacuated"
"""Metric of the switch: a 1 takes the Region out of DNS, and it stays out until a 0 comes."""


def switch_alarm(settings: Settings) -> str:
    """The alarm behind the switch, one a Region."""
    return f"{settings.prefix}-evacuated"


def switch_function(settings: Settings, purpose: str) -> str:
    """A function that sets the switch; `purpose` is `restore`, or `evacuate-` and a Region."""
    return f"{settings.prefix}-{purpose}"


def switch_function_arn(settings: Settings, purpose: str, region: str) -> str:
    """ARN of such a function in one Region."""
    name = switch_function(settings, purpose)
    return f"arn:${{AWS::Partition}}:lambda:{region}:${{AWS::AccountId}}:function:{name}"


def switch_plan(settings: Settings, region: str) -> str:
    """The ARC plan that switches between home and a Region; it may have 32 characters."""
    area, *rest, number = region.split("-")
    directions = re.findall("north|south|east|west|central", "".join(rest))
    return f"{settings.prefix}-{area}{''.join(word[0] for word in directions)}{number}"


def service_log_group(settings: Settings) -> str:
    """Log group of the service on the instances."""
    return f"/{settings.prefix}/service"


def service_namespace(settings: Settings) -> str:
    """CloudWatch namespace of the service's and the agent's own metrics."""
    return f"{settings.prefix}/service"


def web_acl(settings: Settings) -> str:
    """The web ACL in front of CloudFront; also the WebACL dimension of its metrics."""
    return f"{settings.prefix}-edge"


def loadtest_bucket(settings: Settings) -> str:
    """The Region's bucket of orders to load generators and of their results."""
    return f"{settings.prefix}-loadtests-${{AWS::AccountId}}-${{AWS::Region}}"


def generators(settings: Settings, purpose: str) -> str:
    """What belongs to a Region's load generators: `masters` and `workers` are their groups.

    Named, for StackSets gives its stacks names that do not begin with the prefix.
    """
    return f"{settings.prefix}-load-{purpose}"


GENERATOR_ARCHIVES = "load-generator-*.tar.gz"
"""How the archives of load generators are called in the artifact bucket."""


def generator_log_group(settings: Settings) -> str:
    """Log group of a Region's load generators."""
    return f"/{settings.prefix}/load-generators"


LOAD_GENERATOR_TAG = "LoadGenerator"
"""Tag of whatever load generators cost; its value is the prefix. Without a colon, for cost filters
join key and value by a mark."""


def group(settings: Settings, purpose: str) -> str:
    """A named thing of a Region's stacks, unique in account and Region."""
    return f"{settings.prefix}-{purpose}"


def regional_role(settings: Settings, purpose: str) -> str:
    """A role of one Region's stacks whose name the stack does not begin with the prefix for it.

    IAM is global, so the Region is in it.
    """
    return f"{settings.prefix}-{purpose}-${{AWS::Region}}"


def rollout_role(settings: Settings, purpose: str) -> str:
    """A role of the foundation; `purpose` is one of ROLLOUT_ROLES."""
    return f"{settings.prefix}-{purpose}"


ROLLOUT_ROLES = ("stack-set-administration", "stack-set-execution", "provisioning", "deployer")
"""What the foundation makes for rollouts, and what nothing else may touch."""


DELIVERY_ROLES = ("github-*", "pipeline-*")
"""Patterns of the roles that deliver builds: an administrator's, which no rollout touches."""


def delivery_role(settings: Settings, purpose: str) -> str:
    """A role of a pipeline or of GitHub; `purpose` matches one of DELIVERY_ROLES."""
    return f"{settings.prefix}-{purpose}"


def deployer_arn(settings: Settings, environment: str) -> str:
    """The deployer role of an environment of this project in this account."""
    role = f"{settings.project}-{environment}-deployer"
    return f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{role}"


def pipeline(settings: Settings) -> str:
    """The pipeline, and how the names of its projects, log group and topic start."""
    return f"{settings.prefix}-pipeline"


def pipeline_project(settings: Settings, purpose: str, environment: str = "") -> str:
    """A project of CodeBuild: one a pipeline, or one for an environment that it rolls out."""
    name = f"{pipeline(settings)}-{purpose.replace('_', '-')}"
    return f"{name}-{environment}" if environment else name


def pipeline_bucket(settings: Settings) -> str:
    """The pipeline's own bucket: sources, builds and plans on their way."""
    return f"{settings.prefix}-pipeline-${{AWS::AccountId}}-${{AWS::Region}}"


def boundary(settings: Settings) -> str:
    """The policy that bounds roles. An account has one policy of a name, whatever its path."""
    return f"{settings.prefix}-boundary"


def boundary_arn(settings: Settings) -> str:
    """The permissions boundary of every role that the platform's stacks make."""
    policy = f"{settings.prefix}/{boundary(settings)}"
    return f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:policy/{policy}"


PLATFORM_TAG = "gtm:platform"
"""Tag that a rollout puts on its stacks, and CloudFormation on what they hold: the prefix."""
