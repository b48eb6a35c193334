"""Every botocore error that a rollout can meet is said in words, with its place and its remedy."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import botocore.exceptions as raised
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from generator.deploy.aws import Aws
from generator.deploy.failures import explained, is_passing, speaking_of
from generator.deploy.failures.codes import SAYINGS, by_code
from generator.deploy.failures.denied import DENIED_CODES
from generator.deploy.failures.saying import UNKNOWN, UNKNOWN_UNSENT
from generator.deploy.failures.unsent import unsent
from generator.errors import AwsError, Exit, UsageError
from tests.deploy.calls import operations, unknown_methods

WHERE = "regional@eu-west-1"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html
# https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/common-errors.html
COMMON = (
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InternalFailure",
    "InvalidAction",
    "InvalidClientTokenId",
    "InvalidParameterCombination",
    "InvalidParameterValue",
    "InvalidQueryParameter",
    "MalformedHttpRequestException",
    "MalformedQueryString",
    "MissingAction",
    "MissingAuthenticationToken",
    "MissingParameter",
    "NotAuthorized",
    "OptInRequired",
    "RequestAbortedException",
    "RequestEntityTooLargeException",
    "RequestExpired",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "SignatureDoesNotMatch",
    "Throttling",
    "ThrottlingException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationError",
)
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html: of the calls made here
OF_S3 = (
    "301",
    "400",
    "403",
    "404",
    "405",
    "412",
    "AccessDenied",
    "AllAccessDisabled",
    "AuthorizationHeaderMalformed",
    "BadDigest",
    "BucketAlreadyExists",
    "ConditionalRequestConflict",
    "EntityTooLarge",
    "ExpiredToken",
    "IncompleteBody",
    "InternalError",
    "InvalidAccessKeyId",
    "InvalidBucketName",
    "InvalidObjectState",
    "InvalidRequest",
    "InvalidToken",
    "MethodNotAllowed",
    "NoSuchBucket",
    "NoSuchKey",
    "OperationAborted",
    "PermanentRedirect",
    "PreconditionFailed",
    "RequestTimeout",
    "RequestTimeTooSkewed",
    "SlowDown",
    "TemporaryRedirect",
    "TokenRefreshRequired",
)


def answer(
    code: str, message: str = "", operation: str = "CreateStack", tries: int = 1
) -> ClientError:
    """What botocore raises for an error code."""
    facts = {"RequestId": "1f2e3d4c", "HTTPStatusCode": 400, "RetryAttempts": tries - 1}
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": facts}
    return ClientError(response, operation)  # type: ignore[arg-type,unused-ignore]


def said(error: ClientError | BotoCoreError | ResponseParserError, **options: object) -> str:
    """How it is said."""
    return str(explained(error, WHERE, **options))  # type: ignore[arg-type]


def below(kind: type[Exception]) -> Iterator[type[Exception]]:
    """All classes derived from one."""
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


BOTOCORE = sorted({k for k in below(BotoCoreError) if k.__module__.startswith("botocore")}, key=str)
DECLARED = sorted(
    {
        (operation.name, shape.metadata.get("error", {}).get("code", shape.name))
        for operation in operations()
        for shape in operation.error_shapes
    }
)


@pytest.mark.parametrize("kind", BOTOCORE, ids=lambda kind: str(kind.__name__))
def test_each_exception_of_botocore_has_its_words(kind: type[Exception]) -> None:
    saying = unsent(kind.__new__(kind))
    assert saying is not UNKNOWN_UNSENT
    assert saying.remedy


@pytest.mark.parametrize(("operation", "code"), DECLARED)
def test_each_declared_error_of_each_call_has_its_words(operation: str, code: str) -> None:
    known = code in DENIED_CODES or by_code(code) is not UNKNOWN
    assert known, f"{operation} may answer {code}"
    assert by_code(code).remedy


@pytest.mark.parametrize("code", [*COMMON, *OF_S3])
def test_each_documented_common_error_has_its_words(code: str) -> None:
    assert code in DENIED_CODES or code in SAYINGS


def test_the_calls_are_found_in_the_source() -> None:
    """If the scans broke, the tests above would pass for nothing."""
    assert len(BOTOCORE) > 80
    names = {operation.name for operation in operations()}
    assert {"CreateStack", "DescribeStacks", "ListStackInstances", "PutObject"} <= names
    assert not unknown_methods()


def test_the_cause_comes_first_then_the_place_then_the_remedy() -> None:
    cause, place, remedy = said(answer("Throttling", "Rate exceeded", tries=8)).split("\n")
    assert cause == "AWS throttles these calls, and went on to the last try"
    assert place == f"    {WHERE}: CreateStack answered Throttling after 8 tries (request 1f2e3d4c)"
    assert remedy.startswith("    run it again in a few minutes")


def test_an_unknown_error_says_that_it_is_unknown_and_what_aws_said() -> None:
    text = said(answer("TeapotException", "I am short and stout"))
    assert text.startswith("AWS refused the call, with an error that is not known here: I am short")
    assert "CreateStack answered TeapotException" in text


@pytest.mark.parametrize(
    ("message", "cause", "remedy"),
    [
        (
            "User: arn:aws:sts::123456789012:assumed-role/dev/jane is not authorized to perform: "
            "cloudformation:CreateStack on resource: arn:aws:cloudformation:eu-west-1:123456789012:"
            "stack/gtm-prod-regional/* because no identity-based policy allows the "
            "cloudformation:CreateStack action",
            "AWS denies cloudformation:CreateStack on arn:aws:cloudformation:eu-west-1:"
            "123456789012:stack/gtm-prod-regional/* to "
            "arn:aws:sts::123456789012:assumed-role/dev/jane because no identity-based policy",
            "take the role gtm-prod-deployer",
        ),
        (
            "User: arn:aws:iam::123456789012:user/jane is not authorized to perform: iam:PassRole "
            "on resource: arn:aws:iam::123456789012:role/gtm-prod-provisioning with an explicit "
            "deny in a service control policy. Go to https://console.aws.amazon.com/x",
            "AWS denies iam:PassRole on arn:aws:iam::123456789012:role/gtm-prod-provisioning to "
            "arn:aws:iam::123456789012:user/jane with an explicit deny in a service control policy",
            "a policy forbids it: ask whoever administers the account",
        ),
        ("Access Denied", "AWS denies CreateStack to these credentials", "gtm-prod-deployer"),
    ],
)
def test_access_denied_names_what_is_missing_and_who_may(
    message: str, cause: str, remedy: str
) -> None:
    lines = said(answer("AccessDenied", message), deployer="gtm-prod-deployer").split("\n")
    assert lines[0].startswith(cause)
    assert remedy in lines[2]
    assert "console.aws" not in lines[0]


@pytest.mark.parametrize(
    ("error", "cause", "remedy"),
    [
        (raised.NoCredentialsError(), "there are no AWS credentials", "aws sso login"),
        (raised.ProfileNotFound(profile="prod"), "profile is not there: .*prod", "AWS_PROFILE"),
        (raised.NoRegionError(), "no Region", "set AWS_REGION"),
        (raised.UnauthorizedSSOTokenError(), "sign-in is over", "log in again"),
        (
            raised.EndpointConnectionError(endpoint_url="https://sts.eu-west-9.amazonaws.com/"),
            "AWS can't be reached: .*eu-west-9",
            "AWS_ENDPOINT_URL",
        ),
        (
            raised.SSLError(endpoint_url="https://x", error="CERTIFICATE_VERIFY_FAILED"),
            "TLS to the endpoint fails",
            "AWS_CA_BUNDLE",
        ),
        (raised.ProxyConnectionError(proxy_url="http://p:3128"), "the proxy", "NO_PROXY"),
        (ResponseParserError("b'<html>Please sign in</html>'"), "not AWS", "AWS_ENDPOINT_URL"),
        (answer("ExpiredToken", "The security token is expired"), "have expired", "log in again"),
        (answer("InvalidClientTokenId"), "in this Region", "this one is not enabled"),
        (answer("OptInRequired"), "not enabled for this account", "Account > Regions"),
        (answer("RequestTimeTooSkewed"), "clock", "set the clock"),
        (answer("SignatureDoesNotMatch", "Signature expired: 2026 is now earlier"), "clock", "NTP"),
        (answer("LimitExceededException", "Limit of 2000 stacks"), "quota .*2000 stacks", "Quotas"),
        (answer("NoSuchBucket"), "artifact bucket is not there", "storage"),
    ],
)
def test_what_people_meet(error: ClientError | BotoCoreError, cause: str, remedy: str) -> None:
    with pytest.raises(AwsError, match=cause), speaking_of(WHERE):
        raise error
    assert remedy in said(error)


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (
            "Stack:arn:aws:cf:1:stack/x/1 is in UPDATE_IN_PROGRESS state and can not be updated.",
            "runs on the stack",
        ),
        (
            "Stack:arn:x is in ROLLBACK_COMPLETE state and can not be updated.",
            "state does not allow",
        ),
        ("Stack with id gtm-prod-dns does not exist", "not there"),
        ("Role arn:aws:iam::1:role/r is invalid or cannot be assumed", "can't take the role"),
        ("S3 error: Access Denied", "can't read the template"),
        ("Template format error: unsupported structure.", "can't read the template"),
        ("Parameters: [Domain] must have values", "a parameter is missing"),
        ("Export gtm-vpc cannot be deleted as it is in use by gtm-prod-regional", "same export"),
        ("1 validation error detected: Value '{}' at 'templateBody' failed", "template is larger"),
        ("something quite new", "AWS does not take what the call says: something quite new"),
    ],
)
def test_a_validation_error_is_told_apart_by_what_it_says(message: str, cause: str) -> None:
    assert cause in said(answer("ValidationError", message)).split("\n")[0]


def test_long_words_of_aws_are_cut() -> None:
    assert len(said(answer("ValidationError", "a template, " * 5000))) < 1200


def test_it_ends_with_the_exit_code_of_a_failure() -> None:
    error = explained(answer("Throttling"), WHERE)
    assert isinstance(error, AwsError)
    assert error.exit_code is Exit.FAILED


def test_a_bug_is_not_dressed_up() -> None:
    with pytest.raises(KeyError), speaking_of(WHERE):
        raise KeyError("Stacks")


def test_an_endpoint_that_is_no_url_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost:4566")
    with pytest.raises(UsageError, match="localhost:4566\n    set AWS_ENDPOINT_URL"):
        Aws(boto3.Session()).client("sts", "eu-west-1")


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (answer("Throttling"), True),
        (answer("InternalFailure"), True),
        (answer("OperationNotFoundException"), True),
        (answer("ValidationError", "Stack with id x does not exist"), True),
        (raised.ConnectionClosedError(endpoint_url="https://x"), True),
        (raised.ReadTimeoutError(endpoint_url="https://x"), True),
        (raised.IncompleteReadError(actual_bytes=1, expected_bytes=2), True),
        (raised.SSLError(endpoint_url="https://x", error="CERTIFICATE_VERIFY_FAILED"), False),
        (answer("LimitExceededException"), False),
        (answer("AccessDenied"), False),
        (answer("ValidationError", "Template format error"), False),
        (raised.NoCredentialsError(), False),
    ],
)
def test_a_wait_outlasts_only_what_passes(
    error: ClientError | BotoCoreError, passing: bool
) -> None:
    assert is_passing(error) is passing
