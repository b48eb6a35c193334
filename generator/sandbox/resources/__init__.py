"""The resource types that our templates use and ministack lacks: one module a service.

RESOURCES replace or add a type; EXTENSIONS add to ministack's own what AWS does before and after.
"""

from __future__ import annotations

from generator.sandbox import repair_seams, seams, service_seams, type_seams
from generator.sandbox.resources import (
    autoscaling,
    backup,
    budgets,
    cloudfront,
    cloudwatch,
    create_only,
    delivery,
    documents,
    dynamodb,
    ec2,
    elasticache,
    fault_injection,
    functions,
    iam,
    kms,
    load_balancers,
    logs,
    network,
    protection,
    rds,
    region_switch,
    route53,
    secretsmanager,
    security_group_rules,
    sns,
    taken_names,
    wafv2,
    warm_pools,
)
from generator.sandbox.resources.calls import checked
from generator.sandbox.resources.resource import Resource

_TYPES = (
    backup.RESOURCES,
    budgets.RESOURCES,
    cloudfront.RESOURCES,
    cloudwatch.RESOURCES,
    delivery.RESOURCES,
    documents.RESOURCES,
    dynamodb.RESOURCES,
    ec2.RESOURCES,
    fault_injection.RESOURCES,
    iam.RESOURCES,
    kms.RESOURCES,
    logs.RESOURCES,
    rds.RESOURCES,
    region_switch.RESOURCES,
    route53.RESOURCES,
    secretsmanager.RESOURCES,
    security_group_rules.RESOURCES,
    warm_pools.RESOURCES,
    wafv2.RESOURCES,
)
RESOURCES: dict[str, Resource] = {
    resource_type: checked(resource_type, resource)
    for module in _TYPES
    for resource_type, resource in module.items()
}
EXTENSIONS = (
    autoscaling.EXTENSIONS,
    elasticache.EXTENSIONS,
    load_balancers.EXTENSIONS,
    network.EXTENSIONS,
    protection.EXTENSIONS,
    sns.EXTENSIONS,
    taken_names.extensions(),
)
"""A type may be in several: each wraps those before it."""


def register() -> None:
    """Register every type, and the actions of services that they need, with ministack."""
    for resource_type, resource in RESOURCES.items():
        seams.register_resource(resource_type, resource)
        if resource.tags:
            type_seams.register_tags(resource_type, resource.tags)
        if resource.name:
            type_seams.register_name(resource_type, resource.name)
    for extensions in EXTENSIONS:
        for resource_type, extension in extensions.items():
            type_seams.extend_resource(resource_type, extension)
    _register_replacing()
    for name, handler in warm_pools.ACTIONS.items():
        service_seams.register_auto_scaling_action(name, handler)
    service_seams.register_wafv2_actions(wafv2.ACTIONS)
    repair_seams.repair()
    for module in (elasticache, functions, protection):
        module.install()


def _register_replacing() -> None:
    for resource_type, properties in create_only.REPLACING.items():
        seams.register_replacing(resource_type, properties)
    for resource_type, properties in create_only.CONDITIONAL.items():
        type_seams.register_conditional(resource_type, properties)
