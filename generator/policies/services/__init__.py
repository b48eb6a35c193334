"""What CloudFormation calls to make the platform's resources, service by service.

Every resource type of AWS states in its schema which permissions its create, read, update and
delete need; `tests/policies/test_provisioning.py` holds these rows against the schemas of all types
that the layers use, so a missing permission is found there and not at two in the morning.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from generator.policies.services import compute, data, edge, network, observability, stacks
from generator.policies.services.row import Service

CONCERNS: dict[str, tuple[Service, ...]] = {
    "Network": network.ROWS,
    "Compute": compute.ROWS,
    "Data": data.ROWS,
    "Edge": edge.ROWS,
    "Observability": observability.ROWS,
    "Stacks": stacks.ROWS,
}
"""One managed policy each."""
