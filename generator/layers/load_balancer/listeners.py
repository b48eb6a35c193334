"""What the load balancer listens for, and whom it lets through.

Behind an edge a listener refuses by default. Two rules open it: the health path, because Route 53's
checkers send no header of ours, and the origin secret, which only CloudFront knows. Security groups
let CloudFront in, but anyone may have a distribution: the secret tells ours from theirs.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html
"""

from __future__ import annotations

from troposphere import Ref, Tags
from troposphere.certificatemanager import Certificate, DomainValidationOption
from troposphere.elasticloadbalancingv2 import (
    Action,
    Condition,
    FixedResponseConfig,
    HttpHeaderConfig,
    Listener,
    ListenerRule,
    ListenerRuleAction,
    LoadBalancer,
    PathPatternConfig,
    RedirectConfig,
    TargetGroup,
)
from troposphere.elasticloadbalancingv2 import Certificate as ListenerCertificate

from generator import names
from generator.layers import foundation
from generator.layers.draft import Draft, Expression, sub
from generator.layers.security.groups import HTTP, HTTPS
from generator.settings.model import Settings

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.3 and 1.2, forward secrecy and AEAD ciphers only, post-quantum key exchange for clients
that know it: what AWS recommends and the console takes.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""


IN_THE_CLEAR = (
    "Without a domain nobody gets a certificate for the load balancer: CloudFront comes by HTTP, "
    "as its own prefix list, with the origin secret. A mode for trying; give a domain for TLS."
)


def add_listeners(draft: Draft, balancer: LoadBalancer, targets: TargetGroup) -> None:
    """HTTPS and a redirect to it, or HTTP where there is no domain."""
    if draft.settings.domain:
        service = _https_listener(draft, balancer, targets)
        _redirect_listener(draft, balancer)
    else:
        service = _http_listener(draft, balancer, targets)
    if draft.settings.edge.enabled:
        _open_health_path(draft, service, targets)
        _open_to_secret(draft, service, targets)


def _https_listener(draft: Draft, balancer: LoadBalancer, targets: TargetGroup) -> Listener:
    certificate = _certificate(draft)
    return draft.add(
        Listener(
            "HttpsListener",
            LoadBalancerArn=Ref(balancer),
            Port=HTTPS,
            Protocol="HTTPS",
            SslPolicy=TLS_POLICY,
            Certificates=[ListenerCertificate(CertificateArn=Ref(certificate))],
            DefaultActions=[_default_action(draft, targets)],
        )
    )


def _redirect_listener(draft: Draft, balancer: LoadBalancer) -> Listener:
    """In every mode with a domain: behind an edge the security groups keep port 80 shut anyway.

    So turning the edge off needs no new listener before users can be redirected.
    """
    to_https = RedirectConfig(Protocol="HTTPS", Port=str(HTTPS), StatusCode="HTTP_301")
    return draft.add(
        Listener(
            "HttpListener",
            LoadBalancerArn=Ref(balancer),
            Port=HTTP,
            Protocol="HTTP",
            DefaultActions=[Action(Type="redirect", RedirectConfig=to_https)],
        )
    )


def _http_listener(draft: Draft, balancer: LoadBalancer, targets: TargetGroup) -> Listener:
    listener = draft.add(
        Listener(
            "HttpListener",
            LoadBalancerArn=Ref(balancer),
            Port=HTTP,
            Protocol="HTTP",
            DefaultActions=[_default_action(draft, targets)],
        )
    )
    for rule in ("E9032", "CKV_AWS_2", "CKV_AWS_103"):
        draft.excuse(listener, rule, IN_THE_CLEAR)
    return listener


def _default_action(draft: Draft, targets: TargetGroup) -> Action:
    """Forward to the service, or refuse what neither rule lets through."""
    if not draft.settings.edge.enabled:
        return Action(Type="forward", TargetGroupArn=Ref(targets))
    refusal = FixedResponseConfig(
        StatusCode="403", ContentType="text/plain", MessageBody="Forbidden"
    )
    return Action(Type="fixed-response", FixedResponseConfig=refusal)


def _open_health_path(draft: Draft, listener: Listener, targets: TargetGroup) -> None:
    paths = PathPatternConfig(Values=[draft.settings.load_balancer.health_check_path])
    condition = Condition(Field="path-pattern", PathPatternConfig=paths)
    _forward(draft, "HealthPathRule", listener, targets, condition, priority=1)


def _open_to_secret(draft: Draft, listener: Listener, targets: TargetGroup) -> None:
    """The value is resolved from Secrets Manager when the stack is deployed, never written here."""
    secret = names.origin_secret_value(draft.settings)
    header = HttpHeaderConfig(HttpHeaderName=names.SECRET_HEADER, Values=[secret])
    condition = Condition(Field="http-header", HttpHeaderConfig=header)
    _forward(draft, "OriginSecretRule", listener, targets, condition, priority=2)


def _forward(
    draft: Draft,
    title: str,
    listener: Listener,
    targets: TargetGroup,
    condition: Condition,
    priority: int,
) -> None:
    draft.add(
        ListenerRule(
            title,
            ListenerArn=Ref(listener),
            Priority=priority,
            Conditions=[condition],
            Actions=[ListenerRuleAction(Type="forward", TargetGroupArn=Ref(targets))],
        )
    )


def certificate_names(settings: Settings) -> list[Expression]:
    """All names of the regional certificate: whatever an origin request or a check asks for.

    CloudFront compares the origin's name with it. Route 53's check asks the Region's own name, and
    where no edge is in front, users ask the domain and its alternate names.
    """
    assert settings.domain is not None
    found: list[Expression] = [names.origin(settings), sub(names.regional_origin(settings))]
    if not settings.edge.enabled:
        found += [f"{label}.{settings.domain.name}" for label in settings.domain.alternate_names]
    return found


def _certificate(draft: Draft) -> Certificate:
    """Validated by records that ACM writes into the foundation's zone, and renewed the same way."""
    zone = draft.need(foundation.HOSTED_ZONE_ID)
    first, *others = certificate_names(draft.settings)
    return draft.add(
        Certificate(
            "Certificate",
            DomainName=first,
            SubjectAlternativeNames=others,
            ValidationMethod="DNS",
            DomainValidationOptions=[
                DomainValidationOption(DomainName=name, HostedZoneId=zone)
                for name in (first, *others)
            ],
            Tags=Tags(Name=draft.name("origin")),
        )
    )
