"""What AWS and botocore echo is never shown: keys, tokens, signed headers, values of requests."""

from __future__ import annotations

import boto3
import pytest

from generator.deploy.failures import scrubbed, speaking_of
from generator.deploy.failures.scrub import HIDDEN
from generator.errors import AwsError
from tests.deploy.test_failures import WHERE, answer, said

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE" + "aB3/xY+z" * 40
HEADER = (
    f"AWS4-HMAC-SHA256 Credential={KEY}/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, "
    "Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024"
)


@pytest.mark.parametrize("code", ["ValidationError", "TeapotException", "AccessDenied", "SlowDown"])
@pytest.mark.parametrize(
    "text",
    [
        f"The access key {KEY} is not valid",
        f"{{'aws_secret_access_key': '{SECRET}'}}",
        f"seen {SECRET} in the request",
        f"https://b.s3.amazonaws.com/k?X-Amz-Credential={KEY}%2F2026&X-Amz-Signature=fe5f80f77d5f",
        f"https://b.s3.amazonaws.com/k?X-Amz-Security-Token={TOKEN}",
        f"Authorization header requires existence of more. Authorization={HEADER}",
        f"Authorization: {HEADER}",
        "The Canonical String for this request should have been 'POST\n/\n\n"
        f"x-amz-security-token:{TOKEN}\n\nhost'",
        f"<SessionToken>{TOKEN}</SessionToken><StringToSign>{SECRET}</StringToSign>",
        f"1 validation error detected: Value '{SECRET} {KEY} hunter2hunter2' at "
        "'parameters.1.member.parameterValue' failed",
        "Parameter Password has the value hunter2hunter2",
    ],
)
def test_no_secret_ever_comes_out(code: str, text: str) -> None:
    words = said(answer(code, text), secrets={"hunter2hunter2"})
    for secret in (KEY, SECRET, TOKEN, TOKEN[:60], "hunter2", "fe5f80f77d5f"):
        assert secret not in words


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer s-3-c-r-3-t",
        "x-amz-security-token=s-3-c-r-3-t is not valid",
        "AWS4-HMAC-SHA256 Credential=1/2026, SignedHeaders=host, Signature=s-3-c-r-3-t",
        "The String-to-Sign should have been 'POST\ns-3-c-r-3-t'",
        "https://s3/k?X-Amz-Signature=s-3-c-r-3-t&x=1",
        '{"SessionToken": "s-3-c-r-3-t", "aws_secret_access_key": "s-3-c-r-3-t"}',
        "<CanonicalRequest>GET\ns-3-c-r-3-t</CanonicalRequest>",
        "1 error: Value 's-3-c-r-3-t' at 'parameters.1.member.parameterValue' failed",
        "Invalid length for parameter X, value: s-3-c-r-3-t, valid min length: 20",
        "the token eyJhbGciOiJIUzI1NiJ9.s-3-c-r-3-t.sig has expired",
        f"the token {'ab' * 60}s3/{'cd' * 60} has expired",
    ],
)
def test_a_secret_that_looks_like_none_is_known_by_where_it_stands(text: str) -> None:
    words = scrubbed(text)
    assert HIDDEN in words
    assert "s-3-c-r-3-t" not in words
    assert "abab" not in words


def test_botocores_own_report_does_not_echo_what_was_to_be_sent() -> None:
    client = boto3.Session(aws_access_key_id="1", aws_secret_access_key="1").client(
        "cloudformation", region_name="eu-west-1"
    )
    with pytest.raises(AwsError) as told, speaking_of(WHERE):
        client.create_stack(
            StackName=["hunter2"], Parameters=[{"ParameterValue": {"a": "hunter2"}}]
        )
    assert "hunter2" not in str(told.value)
    assert "Invalid type for parameter StackName" in str(told.value)


def test_what_helps_is_not_hidden() -> None:
    arn = (
        "arn:aws:cloudformation:eu-west-1:123456789012:stack/"
        "gtm-prod-regional-LoadBalancer-1ABCDEFGHIJKL/6d2b7a30-0f3c-11f0-9d2f-0a1b2c3d4e5f"
    )
    assert arn in said(answer("ValidationError", f"{arn} has no more updates"))
