"""What a kind of user does, as a Test Fragment that its thread groups refer to.

    reader (Test Fragment)
    ├── Think time
    ├── 40.0 % (Throughput Controller)
    │   └── GET /static/{name}
    └── 30.0 %
        └── has_session (Switch Controller)      a session is made where there is none
            ├── POST /api/sessions
            └── GET /api/sessions/{id}

Every round of a thread sends one request on average, each as often as its weight says.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from loadtest.jmeter.elements import Node, Values, arguments, decimal, element, part, parts
from loadtest.jmeter.requests import Need, Remembered, Request, Task
from loadtest.jmeter.surroundings import headers
from loadtest.profile import Kind


def fragment(kind: Kind, tasks: Sequence[Task]) -> Node:
    """A kind of user: what it does, and how long it waits before each request."""
    whole = sum(task.weight for task in tasks)
    does = (_share(100.0 * task.weight / whole, task) for task in tasks)
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


def _share(percent: float, task: Task) -> Node:
    """A task in so many of all threads' rounds."""
    values: Values = {"ThroughputController.style": 1, "ThroughputController.perThread": False}
    share = decimal("FloatProperty", "ThroughputController.percentThroughput", percent)
    title = f"{percent:g} %"
    return Node(
        element("ThroughputController", "ThroughputControllerGui", title, values, share),
        (_either(task.need, task.request) if task.need else _request(task.request),),
    )


def _either(need: Need, request: Request) -> Node:
    """The first of two while the variable is 0, the second while it is 1."""
    values = {"SwitchController.value": f"${{{need.variable}}}"}
    switch = element("SwitchController", "SwitchControllerGui", need.variable, values)
    return Node(switch, (_request(need.otherwise), _request(request)))


def _remember(remembered: Remembered) -> Node:
    """JMeter 2.13 has no other extractor that is at home in JSON."""
    variable, part, pattern, value = remembered
    values: Values = {
        "RegexExtractor.useHeaders": part,
        "RegexExtractor.refname": variable,
        "RegexExtractor.regex": pattern,
        "RegexExtractor.template": value,
        "RegexExtractor.default": "",
        "RegexExtractor.match_number": "1",
    }
    return Node(element("RegexExtractor", "RegexExtractorGui", f"{variable} = {value}", values))


def _request(request: Request) -> Node:
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
    return Node(sampler, (*([json] if request.body else []), *map(_remember, request.remembered)))


def _body(text: str) -> Element:
    """A body that is sent as it is is an argument without a name."""
    if not text:
        return arguments("HTTPsampler.Arguments", {})
    body = part("", "HTTPArgument", {"HTTPArgument.always_encode": False, "Argument.value": text})
    return part("HTTPsampler.Arguments", "Arguments", {}, parts("Arguments.arguments", [body]))
