"""01, 03, 07: how requests reach an instance: network, load balancer, edge."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from generator.settings.kinds import CountryCode, HttpPath, Section


class Network(Section):
    """01: the VPC of each Region."""

    nat: Literal["per_zone", "single"] = Field(
        "per_zone",
        description="NAT gateways a Region: `per_zone` survives the loss of a zone, `single` costs "
        "a half or a third and loses egress with its zone.",
    )
    interface_endpoints: bool = Field(
        False,
        description="Private endpoints for SSM, Secrets Manager, CloudWatch Logs and KMS. About "
        "7 USD a month per endpoint and zone, so they are asked for; S3 and DynamoDB are free and "
        "always there.",
    )


class LoadBalancer(Section):
    """03: the Application Load Balancer and its target group."""

    algorithm: Literal["least_outstanding_requests", "round_robin"] = Field(
        "least_outstanding_requests",
        description="How a target is chosen. `least_outstanding_requests` keeps slow instances "
        "from piling up work; only `round_robin` may ramp up with slow_start_seconds.",
    )
    slow_start_seconds: int = Field(
        0,
        ge=0,
        le=900,
        description="Seconds over which a new target's share grows; 0 is off, else at least 30 "
        "(the load balancer's own bound).",
    )
    idle_timeout_seconds: int = Field(
        60,
        ge=1,
        le=4000,
        description="Seconds a connection may be silent. Keep it below the service's keep-alive, "
        "or the load balancer answers 502.",
    )
    deregistration_delay_seconds: int = Field(
        60,
        ge=0,
        le=3600,
        description="Seconds a leaving instance may finish its requests. AWS's 300 makes scale-in "
        "slow; requests here end within seconds.",
    )
    health_check_path: HttpPath = Field(
        "/healthz",
        description="The shallow check of the service. Free of the origin secret, because Route "
        "53's checkers cannot send it.",
    )
    health_check_interval_seconds: int = Field(
        10,
        ge=5,
        le=300,
        description="Seconds between two health checks of a target; 10 takes a dead one out "
        "within 20 s.",
    )
    healthy_threshold_count: int = Field(
        2, ge=2, le=10, description="Checks in a row that make a target healthy (count)."
    )
    unhealthy_threshold_count: int = Field(
        2, ge=2, le=10, description="Checks in a row that make a target unhealthy (count)."
    )
    deletion_protection: bool = Field(
        True, description="Refuse to delete the load balancer. Turn off where stacks come and go."
    )


class WebAcl(Section):
    """The AWS WAF web ACL in front of CloudFront."""

    requests_per_five_minutes: int = Field(
        2000,
        ge=10,
        le=2_000_000_000,
        description="Requests from one IP address in five minutes (count) above which it is "
        "blocked; a person behind a shared address stays well below 2,000.",
    )
    bot_control: bool = Field(
        False, description="AWS managed bot control (common level); priced per request."
    )
    blocked_countries: list[CountryCode] = Field(
        [], max_length=50, description="ISO 3166-1 alpha-2 codes that get 403."
    )


class Edge(Section):
    """07: CloudFront and AWS WAF."""

    enabled: bool = Field(
        True, description="Put CloudFront in front. Off: users reach the load balancers directly."
    )
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = Field(
        "PriceClass_All",
        description="Edge locations in use. `PriceClass_100` leaves Asia out; 200 holds Korea.",
    )
    origin_shield: bool = Field(
        True, description="One more cache layer in the home Region; fewer requests at the origin."
    )
    static_path: HttpPath = Field(
        "/static/", description="Path prefix of cacheable content; everything else is dynamic."
    )
    web_acl: WebAcl | None = Field(None, description="AWS WAF. Left out: none.")
