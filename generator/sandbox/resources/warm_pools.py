"""Warm pools. The emulator's EC2 Auto Scaling has no such API at all: it is added here.

A pool is a record that DescribeWarmPool answers; no instance is kept in it.
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from generator.sandbox import seams, service_seams, store_seams
from generator.sandbox.resources.calls import picked
from generator.sandbox.resources.resource import Made, Properties, Resource
from generator.sandbox.seams import Answer, Params, value

_GROUP = "AutoScalingGroupName"
_NUMBERS = ("MinSize", "MaxGroupPreparedCapacity")
_STATES = ("Stopped", "Running", "Hibernated")
_pools = store_seams.regional_store("autoscaling_warm_pools")


def _put(logical_id: str, properties: Properties, stack: str) -> Made:
    asked = {name: int(number) for name, number in picked(properties, *_NUMBERS).items()}
    asked |= picked(properties, _GROUP, "PoolState", "InstanceReusePolicy")
    seams.client("autoscaling").put_warm_pool(**asked)
    return properties[_GROUP], {}


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    return _put(physical_id, new, stack)


def _delete(physical_id: str, properties: Properties) -> None:
    if physical_id in _pools:
        seams.client("autoscaling").delete_warm_pool(
            AutoScalingGroupName=physical_id, ForceDelete=True
        )


# --- the API


def _put_warm_pool(params: Params) -> Answer:
    name, state = value(params, _GROUP), value(params, "PoolState", "Stopped")
    if service_seams.auto_scaling_group(name) is None:
        return _no_group(name)
    if state not in _STATES:
        return service_seams.auto_scaling_error(f"PoolState {state} is not valid")
    pool: dict[str, str] = {"PoolState": state}
    pool |= {each: value(params, each) for each in _NUMBERS if value(params, each)}
    if reuse := value(params, "InstanceReusePolicy.ReuseOnScaleIn"):
        pool["ReuseOnScaleIn"] = reuse
    _pools[name] = pool
    return service_seams.auto_scaling_answer("PutWarmPool")


def _describe_warm_pool(params: Params) -> Answer:
    name = value(params, _GROUP)
    if service_seams.auto_scaling_group(name) is None:
        return _no_group(name)
    pool = _pools.get(name)
    inner = f"<WarmPoolConfiguration>{_xml(pool)}</WarmPoolConfiguration>" if pool else ""
    return service_seams.auto_scaling_answer("DescribeWarmPool", f"{inner}<Instances/>")


def _delete_warm_pool(params: Params) -> Answer:
    name = value(params, _GROUP)
    if _pools.pop(name, None) is None:
        said = f"No warm pool found for Auto Scaling group: {name}"
        return service_seams.auto_scaling_error(said)
    return service_seams.auto_scaling_answer("DeleteWarmPool")


def _xml(pool: dict[str, str]) -> str:
    fields = {"MinSize": "0"} | pool
    reuse = fields.pop("ReuseOnScaleIn", None)
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
    if reuse is None:
        return inner
    policy = f"<ReuseOnScaleIn>{escape(reuse)}</ReuseOnScaleIn>"
    return f"{inner}<InstanceReusePolicy>{policy}</InstanceReusePolicy>"


def _no_group(name: str) -> Answer:
    said = f"AutoScalingGroup name not found - AutoScalingGroup: {name} not found"
    return service_seams.auto_scaling_error(said)


RESOURCES = {
    "AWS::AutoScaling::WarmPool": Resource(
        _put,
        _delete,
        _update,
        frozenset({_GROUP}),
        frozenset({"PoolState", "InstanceReusePolicy", *_NUMBERS}),
    ),
}
ACTIONS = {
    "PutWarmPool": _put_warm_pool,
    "DescribeWarmPool": _describe_warm_pool,
    "DeleteWarmPool": _delete_warm_pool,
}
