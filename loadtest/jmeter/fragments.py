"""What a kind of user does, as a Test Fragment that its thread groups refer to.

    reader (Test Fragment)
    ├── Think time
    ├── 40.0 % (Throughput Controller)
    │   └── GET /static/{name}
    └── 30.0 %
        └── Session (Switch Controller)       which is made where there is none
            ├── POST /api/sessions
            └── GET /api/sessions/{id}

Every round of a thread sends one request on average, each as often as its weight says.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from loadtest.jmeter.elements import Node, Values, arguments, decimal, element, part, parts
from loadtest.jmeter.requests import HAS_SESSION, MAKE_SESSION, SESSION, Request, Task
from loadtest.jmeter.surroundings import headers
from loadtest.profile import Kind

_ID = r'"id"\s*:\s*"([^"]+)"'
_BODY = "false"
"""Where a pattern is looked for: neither headers (true) nor the status code (code)."""


def fragment(kind: Kind, tasks: Sequence[Task]) -> Node:
    """A kind of user: what it does, and how long it waits before each request."""
    whole = sum(task.weight for task in tasks)
    does = (_share(100.0 * task.weight / whole, task.request) for task in tasks)
    return Node(
        element("TestFragmentController", "TestFragmentControllerGui", kind.name),
        (_think_time(*kind.think), *does),
    )


def _think_time(least: float, most: float) -> Node:
    values: Values = {
        "ConstantTimer.delay": str(round(1000 * least)),
        "RandomTimer.range": str(round(1000 * (most - least))),
    }
    return Node(element("UniformRandomTimer", "UniformRandomTimerGui", "Think time", values))


def _share(percent: float, request: Request) -> Node:
    """A request in so many of all threads' rounds."""
    values: Values = {"ThroughputController.style": 1, "ThroughputController.perThread": False}
    share = decimal("FloatProperty", "ThroughputController.percentThroughput", percent)
    title = f"{percent:g} %"
    return Node(
        element("ThroughputController", "ThroughputControllerGui", title, values, share),
        (_with_session(request) if request.of_session else _request(request),),
    )


def _with_session(request: Request) -> Node:
    """The first of two while the variable is 0, the second while it is 1."""
    made = (_remember(SESSION, _ID, "$1$"), _remember(HAS_SESSION, _ID, "1"))
    lost = _remember(HAS_SESSION, "404", "0", of="code")
    values = {"SwitchController.value": f"${{{HAS_SESSION}}}"}
    return Node(
        element("SwitchController", "SwitchControllerGui", "Session", values),
        (_request(MAKE_SESSION, *made), _request(request, lost)),
    )


def _remember(variable: str, pattern: str, what: str, of: str = _BODY) -> Node:
    """Set a variable of the thread where the answer has the pattern; it stays as it is elsewhere.

    JMeter 2.13 has no other extractor that is at home in JSON.
    """
    values: Values = {
        "RegexExtractor.useHeaders": of,
        "RegexExtractor.refname": variable,
        "RegexExtractor.regex": pattern,
        "RegexExtractor.template": what,
        "RegexExtractor.default": "",
        "RegexExtractor.match_number": "1",
    }
    return Node(element("RegexExtractor", "RegexExtractorGui", f"{variable} = {what}", values))


def _request(request: Request, *after: Node) -> Node:
    values: Values = {
        "HTTPSampler.path": request.path,
        "HTTPSampler.method": request.method,
        "HTTPSampler.follow_redirects": False,
        "HTTPSampler.auto_redirects": False,
        "HTTPSampler.use_keepalive": True,
        "HTTPSampler.postBodyRaw": bool(request.body),
    }
    sampler = element(
        "HTTPSamplerProxy", "HttpTestSampleGui", request.label, values, _body(request.body)
    )
    json = headers("JSON", {"Content-Type": "application/json"})
    return Node(sampler, (*([json] if request.body else []), *after))


def _body(text: str) -> Element:
    """A body that is sent as it is is an argument without a name."""
    if not text:
        return arguments("HTTPsampler.Arguments", {})
    body = part("", "HTTPArgument", {"HTTPArgument.always_encode": False, "Argument.value": text})
    return part("HTTPsampler.Arguments", "Arguments", {}, parts("Arguments.arguments", [body]))
