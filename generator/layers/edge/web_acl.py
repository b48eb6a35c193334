"""Part of 07 edge: the AWS WAF web ACL in front of CloudFront.

Order is cost and kindness: what is cheap and certain first, AWS's managed groups in the order that
their documentation gives, bot control last because it is priced by the request it sees.
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
"""

from __future__ import annotations

from collections.abc import Sequence

from troposphere import GetAtt, Tags
from troposphere.logs import LogGroup
from troposphere.wafv2 import (
    ActionCondition,
    AllowAction,
    AWSManagedRulesBotControlRuleSet,
    BlockAction,
    CountAction,
    CustomResponse,
    DefaultAction,
    Filter,
    GeoMatchStatement,
    LoggingConfiguration,
    LoggingConfigurationFieldToMatch,
    LoggingFilter,
    ManagedRuleGroupConfig,
    ManagedRuleGroupStatement,
    OverrideAction,
    RateBasedStatement,
    RuleAction,
    RuleActionOverride,
    SingleHeader,
    Statement,
    VisibilityConfig,
    WebACL,
    WebACLRule,
)
from troposphere.wafv2 import Condition as FilterCondition

from generator import names
from generator.layers.draft import Draft, Tunable
from generator.layers.edge import logs as edge_logs
from generator.settings.sections import WebAcl

BLOCKED_COUNTRIES = "BlockedCountries"
RATE_LIMIT = "RateLimit"
"""Names of our own rules; each is also the Rule dimension of its metrics."""

MANAGED_GROUPS = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesAnonymousIpList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)
BOT_CONTROL = "AWSManagedRulesBotControlRuleSet"
COUNTED_ONLY = {
    # It refuses bodies over 8 KB: any upload. The load balancer and the service have limits.
    "AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",),
}
EVALUATION_SECONDS = 300
TOO_MANY_REQUESTS = 429
REDACTED_HEADERS = ("authorization", "cookie", names.SECRET_HEADER.lower())
LOGGED_ACTIONS = ("BLOCK", "COUNT", "CAPTCHA", "CHALLENGE")
"""What is logged: requests that a rule caught. CloudFront's own log has the others."""


def add(draft: Draft, wanted: WebAcl, logs: LogGroup) -> WebACL:
    """The web ACL, and its log, in a group of the name that `log_group_name` gives."""
    acl = draft.add(
        WebACL(
            "WebAcl",
            Name=names.web_acl(draft.settings),
            Description="In front of CloudFront",
            Scope="CLOUDFRONT",
            DefaultAction=DefaultAction(Allow=AllowAction()),
            Rules=_in_order(_rules(draft, wanted)),
            VisibilityConfig=_visibility(names.web_acl(draft.settings)),
            Tags=Tags(Name=names.web_acl(draft.settings)),
        )
    )
    _log(draft, acl, logs)
    return acl


def log_group_name(draft: Draft) -> str:
    """AWS WAF writes only to groups with this prefix.

    https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
    """
    return f"aws-waf-logs-{names.web_acl(draft.settings)}"


def _rules(draft: Draft, wanted: WebAcl) -> list[WebACLRule]:
    countries = [_blocked_countries(wanted.blocked_countries)] if wanted.blocked_countries else []
    bots = [_managed(BOT_CONTROL, _common_bots())] if wanted.bot_control else []
    managed = [_managed(name) for name in MANAGED_GROUPS]
    return [*countries, _rate_limit(draft, wanted), *managed, *bots]


def _in_order(rules: Sequence[WebACLRule]) -> list[WebACLRule]:
    for priority, rule in enumerate(rules):
        rule.Priority = priority
    return list(rules)


def _blocked_countries(codes: Sequence[str]) -> WebACLRule:
    return WebACLRule(
        Name=BLOCKED_COUNTRIES,
        Action=RuleAction(Block=BlockAction()),
        Statement=Statement(GeoMatchStatement=GeoMatchStatement(CountryCodes=list(codes))),
        VisibilityConfig=_visibility(BLOCKED_COUNTRIES),
    )


def _rate_limit(draft: Draft, wanted: WebAcl) -> WebACLRule:
    """429 rather than 403: a client that is merely too eager can tell, and slow down."""
    limit = draft.tune(
        Tunable(
            "RequestsPerFiveMinutes",
            "Rate limit (requests per five minutes)",
            "Requests from one IP address in five minutes above which AWS WAF blocks it.",
            default=wanted.requests_per_five_minutes,
            type="Number",
            minimum=10,
            maximum=2_000_000_000,
            cost="Free: AWS WAF bills what it inspects, blocked or not.",
        )
    )
    counted = RateBasedStatement(
        AggregateKeyType="IP", EvaluationWindowSec=EVALUATION_SECONDS, Limit=limit
    )
    answer = CustomResponse(ResponseCode=TOO_MANY_REQUESTS)
    return WebACLRule(
        Name=RATE_LIMIT,
        Action=RuleAction(Block=BlockAction(CustomResponse=answer)),
        Statement=Statement(RateBasedStatement=counted),
        VisibilityConfig=_visibility(RATE_LIMIT),
    )


def _managed(name: str, configs: Sequence[ManagedRuleGroupConfig] = ()) -> WebACLRule:
    """One of AWS's rule groups, at the version that AWS keeps current."""
    overrides = [
        RuleActionOverride(Name=rule, ActionToUse=RuleAction(Count=CountAction()))
        for rule in COUNTED_ONLY.get(name, ())
    ]
    options = {"RuleActionOverrides": overrides, "ManagedRuleGroupConfigs": list(configs)}
    group = ManagedRuleGroupStatement(
        VendorName="AWS", Name=name, **{key: value for key, value in options.items() if value}
    )
    return WebACLRule(
        Name=name,
        OverrideAction=OverrideAction(**{"None": {}}),
        Statement=Statement(ManagedRuleGroupStatement=group),
        VisibilityConfig=_visibility(name),
    )


def _common_bots() -> list[ManagedRuleGroupConfig]:
    level = AWSManagedRulesBotControlRuleSet(InspectionLevel="COMMON")
    return [ManagedRuleGroupConfig(AWSManagedRulesBotControlRuleSet=level)]


def _visibility(metric: str) -> VisibilityConfig:
    return VisibilityConfig(
        CloudWatchMetricsEnabled=True, MetricName=metric, SampledRequestsEnabled=True
    )


def _log(draft: Draft, acl: WebACL, logs: LogGroup) -> None:
    """What was caught, without what would let a reader of logs act as the visitor."""
    caught = [
        FilterCondition(ActionCondition=ActionCondition(Action=action)) for action in LOGGED_ACTIONS
    ]
    draft.add(
        LoggingConfiguration(
            "WebAclLogging",
            ResourceArn=GetAtt(acl, "Arn"),
            LogDestinationConfigs=[edge_logs.arn(logs)],
            LoggingFilter=LoggingFilter(
                DefaultBehavior="DROP",
                Filters=[Filter(Behavior="KEEP", Requirement="MEETS_ANY", Conditions=caught)],
            ),
            RedactedFields=[
                LoggingConfigurationFieldToMatch(SingleHeader=SingleHeader(Name=name))
                for name in REDACTED_HEADERS
            ],
            DependsOn=edge_logs.PERMISSION,
        )
    )
