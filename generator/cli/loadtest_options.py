"""What `loadtest` may be told, and which of it can't be told at once: nothing is ignored."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from generator.errors import UsageError

ProfileName = Annotated[
    str, typer.Option("--profile", metavar="NAME", help="Of loadtest/profiles, or a file.")
]
TargetKind = Annotated[str, typer.Option("--target", help="edge, origin, table or cache.")]
Whose = Annotated[
    str, typer.Option("--region", help="Whose origin, table or cache; left out: home.")
]
Host = Annotated[
    str,
    typer.Option(metavar="URL", help="Instead of the stacks' outputs; the profile names it."),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", file_okay=False, help="Instead of build/NAME-loadtests/TIME-…."),
]
Processes = Annotated[int, typer.Option(min=1, max=256, help="Of this machine.")]
ExpectedWorkers = Annotated[
    int, typer.Option(min=0, metavar="N", help="Wait for so many workers of other machines.")
]
Bind = Annotated[str, typer.Option(metavar="ADDRESS", help="Where workers find this master.")]
Baseline = Annotated[
    Path | None,
    typer.Option(metavar="DIR", exists=True, file_okay=False, help="An earlier run's folder."),
]
EventsFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", exists=True, dir_okay=False, help="What the platform did; AWS is not asked."
    ),
]
Jtl = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", exists=True, dir_okay=False, help="Judge JMeter's results instead."
    ),
]
PlanFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", exists=True, dir_okay=False, help="The .jmx behind --jtl, if not ours."
    ),
]
Again = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        exists=True,
        file_okay=False,
        help="Report on an earlier run, with what AWS says by now.",
    ),
]
Export = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", dir_okay=False, help="Write the profile as a JMeter plan instead."
    ),
]
InAws = Annotated[
    bool, typer.Option("--in-aws", help="From the environment's load generators, not from here.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

_SENDERS = ("in_aws", "processes", "workers", "bind")
_AIM = ("target", "region", "host")


class _Apart(NamedTuple):
    """An option, and those that would be ignored beside it."""

    option: str
    others: tuple[str, ...]
    why: str


_EXCLUSIVE = (
    _Apart(
        "again",
        ("jtl", "plan", "export", "env", *_AIM, "out", *_SENDERS),
        "the earlier run says itself what it was",
    ),
    _Apart(
        "export",
        ("jtl", "plan", "env", "region", "out", "events", "baseline", *_SENDERS),
        "a plan is written, and nothing is sent or judged",
    ),
    _Apart("jtl", ("region", *_SENDERS), "JMeter has sent it, and nothing is sent now"),
    _Apart(
        "in_aws",
        ("processes", "workers", "bind"),
        "load_generator.workers of the settings says how many send",
    ),
    _Apart("workers", ("processes",), "workers of other machines send, and no process of this one"),
    _Apart("host", ("region",), "a Region is asked for where the stacks' outputs say the host"),
)
_BELONGS_TO = {"bind": "workers", "plan": "jtl"}


def typed(context: typer.Context) -> frozenset[str]:
    """The parameters that the command line names, whatever it says of them."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return frozenset(name for name, each in sources.items() if each and each.name == "COMMANDLINE")


def check_together(typed: Set[str]) -> None:
    """Raises UsageError for options of which one would be ignored."""
    for option, others, why in _EXCLUSIVE:
        for other in others:
            if {option, other} <= typed:
                raise UsageError(
                    f"{_flag(option)} and {_flag(other)} exclude each other: {why}\n"
                    f"    leave one of them out"
                )
    for option, owner in _BELONGS_TO.items():
        if option in typed and owner not in typed:
            raise UsageError(
                f"{_flag(option)} says nothing without {_flag(owner)}\n"
                f"    add {_flag(owner)}, or leave {_flag(option)} out"
            )


def _flag(parameter: str) -> str:
    return f"--{parameter.replace('_', '-')}"
