"""A stack's parameters in the three formats that AWS's own tools read.

    <layer>.cli.json            aws cloudformation create-stack --parameters file://…
    <layer>.deploy.json         aws cloudformation deploy --parameter-overrides file://…
    <layer>.codepipeline.json   CodePipeline's template configuration

The second is for version 1 of the AWS CLI, whose `deploy` knows `Key=Value` only; version 2 reads
all three. CodePipeline takes parameter values, tags and a stack policy:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator.build.render import json_text
from generator.build.units import Unit


def parameter_files(
    units: Iterable[Unit], packed: Mapping[str, str], tags: Mapping[str, str]
) -> dict[str, str]:
    """Every stack's files, by path. `packed` are parameters that only the build knows."""
    return {
        f"parameters/{region}/{unit.layer.name}.{suffix}": text
        for unit in units
        for region in unit.regions
        for suffix, text in _formats(values(unit, region, packed), tags).items()
    }


def values(unit: Unit, region: str, packed: Mapping[str, str]) -> dict[str, str]:
    """What a stack's parameters are before anything stands; the carried ones are missing."""
    return {
        name: packed.get(name) or str(given.tunable.value_in(region))
        for name, given in unit.given.items()
    }


def _formats(parameters: Mapping[str, str], tags: Mapping[str, str]) -> dict[str, str]:
    pairs = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    return {
        "cli.json": json_text(pairs),
        "deploy.json": json_text([f"{key}={value}" for key, value in parameters.items()]),
        "codepipeline.json": json_text(
            {"Parameters": dict(parameters), "Tags": dict(sorted(tags.items()))}
        ),
    }
