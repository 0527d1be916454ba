"""Errors of discovering and adopting an organisation."""

from __future__ import annotations

from orchestrator.errors import AccessError, PlanError


class OrganizationUnreadable(AccessError):
    """AWS refused to tell of the organisation, or the profile has no credentials here.

    Nothing was changed. The caller is the profile under `callers.administrator`; what it needs is listed in
    docs/adopt.md. Sign in, correct the profile or its permissions, and repeat the command.
    """

    code = "FY370"
    title = "The organisation cannot be read"


class NotManagementAccount(AccessError):
    """The caller is not in the organisation's management account, or not in the one that the manifest names.

    Only the management account may read and change all of an organisation. Nothing was changed. Use a profile of the
    management account; or correct `management_account_id`.
    """

    code = "FY371"
    title = "Not the management account"


class AccountNotThere(PlanError):
    """The organisation has no account of this id or name, or several of this name.

    An account of another organisation, or of none, has to be invited first and to accept: `aws organizations
    invite-account-to-organization`. Nothing was changed. `fleetyard accounts discover` lists what there is.
    """

    code = "FY372"
    title = "No such account in the organisation"


class AdoptionWouldChange(PlanError):
    """Taking the organisation into the state would change something in AWS, so it was not done.

    Adopting only writes down what is there: what manifest and AWS differ in is named, resource by resource. Nothing was
    changed, neither in AWS nor in your files. Write into the manifest what AWS has, or run `fleetyard up` first if it
    is what is still to be deployed.
    """

    code = "FY373"
    title = "Adopting would change something"
    exit_code = 4


class NotAdoptable(PlanError):
    """The account or organisation is in a state that cannot be adopted.

    An account that is closed or being closed is no longer managed by anyone. One that `fleet.retired.yaml` names is on
    its way out: `fleetyard accounts retire --continue`, or take its lines out of that file to keep it. An organisation
    with consolidated billing only has no policies and no units to speak of: enable all features first (AWS
    Organizations, Settings). Nothing was changed.
    """

    code = "FY374"
    title = "Cannot be adopted"


class FirstManifestIncomplete(PlanError):
    """There is no manifest yet, and what a first one must say was not given.

    `accounts adopt --all` writes a first manifest where there is none. AWS does not know the fleet's short name, its
    home region, or your profiles: give `--organization`, `--region`, `--administrator` and `--management`.
    """

    code = "FY375"
    title = "What the first manifest must say"


class AdoptionNotClean(PlanError):
    """Everything was taken into the state, and a preview afterwards still shows a change.

    Nothing was changed in AWS. What differs is named; it was changed while the command ran, or the engine reads it
    otherwise than it is imported. Look at it with `fleetyard preview --stack 'organization/*'` before any `up`.
    """

    code = "FY376"
    title = "Not clean after adopting"
    exit_code = 4


class AdoptionStopped(PlanError):
    """Taking the organisation into the state failed at some resource, in the engine's own words.

    Adopting only reads AWS, so nothing was changed there. What was taken in stays in the state; mend what is named and
    repeat the command, which goes on from there. Until then run no `fleetyard up`: it would try to make what exists.
    """

    code = "FY377"
    title = "Adopting stopped"
    exit_code = 1


class AdoptionPending(PlanError):
    """The manifest marks accounts or units as adopted that the organisation's state does not hold.

    An `accounts adopt` was broken off after it wrote the manifest, or somebody wrote `adopted: true` by hand. What is
    adopted exists in AWS, so no run makes it: `up` and `preview` of the organisation are refused. Nothing was changed.
    Repeat the adoption: `fleetyard accounts adopt NAME` takes in all that waits, `--all` everything there is. Of an
    account that is really to be made, take the mark away.
    """

    code = "FY381"
    title = "An adoption was broken off"
