"""What a profile asks of a run, as those who judge it take it: they know no profile."""

from __future__ import annotations

from generator.errors import UsageError
from loadtest.baseline import Tolerances
from loadtest.gate import Slo
from loadtest.profile import Profile, find_profile, load_profile
from loadtest.results import About

_OWN = "name the file that it was made by, as it was: --profile FILE"


def profile_of(about: About, named: str = "") -> Profile:
    """The profile that a run was made by, to judge it again; `named` where it is none of ours.

    Raises UsageError for another one, and for one that has changed what it sends since then. What
    it asks of a run may have changed: that is what judges it now.
    """
    try:
        profile = load_profile(find_profile(named or about.profile))
    except UsageError as error:
        if named:
            raise
        raise UsageError(f"the run was of the profile {about.profile}\n    {_OWN}") from error
    if profile.name != about.profile:
        raise UsageError(
            f"--profile {named}: the run was of the profile {about.profile}\n    {_OWN}"
        )
    if profile.sha256 != about.profile_sha256:
        raise UsageError(
            f"{profile.path}: sends something else than {about.profile} did in the run\n    {_OWN}"
        )
    return profile


def slo_of(profile: Profile) -> Slo:
    """The service level objectives."""
    asked = profile.slo.model_dump(exclude={"by_name"})
    by_name = {name: Slo(**each.model_dump()) for name, each in profile.slo.by_name.items()}
    return Slo(**asked, by_name=by_name)


def tolerances_of(profile: Profile) -> Tolerances:
    """How much worse than a baseline a run may be."""
    return Tolerances(**profile.tolerances.model_dump())
