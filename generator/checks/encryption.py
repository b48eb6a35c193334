"""Proof that the encryption map shows everything that holds or carries data.

A resource of a type that the map does not know, whose key it cannot find, or that is under no key
of the platform's or takes what comes without TLS and gives no reason: each is a breach.
"""

from __future__ import annotations

from generator.checks.contract import Breach, Bundle


def unmapped(bundle: Bundle) -> tuple[Breach, ...]:
    """Every resource that is missing from the map, with what to do about it."""
    return tuple(Breach(*gap) for gap in bundle.encryption.gaps)
