"""What makes ministack the AWS that our templates need: installed as a whole, or not at all."""

from __future__ import annotations

from importlib.metadata import version

from generator.errors import SandboxError
from generator.sandbox import VERSION, contract


def install() -> None:
    """Register everything with ministack, in this process, before it serves.

    Raises SandboxError when ministack is another release than the pinned one, or when a private
    name that we build on is gone or has another shape.
    """
    _check_ministack()
    from generator.sandbox import (
        change_sets,
        failed_rollbacks,
        function_processes,
        interrupted,
        nested_stacks,
        public_parameters,
        resources,
        seams,
        stack_actions,
        template_seams,
        template_urls,
    )
    from generator.sandbox.stack_sets import ACTIONS

    template_urls.install()
    template_seams.know_pseudo_parameters()
    nested_stacks.install()
    public_parameters.install()
    interrupted.install()
    change_sets.install()
    stack_actions.install()
    failed_rollbacks.install()
    function_processes.install()
    for name, handler in ACTIONS.items():
        seams.register_action(name, handler)
    resources.register()


def every_seam() -> tuple[contract.Seam, ...]:
    """All private names that we build on. Raises ImportError when a module of theirs is gone."""
    from generator.sandbox import (
        function_seams,
        organization_seams,
        repair_seams,
        seams,
        service_seams,
        store_seams,
        template_seams,
        type_seams,
    )

    return (
        *seams.SEAMS,
        *function_seams.SEAMS,
        *organization_seams.SEAMS,
        *repair_seams.SEAMS,
        *service_seams.SEAMS,
        *store_seams.SEAMS,
        *template_seams.SEAMS,
        *type_seams.SEAMS,
    )


def _check_ministack() -> None:
    installed = version("ministack")
    if installed != VERSION:
        raise SandboxError(
            f"ministack {installed} is installed, and the sandbox is written against {VERSION}\n"
            "    pip install -c constraints.txt -e '.[sandbox]'"
        )
    try:
        missing = contract.missing(every_seam())
    except ImportError as error:
        missing = [str(error)]
    if missing:
        raise SandboxError(
            f"ministack {installed} lacks what the sandbox builds on: {', '.join(missing)}\n"
            "    generator/sandbox/*seams.py say how each of them is used"
        )
