"""What is changed in moto's CloudFront. moto's modules have no types and are changed here, hence `Any` for them.

Sources: CloudFront API Reference, "UpdateDistribution", "DeleteDistribution", "CreateOriginAccessControl" and
"DeleteOriginAccessControl".
"""

from __future__ import annotations

from functools import wraps
from typing import Any


def make_distributions_like_aws(models: Any, exceptions: Any) -> None:
    """Keep access controls with their origins, tell versions apart, and refuse what is still in use."""
    _keep_access_controls(models.Origin)
    _tell_no_forwarding_beside_a_policy(models.DefaultCacheBehaviour)
    _tell_certificates_apart(models.ViewerCertificate)
    _check_access_controls(models.CloudFrontBackend, models.OriginAccessControl, models.random_id, exceptions)
    _check_versions(models.CloudFrontBackend, models.random_id, exceptions)


def _keep_access_controls(origin_class: Any) -> None:
    """Moto forgets which access control an origin is read with."""
    plain = origin_class.__init__

    @wraps(plain)
    def with_control(self: Any, origin: dict[str, Any]) -> None:
        plain(self, origin)
        self.origin_access_control_id = origin.get("OriginAccessControlId") or ""

    origin_class.__init__ = with_control


def _tell_no_forwarding_beside_a_policy(behaviour_class: Any) -> None:
    """Moto tells forwarded values of every behaviour; AWS only of one without a cache policy."""
    plain = behaviour_class.__init__

    @wraps(plain)
    def without_forwarding(self: Any, config: dict[str, Any]) -> None:
        plain(self, config)
        if self.cache_policy_id:
            self.forwarded_values = None

    behaviour_class.__init__ = without_forwarding


def _tell_certificates_apart(certificate_class: Any) -> None:
    """Moto says of every distribution that it has CloudFront's own certificate, beside the one it was given."""
    plain = certificate_class.__init__

    @wraps(plain)
    def with_one_certificate(self: Any, config: dict[str, Any]) -> None:
        plain(self, config)
        if self.acm_certificate_arn or self.iam_certificate_id:
            self.cloud_front_default_certificate = False

    certificate_class.__init__ = with_one_certificate


def _check_access_controls(backend: Any, control_class: Any, new_version: Any, exceptions: Any) -> None:
    """Moto makes two access controls of one name, changes none's version, and deletes one that is in use."""
    create, update = backend.create_origin_access_control, backend.update_origin_access_control
    delete, distribute = backend.delete_origin_access_control, backend.create_distribution_with_tags
    # A control keeps its kind under another name than the API's, by which moto's answers look for it.
    control_class.origin_access_control_origin_type = property(lambda self: self.origin_type)

    @wraps(create)
    def create_origin_access_control(self: Any, config_dict: dict[str, str]) -> Any:
        if any(control.name == config_dict.get("Name") for control in self.origin_access_controls.values()):
            raise exceptions.CloudFrontException(
                "OriginAccessControlAlreadyExists",
                "An origin access control with the same name already exists.",
            )
        return create(self, config_dict)

    @wraps(update)
    def update_origin_access_control(self: Any, control_id: str, config: dict[str, str]) -> Any:
        control = update(self, control_id, config)
        control.etag = new_version()
        return control

    @wraps(delete)
    def delete_origin_access_control(self: Any, control_id: str) -> None:
        self.get_origin_access_control(control_id)
        if any(control_id in _controls(dist.distribution_config) for dist in self.distributions.values()):
            raise exceptions.CloudFrontException(
                "OriginAccessControlInUse",
                "The origin access control is being used by one or more distributions.",
            )
        delete(self, control_id)

    @wraps(distribute)
    def create_distribution_with_tags(self: Any, distribution_config: dict[str, Any], tags: Any) -> Any:
        named = {origin.get("OriginAccessControlId") for origin in distribution_config["Origins"]["Items"]}
        if named - {None, "", *self.origin_access_controls}:
            raise exceptions.CloudFrontException(
                "InvalidOriginAccessControl", "The origin access control is not valid."
            )
        return distribute(self, distribution_config, tags)

    backend.create_origin_access_control = create_origin_access_control
    backend.update_origin_access_control = update_origin_access_control
    backend.delete_origin_access_control = delete_origin_access_control
    backend.create_distribution_with_tags = create_distribution_with_tags


def _controls(config: Any) -> set[str]:
    return {origin.origin_access_control_id for origin in config.Origins["Items"]}


def _check_versions(backend: Any, new_version: Any, exceptions: Any) -> None:
    """Moto takes any version for the newest, and deletes a distribution that is still enabled."""
    update, delete = backend.update_distribution, backend.delete_distribution

    def check(self: Any, distribution_id: str, version: Any) -> Any:
        distribution, newest = self.get_distribution(distribution_id)
        if version and version != newest:
            raise exceptions.CloudFrontException(
                "PreconditionFailed",
                "The request failed because it didn't meet the preconditions in one or more request-header fields.",
            )
        return distribution

    @wraps(update)
    def update_distribution(self: Any, dist_config: dict[str, Any], _id: str, if_match: Any) -> Any:
        distribution = check(self, _id, if_match)
        updated, location, _ = update(self, dist_config, _id, if_match)
        distribution.etag = new_version()
        return updated, location, distribution.etag

    @wraps(delete)
    def delete_distribution(self: Any, distribution_id: str, if_match: Any) -> None:
        if check(self, distribution_id, if_match).distribution_config.Enabled:
            raise exceptions.CloudFrontException(
                "DistributionNotDisabled", "The distribution you are trying to delete has not been disabled."
            )
        delete(self, distribution_id, if_match)

    backend.update_distribution = update_distribution
    backend.delete_distribution = delete_distribution
