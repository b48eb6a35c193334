"""What holds for every request of a plan: where it goes, how often at most, what is a success."""

from __future__ import annotations

import math
from collections.abc import Mapping
from urllib.parse import SplitResult

from loadtest.jmeter.elements import Node, Values, arguments, decimal, element, part, parts, texts
from loadtest.jmeter.requests import ANSWERS, SECRET_HEADER

ANSWER_WITHIN = "8000"
"""Milliseconds, as Locust's users wait; JMeter's are for each part of a request, not all of it."""


def where(url: SplitResult) -> Node:
    """Host, port and protocol: those of `url`, unless a run is given others."""
    port = url.port or (80 if url.scheme == "http" else 443)
    values: Values = {
        "HTTPSampler.domain": f"${{__P(host,{url.hostname})}}",
        "HTTPSampler.port": f"${{__P(port,{port})}}",
        "HTTPSampler.protocol": f"${{__P(protocol,{url.scheme})}}",
        "HTTPSampler.implementation": "HttpClient4",
        "HTTPSampler.connect_timeout": ANSWER_WITHIN,
        "HTTPSampler.response_timeout": ANSWER_WITHIN,
    }
    nothing = arguments("HTTPsampler.Arguments", {})
    return Node(element("ConfigTestElement", "HttpDefaultsGui", "Where to", values, nothing))


def origin_secret() -> Node:
    """The header that load balancers ask for; its value is a property of the run."""
    return headers("Origin secret", {SECRET_HEADER: "${__P(origin_secret,)}"})


def headers(title: str, values: Mapping[str, str]) -> Node:
    """Headers that requests have."""
    each = (
        part("", "Header", {"Header.name": name, "Header.value": value})
        for name, value in values.items()
    )
    listed = parts("HeaderManager.headers", each)
    return Node(element("HeaderManager", "HeaderPanel", title, {}, listed))


def ceiling(rate: float) -> Node:
    """Requests a second of all threads together.

    JMeter keeps whole milliseconds between two of them, and none where that rounds to 0: they are
    rounded up, so that it sends fewer rather than more, and never over 1,000 a second.
    """
    a_minute = 60_000.0 / math.ceil(1000.0 / rate)
    throughput = decimal("doubleProp", "throughput", a_minute)
    shared_by_all_threads = {"calcMode": 3}
    title = "Ceiling"
    return Node(
        element("ConstantThroughputTimer", "TestBeanGUI", title, shared_by_all_threads, throughput)
    )


def right_answers() -> Node:
    """Status codes other than these are failures."""
    values: Values = {
        "Assertion.test_field": "Assertion.response_code",
        "Assertion.assume_success": False,
        "Assertion.test_type": 1,
    }
    codes = texts("Asserion.test_strings", [ANSWERS])
    return Node(element("ResponseAssertion", "AssertionGui", "Right answers", values, codes))
