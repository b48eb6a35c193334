"""What a deployed Region says of its instances, read from its stacks."""

from __future__ import annotations

import base64

import pytest

from generator.errors import SandboxError
from generator.sandbox.data_plane import deployed
from tests.local_aws import Account
from tests.sandbox.stacks import REGION, created, nested, queue, template, upload

BRINGS_ITS_OWN = """\
#!/bin/bash
cat >/etc/gtm/instance.env <<'EOF'
ARTIFACT_KEY=
ARTIFACT_URI=s3://artifacts/gtm-dev/
ARTIFACT_SHA256=
EOF
"""


def test_instances_whose_image_brings_the_service_have_no_archive(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {"UserData": base64.b64encode(BRINGS_ITS_OWN.encode()).decode()}
    launch = {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": data}}
    compute = upload(account, "compute", template({"LaunchTemplate": launch}))
    front = upload(account, "front", template({"Queue": queue()}))
    root = {"Compute": nested(compute), "LoadBalancer": nested(front)}
    created(account.client("cloudformation", REGION), "gtm-dev-regional", template(root))
    for name, value in account.environment(REGION).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SandboxError, match="what their image brings: there is no archive"):
        deployed.read("gtm-dev", REGION)
