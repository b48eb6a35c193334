"""A platform of toy layers: every way that a value can travel, in as few lines as possible."""

from __future__ import annotations

from troposphere import GetAtt, Ref, Tags
from troposphere.ec2 import VPC, Subnet
from troposphere.sns import Topic

from generator.layers.draft import Draft, Layer, Offer, Scope, Tunable
from generator.settings.model import Region, Settings

IMAGE = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
VPC_ID = Offer("VpcId", "The VPC.", type="AWS::EC2::VPC::Id", published=True)
SUBNETS = Offer("SubnetIds", "Subnets.", type="List<AWS::EC2::Subnet::Id>")
UNUSED = Offer("Unused", "Offered, and taken by nobody.")
ZONE = Offer("Zone", "Of the home Region.", scope=Scope.HOME)
DOMAIN = Offer("EdgeName", "Of us-east-1.", scope=Scope.EDGE)


def settings(*regions: str) -> Settings:
    """Valid settings over these Regions, the first of them home."""
    names = regions or ("eu-west-1", "us-east-1")
    return Settings(
        environment="toy", home_region=names[0], regions=[Region(name=name) for name in names]
    )


def home(draft: Draft) -> None:
    """Stands alone in the home Region."""
    draft.offer(ZONE, GetAtt(draft.add(Topic("Zone")), "TopicName"))


def base(draft: Draft) -> None:
    """Nested; offers a single value and a list."""
    cidr = draft.tune(Tunable("Cidr", "Address range", "A /16.", "10.0.0.0/16"))
    image = Tunable("Image", "AMI", "Where its id is kept.", "/ami", type=IMAGE)
    vpc = draft.add(VPC("Vpc", CidrBlock=cidr, Tags=Tags(Image=draft.tune(image))))
    subnets = [draft.add(Subnet(f"Subnet{n}", VpcId=Ref(vpc))) for n in (1, 2)]
    draft.offer(VPC_ID, Ref(vpc))
    draft.offer(SUBNETS, [Ref(subnet) for subnet in subnets])
    draft.offer(UNUSED, Ref(vpc))


def user(draft: Draft) -> None:
    """Nested; uses its sibling and a stack of another Region."""
    draft.add(Topic("Zone", DisplayName=draft.need(ZONE)))
    draft.add(Subnet("Subnet", VpcId=draft.need(VPC_ID)))
    draft.need(SUBNETS)


def edge(draft: Draft) -> None:
    """Stands alone in us-east-1; takes a value of each Region."""
    for region in draft.settings.region_names:
        draft.need(VPC_ID, region)
    draft.offer(DOMAIN, Ref(draft.add(Topic("Edge"))))


def edge_user(draft: Draft) -> None:
    """Stands beside the edge."""
    draft.add(Topic("Beside", DisplayName=draft.need(DOMAIN)))


HOME = Layer("home", "", "home", Scope.HOME, home)
BASE = Layer("base", "01", "base", Scope.REGIONAL, base)
USER = Layer("some_user", "02", "user", Scope.REGIONAL, user)
EDGE = Layer("edge", "03", "edge", Scope.EDGE, edge)
EDGE_USER = Layer("edge_user", "04", "edge user", Scope.EDGE, edge_user)
LAYERS = (HOME, BASE, USER, EDGE, EDGE_USER)
