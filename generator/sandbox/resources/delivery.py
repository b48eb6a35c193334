"""What delivers builds: OpenID Connect providers, through the IAM API, and pipelines.

The emulator has no CodePipeline: a pipeline is its stack's record only, starts nothing, and no API
shows it.
"""

from __future__ import annotations

from generator.sandbox import seams
from generator.sandbox.resources.calls import picked
from generator.sandbox.resources.resource import Made, Properties, Resource

# --- AWS::IAM::OIDCProvider


def _create_provider(logical_id: str, properties: Properties, stack: str) -> Made:
    wanted = {
        "Url": properties["Url"],
        "ClientIDList": properties.get("ClientIdList", []),
        "ThumbprintList": properties.get("ThumbprintList", []),
    }
    made = seams.client("iam").create_open_id_connect_provider(
        **wanted, **picked(properties, "Tags")
    )
    arn = made["OpenIDConnectProviderArn"]
    return arn, {"Arn": arn}


def _update_provider(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    """Made anew under the same ARN, which the URL is: the emulator changes none."""
    _delete_provider(physical_id, old)
    return _create_provider("", new, stack)


def _delete_provider(physical_id: str, properties: Properties) -> None:
    seams.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=physical_id)


# --- AWS::CodePipeline::Pipeline


def _create_pipeline(logical_id: str, properties: Properties, stack: str) -> Made:
    return _pipeline(properties.get("Name") or f"{stack}-{logical_id}"[:100], 1)


def _update_pipeline(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    return _pipeline(physical_id, 2)


def _pipeline(name: str, version: int) -> Made:
    where = f"{seams.current_region()}:{seams.current_account()}"
    return name, {"Arn": f"arn:aws:codepipeline:{where}:{name}", "Version": str(version)}


def _delete_pipeline(physical_id: str, properties: Properties) -> None:
    """There is nothing but the record."""


RESOURCES = {
    "AWS::IAM::OIDCProvider": Resource(
        _create_provider,
        _delete_provider,
        _update_provider,
        frozenset({"Url"}),
        frozenset({"ClientIdList", "ThumbprintList"}),
        tags="Tags",
    ),
    "AWS::CodePipeline::Pipeline": Resource(
        _create_pipeline,
        _delete_pipeline,
        _update_pipeline,
        frozenset({"Name"}),
        frozenset(
            {
                *("ArtifactStore", "ExecutionMode", "PipelineType", "RoleArn"),
                *("Stages", "Triggers"),
            }
        ),
        tags="Tags",
        name="Name",
    ),
}
