"""What botocore raises itself: no whole answer came from AWS.

https://github.com/boto/botocore/blob/develop/botocore/exceptions.py
"""

from __future__ import annotations

import botocore.exceptions as raised
from botocore.discovery import EndpointDiscoveryException
from botocore.parsers import ResponseParserError

from generator.deploy.failures.saying import (
    LOG_IN,
    LOG_IN_AGAIN,
    REPORT,
    RUN_AGAIN,
    SETTINGS,
    UNKNOWN_UNSENT,
    Saying,
)

_ENDPOINT = (
    "see the network, and AWS_ENDPOINT_URL if it is set; run it again: it goes on from there"
)
_PROXY = (
    "see HTTPS_PROXY and NO_PROXY; a proxy that reads TLS needs its certificate in AWS_CA_BUNDLE"
)
_REGIONS = "see the Regions in parameters/*.yaml, AWS_REGION, and that boto3 is not older than they"

_TABLE: tuple[tuple[Saying, tuple[type[Exception], ...]], ...] = (
    # credentials
    (
        Saying("there are no AWS credentials", LOG_IN),
        (raised.NoCredentialsError, raised.NoAuthTokenError),
    ),
    (
        Saying("the credentials are only half there", LOG_IN, quotes=True),
        (raised.PartialCredentialsError,),
    ),
    (
        Saying("the sign-in is over, or was never made", LOG_IN_AGAIN, quotes=True),
        (raised.SSOError, raised.LoginError, raised.TokenRetrievalError),
    ),
    (
        Saying("the profile's credentials can't be had from where it says", LOG_IN, quotes=True),
        (
            raised.CredentialRetrievalError,
            raised.MetadataRetrievalError,
            raised.RefreshWithMFAUnsupportedError,
            raised.UnknownCredentialError,
            raised.UnknownTokenProviderError,
        ),
    ),
    # configuration
    (
        Saying("the AWS profile is not there", f"see AWS_PROFILE; {LOG_IN}", quotes=True),
        (raised.ProfileNotFound,),
    ),
    (
        Saying("there is no Region to call", "set AWS_REGION, or a region in the profile"),
        (raised.NoRegionError,),
    ),
    (
        Saying("the Region, or the service in it, is not known to botocore", _REGIONS, quotes=True),
        (
            raised.UnknownRegionError,
            raised.InvalidRegionError,
            raised.ServiceNotInRegionError,
            raised.BaseEndpointResolverError,
            raised.EndpointProviderError,
            EndpointDiscoveryException,
        ),
    ),
    (
        Saying("the AWS configuration is not one that botocore takes", SETTINGS, quotes=True),
        (
            raised.ConfigNotFound,
            raised.ConfigParseError,
            raised.InvalidConfigError,
            raised.InvalidChecksumConfigError,
            raised.InvalidDefaultsMode,
            raised.InvalidEndpointConfigurationError,
            raised.InvalidEndpointDiscoveryConfigurationError,
            raised.InvalidIMDSEndpointError,
            raised.InvalidIMDSEndpointModeError,
            raised.InvalidRetryConfigurationError,
            raised.InvalidS3AddressingStyleError,
            raised.InvalidS3UsEast1RegionalEndpointConfigError,
            raised.InvalidSTSRegionalEndpointsConfigError,
            raised.UnknownSignatureVersionError,
            raised.UnsupportedS3ConfigurationError,
            raised.UnsupportedS3AccesspointConfigurationError,
            raised.UnsupportedS3ControlConfigurationError,
            raised.UnsupportedSignatureVersionError,
        ),
    ),
    # network
    (
        Saying("AWS can't be reached", _ENDPOINT, quotes=True),
        (raised.EndpointConnectionError, raised.ConnectionError),
    ),
    (
        Saying("AWS does not answer in time", _ENDPOINT, quotes=True),
        (raised.ConnectTimeoutError, raised.ReadTimeoutError),
    ),
    (
        Saying("the connection to AWS broke off", RUN_AGAIN, quotes=True),
        (
            raised.ConnectionClosedError,
            raised.HTTPClientError,
            raised.IncompleteReadError,
            raised.ResponseStreamingError,
        ),
    ),
    (
        Saying("TLS to the endpoint fails, or its certificate is not trusted", _PROXY, quotes=True),
        (raised.SSLError,),
    ),
    (
        Saying("the proxy does not let the call through", _PROXY, quotes=True),
        (raised.ProxyConnectionError, raised.InvalidProxiesConfigError),
    ),
    (
        Saying(
            "what answered is not AWS: its answer can't be read", f"see AWS_ENDPOINT_URL; {_PROXY}"
        ),
        (ResponseParserError,),
    ),
    (
        Saying("the answer was damaged on its way", RUN_AGAIN, quotes=True),
        (raised.ChecksumError, raised.FlexibleChecksumError, raised.AwsChunkedWrapperError),
    ),
    (
        Saying("too many calls failed, so botocore holds the next ones back", RUN_AGAIN),
        (raised.CapacityNotAvailableError,),
    ),
    (
        Saying("AWS did not come to the state that was waited for", RUN_AGAIN, quotes=True),
        (raised.WaiterError,),
    ),
    # this installation
    (
        Saying(
            "this installation of botocore lacks something",
            "install the pinned packages again: pip install -c constraints.txt -e .",
            quotes=True,
        ),
        (
            raised.ApiVersionNotFoundError,
            raised.DataNotFoundError,
            raised.MD5UnavailableError,
            raised.MissingDependencyException,
            raised.UnsupportedServiceProtocolsError,
        ),
    ),
    # the call itself
    (
        Saying(
            "the bucket's or the host's name is not one that AWS takes",
            "correct `prefix` in parameters/*.yaml, and build again",
            quotes=True,
        ),
        (raised.InvalidDNSNameError, raised.InvalidHostLabelError),
    ),
    (
        Saying("botocore does not send a call like this", REPORT, quotes=True),
        (
            raised.InvalidExpressionError,
            raised.MissingParametersError,
            raised.OperationNotPageableError,
            raised.PaginationError,
            raised.ParamValidationError,
            raised.StubResponseError,
            raised.UnknownClientMethodError,
            raised.UnknownEndpointResolutionBuiltInName,
            raised.UnknownServiceError,
            raised.UnknownServiceStyle,
            raised.UnseekableStreamError,
            raised.UnsupportedOutpostResourceError,
            raised.UnsupportedS3ArnError,
            raised.UnsupportedS3ControlArnError,
            raised.ValidationError,
            raised.WaiterConfigError,
        ),
    ),
)
SAYINGS = {kind: saying for saying, kinds in _TABLE for kind in kinds}

_OUTAGES = (
    raised.ConnectionError,
    raised.HTTPClientError,
    raised.IncompleteReadError,
    raised.CapacityNotAvailableError,
)


def unsent(error: Exception) -> Saying:
    """What is said of an exception: of its own class, or of the nearest one above."""
    for kind in type(error).__mro__:
        if kind in SAYINGS:
            return SAYINGS[kind]
    return UNKNOWN_UNSENT


def is_outage(error: Exception) -> bool:
    """Whether it is the network, which may come back."""
    return isinstance(error, _OUTAGES) and not is_untrusted(error)


def is_untrusted(error: Exception | None) -> bool:
    """Whether a certificate was refused: no further try will change that."""
    return isinstance(error, raised.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error)
