"""The page in a real browser: it draws, reads, and asks the network for nothing."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import pytest

from loadtest.events import Activity, Alarm, Capacity
from loadtest.gate import judge
from loadtest.report import Report
from loadtest.report.page import page_html
from loadtest.report.picture import picture_of
from tests.browser import Chromium, Visit
from tests.loadtest.report.example import SECONDS, SLO, START, spike_run
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


def told(visit: Visit) -> Any:
    """What a test's own script found: it leaves JSON in the page's title."""
    return json.loads(visit.dom.partition("<title>")[2].partition("</title>")[0])


PHONE = 400
"""Pixels across."""
MEASURE = """
onload = () => {
  const page = document.querySelector("iframe").contentDocument;
  for (const each of page.querySelectorAll("details")) each.open = true;
  const root = page.documentElement;
  const right = (each) => Math.round(each.getBoundingClientRect().right);
  const labels = [...page.querySelectorAll(".under .time")].filter((each) => each.offsetWidth);
  const gaps = labels.slice(1).map((each, at) => each.offsetLeft - labels[at].offsetLeft);
  document.title = JSON.stringify({
    across: [root.scrollWidth, root.clientWidth],
    verdicts: Math.max(...[...page.querySelectorAll("td:first-child > span")].map(right)),
    gap: Math.min(...gaps) - Math.max(...labels.map((each) => each.offsetWidth)),
    words: [...page.querySelectorAll(".when, .mark span")].some((each) => each.offsetWidth),
  });
};
"""


def test_in_a_dark_room_it_is_dark_and_on_a_phone_it_fits(
    chromium: Chromium, example: Report, tmp_path: Path
) -> None:
    """In a frame, as no window of the browser is so narrow."""
    html = escape(example.page.read_text(encoding="utf-8"))
    frame = f'<iframe srcdoc="{html}" style="width:{PHONE}px;height:3000px;border:0"></iframe>'
    path = tmp_path / "frame.html"
    body = f'<body style="margin:0;background:black">{frame}</body>'
    path.write_text(f"<title></title><script>{MEASURE}</script>{body}", encoding="utf-8")
    visit = chromium.visit(path.as_uri(), tmp_path, dark=True, size=(500, 1200))
    seen = told(visit)
    assert seen["across"] == [PHONE, PHONE]
    assert seen["verdicts"] < PHONE
    assert seen["gap"] > 0
    assert seen["words"] is False
    assert share(visit.screenshot, "page", dark=True) > 0.5
    assert share(visit.screenshot, "page") < 0.01
    assert share(visit.screenshot, "p99", dark=True) > 0.0001


def test_a_click_puts_its_moment_into_the_address(
    chromium: Chromium, example: Report, tmp_path: Path
) -> None:
    """And no key that is the browser's own is taken from it."""
    driven = """{
    const charts = document.getElementById("charts");
    const { left, width, top } = charts.querySelector(".plot").getBoundingClientRect();
    const at = { clientX: left + width / 4, clientY: top, bubbles: true };
    const key = (more) => charts.dispatchEvent(
      new KeyboardEvent("keydown", { key: "ArrowLeft", cancelable: true, ...more }));
    charts.dispatchEvent(new MouseEvent("click", at));
    const kept = location.hash;
    const untouched = [key({ altKey: true }), key({ metaKey: true }), key({})];
    key({ key: "Escape" });
    document.title = JSON.stringify([kept, ...untouched, location.hash]);
    }"""
    html = re.sub("<meta http-equiv[^>]*>", "", example.page.read_text(encoding="utf-8"))
    path = tmp_path / "driven.html"
    path.write_text(html.replace("</body>", f"<script>{driven}</script></body>"), encoding="utf-8")
    visit = chromium.visit(path.as_uri(), tmp_path)
    kept, *others = told(visit)
    assert float(kept.removeprefix("#t=")) == pytest.approx(SECONDS / 4, abs=1)
    assert others == [True, True, False, ""]
    assert visit.console == ()


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
