"""The page in a real browser: it draws, reads, and asks the network for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtest.events import Activity, Alarm, Capacity
from loadtest.gate import judge
from loadtest.report import Report
from loadtest.report.page import page_html
from loadtest.report.picture import picture_of
from tests.browser import Chromium, Visit
from tests.loadtest.report.example import SLO, START, spike_run
from tests.loadtest.report.pages import Page
from tests.loadtest.report.pixels import share
from tests.loadtest.report.test_page import HOSTILE
from tests.loadtest.runs import row


@pytest.fixture(scope="module")
def light(chromium: Chromium, example: Report, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    """The example at the moment 300 s, on a desktop."""
    url = f"{example.page.as_uri()}#t=300"
    return chromium.visit(url, tmp_path_factory.mktemp("light"), size=(1300, 900))


def readings(dom: str) -> dict[str, str]:
    """What each entry of a legend reads, by its place."""
    page, found, within = dom.split('<output id="r')[1:], {}, "</output>"
    for part in page:
        number, _, rest = part.partition('">')
        found[f"r{number}"] = rest.partition(within)[0]
    return found


def test_the_fixture_sees_what_a_page_asks_for_and_says(chromium: Chromium, tmp_path: Path) -> None:
    """So that finding nothing below means that there was nothing."""
    page = tmp_path / "page.html"
    page.write_text("<img src='http://192.0.2.7/x.png'><script>undefined.x</script>")
    visit = chromium.visit(page.as_uri(), tmp_path)
    assert visit.requests == ("http://192.0.2.7/x.png",)
    assert "TypeError" in visit.console[0]


def test_it_is_silent_and_asks_for_nothing(light: Visit) -> None:
    assert light.console == ()
    assert light.requests == ()


def test_the_crosshair_reads_all_panels_at_a_moment(light: Visit, example: Report) -> None:
    expected = [
        [text for time, text in zip(times, texts, strict=True) if time <= 300][-1]
        for times, texts in Page(example.page.read_text(encoding="utf-8")).embedded("readings")
    ]
    assert list(readings(light.dom).values()) == expected
    assert '<output id="now">5:00</output>' in light.dom


def test_it_is_drawn_in_its_colours(light: Visit) -> None:
    assert share(light.screenshot, "page") > 0.6
    for tone in ("requests", "p50", "p95", "p99", "p999", "bad"):
        assert share(light.screenshot, tone) > 0.0001, tone


def test_in_a_dark_room_it_is_dark_and_on_a_phone_it_fits(
    chromium: Chromium, example: Report, tmp_path: Path
) -> None:
    visit = chromium.visit(example.page.as_uri(), tmp_path, dark=True, size=(500, 1200))
    assert share(visit.screenshot, "page", dark=True) > 0.5
    assert share(visit.screenshot, "page") < 0.01
    assert share(visit.screenshot, "p99", dark=True) > 0.0001
    assert readings(visit.dom)["r0"].startswith("peak ")


def test_hostile_names_do_nothing_in_it(chromium: Chromium, tmp_path: Path) -> None:
    events = [
        event
        for text in HOSTILE
        for event in (
            Capacity(time=START, place=text, in_service=1, desired=2),
            Alarm(time=START, place=text, name=text, state="ALARM"),
            Activity(time=START + 5, place=text, text=text),
        )
    ]
    names = tuple(row(text) for text in HOSTILE)
    made = spike_run()._replace(totals=(row(), *names), events=tuple(events))
    path = tmp_path / "report.html"
    path.write_text(page_html(made, picture_of(made, SLO), judge(made, SLO)), encoding="utf-8")
    visit = chromium.visit(f"{path.as_uri()}#t=5", tmp_path)
    assert visit.console == ()
    assert visit.requests == ()
    assert '<output id="now">0:05</output>' in visit.dom
    assert "<img" not in visit.dom
