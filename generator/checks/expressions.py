"""What a CloudFormation expression yields, as a parameter type, as far as a template can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Template = Mapping[str, Any]

SSM_VALUE = "AWS::SSM::Parameter::Value<"
REF_TYPES = {
    "AWS::EC2::VPC": "AWS::EC2::VPC::Id",
    "AWS::EC2::Subnet": "AWS::EC2::Subnet::Id",
    "AWS::EC2::SecurityGroup": "AWS::EC2::SecurityGroup::Id",
    "AWS::Route53::HostedZone": "AWS::Route53::HostedZone::Id",
}
"""What Ref of a resource yields, for the types that have a parameter type of their own."""

ATTRIBUTE_TYPES = {
    ("AWS::EC2::SecurityGroup", "GroupId"): "AWS::EC2::SecurityGroup::Id",
    ("AWS::EC2::VPC", "VpcId"): "AWS::EC2::VPC::Id",
    ("AWS::EC2::Subnet", "SubnetId"): "AWS::EC2::Subnet::Id",
    ("AWS::Route53::HostedZone", "Id"): "AWS::Route53::HostedZone::Id",
}


def find_functions(value: object, name: str, where: str = "") -> Iterator[tuple[str, Any]]:
    """Every use of an intrinsic function below `value`: its place and its argument."""
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if key == name:
                yield where.lstrip("/"), inner
            if isinstance(inner, (dict, list)):  # most are texts, and have nothing below
                yield from find_functions(inner, name, f"{where}/{key}")


def nested_file(properties: Mapping[str, Any]) -> str:
    """The file at the end of a nested stack's TemplateURL; raises KeyError where it has none."""
    url = properties["TemplateURL"]
    text = url["Fn::Sub"] if isinstance(url, dict) else url
    text = text[0] if isinstance(text, list) else text
    return str(text.rsplit("/", 1)[-1].rsplit("}", 1)[-1])


def output_type(templates: Mapping[str, Template], template: Template, name: str) -> str | None:
    """Type of one output: "String" for what has none of its own, None where it cannot be told."""
    output = template.get("Outputs", {}).get(name)
    return value_type(templates, template, output["Value"]) if output else None


def value_type(templates: Mapping[str, Template], template: Template, value: object) -> str | None:
    """Type of an expression in a template."""
    match value:
        case {"Ref": str(name)}:
            return _ref_type(template, name)
        case {"Fn::GetAtt": [str(resource), str(attribute)]}:
            return _attribute_type(templates, template, resource, attribute)
        case {"Fn::Join": [",", parts]}:
            return _list_type(templates, template, parts)
        case str() | {"Fn::Sub": _}:
            return "String"
        case {"Fn::If": [_, first, second]}:
            kinds = {value_type(templates, template, branch) for branch in (first, second)}
            return kinds.pop() if len(kinds) == 1 else None
    return None


def _ref_type(template: Template, name: str) -> str | None:
    if name in template.get("Parameters", {}):
        declared = str(template["Parameters"][name]["Type"])
        return declared.removeprefix(SSM_VALUE).removesuffix(">" * declared.startswith(SSM_VALUE))
    resource = template["Resources"].get(name)
    return REF_TYPES.get(resource["Type"], "String") if resource else "String"


def _attribute_type(
    templates: Mapping[str, Template], template: Template, resource: str, attribute: str
) -> str | None:
    declared = template["Resources"].get(resource, {})
    if declared.get("Type") == "AWS::CloudFormation::Stack":
        child = templates.get(nested_file(declared["Properties"]), {})
        return output_type(templates, child, attribute.removeprefix("Outputs."))
    return ATTRIBUTE_TYPES.get((declared.get("Type", ""), attribute), "String")


def _list_type(templates: Mapping[str, Template], template: Template, parts: object) -> str | None:
    if not isinstance(parts, list):
        return value_type(templates, template, parts)
    kinds = {value_type(templates, template, part) for part in parts}
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is None or kind == "String":
        return None
    return f"List<{kind}>"
