"""What others have in their plans, put into one of ours: a transaction, and a listener of CSV."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from loadtest.jmeter.elements import Node, Values, arguments, element, part, tree

JOURNEY = ("GET /journey/first", "GET /journey/then")
"""Requests of the transaction, of which the second is in a transaction within it."""
ROUNDS = 3


def add_journey(plan: Path, results: Path) -> None:
    """Before all else one thread goes through the journey; `results` becomes CSV of the whole run.

    `Generate parent sample` is on: the requests are inside the transaction's sample.
    """
    root = ElementTree.parse(plan)
    below_plan = root.find("hashTree/hashTree")
    assert below_plan is not None
    below_plan.extend([*tree(_thread(), Node(_listener(results)))])
    root.write(plan, encoding="utf-8", xml_declaration=True)


def _thread() -> Node:
    loops: Values = {"LoopController.continue_forever": False, "LoopController.loops": ROUNDS}
    values: Values = {
        "ThreadGroup.on_sample_error": "continue",
        "ThreadGroup.num_threads": "1",
        "ThreadGroup.ramp_time": "0",
    }
    controller = part("ThreadGroup.main_controller", "LoopController", loops)
    group = element("SetupThreadGroup", "SetupThreadGroupGui", "journey", values, controller)
    first, then = map(_request, JOURNEY)
    return Node(group, (_transaction("Journey", first, _transaction("Then", then)),))


def _transaction(name: str, *below: Node) -> Node:
    values: Values = {"TransactionController.parent": True}
    return Node(element("TransactionController", "TransactionControllerGui", name, values), below)


def _request(label: str) -> Node:
    method, path = label.split()
    values: Values = {"HTTPSampler.path": path, "HTTPSampler.method": method}
    nothing = arguments("HTTPsampler.Arguments", {})
    return Node(element("HTTPSamplerProxy", "HttpTestSampleGui", label, values, nothing))


def _listener(results: Path) -> Element:
    config = Element("objProp")
    SubElement(config, "name").text = "saveConfig"
    saved = SubElement(config, "value", {"class": "SampleSaveConfiguration"})
    for name in ("fieldNames", "bytes"):
        SubElement(saved, name).text = "true"
    SubElement(saved, "xml").text = "false"
    values: Values = {"filename": str(results)}
    return element("ResultCollector", "SimpleDataWriter", "CSV", values, config)
