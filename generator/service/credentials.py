"""Credentials of the instance's role, looked for when a call is to be signed.

botocore looks for them while it makes a client, once and for a second; a client made in a moment
without them stays without. An instance may start before its role can be had: so here whoever needs
them looks, in a thread of his own, until they are found. From then on botocore renews them.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from botocore.exceptions import NoCredentialsError
from botocore.session import Session

IMDS_SECONDS = 1
IMDS_ATTEMPTS = 3
PAUSE_SECONDS = 1.0
"""Between two searches: all that wait for one without success fail with it."""


def look_later(session: Session) -> None:
    """Make a session whose clients ask for credentials with their first call."""
    session.set_config_variable("metadata_service_timeout", IMDS_SECONDS)
    session.set_config_variable("metadata_service_num_attempts", IMDS_ATTEMPTS)
    chain = session.get_component("credential_provider")
    session.register_component("credential_provider", _Credentials(chain.load_credentials))


class _Credentials:
    """What botocore takes for a provider, and for what that provides."""

    def __init__(self, search: Callable[[], Any]) -> None:
        self._search = search
        self._found: Any = None
        self._lock = Lock()
        self._next_search = 0.0

    def load_credentials(self) -> _Credentials:
        """Asks nothing."""
        return self

    def get_frozen_credentials(self) -> Any:
        """Those to sign with. Raises botocore's NoCredentialsError; the next call looks again."""
        with self._lock:
            if self._found is None and time.monotonic() >= self._next_search:
                try:
                    self._found = self._search()
                finally:
                    self._next_search = time.monotonic() + PAUSE_SECONDS
        if self._found is None:
            raise NoCredentialsError
        return self._found.get_frozen_credentials()

    def get_deferred_property(self, _: str) -> Callable[[], str | None]:
        """The account's id, where it is known: endpoints may name it, and nothing else is asked."""
        return lambda: self.get_frozen_credentials().account_id
