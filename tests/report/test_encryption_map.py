"""The encryption map says of every store, log, queue and link what the templates say."""

from __future__ import annotations

import re

import pytest

from generator.report import encryption
from generator.report.encryption.page import SECTIONS
from generator.report.encryption.rows import KEY, LINK, LOG, QUEUE, STORE, Protection, Row
from generator.report.encryption.types import NOTHING, READERS
from tests.report.maps import built, resources, row, rows, with_options

LOGS_KEY = Protection("`security/LogsKey`", "every 365 days", "CloudWatch Logs of this account")
API = "TLS only: the API has nothing else"


# --- rows, word by word ---------------------------------------------------------------------------


def test_a_log_group_is_under_the_key_that_its_parameter_brings() -> None:
    """compute ← LogsKeyArn ← regional ← Security's output ← the key."""
    found = row(built("prod"), "compute/ServiceLogGroup")
    assert found == Row(LOG, "compute/ServiceLogGroup", "log group", LOGS_KEY, API)


def test_a_cache_is_read_by_its_service_and_not_by_who_only_reads_secrets() -> None:
    who = (
        "ElastiCache, by its grant;"
        " CloudFormation (`foundation/ProvisioningRole`) through ElastiCache;"
        " `foundation/StackSetExecutionRole` through ElastiCache"
    )
    held = Protection("`security/DataKey`", "every 365 days", who)
    what = "ElastiCache nodes and snapshots"
    found = row(built("prod"), "cache/ReplicationGroup", what)
    assert found == Row(STORE, "cache/ReplicationGroup", what, held, "TLS only")


def test_a_secret_is_read_by_instances_through_secrets_manager() -> None:
    held = row(built("prod"), "cache/CacheSecret").protection
    assert held.key == "`security/DataKey`"
    assert held.readers.endswith("instances (`security/InstanceRole`) through Secrets Manager")
    assert held.rotation.startswith("key every 365 days; value by hand: ElastiCache has no")


def test_a_table_has_the_primary_key_at_home_and_replicas_elsewhere() -> None:
    found = row(built("prod"), "database/SessionsTable", "table")
    assert found.protection.key == "`database_key/DatabaseKey`, in other Regions its replicas"
    assert "instances (`security/InstanceRole`) through DynamoDB" in found.protection.readers
    assert "anyone of this account through DynamoDB" in found.protection.readers
    replication = row(built("prod"), "database/SessionsTable", "replication")
    assert (replication.kind, replication.what) == (LINK, "DynamoDB replication over 3 Regions")


def test_a_replica_of_a_key_rotates_as_its_primary() -> None:
    vault = row(built("prod"), "database_replica/BackupVault")
    assert vault.protection.key == "`database_replica/DatabaseKey`"
    assert vault.protection.rotation == "every 365 days, as `database_key/DatabaseKey`"


def test_a_topic_is_read_by_who_publishes() -> None:
    found = row(built("prod"), "global_monitoring/CriticalTopic", "SNS topic")
    who = "CloudWatch of this account; AWS Budgets of this account"
    held = Protection("`global_monitoring/TopicKey`", "every 365 days", who)
    transport = "TLS only, by its policy"
    assert found == Row(QUEUE, "global_monitoring/CriticalTopic", "SNS topic", held, transport)


def test_a_topic_has_links_from_its_senders_and_to_people() -> None:
    senders = [r.what for r in rows(built("prod"), "monitoring/WarningTopic") if r.kind == LINK]
    assert senders == ["CloudWatch → topic"]
    mails = [r for r in built("prod").encryption.rows if r.transport == "e-mail"]
    assert {r.what for r in mails} >= {"`monitoring/WarningTopic` → email"}
    assert all(r.reason for r in mails)


def test_a_key_shows_its_alias() -> None:
    found = row(built("prod"), "security/DataKey")
    assert (found.kind, found.protection.key) == (KEY, "`alias/gtm-prod-data`")
    assert found.transport == "never leaves KMS"


@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("load_balancer/LoadBalancer", "requests, in `storage/LogBucket`"),
        ("network/FlowLog", "VPC flow log, in `storage/LogBucket`"),
        ("storage/ArtifactBucket", "requests to the bucket, in `storage/LogBucket`"),
        ("edge/AccessLogDestination", "CloudFront requests, in `edge/AccessLogs`"),
        ("edge/WebAclLogging", "AWS WAF requests, in `edge/WebAclLogs`"),
        ("cache/ReplicationGroup", "ElastiCache slow-log, in `cache/SlowLogGroup`"),
    ],
)
def test_a_log_in_another_resource_has_that_ones_key(place: str, what: str) -> None:
    log = row(built("prod"), place, what)
    holder = what.split("`")[1]
    main = next(r for r in rows(built("prod"), holder) if " in `" not in r.what)
    assert log.kind == LOG
    assert (log.protection, log.transport) == (main.protection, main.transport)


