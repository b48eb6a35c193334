"""The AMI ids that AWS publishes in the Parameter Store, and the images that they name.

Each Region has ids of its own, as on AWS: an id of another Region is found nowhere.
https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html
"""

from __future__ import annotations

import hashlib

from generator.sandbox import seams, service_seams

_PREFIX = "/aws/service/ami-amazon-linux-latest/"
_NAMES = tuple(
    f"al2023-ami-{flavour}kernel-{kernel}-{architecture}"
    for flavour in ("", "minimal-")
    for kernel in ("default", "6.1", "6.12")
    for architecture in ("arm64", "x86_64")
)


def install() -> None:
    """Answer the public parameters in every Region and account, and the images in EC2."""
    service_seams.publish_images(parameters, images)


def parameters() -> dict[str, str]:
    """The parameters of the current Region: name to AMI id."""
    return {_PREFIX + name: _image_id(name) for name in _NAMES}


def images() -> list[service_seams.Image]:
    """The images of the current Region."""
    return [
        service_seams.Image(_image_id(name), name, "Amazon Linux 2023 AMI", name.rpartition("-")[2])
        for name in _NAMES
    ]


def _image_id(name: str) -> str:
    return f"ami-{hashlib.sha256(f'{seams.current_region()} {name}'.encode()).hexdigest()[:17]}"
