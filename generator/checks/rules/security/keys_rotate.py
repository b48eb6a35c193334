from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import differs, find, layer_tags, report, resources, values


class KeysRotate(CloudFormationLintRule):
    """A symmetric key is rotated by AWS."""

    id = "E9024"
    shortdesc = "Keys rotate"
    description = (
        "AWS::KMS::Key has EnableKeyRotation true (asymmetric and HMAC keys can't rotate and are"
        " left out)."
    )
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html"
    tags = layer_tags("security")
    risk = "Key material that never changes protects ever more data, all of which one leak opens."
    fix = "Set EnableKeyRotation to true; replicas of a multi-region key follow their primary."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, "EnableKeyRotation must be true")
            for key in resources(cfn, "AWS::KMS::Key")
            if not any(
                differs(spec, "SYMMETRIC_DEFAULT", None) for spec in values(cfn, key, "KeySpec")
            )
            for spot in find(cfn, key, "EnableKeyRotation")
            if differs(spot.value, True)
        ]
