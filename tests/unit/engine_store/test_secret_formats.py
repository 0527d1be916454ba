"""Pulumi's passphrase secrets: formats, keys derived once, wrong and missing passphrases."""

from __future__ import annotations

import time

import pytest

from rehearsal.engine.errors import (
    PassphraseMissingError,
    SecretsProviderUnsupportedError,
    SecretUnreadableError,
    WrongPassphraseError,
)
from rehearsal.engine.kms_secrets import is_key_url
from rehearsal.engine.secret_managers import (
    KeyCache,
    PassphraseManager,
    manager_of,
    new_passphrase_salt,
)
from rehearsal.engine.state import SecretsProvider
from tests.unit.engine_store.workbench import PASSPHRASE, SALT, shared_keys


def manager(salt: str = SALT, passphrase: str = PASSPHRASE) -> PassphraseManager:
    """Return a manager."""
    return PassphraseManager(salt, {"PULUMI_CONFIG_PASSPHRASE": passphrase}, shared_keys())


def test_a_secret_of_the_real_cli_is_decrypted() -> None:
    """A ciphertext that Pulumi's CLI made under the salt is read."""
    assert manager().decrypt("v1:uqyiTdMV1Z6ux9RJ:Hh9xQbKMpaRW98p82Zn95uy7qEk=") == "hush"


def test_a_ciphertext_is_new_each_time_and_reads_the_same() -> None:
    """Two encryptions of one text differ, and both decrypt to it."""
    one, two = manager().encrypt("tëxt"), manager().encrypt("tëxt")
    assert one != two
    assert [manager().decrypt(text) for text in (one, two)] == ["tëxt", "tëxt"]


def test_a_new_salt_verifies_its_passphrase() -> None:
    """A salt made for a passphrase, which may be empty, accepts it and no other."""
    salt = new_passphrase_salt("", shared_keys())
    manager(salt, "").verify()
    with pytest.raises(WrongPassphraseError, match="incorrect passphrase"):
        manager(salt, "other").verify()


def test_a_wrong_passphrase_is_told_before_anything_is_encrypted() -> None:
    """Neither encrypting nor decrypting works with a wrong passphrase."""
    for attempt in (lambda: manager(passphrase="y").encrypt("a"), lambda: manager(passphrase="y").decrypt("v1:a:b")):
        with pytest.raises(WrongPassphraseError, match="nothing was changed"):
            attempt()


def test_no_passphrase_is_told_with_what_to_set() -> None:
    """Without either variable the error names both."""
    with pytest.raises(PassphraseMissingError, match="PULUMI_CONFIG_PASSPHRASE_FILE"):
        PassphraseManager(SALT, {}, shared_keys()).verify()


def test_the_key_is_derived_only_when_a_secret_is_touched() -> None:
    """A manager that is asked nothing needs no passphrase."""
    assert PassphraseManager(SALT, {}, KeyCache()).provider == SecretsProvider("passphrase", {"salt": SALT})


@pytest.mark.parametrize(
    "damaged", ["", "v1:a", "v2:a:b", "v1:uqyiTdMV1Z6ux9RJ:Xh9xQbKMpaRW98p82Zn95uy7qEk=", "v1:!:!"]
)
def test_a_damaged_ciphertext_is_refused(damaged: str) -> None:
    """A text that was not encrypted under this salt is told as unreadable."""
    with pytest.raises(SecretUnreadableError):
        manager().decrypt(damaged)


def test_a_malformed_salt_is_refused() -> None:
    """A salt that lost a part is told as such."""
    with pytest.raises(SecretUnreadableError, match="encryptionsalt is malformed"):
        manager("v1:abc").verify()


def test_a_key_is_derived_once_per_salt() -> None:
    """The second use of a salt and passphrase costs nothing."""
    keys = KeyCache()
    keys.key("p", b"12345678")
    started = time.process_time()
    keys.key("p", b"12345678")
    assert time.process_time() - started < 0.05


def test_the_cache_keeps_the_latest_keys() -> None:
    """A bounded cache forgets the key that was not used for longest, and no passphrase is in it."""
    keys = KeyCache(size=1)
    first = keys.key("p", b"1")
    assert keys.key("p", b"2") != first
    assert keys.key("p", b"1") == first
    assert "hunter2" not in repr(vars(keys))


def test_other_secrets_providers_are_refused_by_name() -> None:
    """Of the cloud providers only KMS is carried out, and a cloud key is not taken for a passphrase."""
    for url in ("gcpkms://projects/p", "azurekeyvault://v/keys/k", "hashivault://k", "awskms"):
        with pytest.raises(SecretsProviderUnsupportedError, match=f"'{url}'"):
            is_key_url(url)
    with pytest.raises(SecretsProviderUnsupportedError, match="'cloud'"):
        manager_of(SecretsProvider("cloud", {"url": "awskms://alias/x"}), {}, KeyCache())
