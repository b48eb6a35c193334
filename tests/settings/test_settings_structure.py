"""Keys and values against the model: each fault once, with what is allowed."""

from __future__ import annotations

import pytest

from tests.settings.reading import START, faults, only, places

VALUES = {
    # from line 4: (place, the problem, the beginning of the remedy)
    "zones: 5": ("4:8 zones", "found the number 5", "Allowed: a whole number from 2 to 4."),
    'zones: "3"': (
        "4:8 zones",
        'found text "3"',
        "Allowed: a whole number from 2 to 4. Write it without quotes.",
    ),
    "zones: 3.0": ("4:8 zones", "found the number 3.0", "Allowed: a whole number"),
    "zones: true": ("4:8 zones", "found true", "Allowed: a whole number"),
    "zones: on": ("4:8 zones", "found on, which YAML reads as true", "Allowed: a whole"),
    "zones:": ("4:7 zones", "found nothing (null)", "Allowed: a whole number from 2 to 4. Leave"),
    "zones: [3]": ("4:8 zones", "found a list", "Allowed: a whole number"),
    "zones: {a: 3}": ("4:8 zones", "found a mapping of keys to values", "Allowed: a whole"),
    "zones: 1000000000000000000000": ("4:8 zones", "found the number 1000", "Allowed: a whole"),
    "log_retention_days: 31": (
        "4:21 log_retention_days",
        "found the number 31",
        "Allowed: one of 1, 3, 5, 7, 14, 30,",
    ),
    "log_retention_days: true": ("4:21 log_retention_days", "found true", "Allowed: one of"),
    "log_retention_days: 30.0": ("4:21 log_retention_days", "found the number 30", "Allowed: one"),
    "project: GTM": ("4:10 project", 'found text "GTM"', "Allowed: text such as prod."),
    "project: on": (
        "4:10 project",
        "found on, which YAML reads as true",
        'Allowed: text such as prod. Quote it to make it text: "on".',
    ),
    "project: 12": ("4:10 project", "found the number 12", "Allowed: text such as prod. Quote it"),
    "edge:": ("4:6 edge", "found nothing (null)", "Allowed: a section, that is keys on indented"),
    "edge: false": ("4:7 edge", "found false", "Allowed: a section"),
    "edge: []": ("4:7 edge", "found a list", "Allowed: a section"),
    "edge: {enabled: 'no'}": ("4:17 edge.enabled", 'found text "no"', "Allowed: true or false."),
    "edge:\n  price_class: All": (
        "5:16 edge.price_class",
        'found text "All"',
        "Allowed: one of PriceClass_100, PriceClass_200, PriceClass_All.",
    ),
    "edge: {web_acl: {requests_per_five_minutes: 1}}": (
        "4:45 edge.web_acl.requests_per_five_minutes",
        "found the number 1",
        "Allowed: a whole number from 10 to 2000000000.",
    ),
    "schedule: {night_minimum_instances: 0}": (
        "4:37 schedule.night_minimum_instances",
        "found the number 0",
        "Allowed: a whole number from 1 to 1000.",
    ),
    "schedule: {night_start: 01:00}": (
        "4:25 schedule.night_start",
        'found text "01:00"',
        "Allowed: text of up to 255 characters such as 0 7 * * 1-5.",
    ),
    "domain: {}": ("4:1 domain.name", "this key is missing", "Allowed: text of up to 200"),
    "domain: example.com": ("4:9 domain", 'found text "example.com"', "Allowed: a section"),
    "domain: {name: Example.com}": ("4:16 domain.name", 'found text "Example.com"', "Allowed:"),
    "monitoring: {emails: ops@example.com}": (
        "4:22 monitoring.emails",
        'found text "ops@example.com"',
        "Allowed: a list of 0 to 10 items.",
    ),
    "monitoring:\n  emails:\n    - a@b.c\n    - nobody": (
        "7:7 monitoring.emails[1]",
        'found text "nobody"',
        "Allowed: text of up to 254 characters such as ops@example.com.",
    ),
    "monitoring: {latency_warning_seconds: 0}": (
        "4:39 monitoring.latency_warning_seconds",
        "found the number 0",
        "Allowed: a number above 0 and up to 60.",
    ),
    "monitoring: {latency_warning_seconds: .nan}": (
        "4:39 monitoring.latency_warning_seconds",
        "found the number nan",
        "Allowed: a number above 0",
    ),
    "monitoring: {latency_warning_seconds: .inf}": (
        "4:39 monitoring.latency_warning_seconds",
        "found the number inf",
        "Allowed: a number above 0",
    ),
    "scaling: {steps: []}": ("4:18 scaling.steps", "found 0 items", "Allowed: a list of 1 to 20"),
    "scaling: {steps: [{add_percent: 1}]}": (
        "4:19 scaling.steps[0].above_percent",
        "this key is missing",
        "Allowed: a whole number from 0 to 60.",
    ),
    "scaling: {steps: [3]}": ("4:19 scaling.steps[0]", "found the number 3", "Allowed: a section"),
    "tags: {team: 3}": ("4:14 tags.team", "found the number 3", "Allowed: text of 1 to 256"),
    "tags: {team: ''}": ("4:14 tags.team", 'found text ""', "Allowed: text of 1 to 256"),
    "tags: [a]": ("4:7 tags", "found a list", "Allowed: a section"),
    f"tags: {{team: {'x' * 300}}}": (
        "4:14 tags.team",
        f'found a text of 300 characters, "{"x" * 40}…"',
        "Allowed: text of 1 to 256",
    ),
    f"tags: {{{'x' * 300}: a}}": (f"4:8 tags.{'x' * 40}…", "found a text of 300", "Allowed: text"),
}


