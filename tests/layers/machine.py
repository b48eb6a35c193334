"""A directory that stands in for an instance's root: user data boots in it, tools pretended."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

FOLDERS = ("etc/systemd/system", "etc/logrotate.d", "etc/sysctl.d", "var/log")


class Machine:
    """`tools` are names, or paths below the root, and what each does in bash.

    Every tool writes down how it was called.
    """

    def __init__(self, root: Path, tools: Mapping[str, str]) -> None:
        self.root = root
        for name, does in tools.items():
            tool = root / (name if "/" in name else f"bin/{name}")
            tool.parent.mkdir(parents=True, exist_ok=True)
            told = f'echo "{tool.name} $*" >>"$ROOT/calls"'
            tool.write_text(f"#!/bin/bash\n{told}\n{does}\n", encoding="utf-8")
            tool.chmod(0o755)
        for folder in FOLDERS:
            (root / folder).mkdir(parents=True)

    def say(self, name: str, text: str) -> None:
        """What a pretended tool answers from."""
        (self.root / name).write_text(text, encoding="utf-8")

    def says(self, path: str) -> str:
        """The text of a file below the root."""
        return (self.root / path).read_text(encoding="utf-8")

    @property
    def calls(self) -> str:
        """Every call of a tool, a line each."""
        return self.says("calls")

    def boot(self, user_data: str) -> int:
        """Run the user data with this root, and return its exit status."""
        moved = re.sub(r"(?<![\w.}])/(etc|opt|var)/", rf"{self.root}/\1/", user_data)
        return self._run("bash", "-c", moved)

    def run(self, script: str) -> int:
        """Run one of the scripts that booting has left."""
        return self._run(str(self.root / "opt/gtm/bin" / script))

    def _run(self, *command: str) -> int:
        path = f"{self.root / 'bin'}:{os.environ['PATH']}"
        environment = {"ROOT": str(self.root), "PATH": path}
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=20, check=False
        )
        return done.returncode
