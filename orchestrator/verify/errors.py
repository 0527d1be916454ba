"""Errors of `fleetyard verify`: it had nobody to ask as, or nothing to ask. What differs is no error but its result."""

from __future__ import annotations

from orchestrator.errors import AccessError, PlanError


class NobodyToAskAs(AccessError):
    """On AWS the reach matrix's own row is really asked, and there are no credentials to ask with.

    The profile is the manifest's `callers.management`, or the one of `--profile`. Sign in, or let every row be
    computed from the manifest: `fleetyard verify --computed` calls nothing.
    """

    code = "FY390"
    title = "Nobody to ask as"


class NoRowOfItsOwn(AccessError):
    """The caller is no management role of this manifest, so the reach matrix has no row that it could ask for.

    Administrators, users and people of Identity Center become a management role first. Name the profile of one with
    `--profile`, or let every row be computed from the manifest: `fleetyard verify --computed` calls nothing.
    """

    code = "FY391"
    title = "The caller has no row in the matrix"


class NothingToVerify(PlanError):
    """What was selected leaves neither a pair of the reach matrix nor a probe to verify.

    Accounts that are suspended are left alone, as by every run. Without a member account there is no role to reach.
    """

    code = "FY392"
    title = "Nothing to verify"


class PoliciesUnreadable(AccessError):
    """`fleetyard verify --attached` could not read the policies that are attached in AWS, in AWS's own words.

    They are read as the manifest's `callers.administrator`, who needs the reading permissions that docs/verify.md
    lists. Without `--attached` the manifest's own policies are taken.
    """

    code = "FY393"
    title = "The organisation's policies cannot be read"
