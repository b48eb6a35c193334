"""An answer is lost after the work was done, and botocore asks again: nothing is done twice.

And a read right after a write does not see it yet.
"""

from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from generator.deploy import waiting
from generator.deploy.context import Context, StepFailed
from generator.deploy.executing import repeated
from generator.deploy.executing.change_sets import make_change_set
from generator.deploy.executing.set_operations import run_set_step
from generator.deploy.executing.stacks import run_stack_step
from generator.deploy.steps import Do, DoSet
from generator.errors import Refused
from tests.deploy.answered import (
    ARN,
    TEMPLATE,
    described,
    events,
    refuse,
    set_step,
    stack_step,
    stubbed,
)

OLD = ("0", "CREATE_COMPLETE", "old")
BODY = {"TemplateBody": TEMPLATE}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow one another at once, and what is not visible is not waited for."""
    monkeypatch.setattr(waiting, "FIRST", 0.0)
    monkeypatch.setattr(repeated, "VISIBLE_WITHIN", 0.0)


@pytest.fixture
def hands() -> tuple[Context, Stubber]:
    return stubbed()


CHANGE_SET = "arn:aws:cloudformation:eu-west-1:111122223333:changeSet/gtm-reviewed/1"


def policies(stubber: Stubber) -> None:
    """Each stack gets its policy; here none is nested."""
    stubber.add_response("list_stack_resources", {"StackResourceSummaries": []})
    stubber.add_response("set_stack_policy", {})


class TestCreateStack:
    def test_it_is_there_already_and_is_the_one_we_asked_for(
        self, hands: tuple[Context, Stubber]
    ) -> None:
        context, stubber = hands
        refuse(stubber, "create_stack", "AlreadyExistsException", tries=2)
        stubber.add_response("describe_stacks", described("CREATE_IN_PROGRESS"))
        stubber.add_response("get_template", BODY)
        token = context.token(stack_step())
        for status in ("CREATE_IN_PROGRESS", "CREATE_COMPLETE"):
            stubber.add_response("describe_stacks", described(status))
            stubber.add_response(
                "describe_stack_events", events((status, status, token)), {"StackName": ARN}
            )
        policies(stubber)
        run_stack_step(context, stack_step())
        stubber.assert_no_pending_responses()

    @pytest.mark.parametrize(
        ("tags", "template"), [({}, TEMPLATE), ({"gtm:platform": "gtm-test"}, '{"Resources": 1}')]
    )
    def test_it_is_somebody_elses(
        self, hands: tuple[Context, Stubber], tags: dict[str, str], template: str
    ) -> None:
        context, stubber = hands
        refuse(stubber, "create_stack", "AlreadyExistsException")
        stubber.add_response("describe_stacks", described("CREATE_COMPLETE", tags))
        stubber.add_response("get_template", {"TemplateBody": template})
        with pytest.raises(StepFailed, match="was made meanwhile, and not from these files"):
            run_stack_step(context, stack_step())


class TestExecuteChangeSet:
    def run(self, hands: tuple[Context, Stubber], code: str, tries: int, *told: Any) -> None:
        """The change set is refused; the events after that are these."""
        context, stubber = hands
        stubber.add_response("describe_stack_events", events(OLD))
        refuse(stubber, "execute_change_set", code, "can't be executed", tries)
        for answer in told:
            stubber.add_response("describe_stack_events", answer)
        if told:
            stubber.add_response("describe_stacks", described("UPDATE_COMPLETE"))
            stubber.add_response("describe_stack_events", told[-1])
            stubber.add_response("update_termination_protection", {})
            policies(stubber)
        run_stack_step(context, stack_step(Do.UPDATE, change_set=CHANGE_SET))
        stubber.assert_no_pending_responses()

    @pytest.mark.parametrize("code", ["InvalidChangeSetStatus", "ChangeSetNotFound"])
    def test_it_was_ours(self, hands: tuple[Context, Stubber], code: str) -> None:
        token = hands[0].token(stack_step())
        self.run(hands, code, 2, events(("1", "UPDATE_COMPLETE", token), OLD))

    def test_it_was_somebody_elses(self, hands: tuple[Context, Stubber]) -> None:
        with pytest.raises(Refused, match="executed, or the stack moved"):
            self.run(hands, "InvalidChangeSetStatus", 2, events(("1", "UPDATE_COMPLETE", "x"), OLD))

    def test_a_first_answer_is_believed(self, hands: tuple[Context, Stubber]) -> None:
        """Nothing is read to find out: the call was made once."""
        with pytest.raises(Refused, match="plan again"):
            self.run(hands, "InvalidChangeSetStatus", 1)
        hands[1].assert_no_pending_responses()


class TestOtherOperationsOnAStack:
    def test_a_rollback_that_is_finished_already(self, hands: tuple[Context, Stubber]) -> None:
        context, stubber = hands
        step = stack_step(Do.REPAIR)
        over = events(("1", "UPDATE_ROLLBACK_COMPLETE", context.token(step)), OLD)
        stubber.add_response("describe_stacks", described("UPDATE_ROLLBACK_FAILED"))
        stubber.add_response("describe_stack_events", events(OLD))
        refuse(stubber, "continue_update_rollback", "ValidationError", "is in state", tries=2)
        stubber.add_response("describe_stack_events", over)
        stubber.add_response("describe_stacks", described("UPDATE_ROLLBACK_COMPLETE"))
        stubber.add_response("describe_stack_events", over)
        run_stack_step(context, step)
        stubber.assert_no_pending_responses()

    def test_a_deletion_takes_a_stack_that_is_gone_for_done(
        self, hands: tuple[Context, Stubber]
    ) -> None:
        context, stubber = hands
        stubber.add_response("describe_stacks", described("ROLLBACK_COMPLETE"))
        stubber.add_response("list_stack_resources", {"StackResourceSummaries": []})
        stubber.add_response("describe_stack_events", events(OLD))
        stubber.add_response("delete_stack", {})
        refuse(stubber, "describe_stacks", "ValidationError", f"Stack with id {ARN} does not exist")
        run_stack_step(context, stack_step(Do.DELETE))
        stubber.assert_no_pending_responses()

    def test_a_change_set_that_is_there_already(self, hands: tuple[Context, Stubber]) -> None:
        context, stubber = hands
        found = {"ChangeSetId": "arn:cs", "Status": "CREATE_COMPLETE", "Changes": []}
        refuse(stubber, "create_change_set", "AlreadyExistsException", tries=2)
        refuse(stubber, "describe_change_set", "ChangeSetNotFound", "not visible yet")
        stubber.add_response("describe_change_set", found)
        assert make_change_set(context, stack_step(Do.UPDATE)).id == "arn:cs"
        stubber.assert_no_pending_responses()


class TestWaiting:
    def test_a_status_from_before_the_operation_is_not_believed(
        self, hands: tuple[Context, Stubber]
    ) -> None:
        """Reads lag behind: the stack is described as it was, and its events say nothing yet."""
        context, stubber = hands
        token = context.token(stack_step())
        done = events(("2", "UPDATE_COMPLETE", token), ("1", "UPDATE_IN_PROGRESS", token), OLD)
        stubber.add_response("describe_stack_events", events(OLD))
        stubber.add_response("execute_change_set", {})
        stubber.add_response("describe_stacks", described("CREATE_COMPLETE"))
        stubber.add_response("describe_stack_events", events(OLD))
        stubber.add_response("describe_stacks", described("CREATE_COMPLETE"))
        stubber.add_response("describe_stack_events", done)
        stubber.add_response("describe_stacks", described("UPDATE_COMPLETE"))
        stubber.add_response("describe_stack_events", done)
        stubber.add_response("update_termination_protection", {})
        policies(stubber)
        run_stack_step(context, stack_step(Do.UPDATE, change_set=CHANGE_SET))
        stubber.assert_no_pending_responses()

    @pytest.mark.parametrize(
        ("code", "message"),
        [
            ("ValidationError", f"Stack [{ARN}] does not exist"),
            ("Throttling", "Rate exceeded"),
            ("ServiceUnavailable", ""),
        ],
    )
    def test_faults_that_pass_are_waited_out(
        self, hands: tuple[Context, Stubber], code: str, message: str
    ) -> None:
        context, stubber = hands
        stubber.add_response("create_stack", {"StackId": ARN})
        stubber.add_response("describe_stacks", described("CREATE_IN_PROGRESS"))
        refuse(stubber, "describe_stack_events", code, message, tries=8)
        stubber.add_response("describe_stacks", described("CREATE_COMPLETE"))
        stubber.add_response("describe_stack_events", events(("1", "CREATE_COMPLETE", "t")))
        policies(stubber)
        run_stack_step(context, stack_step())
        stubber.assert_no_pending_responses()

    def test_faults_that_last_are_not(self, hands: tuple[Context, Stubber]) -> None:
        context, stubber = hands
        stubber.add_response("create_stack", {"StackId": ARN})
        refuse(stubber, "describe_stacks", "AccessDenied", "no")
        with pytest.raises(ClientError, match="AccessDenied"):
            run_stack_step(context, stack_step())

    def test_patience_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(waiting, "PATIENCE", 0.05)
        looked = []

        def look() -> None:
            looked.append(1)
            raise ClientError({"Error": {"Code": "Throttling", "Message": ""}}, "DescribeStacks")

        with pytest.raises(ClientError):
            waiting.until(look, threading.Event())
        assert len(looked) > 1


class TestStackSets:
    def follow(self, stubber: Stubber) -> None:
        """The operation is over, well."""
        over = {"StackSetOperation": {"Status": "SUCCEEDED"}}
        stubber.add_response("list_stack_set_operation_results", {"Summaries": []})
        stubber.add_response("describe_stack_set_operation", over)

    def test_an_operation_that_we_began(self, hands: tuple[Context, Stubber]) -> None:
        context, stubber = hands
        refuse(stubber, "create_stack_instances", "OperationIdAlreadyExistsException", tries=2)
        self.follow(stubber)
        run_set_step(context, set_step())
        stubber.assert_no_pending_responses()

    @pytest.mark.parametrize("code", ["OperationInProgressException", "StaleRequestException"])
    def test_what_is_in_the_way_is_our_own(self, hands: tuple[Context, Stubber], code: str) -> None:
        context, stubber = hands
        token = context.token(set_step())
        refuse(stubber, "create_stack_instances", code, tries=2)
        stubber.add_response(
            "describe_stack_set_operation",
            {"StackSetOperation": {"OperationId": token, "Status": "RUNNING"}},
            {"StackSetName": "gtm-test-replica", "OperationId": token},
        )
        self.follow(stubber)
        run_set_step(context, set_step())
        stubber.assert_no_pending_responses()

    def test_what_is_in_the_way_is_another_and_it_is_waited_for(
        self, hands: tuple[Context, Stubber]
    ) -> None:
        context, stubber = hands
        refuse(stubber, "create_stack_instances", "OperationInProgressException")
        refuse(stubber, "describe_stack_set_operation", "OperationNotFoundException")
        stubber.add_response("create_stack_instances", {"OperationId": "o"})
        self.follow(stubber)
        run_set_step(context, set_step())
        stubber.assert_no_pending_responses()

    def test_another_changed_the_set_meanwhile(self, hands: tuple[Context, Stubber]) -> None:
        context, stubber = hands
        refuse(stubber, "create_stack_instances", "StaleRequestException")
        refuse(stubber, "describe_stack_set_operation", "OperationNotFoundException")
        with pytest.raises(ClientError, match="StaleRequestException"):
            run_set_step(context, set_step())

    def test_an_operation_that_is_not_visible_yet(self, hands: tuple[Context, Stubber]) -> None:
        context, stubber = hands
        stubber.add_response("create_stack_instances", {"OperationId": "o"})
        refuse(stubber, "list_stack_set_operation_results", "OperationNotFoundException")
        self.follow(stubber)
        run_set_step(context, set_step())
        stubber.assert_no_pending_responses()

    @pytest.mark.parametrize(("template", "ours"), [(TEMPLATE, True), ('{"Resources": 1}', False)])
    def test_a_set_of_that_name_is_there_already(
        self, hands: tuple[Context, Stubber], template: str, ours: bool
    ) -> None:
        context, stubber = hands
        tags = [{"Key": "gtm:platform", "Value": "gtm-test"}]
        refuse(stubber, "create_stack_set", "NameAlreadyExistsException", tries=2)
        stubber.add_response(
            "describe_stack_set", {"StackSet": {"TemplateBody": template, "Tags": tags}}
        )
        if ours:
            run_set_step(context, set_step(DoSet.CREATE))
        else:
            with pytest.raises(StepFailed, match="made meanwhile"):
                run_set_step(context, set_step(DoSet.CREATE))

    def test_a_set_is_deleted_when_it_is_free_and_may_be_gone(
        self, hands: tuple[Context, Stubber]
    ) -> None:
        context, stubber = hands
        refuse(stubber, "delete_stack_set", "OperationInProgressException")
        refuse(stubber, "delete_stack_set", "StackSetNotFoundException", tries=2)
        run_set_step(context, set_step(DoSet.DELETE))
        stubber.assert_no_pending_responses()


def test_a_token_is_one_rollouts_own() -> None:
    """AWS answers an operation id that it had before with what came of it then."""
    context, _ = stubbed()
    step = stack_step()
    assert context.token(step) == context.token(step)
    assert context.token(step) != context._replace(run="another").token(step)
    assert context.token(step) != context.token(set_step())
