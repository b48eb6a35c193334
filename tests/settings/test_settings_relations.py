"""Relations between settings: each is broken once, alone, and kept where it just holds."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from generator.settings.cron import fault as cron_fault
from generator.settings.relations import ALL
from tests.settings.options import CONNECTION
from tests.settings.reading import START, faults, only, read

PIPELINE = f"connection_arn: '{CONNECTION}', repository: a/b"
TWICE = "{environment: test}, {environment: test}"


class Broken(NamedTuple):
    """A text that breaks one relation, and the fault that says so."""

    text: str
    place: str
    problem: str
    remedy: str


def where(regions: str, rest: str = "", home: str = "us-east-1") -> str:
    """A whole text: `regions` on line 3, `rest` from line 4."""
    return f"environment: test\nhome_region: {home}\nregions: {regions}\n{rest}\n"


NAMED = "domain: {name: example.com}"
DOMAIN = "domain: {name: example.com, routing: %s}"
LONG_NAME = "a" * 54 + ".com"
LARGE_CACHE = "cache: {shards: 90, replicas_per_shard: %d}"
RUNGS = "scaling: {cpu_threshold_percent: %d, steps: [%s]}"

BROKEN = {
    "home_is_one_of_the_regions": Broken(
        where("[{name: us-east-1}, {name: eu-west-1}]", home="eu-west-2"),
        "2:14 home_region",
        "eu-west-2 is not one of the regions",
        "Did you mean eu-west-1?",
    ),
    "regions_exist": Broken(
        where("[{name: us-east-1}, {name: eu-wset-1}]"),
        "3:37 regions[1].name",
        "there is no Region eu-wset-1",
        "Did you mean eu-west-1?",
    ),
    "regions_differ": Broken(
        where("[{name: us-east-1}, {name: us-east-1}]"),
        "3:37 regions[1].name",
        "us-east-1 is listed twice",
        "regions[0]",
    ),
    "regions_have_that_many_zones": Broken(
        where("[{name: us-east-1}, {name: us-west-1}, {name: eu-west-1}]", "zones: 4\n" + NAMED),
        "4:8 zones",
        "4 zones are too many: us-west-1 has 2, eu-west-1 has 3",
        "Set zones to 2",
    ),
    "regions_have_that_many_zones by default": Broken(
        where("[{name: us-west-1}]", home="us-west-1"),
        "1:1 zones",
        "3 zones are too many: us-west-1 has 2",
        "Set zones to 2",
    ),
    "networks_are_private": Broken(
        where("[{name: us-east-1, vpc_cidr: 172.32.0.0/16}]"),
        "3:39 regions[0].vpc_cidr",
        "172.32.0.0/16 is not a private block",
        "10.x.0.0/16",
    ),
    "networks_are_private within numbers": Broken(
        where("[{name: us-east-1, vpc_cidr: 10.256.0.0/16}]"),
        "3:39 regions[0].vpc_cidr",
        "10.256.0.0/16 is not a private block",
        "10.x.0.0/16",
    ),
    "networks_do_not_overlap": Broken(
        where("[{name: us-east-1, vpc_cidr: 10.3.0.0/16}, {name: us-west-2}]", "zones: 2"),
        "3:39 regions[0].vpc_cidr",
        "the networks of us-west-2 and us-east-1 overlap: both 10.3.0.0/16",
        "another vpc_cidr",
    ),
    "time_zones_exist": Broken(
        where("[{name: us-east-1, time_zone: Europe/Lodnon}]"),
        "3:40 regions[0].time_zone",
        "there is no time zone Europe/Lodnon",
        "Did you mean Europe/London?",
    ),
    "time_zones_exist, not directories of them": Broken(
        where("[{name: us-east-1, time_zone: America}]"),
        "3:40 regions[0].time_zone",
        "there is no time zone America",
        "Asia/Seoul",
    ),
    "time_zones_exist, not files elsewhere": Broken(
        where("[{name: us-east-1, time_zone: ../../etc/passwd}]"),
        "3:40 regions[0].time_zone",
        "there is no time zone ../../etc/passwd",
        "Asia/Seoul",
    ),
    "failover_has_two_regions": Broken(
        where("[{name: us-east-1}]", DOMAIN % "failover"),
        "4:38 domain.routing",
        "failover routing with 1 region",
        "exactly two",
    ),
    "geolocation_reaches_every_region": Broken(
        START + DOMAIN % "geolocation",
        "3:35 regions[1].continents",
        "geolocation routing sends nobody to us-east-1",
        "Give it continents",
    ),
    "continents_have_one_region": Broken(
        where(
            "[{name: us-east-1, continents: [SA]}, {name: us-west-2, continents: [NA, SA]}]",
            DOMAIN % "geolocation",
        ),
        "3:83 regions[1].continents[1]",
        "SA is given twice",
        "regions[0] has it already",
    ),
    "weights_are_not_all_zero": Broken(
        where("[{name: us-east-1, weight: 0}]", DOMAIN % "weighted"),
        "3:37 regions[0].weight",
        "every weight is 0",
        "from 1 to 255",
    ),
    "regions_have_only_what_routing_uses": Broken(
        where("[{name: us-east-1, weight: 9}]", DOMAIN % "latency"),
        "3:37 regions[0].weight",
        "it has no effect: domain.routing is latency",
        "set domain.routing to weighted",
    ),
    "regions_have_only_what_routing_uses without a domain": Broken(
        where("[{name: us-east-1, continents: [NA]}]"),
        "3:41 regions[0].continents",
        "it has no effect: there is no domain",
        "set domain.routing to geolocation",
    ),
    "alternate_names_differ": Broken(
        START + "domain: {name: example.com, alternate_names: [www, m, www]}",
        "4:55 domain.alternate_names[2]",
        "www is listed twice",
        "alternate_names[0]",
    ),
    "alternate_names_leave_the_origin_alone": Broken(
        START + "domain: {name: example.com, alternate_names: [origin]}",
        "4:47 domain.alternate_names[0]",
        "the label origin is taken",
        "another label",
    ),
    "domain_leaves_room_for_origins": Broken(
        START + f"domain: {{name: {LONG_NAME}}}",
        "4:16 domain.name",
        "the name is too long",
        "shorten it by 1.",
    ),
    "users_have_tls": Broken(
        START + "edge: {enabled: false}",
        "4:17 edge.enabled",
        "users would have no TLS",
        "Give a domain",
    ),
    "web_acl_has_an_edge": Broken(
        START + "domain: {name: example.com}\nedge: {enabled: false, web_acl: {}}",
        "5:33 edge.web_acl",
        "it has no effect: edge.enabled is false",
        "delete web_acl",
    ),
    "every_region_gets_users": Broken(
        where("[{name: us-east-1}, {name: eu-west-1}, {name: sa-east-1}]"),
        "3:10 regions",
        "CloudFront reaches two Regions: sa-east-1 would stand idle",
        "Give a domain",
    ),
    "something_is_dynamic": Broken(
        START + "edge: {static_path: /}",
        "4:21 edge.static_path",
        "every path would be static",
        "/static/",
    ),
    "blocked_countries_differ": Broken(
        START + "edge: {web_acl: {blocked_countries: [KP, KP]}}",
        "4:42 edge.web_acl.blocked_countries[1]",
        "KP is listed twice",
        "blocked_countries[0]",
    ),
    "minimum_is_not_above_maximum": Broken(
        START + "compute: {minimum_instances: 13}",
        "4:30 compute.minimum_instances",
        "ap-northeast-2 has at least 13 but at most 12",
        "Lower minimum_instances",
    ),
    "minimum_is_not_above_maximum in a Region": Broken(
        where("[{name: us-east-1}, {name: us-east-2, minimum_instances: 13}]"),
        "3:67 regions[1].minimum_instances",
        "us-east-2 has at least 13 but at most 12",
        "raise maximum_instances",
    ),
    "minimum_is_not_above_maximum of a Region": Broken(
        where("[{name: us-east-1}, {name: us-east-2, maximum_instances: 1}]"),
        "3:67 regions[1].maximum_instances",
        "us-east-2 has at least 2 but at most 1",
        "raise maximum_instances",
    ),
    "nights_are_not_larger_than_days": Broken(
        where(
            "[{name: us-east-1}, {name: us-east-2, minimum_instances: 1}]",
            "schedule: {night_minimum_instances: 2}",
        ),
        "4:37 schedule.night_minimum_instances",
        "2 by night is above the 1 that us-east-2 has at least by day",
        "Write 1 or less",
    ),
    "night_minimum_is_not_above_its_maximum": Broken(
        START + "schedule: {night_minimum_instances: 2, night_maximum_instances: 1}",
        "4:65 schedule.night_maximum_instances",
        "the night's maximum of 1 is below its minimum of 2",
        "Raise night_maximum_instances",
    ),
    "night_maximum_is_not_above_the_days": Broken(
        START + "schedule: {night_maximum_instances: 13}",
        "4:37 schedule.night_maximum_instances",
        "13 by night is above the 12 that ap-northeast-2 has at most by day",
        "Write 12 or less",
    ),
    "schedules_are_cron": Broken(
        START + 'schedule: {night_start: "0 24 * * *"}',
        "4:25 schedule.night_start",
        '"24" is no hour (0 to 23)',
        "Five fields",
    ),
    "schedules_do_not_meet": Broken(
        START + 'schedule: {night_start: "0 7 * * *"}',
        "4:1 schedule.day_start",
        "it starts when night_start does",
        "move one of them",
    ),
    "schedules_do_not_meet on some days": Broken(
        START + 'schedule: {day_start: "0 7 * * 1-5", weekend_day_start: "0 */7 * * fri,7"}',
        "4:57 schedule.weekend_day_start",
        "it starts when day_start does",
        "move one of them",
    ),
    "weekday_mornings_spare_the_weekend": Broken(
        START + 'schedule: {weekend_day_start: "0 9 * * 0,6"}',
        "4:1 schedule.day_start",
        "it starts the weekend's day too",
        "0 7 * * 1-5",
    ),
    "slow_start_works": Broken(
        START + "load_balancer: {algorithm: round_robin, slow_start_seconds: 29}",
        "4:61 load_balancer.slow_start_seconds",
        "29 seconds are less than a load balancer accepts",
        "30 to 900",
    ),
    "slow_start_works with round_robin only": Broken(
        START + "load_balancer: {slow_start_seconds: 30}",
        "4:37 load_balancer.slow_start_seconds",
        "does not work with least_outstanding_requests",
        "round_robin",
    ),
    "spot_has_a_second_pool": Broken(
        START + "compute: {spot_percent: 1}",
        "4:25 compute.spot_percent",
        "Spot with one instance type",
        "two or more",
    ),
    "warm_pools_have_no_spot": Broken(
        START + "compute:\n  {warm_pool: true, spot_percent: 1, instance_types: [a1.a, m7g.a]}",
        "5:15 compute.warm_pool",
        "no warm pool for groups with Spot",
        "spot_percent to 0",
    ),
    "instance_types_match_the_architecture": Broken(
        START + "compute: {instance_types: [m7g.large, g5.xlarge]}",
        "4:39 compute.instance_types[1]",
        "g5.xlarge has x86_64 processors",
        "compute.architecture is arm64",
    ),
    "instance_types_differ": Broken(
        START + "compute: {instance_types: [m7g.large, m7g.large]}",
        "4:39 compute.instance_types[1]",
        "m7g.large is listed twice",
        "instance_types[0]",
    ),
    "steps_rise_from_zero": Broken(
        START + RUNGS % (70, "{above_percent: 1, add_percent: 9}"),
        "4:62 scaling.steps[0].above_percent",
        "the first step begins at 1, not at 0",
        "Set it to 0",
    ),
    "steps_rise_from_zero strictly": Broken(
        START + RUNGS % (70, ", ".join(["{above_percent: 0, add_percent: 9}"] * 2)),
        "4:98 scaling.steps[1].above_percent",
        "step 2 begins at 0, the one before it at 0",
        "Sort the steps",
    ),
    "steps_can_be_reached": Broken(
        START + "scaling: {cpu_threshold_percent: 81}",
        "4:1 scaling.steps[2].above_percent",
        "20 above the threshold of 81 is more than 100 %",
        "Write 19 or less",
    ),
    "strong_tables_have_a_region_set": Broken(
        START + "database: {consistency: strong}",
        "4:25 database.consistency",
        "exactly three regions of one DynamoDB Region set",
        "AP: ap-northeast-1, ap-northeast-2, ap-northeast-3",
    ),
    "strong_tables_have_a_region_set of one continent": Broken(
        where(
            "[{name: us-east-1}, {name: us-east-2}, {name: eu-west-1}]",
            "database: {consistency: strong}\n" + NAMED,
        ),
        "4:25 database.consistency",
        "exactly three regions",
        "US: us-east-1, us-east-2, us-west-2",
    ),
    "provisioned_minimum_is_not_above_its_maximum": Broken(
        START + "database: {provisioned: {minimum_units: 6, maximum_units: 5}}",
        "4:41 database.provisioned.minimum_units",
        "6 is above the maximum of 5",
        "Lower minimum_units",
    ),
    "cache_has_not_too_many_nodes": Broken(
        START + LARGE_CACHE % 5, "4:17 cache.shards", "make 540 nodes", "at most 500"
    ),
    "emails_differ": Broken(
        START + "monitoring: {emails: [ops@example.com, OPS@example.com]}",
        "4:40 monitoring.emails[1]",
        "OPS@example.com is listed twice",
        "emails[0]",
    ),
    "tags_are_what_aws_accepts": Broken(
        START + "tags: {'aws:team': a}", "4:20 tags.aws:team", "AWS's own", "another name"
    ),
    "tags_are_what_aws_accepts in characters": Broken(
        START + "tags: {team: a&b}", "4:14 tags.team", "must not have", "Letters, digits"
    ),
    "tags_are_what_aws_accepts in length": Broken(
        START + f"tags: {{{'a' * 129}: b}}",
        f"4:139 tags.{'a' * 40}…",
        "129 characters",
        "at most 128",
    ),
    "a_switch_has_somewhere_to_go": Broken(
        where("[{name: us-east-1}, {name: us-east-2}]", "region_switch: {}"),
        "4:16 region_switch",
        "a Region is switched in DNS, and there is no domain",
        "Give a domain",
    ),
    "a_switch_has_somewhere_to_go from one Region": Broken(
        where("[{name: us-east-1}]", f"region_switch: {{}}\n{NAMED}"),
        "4:16 region_switch",
        "there is one Region",
        "Add a Region",
    ),
    "experiments_are_where_fis_is": Broken(
        where("[{name: us-east-1}, {name: ca-west-1}]", "chaos: {}"),
        "3:37 regions[1].name",
        "ca-west-1 has no AWS Fault Injection Service",
        "Leave chaos out",
    ),
    "aurora_minimum_is_not_above_its_maximum": Broken(
        START + "aurora: {minimum_capacity: 4, maximum_capacity: 2}",
        "4:28 aurora.minimum_capacity",
        "4 is above the maximum of 2",
        "Lower minimum_capacity",
    ),
    "generator_regions_exist_once": Broken(
        START + "load_generator: {regions: [us-east-9]}",
        "4:28 load_generator.regions[0]",
        "there is no Region us-east-9",
        "Did you mean us-east-",
    ),
    "generator_regions_exist_once and not twice": Broken(
        START + "load_generator: {regions: [us-east-1, us-east-1]}",
        "4:39 load_generator.regions[1]",
        "listed twice",
        "regions[0]",
    ),
    "generators_have_the_cpu_of_their_image": Broken(
        START + "load_generator: {instance_type: c7i.large}",
        "4:33 load_generator.instance_type",
        "c7i.large has x86_64 processors",
        "Choose a Graviton type",
    ),
    "the_pipeline_ends_here": Broken(
        START + f"pipeline: {{{PIPELINE}, promotes: [{{environment: other}}]}}",
        f"4:{len(PIPELINE) + 24} pipeline.promotes",
        "the last environment is other",
        "End with",
    ),
    "the_pipeline_ends_here and has each once": Broken(
        START + f"pipeline: {{{PIPELINE}, promotes: [{TWICE}]}}",
        f"4:{len(PIPELINE) + 60} pipeline.promotes[1].environment",
        "is listed twice",
        "promotes[0]",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_relation_is_the_only_fault(case: str) -> None:
    broken = BROKEN[case]
    fault = only(broken.text)
    assert f"{fault.line}:{fault.column} {fault.key}" == broken.place
    assert broken.problem in fault.problem
    assert broken.remedy in fault.remedy


def test_every_relation_has_a_case() -> None:
    names = {getattr(rule.check, "__name__", "") for rule in ALL}
    assert names == {case.replace(",", "").split()[0] for case in BROKEN}


KEPT = {
    "four zones": where("[{name: us-east-1}, {name: us-west-2}]", "zones: 4"),
    "other private networks": where(
        "[{name: us-east-1, vpc_cidr: 172.31.0.0/16}, {name: us-east-2, vpc_cidr: 192.168.0.0/16}]"
    ),
    "a network that another Region has by default": where(
        "[{name: us-east-1, vpc_cidr: 10.3.0.0/16}]"
    ),
    "failover": START + DOMAIN % "failover",
    "the home Region takes the rest": where(
        "[{name: us-east-1}, {name: us-east-2, continents: [EU, AS]}]", DOMAIN % "geolocation"
    ),
    "one weight": where(
        "[{name: us-east-1, weight: 0}, {name: us-east-2, weight: 1}]", DOMAIN % "weighted"
    ),
    "no edge but a domain": START + "domain: {name: example.com}\nedge: {enabled: false}",
    "no Region of the common size": where(
        "[{name: us-east-1, minimum_instances: 40, maximum_instances: 40}]",
        "compute: {minimum_instances: 40}\nschedule: {night_minimum_instances: 40}",
    ),
    "slow start": START + "load_balancer: {algorithm: round_robin, slow_start_seconds: 30}",
    "Spot": START + "compute: {spot_percent: 100, instance_types: [m7g.large, im4gn.large]}",
    "a warm pool of several types": START
    + "compute: {warm_pool: true, instance_types: [m7g.large, c7gn.large]}",
    "a full ladder": START
    + RUNGS % (40, "{above_percent: 0, add_percent: 1}, {above_percent: 60, add_percent: 1}"),
    "strong": where(
        "[{name: eu-west-1}, {name: eu-central-1}, {name: eu-west-3}]",
        "database: {consistency: strong, provisioned: {minimum_units: 5, maximum_units: 5}}\n"
        + NAMED,
        home="eu-west-3",
    ),
    "500 nodes": START + LARGE_CACHE % 4,
    "a long domain": START + f"domain: {{name: {LONG_NAME[1:]}}}",
    "tags": START + "tags: {'a:b/c': 'é 1+2=3@x_y.z-'}",
}


@pytest.mark.parametrize("case", KEPT)
def test_a_relation_that_just_holds_is_no_fault(case: str) -> None:
    assert faults(KEPT[case]) == ()


ARM = (
    "a1.large t4g.nano m7g.large m7gd.large c7gn.xlarge r8gd.large x2gd.large im4gn.large "
    "is4gen.medium i4g.large hpc7g.4xlarge g5g.xlarge r8gb.large m8g.metal-24xl x8g.large"
)
X86 = (
    "t3.nano m7i.large m7i-flex.large m6a.large c5n.large g5.xlarge g6e.xlarge gr6.4xlarge "
    "p5.48xlarge x2idn.large i4i.large u-6tb1.metal u7i-12tb.224xlarge trn1.2xlarge mac1.metal"
)


@pytest.mark.parametrize("name", ARM.split())
def test_graviton_types_are_arm64(name: str) -> None:
    read(f"{START}compute: {{architecture: arm64, instance_types: [{name}]}}\n")
    assert faults(f"{START}compute: {{architecture: x86_64, instance_types: [{name}]}}\n")


@pytest.mark.parametrize("name", X86.split())
def test_all_other_types_are_x86_64(name: str) -> None:
    read(f"{START}compute: {{architecture: x86_64, instance_types: [{name}]}}\n")
    assert faults(f"{START}compute: {{architecture: arm64, instance_types: [{name}]}}\n")


GOOD_CRON = [
    "* * * * *",
    "*/15 0-23/2 1,15 * 1-5",
    "0 0 1 JAN sun",
    "0 7 * * mon-fri",
    "5,6 1 * * 7",
]
BAD_CRON = {
    "60 * * * *": '"60" is no minute (0 to 59)',
    "0 -1 * * *": '"-1" is no hour (0 to 23)',
    "0 1 0 * *": '"0" is no day of month (1 to 31)',
    "0 1 * 13 *": '"13" is no month (1 to 12)',
    "0 1 * * 8": '"8" is no day of week (0 to 7)',
    "0 1 ? * *": '"?" is no day of month (1 to 31)',
    "0 1 L * *": '"L" is no day of month (1 to 31)',
    "0 1 * * 5#2": '"5#2" is no day of week (0 to 7)',
    "0 1 * * 5-1": '"5-1" is no day of week (0 to 7)',
    "5/15 * * * *": '"5/15" is no minute (0 to 59)',
    "*/0 * * * *": '"*/0" is no minute (0 to 59)',
    "1,, * * * *": '"" is no minute (0 to 59)',
    "٣ * * * *": '"٣" is no minute (0 to 59)',
    "0 1 * * funday": '"funday" is no day of week (0 to 7)',
}


@pytest.mark.parametrize("expression", GOOD_CRON)
def test_cron_that_scheduled_actions_accept(expression: str) -> None:
    assert cron_fault(expression) is None


@pytest.mark.parametrize("expression", BAD_CRON)
def test_cron_that_they_do_not(expression: str) -> None:
    assert cron_fault(expression) == BAD_CRON[expression]
