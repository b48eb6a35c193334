"""User data: settings from the stack, what every instance begins with, then what it is for.

The scripts are files of their own without anything to fill in, so that they can be read and checked
as they stand: `booting.sh` here, and one beside each layer that has instances. The settings reach
them as files under /etc/gtm, which stay on the instance.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from troposphere import Base64, Join

from generator.layers.draft import Expression, sub

BEGINNING = Path(__file__).with_name("booting.sh")
LARGEST = 16 * 1024
"""Bytes that EC2 takes, before Base64."""


def user_data(
    files: Mapping[str, Mapping[str, object]], values: Mapping[str, Expression], script: Path
) -> Base64:
    """Files of settings by their path, whose texts may name `values`, and a layer's script."""
    head = "#!/bin/bash\nmkdir -p /etc/gtm\n"
    head += "".join(_written(path, settings) for path, settings in files.items())
    scripts = "".join(path.read_text(encoding="utf-8") for path in (BEGINNING, script))
    return Base64(Join("", [sub(head, **values), scripts]))


def _written(path: str, settings: Mapping[str, object]) -> str:
    """Shell that writes `KEY=value` lines; both systemd and bash read them."""
    lines = "".join(f"{key}={value}\n" for key, value in settings.items())
    return f"cat >{path} <<'EOF'\n{lines}EOF\n"
