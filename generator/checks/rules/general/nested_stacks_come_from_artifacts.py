from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import find, layer_tags, refers_to, report, resources

PARAMETERS = {"ArtifactBucket", "ArtifactPrefix"}


class NestedStacksComeFromArtifacts(CloudFormationLintRule):
    """A nested stack's template is fetched from the artifacts of this very build."""

    id = "E9005"
    shortdesc = "Nested stacks come from the artifacts"
    description = (
        "TemplateURL of a nested stack is an Fn::Sub over the parameters ArtifactBucket and"
        " ArtifactPrefix."
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html"
    tags = layer_tags("general")
    risk = (
        "A fixed URL ties all environments and regions to one bucket, and a nested stack whose URL"
        " does not change is not updated at all."
    )
    fix = (
        "Build TemplateURL with Fn::Sub from ${ArtifactBucket} and ${ArtifactPrefix} and a"
        " content-named file."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, "TemplateURL must be built from ${ArtifactBucket} and ${ArtifactPrefix}")
            for stack in resources(cfn, "AWS::CloudFormation::Stack")
            for spot in find(cfn, stack, "TemplateURL")
            if not refers_to(spot.value) >= PARAMETERS
        ]
