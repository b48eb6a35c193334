"""What a load generator does at boot: values from the stack, then a script, always the same.

The script is `user_data.sh` behind `layers/booting.sh`; `layers/booting.py` puts them together. The
values reach it as a file, which stays on the instance:

    /etc/gtm/generator.env    role, the Region's bucket and groups, archive, longest life

The archive is what `generator.build.generator_files` says. The instance refuses one of another
digest, installs the packages that it lists, and runs `python -m loadtest.remote.instance`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from troposphere import Base64

from generator import names
from generator.layers import booting
from generator.layers.draft import Draft, Tunable
from generator.layers.load_generator import archives
from generator.layers.load_generator.network import LOCUST_PORT

Role = Literal["master", "worker"]
SCRIPT = Path(__file__).with_name("user_data.sh")

GENERATOR_KEY, GENERATOR_SHA256 = "LoadGeneratorKey", "LoadGeneratorSha256"
"""Parameters: empty in a template, which anyone may launch, and filled by a build."""

PREPARING_MINUTES = 30
"""What an instance may live beyond the longest load test: boot, packages, other Regions' boot."""


def longest_seconds(draft: Draft) -> int:
    """How long an instance may live, whatever happens."""
    asked = draft.settings.load_generator
    assert asked is not None
    return (asked.longest_minutes + PREPARING_MINUTES) * 60


def user_data(draft: Draft, role: Role) -> Base64:
    """The user data of an instance of this role."""
    values = {
        "Bucket": archives.bucket(draft),
        "Key": draft.tune(_KEY),
        "Sha256": draft.tune(_SHA256),
    }
    files = {"/etc/gtm/generator.env": _settings(draft, role)}
    return booting.user_data(files, values, SCRIPT)


def _settings(draft: Draft, role: Role) -> dict[str, object]:
    settings = draft.settings
    return {
        "AWS_REGION": "${AWS::Region}",
        "ARCHIVE_KEY": "${Key}",
        "ARCHIVE_SHA256": "${Sha256}",
        "ARCHIVE_URI": f"s3://${{Bucket}}/{settings.prefix}/${{Key}}",
        "LONGEST_SECONDS": longest_seconds(draft),
        "LOG_GROUP": names.generator_log_group(settings),
        "GENERATOR_ROLE": role,
        "GENERATOR_REGION": "${AWS::Region}",
        "GENERATOR_BUCKET": names.loadtest_bucket(settings),
        "GENERATOR_MASTERS": names.generators(settings, "masters"),
        "GENERATOR_WORKERS": names.generators(settings, "workers"),
        "GENERATOR_PORT": LOCUST_PORT,
        "GENERATOR_FOLDER": "/var/lib/gtm-generator",
    }


_KEY = Tunable(
    GENERATOR_KEY,
    "Archive of load generators",
    "Key of the archive that builds pack (.tar.gz), below the artifact prefix. Empty: instances "
    "have nothing to run, and switch themselves off.",
    default="",
    pattern=r"^[A-Za-z0-9._/=+@-]{0,512}$",
    cost="Free.",
)

_SHA256 = Tunable(
    GENERATOR_SHA256,
    "SHA-256 of that archive",
    "In lower-case hexadecimal digits; an instance refuses to start another archive.",
    default="",
    pattern=r"^([0-9a-f]{64})?$",
    cost="Free.",
)
