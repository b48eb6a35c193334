"""What a profile asks of a run, as those who judge it take it: they know no profile."""

from __future__ import annotations

from loadtest.baseline import Tolerances
from loadtest.gate import Slo
from loadtest.profile import Profile


def slo_of(profile: Profile) -> Slo:
    """The service level objectives."""
    asked = profile.slo.model_dump(exclude={"by_name"})
    by_name = {name: Slo(**each.model_dump()) for name, each in profile.slo.by_name.items()}
    return Slo(**asked, by_name=by_name)


def tolerances_of(profile: Profile) -> Tolerances:
    """How much worse than a baseline a run may be."""
    return Tolerances(**profile.tolerances.model_dump())
