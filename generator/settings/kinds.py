"""The kinds of text and number that settings are made of, and what every section has in common.

A kind's pattern is for the check, its example for whoever gets the message.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Cron = Annotated[
    str,
    StringConstraints(pattern=r"^\S+ \S+ \S+ \S+ \S+$", max_length=255),
    Field(examples=["0 7 * * 1-5"]),
]
HttpPath = Annotated[
    str,
    StringConstraints(pattern=r"^/[A-Za-z0-9._~/-]*$", max_length=128),
    Field(examples=["/healthz"]),
]
InstanceType = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$"), Field(examples=["m7g.large"])
]
NodeType = Annotated[
    str,
    StringConstraints(pattern=r"^cache\.[a-z0-9-]+\.[a-z0-9-]+$"),
    Field(examples=["cache.t4g.small"]),
]
ServiceArchive = Annotated[
    str,
    StringConstraints(
        pattern=r"^(platform|image|[A-Za-z0-9._@+-][A-Za-z0-9._/@+-]*\.tar\.gz)$", max_length=256
    ),
    Field(examples=["platform"]),
]
ParameterName = Annotated[
    str,
    StringConstraints(pattern=r"^(/?[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)?$", max_length=1011),
    Field(examples=["/images/service/arm64"]),
]
RegionName = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$"), Field(examples=["ap-northeast-2"])
]
NamePart = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]{1,9}$"), Field(examples=["prod"])
]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(examples=["KP"])]
Email = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254),
    Field(examples=["ops@example.com"]),
]


def _whole_number(value: object) -> object:
    """Python holds True for 1 and 30.0 for 30, and so does Literal; a settings file does not."""
    if type(value) is not int:
        raise PydanticCustomError("literal_error", "a whole number is wanted")
    return value


WholeNumber = BeforeValidator(_whole_number)
LogRetentionDays = Annotated[
    Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827], WholeNumber
]


class Section(BaseModel):
    """What all sections share: unknown keys and loose types are faults, values never change.

    Validators are built when a file is first read, once for all sections: commands that read none
    start faster. That is why no default below is a ready-made section.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)
