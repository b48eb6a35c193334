"""AWS's error codes in words.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
and the Errors section of each action that is called.
"""

from __future__ import annotations

from generator.deploy.failures.saying import (
    BUILD_AGAIN,
    LOG_IN,
    LOG_IN_AGAIN,
    REPORT,
    RUN_AGAIN,
    UNKNOWN,
    WAIT,
    Saying,
)

THROTTLED_CODES = frozenset(
    {
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)
"""Of which botocore tries each again; CloudFormation's LimitExceededException is a quota."""

TRANSIENT_CODES = frozenset(
    {
        "500",
        "502",
        "503",
        "504",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "InternalServiceFault",
        "ServiceException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
"""Faults of AWS itself."""

NOT_YET = frozenset(
    {"ChangeSetNotFound", "OperationNotFoundException", "StackSetNotFoundException"}
)
"""What is not there, or was made a moment ago and can't be read yet."""

_MOVED = "somebody else changes the platform too: look with `status`, and run it again"
_QUOTA = (
    "ask for more in Service Quotas (the quota has the name above), or remove what is no longer "
    "needed; quotas count per Region"
)
_RARE = "run it again; if it stays, AWS Health says whether the service has trouble"
CLOCK = Saying(
    "this machine's clock and AWS's differ too much for a signature to hold",
    "set the clock (NTP), and run it again",
)
_WRONG_CALL = Saying("the call is not one that AWS takes", REPORT, quotes=True)

_TABLE: tuple[tuple[Saying, str], ...] = (
    # who calls
    (
        Saying("the call carried no credentials", LOG_IN),
        "MissingAuthenticationToken MissingAuthenticationTokenException MissingSecurityHeader",
    ),
    (
        Saying("the credentials have expired", LOG_IN_AGAIN),
        "ExpiredToken ExpiredTokenException TokenRefreshRequired RequestExpiredException",
    ),
    (
        Saying(
            "AWS does not know these credentials in this Region",
            "if other Regions work, this one is not enabled: enable it under Account > Regions, "
            f"and use regional STS tokens; else {LOG_IN}",
        ),
        "AuthFailure InvalidAccessKeyId InvalidClientTokenId InvalidSecurity InvalidToken "
        "InvalidTokenId UnrecognizedClientException",
    ),
    (
        Saying("the secret access key does not belong to the access key id", LOG_IN),
        "AuthorizationHeaderMalformed IncompleteSignature InvalidSignatureException "
        "SignatureDoesNotMatch",
    ),
    (CLOCK, "RequestExpired RequestInTheFuture RequestTimeTooSkewed"),
    # where
    (
        Saying(
            "the Region, or the service in it, is not enabled for this account",
            "enable it under Account > Regions (or finish the account's sign-up), wait until it "
            "says Enabled, and run it again",
        ),
        "NotSignedUp OptInRequired RegionDisabledException SubscriptionRequiredException",
    ),
    # how often, and how much
    (
        Saying(
            "AWS throttles these calls, and went on to the last try",
            "run it again in a few minutes: it goes on from there; if other tools use the account "
            "at the same time, take --regions-at-once 1",
        ),
        " ".join(THROTTLED_CODES),
    ),
    (
        Saying("AWS itself failed, and went on to the last try", _RARE, quotes=True),
        " ".join(TRANSIENT_CODES),
    ),
    (
        Saying("a quota of the account is used up", _QUOTA, quotes=True),
        "LimitExceeded LimitExceededException LimitExceededFault QuotaExceeded "
        "ServiceQuotaExceededException TooManyBuckets",
    ),
    # stacks and change sets
    (
        Saying(
            "the template makes what must be acknowledged by a capability that is not given",
            "build again with this release of the project: its templates need "
            "CAPABILITY_NAMED_IAM only; macros are not used",
            quotes=True,
        ),
        "InsufficientCapabilitiesException",
    ),
    (
        Saying("AWS does not take what the call says", BUILD_AGAIN, quotes=True),
        "InvalidDomainName InvalidParameterCombination InvalidParameterException "
        "InvalidParameterValue InvalidParameterValueException InvalidInput InvalidInputException "
        "InvalidRequest "
        "InvalidConfigurationRequest MissingParameter MissingParameterValueException "
        "ValidationError ValidationException",
    ),
    (
        Saying("one of that name is there already", _MOVED, quotes=True),
        "AlreadyExistsException NameAlreadyExistsException",
    ),
    (
        Saying("this operation was begun before, with other contents", RUN_AGAIN, quotes=True),
        "CreatedButModifiedException OperationIdAlreadyExistsException TokenAlreadyExistsException",
    ),
    (
        Saying("another operation runs on it", WAIT, quotes=True),
        "OperationInProgressException OperationStatusCheckFailedException",
    ),
    (
        Saying("it was changed by another operation meanwhile", _MOVED, quotes=True),
        "ConcurrentModificationException StaleRequestException IncompatibleVersion",
    ),
    (
        Saying(
            "this account is in no organization, though the settings name one",
            "join it, or leave organization out of the settings, and build again",
        ),
        "AWSOrganizationsNotInUseException",
    ),
    (
        Saying("its state does not allow this operation", RUN_AGAIN, quotes=True),
        "InvalidOperationException InvalidStateTransition",
    ),
    (
        Saying(
            "the change set can't be executed any more: it was executed, or the stack moved",
            "plan again: a change set holds for one state of its stack",
            quotes=True,
        ),
        "InvalidChangeSetStatus InvalidChangeSetStatusException ChangeSetNotFound",
    ),
    (
        Saying("the stack set still has instances", RUN_AGAIN, quotes=True),
        "StackSetNotEmptyException",
    ),
    (
        Saying("it is not there (any more)", _MOVED, quotes=True),
        "404 NoSuchHealthCheck NoSuchHostedZone NoSuchTagSet NotFound OperationNotFoundException "
        "ParentNotFoundException ResourceNotFound ResourceNotFoundException "
        "StackInstanceNotFoundException StackNotFoundException StackSetNotFoundException "
        "LoadBalancerNotFound",
    ),
    # buckets
    (
        Saying(
            "the artifact bucket is not there",
            "the storage stack makes it: run deploy again as an administrator; it plans anew",
            quotes=True,
        ),
        "NoSuchBucket",
    ),
    (
        Saying("the bucket still holds objects, or got new ones meanwhile", RUN_AGAIN),
        "BucketNotEmpty",
    ),
    (
        Saying("the file is not in the artifact bucket (any more)", RUN_AGAIN, quotes=True),
        "NoSuchKey NoSuchVersion InvalidObjectState",
    ),
    (
        Saying("somebody else wrote the same object at the same moment", RUN_AGAIN),
        "ConditionalRequestConflict OperationAborted PreconditionFailed 412 409",
    ),
    (
        Saying(
            "the bucket is in another Region than the call went to",
            "a bucket's name is taken once in the world: if it isn't ours, change `prefix` in "
            "parameters/*.yaml and build again",
            quotes=True,
        ),
        "301 IllegalLocationConstraintException PermanentRedirect TemporaryRedirect",
    ),
    (
        Saying(
            "the bucket's name is taken by another account",
            "change `prefix` in parameters/*.yaml, and build again",
        ),
        "BucketAlreadyExists",
    ),
    (
        Saying("the file came to S3 damaged, or with another encryption", RUN_AGAIN, quotes=True),
        "BadDigest EncryptionTypeMismatch IncompleteBody XAmzContentSHA256Mismatch",
    ),
    (
        Saying("the file is larger than AWS takes", BUILD_AGAIN, quotes=True),
        "EntityTooLarge MaxMessageLengthExceeded RequestEntityTooLargeException 413",
    ),
    (
        Saying(
            "the key that encrypts the bucket can't be used",
            "see the key's state and its policy in KMS: the deployer must be allowed to use it",
            quotes=True,
        ),
        "KMS.DisabledException KMS.InvalidStateException KMS.NotFoundException",
    ),
    # assuming a role
    (
        Saying(
            "the session policy of the role is not one that STS takes",
            "look at the policy in ~/.aws/config or in the tool that starts this one",
            quotes=True,
        ),
        "MalformedPolicyDocument MalformedPolicyDocumentException PackedPolicyTooLarge",
    ),
    (
        Saying("the identity provider can't be reached, or does not accept the identity", LOG_IN),
        "IDPCommunicationError IDPRejectedClaim InvalidIdentityToken",
    ),
    # calls that can only be wrong
    (
        _WRONG_CALL,
        "400 405 BadRequest InvalidAction InvalidBucketName InvalidNextToken "
        "InvalidQueryParameter InvalidWriteOffset MalformedHttpRequestException "
        "MalformedQueryString MalformedXML MethodNotAllowed MissingAction NotImplemented "
        "RequestAbortedException TooManyParts UnknownOperation UnknownOperationException",
    ),
)
SAYINGS = {code: saying for saying, codes in _TABLE for code in codes.split()}


def by_code(code: str) -> Saying:
    """What is said of an error code; UNKNOWN of one that is in no table."""
    return SAYINGS.get(code, UNKNOWN)
