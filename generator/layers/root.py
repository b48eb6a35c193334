"""The regional root: what carries the regional layers, and what it alone knows.

It makes no resource itself: `generator.wiring.nest` gives it one nested stack a layer.
"""

from __future__ import annotations

from troposphere import Equals, If

from generator import names
from generator.layers.draft import Draft, Layer, Offer, Scope, Tunable, sub

ARTIFACT_BUCKET = Offer(
    "ArtifactBucket", "The Region's bucket of templates and service archives.", scope=Scope.ROOT
)
ARTIFACT_PREFIX = Offer(
    "ArtifactPrefix", "Key prefix of this release's files in that bucket.", scope=Scope.ROOT
)
OWN_BUCKET = "OwnArtifactBucket"
"""Condition: no bucket was given, so the storage stack's is meant, whose name is derived."""


def fill(draft: Draft) -> None:
    """The two parameters that let the console, taskcat and a pipeline launch the same root."""
    bucket = draft.tune(
        Tunable(
            ARTIFACT_BUCKET.name,
            "Artifact bucket",
            "Bucket of the nested templates in this Region. Empty: the one of the storage stack.",
            default="",
            pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$",
            cost="Free: it says where to look.",
        )
    )
    prefix = draft.tune(
        Tunable(
            ARTIFACT_PREFIX.name,
            "Artifact prefix",
            "Key prefix of the nested templates, with its closing slash.",
            default=f"{draft.settings.prefix}/",
            pattern=r"^([A-Za-z0-9._-]+/)*$",
            cost="Free: it says where to look.",
        )
    )
    draft.template.add_condition(OWN_BUCKET, Equals(bucket, ""))
    own = sub(names.artifact_bucket(draft.settings))
    draft.offer(ARTIFACT_BUCKET, If(OWN_BUCKET, own, bucket))
    draft.offer(ARTIFACT_PREFIX, prefix)


LAYER = Layer(
    name="regional",
    step="",
    purpose="Root stack of a Region: nests 01-05 and 09-11",
    scope=Scope.ROOT,
    fill=fill,
    after=("storage", "foundation", "database"),
)
