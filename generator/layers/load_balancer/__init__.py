"""03 load balancer: the only way in to a Region's instances.

    with a domain     443, TLS 1.3, a certificate of our own; 80 redirects; a name in DNS
    without           80 behind CloudFront: nobody gets a certificate for a load balancer's own name
    behind an edge    403, but for the health path and for requests that carry the origin secret

TLS ends here. What goes on to the instances stays in the VPC, and their security group takes it
from this load balancer's only.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
"""

from __future__ import annotations

from troposphere import GetAtt, Ref, Tags
from troposphere.elasticloadbalancingv2 import (
    LoadBalancer,
    LoadBalancerAttributes,
    Matcher,
    TargetGroup,
    TargetGroupAttribute,
)
from troposphere.route53 import AliasTarget, RecordSetType

from generator import names
from generator.layers import foundation, network, security
from generator.layers.draft import ARN_PATTERN, IN_TRANSIT, Draft, Layer, Offer, Scope, sub
from generator.layers.load_balancer.listeners import add_listeners

LOAD_BALANCER_FULL_NAME = Offer(
    "LoadBalancerFullName", "LoadBalancer dimension of the load balancer's metrics."
)
LOAD_BALANCER_DNS_NAME = Offer(
    "LoadBalancerDnsName", "AWS' own DNS name of the load balancer.", published=True
)
TARGET_GROUP_ARN = Offer(
    "TargetGroupArn", "Where the Auto Scaling group registers instances.", pattern=ARN_PATTERN
)
TARGET_GROUP_FULL_NAME = Offer(
    "TargetGroupFullName", "TargetGroup dimension of the target group's metrics."
)

IN_THE_VPC = (
    "The load balancer ends TLS; the rest of the way lies in private subnets of the VPC, between "
    "two security groups that let nobody else in."
)
ACCESS_LOG_PREFIX = "load-balancer"
"""Key prefix in the log bucket; AWS appends `/AWSLogs/<account>/`."""


def fill(draft: Draft) -> None:
    """The load balancer, what it forwards to, what it listens for, and its name."""
    balancer = _load_balancer(draft)
    targets = _target_group(draft)
    add_listeners(draft, balancer, targets)
    if draft.settings.domain:
        _regional_record(draft, balancer)

    draft.offer(LOAD_BALANCER_FULL_NAME, GetAtt(balancer, "LoadBalancerFullName"))
    draft.offer(LOAD_BALANCER_DNS_NAME, GetAtt(balancer, "DNSName"))
    draft.offer(TARGET_GROUP_ARN, Ref(targets))
    draft.offer(TARGET_GROUP_FULL_NAME, GetAtt(targets, "TargetGroupFullName"))


def _load_balancer(draft: Draft) -> LoadBalancer:
    """Without a name of its own, so that it can be replaced."""
    return draft.add(
        LoadBalancer(
            "LoadBalancer",
            Type="application",
            Scheme="internet-facing",
            IpAddressType="ipv4",
            Subnets=draft.need(network.PUBLIC_SUBNETS),
            SecurityGroups=draft.need(security.LOAD_BALANCER_GROUPS),
            LoadBalancerAttributes=_attributes(draft),
            Tags=Tags(Name=draft.name("load-balancer")),
        )
    )


def _attributes(draft: Draft) -> list[LoadBalancerAttributes]:
    settings = draft.settings.load_balancer
    values: dict[str, object] = {
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": sub(names.log_bucket(draft.settings)),
        "access_logs.s3.prefix": ACCESS_LOG_PREFIX,
        "deletion_protection.enabled": _flag(settings.deletion_protection),
        "idle_timeout.timeout_seconds": str(settings.idle_timeout_seconds),
        "routing.http2.enabled": "true",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        # Refuses what a proxy and a server could read differently: request smuggling. `strictest`
        # also refuses what old clients send; behind CloudFront there are none, in front of users
        # `defensive` keeps them and closes a connection after an ambiguous request.
        "routing.http.desync_mitigation_mode": _desync_mode(draft),
        # The service learns which TLS version and cipher its client negotiated.
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "true",
        # An operator, or AWS on its own (autoshift), can take one zone out of service.
        "zonal_shift.config.enabled": "true",
    }
    return [LoadBalancerAttributes(Key=key, Value=value) for key, value in values.items()]


def _desync_mode(draft: Draft) -> str:
    return "strictest" if draft.settings.edge.enabled else "defensive"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _target_group(draft: Draft) -> TargetGroup:
    settings = draft.settings.load_balancer
    group = draft.add(
        TargetGroup(
            "TargetGroup",
            VpcId=draft.need(network.VPC_ID),
            TargetType="instance",
            Protocol="HTTP",
            Port=draft.settings.compute.application_port,
            HealthCheckProtocol="HTTP",
            HealthCheckPath=settings.health_check_path,
            HealthCheckIntervalSeconds=settings.health_check_interval_seconds,
            HealthCheckTimeoutSeconds=min(5, settings.health_check_interval_seconds - 1),
            HealthyThresholdCount=settings.healthy_threshold_count,
            UnhealthyThresholdCount=settings.unhealthy_threshold_count,
            Matcher=Matcher(HttpCode="200"),
            TargetGroupAttributes=_target_attributes(draft),
            Tags=Tags(Name=draft.name("service")),
        )
    )
    draft.explain(group, IN_TRANSIT, IN_THE_VPC)
    return group


def _target_attributes(draft: Draft) -> list[TargetGroupAttribute]:
    settings = draft.settings.load_balancer
    values = {
        "deregistration_delay.timeout_seconds": str(settings.deregistration_delay_seconds),
        "load_balancing.algorithm.type": settings.algorithm,
        # Sessions are in the cache and the tables: every instance can answer every request, and
        # new ones take their share at once.
        "stickiness.enabled": "false",
    }
    if settings.algorithm == "round_robin":  # AWS has no slow start for the other one
        values["slow_start.duration_seconds"] = str(settings.slow_start_seconds)
    return [TargetGroupAttribute(Key=key, Value=value) for key, value in values.items()]


def _regional_record(draft: Draft, balancer: LoadBalancer) -> None:
    """`<region>.origin.<domain>`: follows the load balancer wherever it is replaced to.

    An A record only: the load balancer has IPv4 addresses, CloudFront answers over IPv6.
    """
    draft.add(
        RecordSetType(
            "RegionalRecord",
            HostedZoneId=draft.need(foundation.HOSTED_ZONE_ID),
            Name=sub(names.regional_origin(draft.settings)),
            Type="A",
            AliasTarget=AliasTarget(
                DNSName=GetAtt(balancer, "DNSName"),
                HostedZoneId=GetAtt(balancer, "CanonicalHostedZoneID"),
                EvaluateTargetHealth=True,
            ),
        )
    )


LAYER = Layer(
    name="load_balancer",
    step="03",
    purpose="Application Load Balancer, TLS, listeners, origin-secret rule, target group",
    scope=Scope.REGIONAL,
    fill=fill,
    after=("storage", "foundation"),
)
