"""What load generators run: our load test, in an archive, and a list of what it imports.

    loadtest/                    but for what draws, judges and imports from JMeter
    generator/                   errors and settings, by which profiles are read
    packages/requirements.txt    the distributions below, at the versions that are installed here

Locust stands on compiled packages, which differ by CPU: so an instance installs them itself, from
the package index, and only as wheels.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from generator.errors import UsageError

DISTRIBUTIONS = (
    *("annotated-types", "bidict", "blinker", "boto3", "botocore", "brotli", "certifi"),
    *("charset-normalizer", "click", "configargparse", "flask", "flask-cors", "flask-login"),
    *("gevent", "geventhttpclient", "greenlet", "h11", "idna", "iniconfig", "itsdangerous"),
    *("jinja2", "jmespath", "locust", "markupsafe", "msgpack", "packaging", "pluggy", "psutil"),
    *("pydantic", "pydantic-core", "pygments", "pytest", "python-dateutil", "python-engineio"),
    *("python-socketio", "pyyaml", "pyzmq", "requests", "s3transfer", "simple-websocket", "six"),
    *("typing-extensions", "typing-inspection", "urllib3", "werkzeug", "wsproto", "zope-event"),
    "zope-interface",
)
"""What the load test imports, and what that imports: a test compares it with their metadata."""
PURPOSE = "load-generator"
REQUIREMENTS = "packages/requirements.txt"

_ROOT = Path(__file__).parents[2]
_LEFT = ("__pycache__", "jmeter", "report")
_GENERATOR = ("__init__.py", "errors.py", "settings/*.py")


def files() -> dict[str, bytes]:
    """Name in the archive to content. Raises UsageError where Locust is not installed."""
    found = {path.relative_to(_ROOT).as_posix(): path.read_bytes() for path in _modules()}
    return found | {REQUIREMENTS: requirements().encode()}


def requirements() -> str:
    """Every distribution at its version, for pip."""
    try:
        return "".join(f"{name}=={version(name)}\n" for name in DISTRIBUTIONS)
    except PackageNotFoundError as missing:
        raise UsageError(
            f"load_generator: {missing.name} is not installed, so its version is unknown\n"
            "    pip install -c constraints.txt -e '.[loadtest]'"
        ) from None


def _modules() -> Iterator[Path]:
    for pattern in _GENERATOR:
        yield from (_ROOT / "generator").glob(pattern)
    for path in (_ROOT / "loadtest").rglob("*"):
        inner = path.relative_to(_ROOT / "loadtest")
        if path.is_file() and not set(inner.parts) & set(_LEFT):
            yield path
