"""Runs made by hand, to be drawn: no AWS, and time is what a test says it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator.deploy.context import Outcome
from generator.deploy.looking.events import StackEvent
from generator.deploy.records.recorder import Run
from generator.deploy.steps import (
    Action,
    BakeStep,
    Change,
    Do,
    DoSet,
    Plan,
    SetStep,
    StackStep,
    Step,
    UploadStep,
)

HOME = "eu-west-1"
NESTED = "AWS::CloudFormation::Stack"
VPC = "AWS::EC2::VPC"
RESULT = "AWS::CloudFormation::StackSet"
START = 1_700_000_000.0
"""When a made run begins: seconds since the epoch."""


def changes(*paths: str, action: Action = Action.ADD) -> tuple[Change, ...]:
    """Changes of resources; those that end in Stack are nested stacks."""
    return tuple(Change(p, NESTED if p.endswith("Stack") else VPC, action) for p in paths)


def stack(
    layer: str, region: str = HOME, after: Iterable[str] = (), made: tuple[Change, ...] = ()
) -> StackStep:
    """A step that creates a stack."""
    return StackStep(
        id=f"{layer}@{region}",
        after=tuple(after),
        layer=layer,
        name=f"acme-{layer}",
        region=region,
        do=Do.CREATE,
        changes=made,
    )


def instances(
    layer: str, regions: tuple[str, ...], after: Iterable[str] = (), resources: int = 2
) -> SetStep:
    """A step that adds instances to a stack set."""
    made = changes(*(f"Resource{number}" for number in range(resources)))
    return SetStep(
        id=f"{layer}/add-instances",
        after=tuple(after),
        layer=layer,
        name=f"acme-{layer}",
        region=HOME,
        do=DoSet.ADD,
        places=regions,
        changes=dict.fromkeys(regions, made),
    )


def upload(region: str = HOME, after: Iterable[str] = ()) -> UploadStep:
    """A step that uploads templates."""
    return UploadStep(
        id=f"upload@{region}", after=tuple(after), region=region, files=("a.template.json",)
    )


def bake(region: str, wave: tuple[str, ...], minutes: float) -> BakeStep:
    """A step that waits after a wave."""
    return BakeStep(id=f"bake@{region}", after=wave, wave=wave, minutes=minutes, alarms=())


def plan(*steps: Step) -> Plan:
    """A plan of these steps."""
    return Plan(
        environment="prod",
        prefix="acme",
        home=HOME,
        account="123456789012",
        fingerprint="f",
        release="r",
        steps=steps,
        unchanged=0,
    )


def ended(
    step: str, started: float, end: float, state: str = "done", reason: str = ""
) -> tuple[str, Outcome]:
    """How a step ended; seconds after the run's start."""
    return step, Outcome(step, state, START + started, START + end, reason)


def told(second: float, path: str, status: str, reason: str = "", type: str = "") -> StackEvent:
    """An event, so many seconds after the run's start."""
    kind = type or (NESTED if not path or path.endswith("Stack") else VPC)
    return StackEvent(START + second, path, kind, status, reason)


def run(
    plan: Plan,
    *outcomes: tuple[str, Outcome],
    began: Mapping[str, float] | None = None,
    events: Mapping[str, tuple[StackEvent, ...]] | None = None,
    calls: Mapping[str, int] | None = None,
) -> Run:
    """A run: outcomes, and steps that began so many seconds after its start and go on."""
    by_step = dict(outcomes)
    starts = {name: o.started for name, o in by_step.items() if o.state != "not started"}
    starts |= {name: START + second for name, second in (began or {}).items()}
    return Run(plan, starts, by_step, events or {}, calls or {})


def three_regions() -> Run:
    """Home is done; one of the two others makes its network, the other failed and rolls back."""
    made = changes("NetworkStack", "NetworkStack/Vpc", "NetworkStack/Nat", "CacheStack")
    base = stack("storage", made=changes("Bucket"))
    home = stack("regional", HOME, [base.id], made)
    others = [stack("regional", region, [home.id], made) for region in ("us-east-1", "ap-south-1")]
    roots = [home, *others]
    replicas = instances("replica", ("us-east-1", "ap-south-1"), [base.id])
    last = stack("dns", "us-east-1", [roots[1].id, replicas.id], changes("Record"))
    return run(
        plan(base, *roots, replicas, last),
        ended(base.id, 0, 3),
        ended(roots[0].id, 3, 63),
        ended(replicas.id, 3, 33),
        began={roots[1].id: 63.5, roots[2].id: 64},
        events={
            replicas.id: (
                told(4, "us-east-1", "RUNNING", type=RESULT),
                told(5, "ap-south-1", "RUNNING", type=RESULT),
                told(20, "us-east-1", "SUCCEEDED", type=RESULT),
                told(32, "ap-south-1", "SUCCEEDED", type=RESULT),
            ),
            roots[1].id: (
                told(64, "", "CREATE_IN_PROGRESS"),
                told(65, "NetworkStack", "CREATE_IN_PROGRESS"),
                told(66, "NetworkStack/Vpc", "CREATE_IN_PROGRESS"),
                told(70, "NetworkStack/Vpc", "CREATE_COMPLETE"),
                told(71, "NetworkStack/Nat", "CREATE_IN_PROGRESS"),
            ),
            roots[2].id: (
                told(64.5, "", "CREATE_IN_PROGRESS"),
                told(65, "NetworkStack", "CREATE_IN_PROGRESS"),
                told(66, "NetworkStack/Vpc", "CREATE_IN_PROGRESS"),
                told(67, "NetworkStack/Vpc", "CREATE_FAILED", "The maximum number of VPCs"),
                told(68, "NetworkStack", "CREATE_FAILED", "Embedded stack was not made"),
                told(69, "", "ROLLBACK_IN_PROGRESS", "NetworkStack failed"),
            ),
        },
    )
