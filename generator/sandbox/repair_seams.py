"""Like seams, for what ministack's services are told and lose, or keep and show wrongly.

Each function repairs one answer of one service; with a ministack that does it right, it goes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count, takewhile
from typing import Any
from xml.sax.saxutils import escape

from ministack.core import responses
from ministack.services import alb, autoscaling, ec2, elasticache, route53

from generator.sandbox import seams
from generator.sandbox.contract import Seam
from generator.sandbox.seams import Answer, Handler, Params, Record

_SERVICES = "ministack.services"
SEAMS = (
    Seam(f"{_SERVICES}.alb", "_lb_xml", ("lb",)),
    Seam(f"{_SERVICES}.alb", "_tg_xml", ("tg",)),
    Seam(f"{_SERVICES}.alb", "_listeners", responses.AccountRegionScopedDict),
    Seam(f"{_SERVICES}.alb", "_rules", responses.AccountRegionScopedDict),
    Seam(f"{_SERVICES}.autoscaling", "_ACTION_MAP", dict),
    Seam(f"{_SERVICES}.autoscaling", "_asgs", responses.AccountRegionScopedDict),
    Seam(f"{_SERVICES}.autoscaling", "_member_xml", ("value",)),
    Seam(f"{_SERVICES}.ec2", "_parse_ip_permissions", ("params", "prefix")),
    Seam(f"{_SERVICES}.ec2", "_subnets", responses.AccountRegionScopedDict),
    Seam(f"{_SERVICES}.elasticache", "_user_xml", ("u",)),
    Seam(f"{_SERVICES}.route53", "_parse_health_check_config", ("el",)),
)
SHOWN = "Shown"
"""Where the record of an Auto Scaling group has what DescribeAutoScalingGroups leaves out."""


def repair() -> None:
    """Everything below."""
    _read_health_checks()
    _read_prefix_lists()
    _show_load_balancers()
    _show_target_groups()
    _show_groups()
    _show_users()


def _read_health_checks() -> None:
    """Route 53 loses the text of lists, and answers booleans that no SDK reads."""
    theirs: Callable[[Any], Record] = route53._parse_health_check_config

    def parse(element: Any) -> Record:
        configuration = theirs(element)
        for name in ("ChildHealthChecks", "Regions"):
            if name in configuration:
                lists = [each for each in element.iter() if each.tag.split("}")[-1] == name]
                configuration[name] = [item.text for each in lists for item in each]
        booleans = {k: v for k, v in configuration.items() if isinstance(v, bool)}
        return configuration | {name: str(value).lower() for name, value in booleans.items()}

    route53._parse_health_check_config = parse


def _read_prefix_lists() -> None:
    """EC2 loses the prefix lists of a security group's rules."""
    theirs: Callable[[Params, str], list[Record]] = ec2._parse_ip_permissions

    def parse(params: Params, prefix: str) -> list[Record]:
        permissions = theirs(params, prefix)
        for number, permission in enumerate(permissions, 1):
            lists = f"{prefix}.{number}.PrefixListIds"
            permission["PrefixListIds"] += _prefix_lists(params, lists)
        return permissions

    ec2._parse_ip_permissions = parse


def _prefix_lists(params: Params, prefix: str) -> list[Record]:
    found = []
    for number in takewhile(lambda n: f"{prefix}.{n}.PrefixListId" in params, count(1)):
        names = ("PrefixListId", "Description")
        each = {name: seams.value(params, f"{prefix}.{number}.{name}") for name in names}
        found.append({name: text for name, text in each.items() if text})
    return found


def _show_load_balancers() -> None:
    """A load balancer is in the VPC and in the zones of its subnets."""
    theirs: Callable[[Record], str] = alb._lb_xml

    def xml(balancer: Record) -> str:
        text, region = theirs(balancer), seams.current_region()
        for identifier in balancer.get("Subnets", []):
            subnet = ec2._subnets.get(identifier)
            if subnet is None:
                continue
            end = f"</ZoneName><SubnetId>{identifier}<"
            text = text.replace(f"{region}a{end}", f"{subnet['AvailabilityZone']}{end}")
            vpc = f"<VpcId>{balancer.get('VpcId', '')}</VpcId>"
            text = text.replace(vpc, f"<VpcId>{subnet['VpcId']}</VpcId>")
        return text

    alb._lb_xml = xml


def _show_target_groups() -> None:
    """A target group belongs to the load balancers whose rules forward to it."""
    theirs: Callable[[Record], str] = alb._tg_xml

    def xml(group: Record) -> str:
        arn = group["TargetGroupArn"]
        forwarding = [rule for rule in alb._rules.values() if arn in json.dumps(rule["Actions"])]
        listeners = [alb._listeners.get(rule["ListenerArn"], {}) for rule in forwarding]
        balancers = {each["LoadBalancerArn"] for each in listeners if each}
        known = sorted(balancers | set(group.get("LoadBalancerArns", [])))
        return theirs(group | {"LoadBalancerArns": known})

    alb._tg_xml = xml


def _show_groups() -> None:
    """DescribeAutoScalingGroups leaves out most of what a group was made with."""
    theirs: Handler = autoscaling._ACTION_MAP["DescribeAutoScalingGroups"]

    def describe(params: Params) -> Answer:
        status, headers, body = theirs(params)
        text = body.decode()
        for name, record in autoscaling._asgs.items():
            own = f"<AutoScalingGroupName>{name}</AutoScalingGroupName>"
            more = autoscaling._member_xml(record.get(SHOWN, {}))
            text = text.replace(own, own + more)
        return status, headers, text.encode()

    autoscaling._ACTION_MAP["DescribeAutoScalingGroups"] = describe


def _show_users() -> None:
    """ElastiCache answers access strings that are no XML."""
    theirs: Callable[[Record], str] = elasticache._user_xml

    def xml(user: Record) -> str:
        return theirs(user | {"AccessString": escape(user.get("AccessString", ""))})

    elasticache._user_xml = xml
