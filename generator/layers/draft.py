"""What a layer is, and the draft of a template that its one function fills.

A layer module says what it *adds* (resources), what it *needs* of other layers, what it *offers*
them and what an operator may *tune*. It never says how a value travels: `generator.wiring` derives
Parameters, Outputs, exports, imports and the parent's arguments from these declarations.

    network.py      VPC_ID = Offer("VpcId", "The VPC.", type="AWS::EC2::VPC::Id")
                    draft.offer(VPC_ID, Ref(vpc))
    security.py     vpc = draft.need(network.VPC_ID)        # a Ref to a Parameter named VpcId
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, TypeAlias, TypeVar

from troposphere import (
    AWSHelperFn,
    AWSObject,
    ImportValue,
    Join,
    Parameter,
    Ref,
    Sub,
    Template,
)
from troposphere.iam import Role

from generator import names
from generator.errors import WiringError
from generator.settings.model import Settings

Value: TypeAlias = str | int | float
Expression: TypeAlias = "AWSHelperFn | str"
Resource = TypeVar("Resource", bound=AWSObject)

SSM_VALUE = "AWS::SSM::Parameter::Value<"
AT_REST = "AtRest"
"""Matter of `Draft.explain`: why something is under no key of the platform's that rotates."""
IN_TRANSIT = "InTransit"
"""Matter of `Draft.explain`: why a link, or what a store takes, may go without TLS."""
ARN_PATTERN = r"^arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d{0,12}:.+$"


class Scope(Enum):
    """Where a layer's stack stands, and so how its values can travel."""

    HOME = "one stack in the home Region"
    EVERY_REGION = "one stack in each Region, us-east-1 included"
    ROOT = "one stack in each workload Region"
    REGIONAL = "nested in the root of each workload Region"
    REPLICAS = "stack set over the workload Regions but home"
    WORKLOAD = "stack set over the workload Regions"
    EDGE = "one stack in us-east-1"
    GENERATORS = "stack set over the Regions that load comes from"

    @property
    def is_stack_set(self) -> bool:
        """Whether CloudFormation StackSets rolls it out."""
        return self in (Scope.REPLICAS, Scope.WORKLOAD, Scope.GENERATORS)

    @property
    def is_for_everyone(self) -> bool:
        """Whether it is for every account of an organization, not the platform's own only."""
        return self is Scope.GENERATORS

    def regions(self, settings: Settings) -> tuple[str, ...]:
        """The Regions it stands in, in rollout order."""
        return {
            Scope.HOME: (settings.home_region,),
            Scope.EVERY_REGION: settings.all_regions,
            Scope.ROOT: settings.region_names,
            Scope.REGIONAL: settings.region_names,
            Scope.REPLICAS: settings.replica_regions,
            Scope.WORKLOAD: settings.region_names,
            Scope.EDGE: ("us-east-1",),
            Scope.GENERATORS: settings.generator_regions,
        }[self]


class Offer(NamedTuple):
    """A value that one layer makes and others use.

    `type` is a CloudFormation parameter type. `published` values are for people and tools too:
    they reach the outputs of the top stack even when no layer needs them.
    """

    name: str
    description: str
    type: str = "String"
    scope: Scope = Scope.REGIONAL
    pattern: str | None = None
    published: bool = False


class Need(NamedTuple):
    """A use of an offer. `region` names whose, where the consumer stands in another Region."""

    offer: Offer
    region: str | None = None

    @property
    def parameter(self) -> str:
        """The Parameter that carries it."""
        suffix = "".join(part.capitalize() for part in (self.region or "").split("-"))
        return self.offer.name + suffix


class Tunable(NamedTuple):
    """A Parameter that an operator may change without a rebuild.

    `by_region` pairs Regions with their own values where these differ from `default`. `cost` says
    how it moves the bill, in units and without prices: "per hour and instance", or "Free".
    """

    name: str
    label: str
    description: str
    default: Value
    type: str = "String"
    choices: tuple[Value, ...] = ()
    minimum: Value | None = None
    maximum: Value | None = None
    pattern: str | None = None
    by_region: tuple[tuple[str, Value], ...] = ()
    cost: str = ""

    def value_in(self, region: str) -> Value:
        """Its value in one Region."""
        return dict(self.by_region).get(region, self.default)

    def resolved(self) -> Parameter:
        """Its Parameter in a nested stack, where the root has resolved `…::Value<X>` to an X.

        The name of an SSM parameter is good for the root only: a nested stack that declared the
        same type would look for an SSM parameter called as the value is.
        """
        if not self.type.startswith(SSM_VALUE):
            return self.parameter()
        inner = self.type.removeprefix(SSM_VALUE).removesuffix(">")
        return Parameter(self.name, Type=inner, Description=self.description)

    def parameter(self) -> Parameter:
        """Its Parameter, with whatever bounds it has."""
        bounds = {
            "AllowedValues": list(self.choices) or None,
            "MinValue": self.minimum,
            "MaxValue": self.maximum,
            "AllowedPattern": self.pattern,
            "ConstraintDescription": f"must match {self.pattern}" if self.pattern else None,
        }
        given = {key: value for key, value in bounds.items() if value is not None}
        return Parameter(
            self.name, Type=self.type, Default=self.default, Description=self.description, **given
        )


