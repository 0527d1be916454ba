"""What is changed in moto before it serves: each patch names what moto does otherwise.

moto's modules have no types and are changed here, hence `Any` for them.
moto is pinned exactly, since these reach into its modules. `apply_fixes` must run before any other module imports moto.
"""

from __future__ import annotations

import json
import os
from functools import wraps
from typing import Any

from rehearsal.twin.emulator.account_management import answer_account_management
from rehearsal.twin.emulator.account_settings import make_settings_like_aws
from rehearsal.twin.emulator.cloudfront import make_distributions_like_aws
from rehearsal.twin.emulator.cloudtrail import make_trails_like_aws
from rehearsal.twin.emulator.credential_report import report_the_root_user
from rehearsal.twin.emulator.events import answer_test_event_pattern
from rehearsal.twin.emulator.iam_conflicts import refuse_conflicts
from rehearsal.twin.emulator.iam_quotas import count_quotas
from rehearsal.twin.emulator.iam_tags import hold_tags_to_rules
from rehearsal.twin.emulator.kms import make_keys_like_aws
from rehearsal.twin.emulator.lookups import share_models
from rehearsal.twin.emulator.oidc_clients import change_clients_of_providers
from rehearsal.twin.emulator.organization import Rules
from rehearsal.twin.emulator.organizations import make_organizations_like_aws
from rehearsal.twin.emulator.people import make_people_like_aws
from rehearsal.twin.emulator.route53 import make_zones_like_aws
from rehearsal.twin.emulator.s3_defaults import give_buckets_defaults
from rehearsal.twin.emulator.s3_lifecycle import keep_newest_versions_of_rules
from rehearsal.twin.emulator.saml_providers import date_saml_providers
from rehearsal.twin.emulator.sqs import make_queues_like_aws
from rehearsal.twin.emulator.user_boundaries import keep_boundaries_of_users

ADMINISTRATOR_POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
_Module = Any
"""A module of moto, which has no types."""
_USER_ID_PREFIX = "AIDA"

# Source: AWS Organizations User Guide, "AWS services that you can use with AWS Organizations".
_TRUSTED_SERVICES = (
    "cost-optimization-hub.bcm.amazonaws.com",
    "iam.amazonaws.com",
    "malware-protection.guardduty.amazonaws.com",
)
_DELEGABLE_SERVICES = (
    "account.amazonaws.com",
    "auditmanager.amazonaws.com",
    "backup.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "compute-optimizer.amazonaws.com",
    "config.amazonaws.com",
    "cost-optimization-hub.bcm.amazonaws.com",
    "detective.amazonaws.com",
    "devops-guru.amazonaws.com",
    "fms.amazonaws.com",
    "health.amazonaws.com",
    "iam.amazonaws.com",
    "inspector2.amazonaws.com",
    "ipam.amazonaws.com",
    "malware-protection.guardduty.amazonaws.com",
    "member.org.stacksets.cloudformation.amazonaws.com",
    "reporting.trustedadvisor.amazonaws.com",
    "securityhub.amazonaws.com",
    "securitylake.amazonaws.com",
    "servicequotas.amazonaws.com",
    "sso.amazonaws.com",
    "stacksets.cloudformation.amazonaws.com",
    "storage-lens.s3.amazonaws.com",
)

MASTER = "master"
"""moto's name of every management account."""

_MANAGEMENT_NAME = "management_account_name"
"""Where this twin's own name for it is kept, in moto's module."""


def apply_fixes(management_account_id: str, seed: int | None, rules: Rules) -> None:
    """Make moto's modules those of this twin: once per process, before the first request.

    `rules` are read with every call, since they change while the twin runs.
    """
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # 3.8 MB and 60 ms per account and region otherwise
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "false"  # 32 MB and 0.8 s per account; see managed_policies.py
    os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"  # no web page has business with a twin
    share_models()
    import moto.core
    import moto.core.exceptions

    # Wherever moto is left without an account it falls back to this one: 123456789012 would be a ghost account.
    moto.core.DEFAULT_ACCOUNT_ID = moto.core.models.DEFAULT_ACCOUNT_ID = management_account_id
    import moto.account.responses
    import moto.account.urls
    import moto.cloudfront.exceptions
    import moto.cloudfront.models
    import moto.cloudtrail.models
    import moto.cloudtrail.responses
    import moto.iam.models
    import moto.iam.responses
    import moto.kms.models
    import moto.kms.responses
    import moto.moto_server.werkzeug_app
    import moto.organizations.models
    import moto.organizations.responses
    import moto.route53.models
    import moto.s3.models
    import moto.s3.responses
    import moto.sqs.models

    if seed is not None:
        from moto.moto_api._internal import mock_random

        mock_random.seed(seed)
    _leave_decisions_to_the_gate(moto.s3.models, moto.kms.responses)
    _make_only_needed_private_keys(moto.kms.models)
    _switch_keys_by_arn(moto.kms.models)
    _change_iam(moto.iam)
    _change_buckets(moto.s3)
    _make_accounts_like_aws(moto.organizations.models, moto.iam.models)
    make_organizations_like_aws(moto.organizations, rules)
    answer_account_management(moto.account, moto.organizations.models, moto.core.exceptions, rules)
    make_keys_like_aws(moto.kms, moto.core.exceptions.JsonRESTError)
    answer_test_event_pattern()
    make_queues_like_aws(moto.sqs.models)
    make_distributions_like_aws(moto.cloudfront.models, moto.cloudfront.exceptions)
    make_zones_like_aws(moto.route53.models, lambda below: int(moto.route53.models.random.randrange(below)))
    make_settings_like_aws(moto.iam, moto.core.exceptions.JsonRESTError)
    make_trails_like_aws(
        moto.cloudtrail.models,
        moto.cloudtrail.responses,
        moto.organizations.models.organizations_backends,
        moto.core.exceptions.JsonRESTError,
    )
    # It tells standard output of every service it has not; the gate tells the caller.
    moto.moto_server.werkzeug_app.print = lambda *_args, **_kwargs: None
    organizations: Any = moto.organizations.models
    organizations.FakeServiceAccess.TRUSTED_SERVICES.extend(_TRUSTED_SERVICES)
    organizations.FakeDelegatedAdministrator.SUPPORTED_SERVICES.extend(_DELEGABLE_SERVICES)