def test_what_is_under_a_services_key_says_why_and_who_reads() -> None:
    held = row(built("prod"), "storage/ArtifactBucket", "S3 bucket").protection
    assert (held.key, held.rotation) == ("Amazon S3's own", "by the service")
    assert held.reason == "Needed before there is a key, and holds no secret"
    assert "instances (`security/InstanceRole`)" in held.readers
    secret = row(built("prod"), "foundation/OriginSecret")
    assert secret.what == "secret, in 3 Regions"
    assert secret.protection.key == "`aws/secretsmanager`, AWS managed"
    assert secret.protection.reason.startswith("Its replicas stand before")


def test_the_way_of_a_request_is_tls_as_far_as_the_load_balancer() -> None:
    prod = built("prod")
    viewers = row(prod, "edge/Distribution", "users → CloudFront")
    assert viewers.protection.key == "`edge/Certificate`"
    assert viewers.transport == "TLS only, policy TLSv1.2_2025; HTTP is redirected"
    assert row(prod, "edge/Distribution", "`routed`").transport == "TLS only, TLSv1.2"
    https = row(prod, "load_balancer/HttpsListener")
    assert https.transport == "TLS only, ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert row(prod, "load_balancer/HttpListener").reason.endswith("is a redirect to HTTPS")
    inside = row(prod, "load_balancer/TargetGroup")
    assert inside.transport == "HTTP, not encrypted"
    assert inside.reason.startswith("The load balancer ends TLS")


def test_checkers_and_instances_come_and_go_by_tls() -> None:
    prod = built("prod")
    assert row(prod, "health_check/EndpointCheck").transport.startswith("TLS only; checkers do not")
    assert not rows(prod, "health_check/RegionCheck")
    out = row(prod, "security/ApplicationHttpsOut")
    assert out.transport == "TLS: HTTPS, port 443 only"
    assert row(prod, "cache/ReplicationGroup", "instances → cache").transport == "TLS only"
    assert row(prod, "security/LogsEndpoint").what == "VPC → `logs`, interface endpoint"


def test_without_a_domain_the_link_to_the_origin_is_shown_as_it_is() -> None:
    dev = built("dev")
    for origin in ("`home`", "`standby`"):
        link = row(dev, "edge/Distribution", origin)
        assert (link.protection.key, link.transport) == ("none", "HTTP, not encrypted")
        assert link.reason.startswith("Without a domain no certificate can name the load balancers")
    assert row(dev, "load_balancer/HttpListener").transport == "HTTP, not encrypted"
    assert row(dev, "edge/Distribution", "users").protection.key == "CloudFront's own certificate"


# --- every type, every option ---------------------------------------------------------------------


def test_a_type_is_read_or_has_a_reason_never_both() -> None:
    assert not READERS.keys() & NOTHING.keys()
    assert all(NOTHING.values())


def test_options_are_on_the_map_too() -> None:
    chart = with_options().encryption
    assert chart.gaps == ()
    by_place = {(r.place, r.what): r for r in chart.rows}
    volume = by_place["aurora/Cluster", "Aurora volume, backups, snapshots"]
    assert volume.protection.key == "`aurora/AuroraKey`"
    assert volume.transport == "TLS only (rds.force_ssl)"
    assert by_place["aurora/Cluster", "clients → Aurora"].kind == LINK
    log = by_place["aurora/Cluster", "Aurora's postgresql log, in `aurora/PostgresqlLog`"]
    assert log.protection.key == "`security/LogsKey`"
    artifacts = by_place["pipeline/Pipeline", "pipeline's artifacts, in `pipeline/PipelineBucket`"]
    assert artifacts.protection.key == "`pipeline/PipelineKey`"
    locust = next(r for r in chart.rows if r.place == "load_generator/WorkersToMaster")
    assert locust.transport == "not encrypted"
    assert locust.reason.startswith("Locust's own protocol has no TLS")
    assert {r.place.partition("/")[0] for r in chart.rows} >= {"chaos", "switch_functions"}


# --- the page -------------------------------------------------------------------------------------


def page(environment: str) -> str:
    links = {
        entry["layer"]: file for file, entry in built(environment).manifest["templates"].items()
    }
    return encryption.page(built(environment).encryption, f"gtm-{environment}", links)


def test_the_page_shows_every_row_once_and_exceptions_first() -> None:
    text = page("prod")
    chart = built("prod").encryption
    headings = re.findall("^## (.+)$", text, re.MULTILINE)
    assert headings == ["Exceptions", *SECTIONS.values()]
    body = text.split("## Stores")[1]
    assert len(re.findall(r"^\| \[", body, re.MULTILINE)) == len(chart.rows)
    exceptions = text.split("## Stores")[0]
    reasons = [r.reason for r in chart.rows] + [r.protection.reason for r in chart.rows]
    assert len(re.findall(r"^\| \[", exceptions, re.MULTILINE)) == len(list(filter(None, reasons)))


def test_every_link_leads_to_a_template_that_holds_the_resource() -> None:
    links = re.findall(r"\[(\w+)/(\w+)\]\(([\w.-]+)\)", page("prod"))
    assert links
    for layer, name, file in links:
        assert name in built("prod").templates[file]["Resources"]
        assert name in resources(built("prod"), layer)


def test_rows_have_as_many_cells_as_their_heading() -> None:
    for table in page("dev").split("## ")[1:]:
        lines = [line for line in table.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


def test_no_cell_is_empty() -> None:
    assert "|  |" not in page("prod")
