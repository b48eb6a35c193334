"""What the generator has to know of each AWS Region before anything is deployed.

One row a Region: how many Availability Zones a new account can use there, whether an account has
to opt in, the IANA time zone of the people it serves (the default of its night schedule), and the
second octet of its VPC's default CIDR block.

The octet is fixed here, not counted from a Region's place in the list: reordering `regions:` in a
settings file must not renumber, and so replace, a live network.

Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
"""

from __future__ import annotations

from typing import NamedTuple


class RegionFacts(NamedTuple):
    """Facts of one Region. `zones` is a count, `octet` the `x` of 10.x.0.0/16."""

    zones: int
    octet: int
    time_zone: str
    opt_in: bool = False


REGIONS: dict[str, RegionFacts] = {
    "us-east-1": RegionFacts(6, 0, "America/New_York"),
    "us-east-2": RegionFacts(3, 1, "America/New_York"),
    "us-west-1": RegionFacts(2, 2, "America/Los_Angeles"),
    "us-west-2": RegionFacts(4, 3, "America/Los_Angeles"),
    "ca-central-1": RegionFacts(3, 4, "America/Toronto"),
    "ca-west-1": RegionFacts(3, 5, "America/Edmonton", opt_in=True),
    "mx-central-1": RegionFacts(3, 6, "America/Mexico_City", opt_in=True),
    "sa-east-1": RegionFacts(3, 8, "America/Sao_Paulo"),
    "eu-west-1": RegionFacts(3, 16, "Europe/Dublin"),
    "eu-west-2": RegionFacts(3, 17, "Europe/London"),
    "eu-west-3": RegionFacts(3, 18, "Europe/Paris"),
    "eu-central-1": RegionFacts(3, 19, "Europe/Berlin"),
    "eu-central-2": RegionFacts(3, 20, "Europe/Zurich", opt_in=True),
    "eu-north-1": RegionFacts(3, 21, "Europe/Stockholm"),
    "eu-south-1": RegionFacts(3, 22, "Europe/Rome", opt_in=True),
    "eu-south-2": RegionFacts(3, 23, "Europe/Madrid", opt_in=True),
    "ap-northeast-1": RegionFacts(3, 32, "Asia/Tokyo"),
    "ap-northeast-2": RegionFacts(4, 33, "Asia/Seoul"),
    "ap-northeast-3": RegionFacts(3, 34, "Asia/Tokyo"),
    "ap-southeast-1": RegionFacts(3, 35, "Asia/Singapore"),
    "ap-southeast-2": RegionFacts(3, 36, "Australia/Sydney"),
    "ap-southeast-3": RegionFacts(3, 37, "Asia/Jakarta", opt_in=True),
    "ap-southeast-4": RegionFacts(3, 38, "Australia/Melbourne", opt_in=True),
    "ap-southeast-5": RegionFacts(3, 39, "Asia/Kuala_Lumpur", opt_in=True),
    "ap-southeast-7": RegionFacts(3, 40, "Asia/Bangkok", opt_in=True),
    "ap-south-1": RegionFacts(3, 41, "Asia/Kolkata"),
    "ap-south-2": RegionFacts(3, 42, "Asia/Kolkata", opt_in=True),
    "ap-east-1": RegionFacts(3, 43, "Asia/Hong_Kong", opt_in=True),
    "ap-east-2": RegionFacts(3, 44, "Asia/Taipei", opt_in=True),
    "me-central-1": RegionFacts(3, 56, "Asia/Dubai", opt_in=True),
    "me-south-1": RegionFacts(3, 57, "Asia/Bahrain", opt_in=True),
    "il-central-1": RegionFacts(3, 58, "Asia/Jerusalem", opt_in=True),
    "af-south-1": RegionFacts(3, 59, "Africa/Johannesburg", opt_in=True),
}

EDGE_REGION = "us-east-1"
"""CloudFront, its certificate, its web ACL and Route 53's metrics live here and nowhere else."""