def name_management_account(email: str, name: str) -> None:
    """Give the management account its email and name, from the time it makes its organisation; empty ones stay moto's.

    Source: Organizations API Reference, CreateOrganization: the account that asks becomes the management account as it
    is.
    """
    import moto.organizations.models
    import moto.organizations.utils

    if email:
        moto.organizations.utils.MASTER_ACCOUNT_EMAIL = email
    if name:
        moto.organizations.models.__dict__[_MANAGEMENT_NAME] = name


def _change_iam(iam: _Module) -> None:
    _give_users_ids_of_their_kind(iam.models)
    make_people_like_aws(iam.models)
    keep_boundaries_of_users(iam.models)
    refuse_conflicts(iam)
    count_quotas(iam)
    hold_tags_to_rules(iam)
    change_clients_of_providers(iam)
    date_saml_providers(iam.models)
    report_the_root_user(iam.models)
    # moto knows no root user as a resource. Source: Service Authorization Reference, AWS STS, root-user.
    iam.policy_validation.VALID_RESOURCE_PATH_STARTING_VALUES["iam"]["values"].append("root")


def _change_buckets(s3: _Module) -> None:
    _change_locks_of_full_buckets(s3.models)
    keep_newest_versions_of_rules(s3)
    give_buckets_defaults(s3)


def _leave_decisions_to_the_gate(s3: _Module, kms: _Module) -> None:
    """Moto reads conditional Deny statements of bucket and key policies as unconditional ones."""

    def no_opinion(*_args: object, **_kwargs: object) -> None:
        return None

    s3.FakeBucket.get_permission = no_opinion
    kms.validate_policy = no_opinion


def _make_only_needed_private_keys(kms_models: _Module) -> None:
    """Keys: moto makes an RSA key pair for each symmetric key as well: 60 ms each."""
    generate = kms_models.generate_private_key

    def for_asymmetric_keys(key_spec: str) -> object | None:
        return generate(key_spec) if key_spec.startswith(("RSA", "ECC", "SM2")) else None

    kms_models.generate_private_key = for_asymmetric_keys


def _switch_keys_by_arn(kms_models: _Module) -> None:
    """Keys: moto switches them on and off, and takes their deletion back, by id only and fails at an ARN."""
    backend = kms_models.KmsBackend

    def by_any_id(plain: Any) -> Any:
        @wraps(plain)
        def switch(self: Any, key_id: str, *args: Any) -> Any:
            return plain(self, self.any_id_to_key_id(key_id), *args)

        return switch

    for name in ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion"):
        setattr(backend, name, by_any_id(getattr(backend, name)))


def _change_locks_of_full_buckets(s3: _Module) -> None:
    """Buckets: moto changes the default retention of an empty bucket only; AWS whenever it has Object Lock."""
    backend = s3.S3Backend
    plain = backend.put_object_lock_configuration

    @wraps(plain)
    def put_object_lock_configuration(
        self: Any,
        bucket_name: str,
        lock_enabled: bool,
        mode: str | None = None,
        days: int | None = None,
        years: int | None = None,
    ) -> None:
        bucket = self.get_bucket(bucket_name)
        if not bucket.object_lock_enabled:
            plain(self, bucket_name, lock_enabled, mode, days, years)
            return
        bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = mode, days, years

    backend.put_object_lock_configuration = put_object_lock_configuration


def _give_users_ids_of_their_kind(iam: _Module) -> None:
    """Moto's user ids are plain random text; AWS's begin with AIDA, and policies tell principals apart by that."""
    user_class = iam.User
    plain = user_class.__init__

    @wraps(plain)
    def with_id(self: Any, *args: Any, **kwargs: Any) -> None:
        plain(self, *args, **kwargs)
        self.id = _USER_ID_PREFIX + self.id[len(_USER_ID_PREFIX) :].upper()

    user_class.__init__ = with_id


def _make_accounts_like_aws(organizations: _Module, iam: _Module) -> None:
    """Accounts: moto gives the access role no policies, and makes the management account by way of a ghost."""
    plain = organizations.FakeAccount

    class TwinAccount(plain):  # type: ignore[misc, valid-type]
        def __init__(self, organization: Any, **kwargs: Any) -> None:
            super().__init__(organization, **kwargs)
            # A member account may be called so too; those come with tags.
            if kwargs["AccountName"] == MASTER and "Tags" not in kwargs:
                self.name = organizations.__dict__.get(_MANAGEMENT_NAME, MASTER)
                iam.iam_backends.pop(self.id)  # the caller replaces this id by the management account's
                return
            # Source: AWS Organizations User Guide, "Accessing member accounts": an inline policy of full rights.
            role_name = kwargs.get("RoleName", "OrganizationAccountAccessRole")
            role = iam.iam_backends[self.id]["aws"].get_role(role_name)
            role.put_policy("AdministratorAccess", ADMINISTRATOR_POLICY)

    organizations.FakeAccount = TwinAccount
