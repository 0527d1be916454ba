"""Errors of the `aws` provider for rehearsals (FY65x-FY69x)."""

from __future__ import annotations

from rehearsal.errors import RehearsalError


class UnknownResourceType(RehearsalError):
    """A program uses a resource type that the rehearsal provider does not offer.

    The types it offers are listed in docs/provider-types.md; docs/add-a-resource-type.md shows how to add one.
    Against AWS the program works as it is: there the real provider runs.
    """

    code = "FY650"
    title = "Resource type not offered in rehearsals"


class UnknownFunction(RehearsalError):
    """A program calls a function of the `aws` package that the rehearsal provider does not offer.

    The functions it offers are listed in docs/provider-types.md; docs/add-a-resource-type.md shows how to add one.
    """

    code = "FY651"
    title = "Function not offered in rehearsals"


class UnknownProperty(RehearsalError):
    """A program sets a property that the rehearsal provider does not offer on this type or function.

    Nothing is dropped silently: what a rehearsal does not carry out, it refuses. docs/provider-types.md lists what each
    type offers; docs/add-a-resource-type.md shows how to add a property.
    """

    code = "FY652"
    title = "Property not offered in rehearsals"


class UnknownProviderSetting(RehearsalError):
    """The `aws` provider is configured with a setting that does not exist or that rehearsals do not offer.

    docs/provider-types.md lists the settings. An endpoint is accepted only if it is the twin's own.
    """

    code = "FY653"
    title = "Provider setting not offered in rehearsals"


class BadProviderSetting(RehearsalError):
    """A setting of the `aws` provider has a value that can't be read, such as a duration without a unit."""

    code = "FY654"
    title = "Provider setting can't be read"


class EndpointRefused(RehearsalError):
    """The rehearsal provider was pointed at something that did not prove to be our twin, and sent nothing to it.

    The provider plugin of rehearsals speaks to a running twin only. Against AWS use the real Pulumi CLI with the real
    provider; if `pulumi-resource-aws` of this repository is on PATH, take it off.
    """

    code = "FY655"
    title = "The rehearsal provider speaks to our twin only"


class NoCredentials(RehearsalError):
    """The provider found no AWS credentials where it was told to look.

    It reads, in this order: `accessKey` and `secretKey` of the provider, AWS_ACCESS_KEY_ID and
    AWS_SECRET_ACCESS_KEY, and the profile (`profile` of the provider or AWS_PROFILE) in AWS_CONFIG_FILE and
    AWS_SHARED_CREDENTIALS_FILE.
    """

    code = "FY656"
    title = "No credentials for the provider"
    exit_code = 3


class NoRegion(RehearsalError):
    """The provider was given no region: neither `region`, nor AWS_REGION, nor one in the profile."""

    code = "FY657"
    title = "No region for the provider"
    exit_code = 2


class AccountNotAllowed(RehearsalError):
    """The credentials of a provider belong to an account that `allowedAccountIds` or `forbiddenAccountIds` excludes.

    No resource was touched. Either the role to assume or the account in the stack's config is wrong.
    """

    code = "FY658"
    title = "The provider acts in another account"
    exit_code = 3


class RoleNotAssumed(RehearsalError):
    """A role in the provider's `assumeRoles` could not be assumed; AWS's own words follow."""

    code = "FY659"
    title = "Role could not be assumed"
    exit_code = 3


class StsBusy(RehearsalError):
    """STS throttles the provider, fails by itself, or does not answer, after several tries; its words follow.

    It is no matter of rights: nothing has to be corrected, and the command can be repeated a little later. In a
    rehearsal a fault on order is the usual cause: `fleetyard twin faults list`.
    """

    code = "FY663"
    title = "STS does not carry out requests at the moment"
    later = "run the command again a little later"


class NotConfigured(RehearsalError):
    """The engine used the provider before configuring it. This is a mistake in the engine, please report it."""

    code = "FY660"
    title = "Provider used before it was configured"
    exit_code = 70


class ImportIdRefused(RehearsalError):
    """The id given to import a resource does not have the form of this type's ids, which the message shows."""

    code = "FY662"
    title = "Id to import has another form"
    exit_code = 2


class ValueNotSupported(RehearsalError):
    """A value on the wire is of a kind that this provider does not accept: a resource reference."""

    code = "FY661"
    title = "Kind of value not supported"
