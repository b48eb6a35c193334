"""Load generators of two Regions, driven as a person drives them: real processes, real calls.

The stacks are the layer's in the sandbox; `standing` says what stands for an instance.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber

from generator.errors import AwsError, GtmError, Refused, UsageError
from loadtest.profile import Profile
from loadtest.recording import Progress
from loadtest.remote import driving, instance
from loadtest.remote.aws import CURRENT, OFF, RESULTS, Bucket, Groups, Sizes
from loadtest.remote.driving import Site, drive, summed
from loadtest.remote.instance import CalledOff, lead
from loadtest.remote.merging import merge
from loadtest.remote.order import READY_WITHIN_SECONDS, Order, order_for, order_text, read_order
from loadtest.remote.place import place_from
from loadtest.results import ABOUT, read_run
from loadtest.sharing import Share
from loadtest.target import Load
from tests.loadtest.counting import Counted, counting
from tests.loadtest.profiles import FAST, profile
from tests.loadtest.remote.standing import (
    REGIONS,
    STACK,
    Instances,
    Region,
    region_of,
    stand,
    stored,
    template,
)
from tests.local_aws import Account

SECONDS = 1.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits on AWS for minutes does not here."""
    monkeypatch.setattr(driving, "POLL_SECONDS", 0.2)
    monkeypatch.setattr(instance, "POLL_SECONDS", 0.02)


