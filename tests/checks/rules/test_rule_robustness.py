"""No template, however odd, makes a rule raise: cfn-lint would turn that into E0002."""

from pathlib import Path
from typing import Any

import pytest
from cfnlint.config import ConfigMixIn
from cfnlint.decode import decode
from cfnlint.rules import Rules
from cfnlint.template import Template
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from tests.checks.rules.pack import BAD, GOOD

CONFIG = ConfigMixIn([], regions=["us-east-1", "eu-west-1"])
FUNCTIONS = ("Ref", "Fn::Sub", "Fn::If", "Fn::GetAtt", "Fn::Join", "Fn::GetStackOutput", "Fn::X")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "*", "A", "AWS::NoValue", "${A}", "Allow", "-1", "nan", "1e999"])
    | st.text(max_size=3)
)
ODD = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["A", "Key", "Value", "Statement"]), inner, max_size=3)
        | st.sampled_from(FUNCTIONS).flatmap(lambda name: inner.map(lambda value: {name: value}))
    ),
    max_leaves=6,
)


def _load(path: Path) -> Any:
    return decode(str(path))[0]


TEMPLATES = [_load(path) for path in [*GOOD, *BAD]]


@st.composite
def spoiled_templates(draw: st.DrawFn) -> Any:
    """A template that a rule looks into, with odd values in some places."""
    return _spoil(draw, draw(st.sampled_from(TEMPLATES)), draw(st.integers(1, 12)))


def _spoil(draw: st.DrawFn, value: Any, odds: int) -> Any:
    if draw(st.integers(0, odds + 8)) == 0:
        return draw(ODD)
    if isinstance(value, dict):
        # The type is what a rule goes by: without it, it does not look.
        return {k: v if k == "Type" else _spoil(draw, v, odds) for k, v in value.items()}
    if isinstance(value, list):
        return [_spoil(draw, one, odds) for one in value]
    return value


def _check(pack: Rules, template: Any) -> None:
    if not isinstance(template, dict):
        reject()
    try:
        cfn = Template("template.yaml", template, ["us-east-1", "eu-west-1"])
    except Exception:  # cfn-lint itself gives up on it, before any rule
        reject()
    for rule in pack.values():
        for match in rule.match(cfn):
            assert match.path
            assert match.message


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(template=spoiled_templates())
def test_spoiled_templates_raise_nothing(pack: Rules, template: Any) -> None:
    _check(pack, template)


@settings(deadline=None, max_examples=50)
@given(template=st.dictionaries(st.sampled_from(["Resources", "Outputs", "Metadata"]), ODD))
def test_odd_sections_raise_nothing(pack: Rules, template: Any) -> None:
    _check(pack, template)


@pytest.mark.parametrize("properties", [None, [], "text", 1, {"Ref": "X"}, {"Fn::If": []}])
def test_odd_properties_raise_nothing(pack: Rules, properties: Any) -> None:
    types = {str(body["Type"]) for one in TEMPLATES for body in one["Resources"].values()}
    resources = {
        f"R{index}": {"Type": kind, "Properties": properties}
        for index, kind in enumerate(sorted(types))
    }
    _check(pack, {"Resources": resources})
    matches = pack.run("template.yaml", Template(None, {"Resources": resources}), CONFIG)
    assert "E0002" not in {match.rule.id for match in matches}
