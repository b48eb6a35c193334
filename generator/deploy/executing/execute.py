"""Executing a plan: each step as soon as what it needs is done, side by side where nothing forbids.

After a failure nothing new starts; what is under way is waited for, so that the end says how
everything stands.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from generator.deploy.context import Context, Outcome
from generator.deploy.executing.artifacts import upload
from generator.deploy.executing.bake import run_bake_step
from generator.deploy.executing.set_operations import run_set_step
from generator.deploy.executing.stacks import run_stack_step
from generator.deploy.failures import FAULTS, explained
from generator.deploy.failures.scrub import scrubbed
from generator.deploy.steps import BakeStep, SetStep, StackStep, Step, UploadStep
from generator.deploy.waiting import clock
from generator.errors import Detached, GtmError, Refused

DONE, FAILED, REFUSED, DETACHED, SKIPPED = "done", "failed", "refused", "detached", "not started"
WORKERS = 24
"""Steps at once at most: each is a thread that mostly sleeps."""


def execute(context: Context, steps: tuple[Step, ...]) -> tuple[Outcome, ...]:
    """Run steps as a DAG; how each ended, in the order in which they ended."""
    waiting = {step.id: step for step in steps}
    running: dict[Future[Outcome], str] = {}
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(WORKERS) as pool:
        while waiting or running:
            if all(outcome.state == DONE for outcome in outcomes):
                for step in _ready(waiting, running):
                    running[pool.submit(_run, context, step)] = step.id
                    del waiting[step.id]
            if not running:
                break
            ended = _wait(context, running)
            outcomes += [future.result() for future in ended]
            for future in ended:
                del running[future]
    return (*outcomes, *_skipped(context, waiting))


def _ready(waiting: dict[str, Step], running: dict[Future[Outcome], str]) -> list[Step]:
    """Steps of which nothing that they need is still to come."""
    unfinished = {*waiting, *running.values()}
    return [step for step in waiting.values() if not unfinished & set(step.after)]


def _wait(context: Context, running: dict[Future[Outcome], str]) -> set[Future[Outcome]]:
    """Until a step ends. Ctrl-C tells the steps to leave, and then waits for that."""
    try:
        return wait(running, return_when=FIRST_COMPLETED).done
    except KeyboardInterrupt:
        context.stop.set()
        return wait(running).done


def _run(context: Context, step: Step) -> Outcome:
    context.observer.started(step)
    started = clock()
    state, reason = _attempt(context, step)
    outcome = Outcome(step.id, state, started, clock(), reason)
    context.observer.finished(step, outcome)
    return outcome


def _attempt(context: Context, step: Step) -> tuple[str, str]:
    """How it ended, and why; what is a bug is not hidden as a failed step."""
    try:
        _perform(context, step)
    except Detached as error:
        return DETACHED, str(error)
    except Refused as error:
        return REFUSED, str(error)
    except GtmError as error:
        return FAILED, scrubbed(str(error), context.release.secrets)
    except FAULTS as error:
        release = context.release
        deployer, secrets = release.roles["deployer"], release.secrets
        return FAILED, str(explained(error, step.id, deployer=deployer, secrets=secrets))
    return DONE, ""


def _perform(context: Context, step: Step) -> None:
    match step:
        case StackStep():
            run_stack_step(context, step)
        case SetStep():
            run_set_step(context, step)
        case UploadStep():
            upload(context, step)
        case BakeStep():
            run_bake_step(context, step)


def _skipped(context: Context, waiting: dict[str, Step]) -> list[Outcome]:
    now = clock()
    outcomes = []
    for step in waiting.values():
        missing = [name for name in step.after if name in waiting]
        reason = f"needs {', '.join(missing)}" if missing else "the rollout stopped before"
        outcomes.append(Outcome(step.id, SKIPPED, now, now, reason))
        context.observer.finished(step, outcomes[-1])
    return outcomes