@pytest.fixture
def there(account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account whose credentials are in the environment, with load generators in a Region."""
    for name, value in account.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # which remembers another test's account
    stand(account, REGIONS[0])
    return account


@pytest.fixture
def server() -> Iterator[Counted]:
    with counting() as counted:
        yield counted


def short(folder: Path, *, users: int = 3, seconds: float = SECONDS) -> Profile:
    shape = {"kind": "steady", "users": users, "ramp_seconds": 0, "seconds": seconds}
    think = {"reader": FAST, "player": FAST}
    return profile(folder, shape=shape, think_seconds=think, users={"reader": 1, "player": 1})


def sites(regions: list[Region], load: Load) -> list[Site]:
    shares = [Share(part, len(regions)) for part in range(1, len(regions) + 1)]
    return [
        Site(region.name, region.bucket, region.groups, order_for(load, share, "run-1", 1))
        for region, share in zip(regions, shares, strict=True)
    ]


# --- a run ----------------------------------------------------------------------------------------


def test_two_regions_make_one_load_and_switch_themselves_off(
    there: Account, server: Counted, tmp_path: Path
) -> None:
    stand(there, REGIONS[1])
    regions = [region_of(there, name) for name in REGIONS]
    load = Load(profile=short(tmp_path), host=server.host)
    seen: list[Progress] = []
    said: list[str] = []
    with Instances(regions, tmp_path) as instances:
        brought = drive(sites(regions, load), SECONDS, tmp_path / "out", seen.append, said.append)
        assert instances.log().count("the run ended: completed") == 2, instances.log()
    assert not brought.lost

    merged = merge(brought, tmp_path / "out")
    assert merged.about.ended == "completed"
    assert (merged.about.workers, merged.about.generators) == (2, ", ".join(REGIONS))
    assert merged.total is not None
    assert merged.total.requests == server.total > 0
    assert merged.total.users == 3
    parts = [read_run(folder).total for folder in brought.folders.values()]
    assert sorted(part.users for part in parts if part) == [1, 2]
    assert sum(part.requests for part in parts if part) == server.total
    assert read_run(tmp_path / "out").about.profile_sha256 == load.profile.sha256

    assert seen[-1].requests == server.total  # however short a run is, its end is told
    assert sum("is ready, Locust workers: 1" in line for line in said) == 2
    assert [region.groups.sizes() for region in regions] == [OFF, OFF]


def test_ctrl_c_ends_the_load_and_fetches_what_was_measured(
    there: Account, server: Counted, tmp_path: Path
) -> None:
    region = region_of(there, REGIONS[0])
    load = Load(profile=short(tmp_path, seconds=300), host=server.host)

    def press(progress: Progress) -> None:
        if server.total and not pressed:
            pressed.append(progress.seconds)
            os.kill(os.getpid(), signal.SIGINT)

    pressed: list[float] = []
    with Instances([region], tmp_path) as instances:
        brought = drive(sites([region], load), 300, tmp_path / "out", press, lambda text: None)
        assert "the run ended: interrupted" in instances.log(), instances.log()
    run = merge(brought, tmp_path / "out")
    assert run.about.ended == "interrupted"
    assert run.total is not None
    assert run.total.requests == server.total > 0
    assert region.groups.sizes() == OFF


# --- what goes wrong ------------------------------------------------------------------------------


def test_a_region_whose_load_generators_run_is_left_alone(there: Account, tmp_path: Path) -> None:
    region = region_of(there, REGIONS[0])
    region.groups.resize(Sizes(1, 1))
    load = Load(profile=short(tmp_path), host="http://127.0.0.1:9")
    with pytest.raises(Refused, match="are running"):
        drive(sites([region], load), SECONDS, tmp_path, lambda _: None, lambda _: None)
    assert region.groups.sizes() == Sizes(1, 1)
    assert region.bucket.read(CURRENT) is None


@pytest.mark.parametrize(("state", "empty"), [("Terminating", False), (None, True)])
def test_a_group_is_not_empty_while_an_instance_of_it_still_ends(
    monkeypatch: pytest.MonkeyPatch, state: str | None, empty: bool
) -> None:
    """Such a one may yet set both groups to 0, and with them the next load."""
    client = boto3.client("autoscaling", REGIONS[0])
    here = [{"InstanceId": "i-1", "LifecycleState": state}] if state else []
    monkeypatch.setattr(boto3, "client", lambda *_, **__: client)
    with Stubber(client) as stub:
        answer = {"AutoScalingGroups": [_group("m", []), _group("w", here)]}
        stub.add_response("describe_auto_scaling_groups", answer)
        assert Groups(REGIONS[0], "m", "w").are_empty() is empty


def _group(name: str, instances: list[dict[str, str]]) -> dict[str, object]:
    more = {"AvailabilityZone": "a", "HealthStatus": "Healthy", "ProtectedFromScaleIn": False}
    return {
        **{"AutoScalingGroupName": name, "MinSize": 0, "MaxSize": 1, "DesiredCapacity": 0},
        **{"DefaultCooldown": 300, "AvailabilityZones": [], "HealthCheckType": "EC2"},
        **{"CreatedTime": datetime(2026, 1, 1), "Instances": [more | each for each in instances]},
    }


def test_a_load_runs_on_while_aws_can_not_be_reached(
    there: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said once, and asked again; what was measured is fetched."""
    said: list[str] = []
    region, site = _measured(there, tmp_path)
    silent = iter([False, True, True, True, False])
    _silence(monkeypatch, lambda: next(silent))
    brought = drive([site], 60, tmp_path / "out", lambda _: None, said.append)
    assert sum("no answer" in line for line in said) == 1
    assert list(brought.folders) == [region.name]
    assert region.groups.sizes() == OFF
    assert region.bucket.read(site.order.place + "stop") is None


def test_a_load_that_is_never_heard_of_again_is_stopped_and_fetched(
    there: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driving, "DONE_MARGIN_SECONDS", 0.0)
    monkeypatch.setattr(driving, "STOP_WITHIN_SECONDS", 0.2)
    region, site = _measured(there, tmp_path)
    first = iter([False])
    _silence(monkeypatch, lambda: next(first, True))
    brought = drive([site], 0.2, tmp_path / "out", lambda _: None, lambda _: None)
    assert list(brought.folders) == [region.name]
    assert region.groups.sizes() == OFF
    assert region.bucket.read(site.order.place + "stop") is not None


def _measured(there: Account, folder: Path) -> tuple[Region, Site]:
    """A Region whose run is ready, and, once it may go, over: its results are in the bucket."""
    region = region_of(there, REGIONS[0])
    (site,) = sites([region], Load(profile=short(folder), host="http://127.0.0.1:9"))
    region.bucket.write(site.order.place + "ready", "1")
    region.bucket.write(site.order.place + RESULTS + ABOUT, "{}")
    return region, site


def _silence(monkeypatch: pytest.MonkeyPatch, is_silent: Callable[[], bool]) -> None:
    """Whether AWS answers when somebody asks what was said; a run is over once it may go."""
    asked = Site.said

    def said(site: Site) -> set[str]:
        if is_silent():
            raise AwsError("no answer")
        words = asked(site)
        return words | {"done"} if "go" in words else words

    monkeypatch.setattr(Site, "said", said)


def test_a_region_that_gives_up_while_another_starts_is_heard(
    there: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that was ready: nothing is sent then, and the others do not wait in vain."""
    region = region_of(there, REGIONS[0])
    (first,) = sites([region], Load(profile=short(tmp_path), host="http://127.0.0.1:9"))
    slow = first._replace(region="slow", order=replace(first.order, id="run-slow"))
    first.say("ready")

    def gives_up(text: str) -> None:
        if "is ready" in text:
            region.bucket.write(first.order.place + "done", "gave up")

    with pytest.raises(GtmError, match=r"eu-west-1: gave up\n.*nothing was sent"):
        drive([first, slow], SECONDS, tmp_path, lambda _: None, gives_up)


def test_a_master_waits_for_go_longer_than_whoever_ordered_waits_for_all() -> None:
    assert instance.GO_WITHIN_SECONDS > READY_WITHIN_SECONDS


def test_where_one_region_can_not_nothing_is_sent_and_all_are_switched_off(
    there: Account, tmp_path: Path
) -> None:
    """Its master says why, before anybody says go."""
    region = region_of(there, REGIONS[0])
    load = Load(profile=short(tmp_path), host="http://127.0.0.1:9")
    (site,) = sites([region], load)
    region.bucket.write(site.order.place + "done", "not all 1 workers came")
    with pytest.raises(GtmError, match=r"eu-west-1: not all 1 workers came\n.*nothing was sent"):
        drive([site], SECONDS, tmp_path, lambda _: None, lambda _: None)
    assert region.groups.sizes() == OFF
    assert "go" not in site.said()


def test_groups_that_are_not_there_are_told(there: Account) -> None:
    with pytest.raises(AwsError, match="no Auto Scaling group nowhere"):
        Groups(REGIONS[0], "nowhere", "nowhere").sizes()


def test_a_master_that_comes_in_anothers_stead_does_not_send_the_load_again(
    there: Account, tmp_path: Path
) -> None:
    region, place = _led(there, tmp_path)
    load = Load(profile=short(tmp_path), host="http://127.0.0.1:9")
    order = order_for(load, Share(1, 1), "run-1", 1)
    region.bucket.write(CURRENT, order_text(order))
    region.bucket.write(order.place + "master", "10.0.0.1")
    region.groups.resize(Sizes(1, 1))
    assert lead(place_from(place), region.bucket, region.groups) == 0
    assert region.groups.sizes() == OFF
    assert region.bucket.read(order.place + "done") is None


def test_a_master_that_ends_late_leaves_the_next_load_alone(
    there: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Auto Scaling ends it tens of seconds after its group was set to 0, and it hears of that."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process is no instance
    region, place = _led(there, tmp_path)
    load = Load(profile=short(tmp_path), host="http://127.0.0.1:9")
    mine, next_one = (order_for(load, Share(1, 1), name, 1) for name in ("run-1", "run-2"))
    region.bucket.write(CURRENT, order_text(mine))

    def called_off(bucket: Bucket, order: Order) -> None:
        bucket.write(CURRENT, order_text(next_one))
        region.groups.resize(Sizes(1, 1))
        raise CalledOff("the instance is switched off")

    monkeypatch.setattr(instance, "_processes", called_off)
    assert lead(place_from(place), region.bucket, region.groups) == 0
    assert region.bucket.read(mine.place + "done") == "interrupted"
    assert region.groups.sizes() == Sizes(1, 1)


@pytest.mark.parametrize(
    ("stopped", "said"), [(True, "interrupted"), (False, "not all 1 workers came within 0 s")]
)
def test_a_master_that_can_not_begin_says_why_and_switches_off(
    there: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: bool, said: str
) -> None:
    monkeypatch.setattr(instance, "WORKERS_WITHIN_SECONDS", 0.0)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process is no instance
    region, place = _led(there, tmp_path)
    load = Load(profile=short(tmp_path), host="http://127.0.0.1:9")
    order = order_for(load, Share(1, 1), "run-1", 1)
    region.bucket.write(CURRENT, order_text(order))
    if stopped:
        region.bucket.write(order.place + "stop")
    region.groups.resize(Sizes(1, 1))
    lead(place_from(place), region.bucket, region.groups)
    assert region.bucket.read(order.place + "done") == said
    assert region.groups.sizes() == OFF


def test_a_master_that_is_switched_off_before_it_sends_says_so(
    there: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def switched_off(*_: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(instance, "run", switched_off)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process is no instance
    region, place = _led(there, tmp_path)
    load = Load(profile=short(tmp_path), host="http://127.0.0.1:9")
    order = order_for(load, Share(1, 1), "run-1", 0)
    region.bucket.write(CURRENT, order_text(order))
    region.bucket.write(order.place + "go")
    lead(place_from(place), region.bucket, region.groups)
    assert region.bucket.read(order.place + "done") == "interrupted"


def _led(there: Account, folder: Path) -> tuple[Region, dict[str, str]]:
    region = region_of(there, REGIONS[0])
    return region, dict(Instances([region], folder).place(region, "master"))


def test_progress_of_several_regions_adds_up() -> None:
    parts = [Progress(3.0, 2, 10, 1, 40.0), Progress(2.5, 1, 5, 0, 90.0)]
    assert summed(parts) == Progress(3.0, 3, 15, 1, 90.0)


# --- orders ---------------------------------------------------------------------------------------


def test_an_order_is_read_as_it_was_written_and_holds_no_secret(tmp_path: Path) -> None:
    load = Load(
        profile=short(tmp_path), host="https://127.0.0.1", origin_secret="s3cret", prefix="gtm"
    )
    order = order_for(load, Share(2, 3), "run-1", 4)
    text = order_text(order)
    assert read_order(text) == order
    assert "s3cret" not in text
    there = read_order(text).load(tmp_path / "there")
    assert (there.profile.sha256, there.share) == (load.profile.sha256, Share(2, 3))


def test_a_profile_travels_with_its_trace(tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    (tmp_path / "traces/day.csv").write_text("seconds,users\n0,1\n60,5\n")
    mine = profile(tmp_path, shape={"kind": "trace", "file": "traces/day.csv"})
    order = order_for(Load(profile=mine, host="http://127.0.0.1"), Share(1, 1), "run-1", 1)
    assert order.load(tmp_path / "there").profile.sha256 == mine.sha256


@pytest.mark.parametrize("target", ["origin", "cache"])
def test_what_is_not_reached_from_outside_is_refused(tmp_path: Path, target: str) -> None:
    load = Load(profile=short(tmp_path), target=target, host="127.0.0.1:6379")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="reach edge and table only"):
        order_for(load, Share(1, 1), "run-1", 1)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "id": "x"}'])
def test_what_is_no_order_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_order(text)


def test_an_order_can_not_point_out_of_its_place() -> None:
    order = Order(id="../x", variables={}, profile="p", files={}, workers=1)
    with pytest.raises(UsageError, match=r"its id is \.\./x"):
        read_order(order_text(order))


# --- the stack ------------------------------------------------------------------------------------


def test_its_stack_is_changed_in_place_and_taken_down(there: Account) -> None:
    client = there.client("cloudformation", REGIONS[0])
    region = region_of(there, REGIONS[0])
    client.update_stack(
        StackName=STACK,
        TemplateURL=stored(there, template(workers=4)),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    client.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig={"Delay": 0})
    region.groups.resize(Sizes(1, 4))
    region.groups.resize(OFF)
    client.delete_stack(StackName=STACK)
    client.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 0})
    kept = there.client("s3", REGIONS[0]).list_buckets()["Buckets"]
    assert region.bucket.name in [bucket["Name"] for bucket in kept]
