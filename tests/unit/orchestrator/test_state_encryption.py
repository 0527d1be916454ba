"""Who encrypts a stack's secrets, by its state and by its settings file."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.state.encryption import (
    Encryption,
    encryption_of_settings,
    encryption_of_state,
    holds_secrets,
    write_encryption,
)

URL = "awskms:///arn:aws:kms:eu-west-1:100000000001:key/1?region=eu-west-1"
SETTINGS = """\
encryptionsalt: v1:salt:v1:x:y
config:
  # how many
  net:zones: "2"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a settings file."""
    file = tmp_path / "Pulumi.one.yaml"
    file.write_text(SETTINGS, encoding="utf-8")
    return file


def test_state_and_settings_say_the_same_in_their_own_words(file: Path) -> None:
    """A salt or a key is read alike from either; a stack that says nothing is neither."""
    salt = Encryption(salt="v1:salt:v1:x:y")
    assert encryption_of_settings(file) == salt
    assert encryption_of_state({"secrets_providers": {"type": "passphrase", "state": {"salt": salt.salt}}}) == salt
    key = Encryption(url=URL, key="wrapped")
    file.write_text(f"secretsprovider: {URL}\nencryptedkey: wrapped\n", encoding="utf-8")
    assert encryption_of_settings(file) == key
    cloud = {"type": "cloud", "state": {"url": URL, "encryptedkey": "wrapped"}}
    assert encryption_of_state({"secrets_providers": cloud}) == key
    assert not encryption_of_state({})
    assert not encryption_of_settings(file.with_name("Pulumi.none.yaml"))


def test_it_is_known_which_secrets_provider_encrypts() -> None:
    """A key is the provider of its URL only, a salt that of passphrases."""
    assert Encryption(url=URL, key="k").by(URL)
    assert not Encryption(url=URL, key="k").by("passphrase")
    assert Encryption(salt="s").by("passphrase")
    assert not Encryption(salt="s").by(URL)
    assert not Encryption().by("passphrase")


def test_changing_it_leaves_the_rest_of_the_file(file: Path) -> None:
    """Config and comments stay; whatever said who encrypts is replaced."""
    write_encryption(file, Encryption(url=URL, key="wrapped"))
    text = file.read_text(encoding="utf-8")
    assert "encryptionsalt" not in text
    assert encryption_of_settings(file) == Encryption(url=URL, key="wrapped")
    assert '# how many\n  net:zones: "2"' in text
    write_encryption(file, Encryption(salt="v1:salt:v1:x:y"))
    assert file.read_text(encoding="utf-8") == SETTINGS


def test_a_missing_file_is_made(tmp_path: Path) -> None:
    """A stack that had no settings file gets one."""
    file = tmp_path / "Pulumi.new.yaml"
    write_encryption(file, Encryption(salt="v1:s:v1:x:y"))
    assert encryption_of_settings(file) == Encryption(salt="v1:s:v1:x:y")


def test_encrypted_values_are_found_wherever_they_are(file: Path) -> None:
    """A secret in a list in a map is one; a plain file holds none."""
    assert not holds_secrets(file)
    file.write_text("config:\n  net:o:\n    list:\n      - secure: v1:a:b\n", encoding="utf-8")
    assert holds_secrets(file)
