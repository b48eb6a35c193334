from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import layer_tags, report, text, values
from generator.checks.rules.dns._records import policies, records, set_of


class SetIdentifiersAreUnique(CloudFormationLintRule):
    """Records of one name and type are told apart by their SetIdentifier."""

    id = "E9082"
    shortdesc = "Set identifiers are unique"
    description = (
        "No two records of a template with the same zone, name and type have the same"
        " SetIdentifier."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-resource-route53-recordset.html"
    )
    tags = layer_tags("dns")
    risk = "The second record overwrites the first: one region silently drops out of the routing."
    fix = "Give each record its own SetIdentifier, the region's name for example."

    def match(self, cfn: Template) -> list[RuleMatch]:
        seen: set[tuple[str, str]] = set()
        matches = []
        for record in records(cfn):
            if not policies(cfn, record):
                continue
            key = (set_of(cfn, record), text(values(cfn, record, "SetIdentifier")))
            if key in seen:
                matches.append(
                    report(record, "another record of this name and type has this SetIdentifier")
                )
            seen.add(key)
        return matches