@pytest.mark.parametrize("written", VALUES, ids=lambda written: str(written)[:40])
def test_a_value_that_is_not_allowed(written: str) -> None:
    place, problem, remedy = VALUES[written]
    fault = only(f"{START}{written}\n")
    assert f"{fault.line}:{fault.column} {fault.key}" == place
    assert fault.problem.startswith(problem)
    assert fault.remedy.startswith(remedy)


UNKNOWN = {
    "zoness: 3": ("4:1 zoness", "Did you mean zones?"),
    "compute:\n  maximum_instnaces: 3": (
        "5:3 compute.maximum_instnaces",
        "Did you mean maximum_instances?",
    ),
    "compute: {spot_percnt: 3}": ("4:11 compute.spot_percnt", "Did you mean spot_percent?"),
    "edge: {web_acl: {bots: 3}}": (
        "4:18 edge.web_acl.bots",
        "Keys here: blocked_countries, bot_control, requests_per_five_minutes.",
    ),
    "network: {qqq: 3}": ("4:11 network.qqq", "Keys here: interface_endpoints, nat."),
    "tags: {a: b}\n'': 3": ('5:1 ""', "Keys here: aurora, cache, chaos,"),
    "domain: {nam: example.com}": ("4:10 domain.nam", "Did you mean name?"),
}


@pytest.mark.parametrize("written", UNKNOWN)
def test_an_unknown_key_names_the_nearest_or_all(written: str) -> None:
    place, remedy = UNKNOWN[written]
    fault = only(f"{START}{written}\n")
    assert f"{fault.line}:{fault.column} {fault.key}" == place
    assert fault.problem == "there is no such key"
    assert fault.remedy.startswith(remedy)


def test_what_a_file_must_have() -> None:
    assert places("zones: 2\n") == ["1:1 environment", "1:1 home_region", "1:1 regions"]


def test_a_region_without_a_name() -> None:
    written = (
        "environment: a1\nhome_region: us-east-1\nregions:\n  - name: us-east-1\n  - weight: 3\n"
    )
    assert places(written) == ["5:5 regions[1].name"]


def test_a_region_by_its_bare_name() -> None:
    written = "environment: a1\nhome_region: us-east-1\nregions: [us-east-1]\n"
    assert places(written) == ["3:11 regions[0]"]


def test_all_faults_are_reported_at_once_in_the_order_of_the_file() -> None:
    """Structure and relations together; what depends on a faulty value is not judged."""
    written = """\
environment: test
home_region: eu-wset-1
regions:
  - name: eu-west-1
    weight: 3
  - name: us-east-1
    minimum_instances: "40"
zones: 012
compute:
  maximum_instnces: 3
  minimum_instances: 900
  instance_types: [m7g.large, m5.large]
  warm_pool: true
  spot_percent: 30
edge:
load_balancer:
  slow_start_seconds: 7
"""
    assert places(written) == [
        "2:14 home_region",  # a relation
        "5:13 regions[0].weight",  # a relation
        "7:24 regions[1].minimum_instances",
        "8:8 zones",  # YAML itself
        "10:3 compute.maximum_instnces",
        "12:31 compute.instance_types[1]",  # a relation
        "13:14 compute.warm_pool",  # a relation
        "15:6 edge",
        "17:23 load_balancer.slow_start_seconds",  # two relations: too short,
        "17:23 load_balancer.slow_start_seconds",  # and without effect
    ]
    # minimum_instances: 900 is above the default maximum, but the maximum was misspelt


def test_relations_are_judged_without_what_is_required() -> None:
    written = "compute: {spot_percent: 10}\n"
    assert places(written) == [
        "1:1 environment",
        "1:1 home_region",
        "1:1 regions",
        "1:25 compute.spot_percent",
    ]


def test_a_fault_reads_well() -> None:
    (fault,) = faults(START + "compute:\n  maximum_instances: 0\n")
    assert str(fault) == (
        "test.yaml:5:22: compute.maximum_instances: found the number 0\n"
        "    Allowed: a whole number from 1 to 1000. "
        "Largest group (instances): the ceiling of the bill."
    )
