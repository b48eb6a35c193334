"""Settings of an environment that is delivered by AWS CodePipeline and by GitHub Actions."""

from __future__ import annotations

import json
from typing import Any

from generator import wiring
from generator.layers.draft import Layer
from generator.settings.model import Settings
from generator.settings.sections import Monitoring
from generator.settings.sections_delivery import GithubActions, Pipeline
from tests.layers.support import drafted, settings

CONNECTION = (
    "arn:aws:codeconnections:ap-northeast-2:111122223333:connection/"
    "aaaabbbb-1111-2222-3333-ccccddddeeee"
)
REPOSITORY = "my-company/platform"
PROMOTES = [{"environment": "staging", "approval": False}, {"environment": "prod"}]


def delivering(branch: str = "main", **changes: Any) -> Settings:
    """prod, after staging; `changes` replace keys of the section that has them."""
    pipeline = {"connection_arn": CONNECTION, "promotes": PROMOTES}
    github = {"repository": REPOSITORY, "own_provider": True}
    both = {"repository": REPOSITORY, "branch": branch}
    return settings(
        environment="prod",
        monitoring=Monitoring(emails=["ops@example.com"]),
        pipeline=Pipeline.model_validate(both | _changed(pipeline, changes)),
        github_actions=GithubActions.model_validate(both | _changed(github, changes)),
    )


def _changed(section: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return section | {key: value for key, value in changes.items() if key in section}


def template(layer: Layer, chosen: Settings) -> dict[str, Any]:
    """One layer's template as it is written, with its Parameters and Outputs."""
    draft = drafted(layer, chosen)
    wiring.connect([draft])
    made: dict[str, Any] = json.loads(draft.template.to_json())
    return made
