"""Load generators: Locust master and workers that load the platform from outside. A stack set.

They are outside: in a small VPC of their own, also in Regions where the platform does not serve.
So they reach what users reach (the edge) and what the internet reaches (DynamoDB's API), and
neither the cache nor, behind an edge, a load balancer.

At rest both groups hold no instance: what is paid for is a key a Region, and stored results.
`loadtest --in-aws` switches them on; what switches them off again is said in `switching_off`.
Regions do not know of each other.
"""

from __future__ import annotations

from troposphere import GetAtt

from generator.layers.draft import Draft, Layer, Scope
from generator.layers.load_generator import fleet, meeting, network, switching_off, watching


def fill(draft: Draft) -> None:
    """Key and bucket first, where both sides meet; then network, fleet, and who looks after it."""
    key = meeting.add_key(draft)
    bucket = meeting.add_bucket(draft, key)
    places = network.add(draft, bucket)
    groups = fleet.add(draft, places, GetAtt(key, "Arn"))
    to_none = switching_off.add(draft, groups)
    watching.add(draft, groups, key, to_none)


LAYER = Layer(
    name="load_generator",
    step="",
    purpose="Locust masters and workers that load the platform from outside, off until asked",
    scope=Scope.GENERATORS,
    fill=fill,
    after=("storage", "foundation"),
    wanted=lambda settings: settings.load_generator is not None,
)