class Layer(NamedTuple):
    """One template: a name, where it stands, and the function that fills it.

    `name` is the same in the module, the file, the stack and the docs. `step` is its place among
    the eleven, as text ("03"), or "" for what carries them. `after` names stacks that must stand
    first although no value of theirs is needed (a name derived from settings is enough). The roles
    of a `bounded` layer have the platform's permissions boundary, without which the provisioning
    role may not make them: all layers but those of an administrator that make roles.
    """

    name: str
    step: str
    purpose: str
    scope: Scope
    fill: Callable[[Draft], None]
    after: tuple[str, ...] = ()
    wanted: Callable[[Settings], bool] = lambda settings: True
    bounded: bool = True

    @property
    def title(self) -> str:
        """How the console groups its parameters: "03 Load balancer"."""
        return f"{self.step} {self.name.replace('_', ' ').capitalize()}".strip()

    @property
    def logical_id(self) -> str:
        """Its id as a nested stack: `LoadBalancer`. Renaming a layer replaces that stack."""
        return "".join(part.capitalize() for part in self.name.split("_"))


@dataclass
class Draft:
    """A template in the making: what a layer adds, needs, offers and lets an operator tune."""

    layer: Layer
    settings: Settings
    template: Template = field(default_factory=Template)
    needs: dict[str, Need] = field(default_factory=dict)
    imports: dict[str, Offer] = field(default_factory=dict)
    offers: dict[str, tuple[Offer, Expression]] = field(default_factory=dict)
    tunables: dict[str, Tunable] = field(default_factory=dict)

    def add(self, resource: Resource) -> Resource:
        """Put a resource into the template; a role gets the permissions boundary."""
        if isinstance(resource, Role) and self._is_bounded():
            resource.PermissionsBoundary = sub(names.boundary_arn(self.settings))
        self.template.add_resource(resource)
        return resource

    def _is_bounded(self) -> bool:
        """Other accounts of an organization have no boundary of ours, and nothing for it to guard:

        there StackSets' own role makes the roles, and no provisioning role could misuse them.
        """
        everywhere = self.layer.scope.is_for_everyone and self.settings.organization
        return self.layer.bounded and not everywhere

    def need(self, offer: Offer, region: str | None = None) -> Expression:
        """Use another layer's value, if need be that of one `region`.

        Two single stacks side by side import; everything else takes a Parameter, which the parent
        or the rollout fills.
        """
        if offer.scope is self.layer.scope and offer.scope in (Scope.HOME, Scope.EDGE):
            self.imports[offer.name] = offer
            imported: Expression = ImportValue(export_name(self.settings, offer))
            return imported
        need = Need(offer, region)
        self.needs[need.parameter] = need
        reference: Expression = Ref(need.parameter)
        return reference

    def offer(self, offer: Offer, value: Expression | Sequence[Expression]) -> None:
        """Make a value available to other layers; a sequence travels as a comma-separated list."""
        if offer.scope is not self.layer.scope:
            declared, made = offer.scope.name, f"{self.layer.name} ({self.layer.scope.name})"
            raise WiringError(f"{offer.name} is declared for {declared}, offered in {made}")
        is_list = isinstance(value, (list, tuple))
        self.offers[offer.name] = (offer, Join(",", list(value)) if is_list else value)

    def tune(self, tunable: Tunable) -> Ref:
        """Let an operator tune a value."""
        known = self.tunables.setdefault(tunable.name, tunable)
        if known != tunable:
            raise WiringError(f"{self.layer.name} defines {tunable.name} twice, differently")
        return Ref(tunable.name)

    def excuse(self, resource: AWSObject, rule: str, reason: str) -> None:
        """Suppress one finding of one checker on one resource, with the reason rendered beside it.

        `rule` is a cfn-lint id (E9032) or a checkov id (CKV_AWS_18). Only for what is unavoidable.
        """
        metadata = resource.resource.setdefault("Metadata", {})
        if rule.startswith("CKV"):
            skips = metadata.setdefault("checkov", {}).setdefault("skip", [])
            skips.append({"id": rule, "comment": reason})
            return
        config = metadata.setdefault("cfn-lint", {}).setdefault("config", {})
        config.setdefault("ignore_checks", []).append(rule)
        self.explain(resource, rule, reason)

    def explain(self, resource: AWSObject, matter: str, reason: str) -> None:
        """Say in a resource's Metadata why something is so: AT_REST, IN_TRANSIT, or a rule."""
        metadata = resource.resource.setdefault("Metadata", {})
        metadata.setdefault("Reasons", {})[matter] = reason

    def name(self, suffix: str) -> str:
        """A name known before anything stands: `project-environment-suffix`."""
        return f"{self.settings.prefix}-{suffix}"

    def stack(self, layer: str) -> str:
        """The name of a layer's stack, where it has one of its own."""
        return names.stack(self.settings, layer)


def export_name(settings: Settings, offer: Offer) -> str:
    """The name of a CloudFormation export; unique in its account and Region."""
    return f"{settings.prefix}:{offer.name}"


def sub(text: str, **values: object) -> Sub:
    """Fn::Sub, with the map only where there is one."""
    return Sub(text, **values) if values else Sub(text)


def by_region(settings: Settings, values: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    """Per-Region values of a Tunable, in rollout order."""
    return tuple((name, values[name]) for name in settings.region_names if name in values)
