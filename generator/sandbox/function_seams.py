"""Like seams, for Lambda functions: how ministack starts the process of one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime

from generator.sandbox.contract import Seam

Start = Callable[[str, str, Mapping[str, str]], Any]
"""A script, its folder and its environment to a process, which looks like Popen's."""

SEAMS = (Seam("ministack.core.lambda_runtime", "subprocess", ModuleType),)


def start_python_functions(start: Start) -> None:
    """Start the script that runs a Python function by `start`; all else is a process as before."""

    def popen(command: list[str], **options: Any) -> Any:
        if command[0] != sys.executable:
            return subprocess.Popen(command, **options)
        return start(command[1], options["cwd"], options["env"])

    lambda_runtime.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": popen})
