"""`outputs`: what the platform offers to people and to other programs."""

from __future__ import annotations

from generator.cli.console import open_console
from generator.cli.options import AsJson, Environment
from generator.workspace import find_workspace


def command(env: Environment = "dev", json: AsJson = False) -> None:
    """Show the published outputs of what stands, Region by Region; never a secret.

    Example: python -m generator outputs --env prod --json
    """
    from generator.cli.as_data import as_json
    from generator.deploy.around.outputs import published
    from generator.deploy.aws import Aws
    from generator.deploy.built_files import read_release
    from generator.deploy.failures import speaking_of
    from generator.deploy.looking.look import look

    console, release, aws = open_console(), read_release(find_workspace().output(env)), Aws()
    with speaking_of("outputs", deployer=release.roles["deployer"]):
        found = published(release, look(aws, release, aws.account(release.home)))
    if json:
        console.line(as_json(found))
    elif found:
        columns = ("Region", "layer", "output", "value")
        console.table(f"{env}: outputs", columns, [output[:4] for output in found])
    else:
        console.line(f"{env}: nothing stands that publishes an output")
