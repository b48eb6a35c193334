"""Not a rule: makes the rules' shared helpers importable where the generator is not installed.

cfn-lint imports each file of `-a DIR` by its path, the top folder's files before the layers'. The
rules import `generator.checks.rules._template`, which resolves by itself only when the generator
is installed.
"""

import importlib
import sys
from pathlib import Path

try:
    importlib.import_module("generator.checks.rules._template")
except ModuleNotFoundError:
    sys.path.append(str(Path(__file__).resolve().parents[3]))
