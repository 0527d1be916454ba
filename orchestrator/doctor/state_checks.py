"""Can state be read and written: the foundation's files, and the workloads' bucket and key."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from landing_zone.fleet import Manifest, WorkloadState
from landing_zone.lock import Lock, StateHome
from landing_zone.state_buckets import DEFAULT_BUCKET
from orchestrator.doctor.finding import Finding, Outcome, Topic
from orchestrator.doctor.state_probe import StateAnswer, StateQuestion, Tried
from orchestrator.workers.environment import caller_environment

AskState = Callable[[StateQuestion], StateAnswer]
BOOTSTRAP = "fleetyard up --stack 'bootstrap/*'"
_DENIED = {"AccessDenied", "AccessDeniedException", "403"}


def check_files(state: Path) -> tuple[Finding, ...]:
    """Try to write where the foundation's state lies; the file has no name and is gone at once."""
    folder = nearest_folder(state)
    refusal = refusal_to_write(folder)
    if refusal:
        words = f"nothing can be written to {folder}: {refusal}"
        return (Finding("foundation state", Topic.MACHINE, Outcome.FAILED, words, f"ls -ld {folder}; df {folder}"),)
    words = f"{state} can be written" if folder == state else f"{state} is not there yet and can be made"
    return (Finding("foundation state", Topic.MACHINE, Outcome.OK, words),)


def refusal_to_write(folder: Path) -> str:
    """Return the system's words if no file can be written to a folder; empty if one can."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"fleetyard doctor")
    except OSError as error:
        return error.strerror or str(error)
    return ""


def nearest_folder(path: Path) -> Path:
    """Return the path, or the nearest above it that exists."""
    return next((above for above in (path, *path.parents) if above.exists()), path)


def check_bucket_and_key(manifest: Manifest, lock: Lock, env: Mapping[str, str], ask: AskState) -> tuple[Finding, ...]:
    """Try every bucket and its key as the caller of workloads."""
    if manifest.workload_state is not WorkloadState.BUCKET:
        return (_neither("workload_state is files, so workloads use neither bucket nor key"),)
    findings: list[Finding] = []
    profile = manifest.callers.management
    for name in manifest.state_buckets.all_names:
        what = "" if name == DEFAULT_BUCKET else f" {name}"
        home = lock.home(name)
        if home is None:
            findings.append(_neither("bucket and key are not made yet", BOOTSTRAP, what))
            continue
        question = StateQuestion(caller_environment(env, profile, home.region), home.bucket, home.key_arn, home.region)
        answer = ask(question)
        found = (_bucket(home, profile, answer), _key(home, profile, answer.key))
        findings += [_perhaps_none_of_its(each, answer, manifest, what) for each in found]
    return tuple(findings)


def _perhaps_none_of_its(finding: Finding, answer: StateAnswer, manifest: Manifest, what: str) -> Finding:
    """Return a finding with the bucket's name; a denial is no failure where a caller need not have all buckets."""
    denied = answer.bucket.code in _DENIED or answer.key.code in _DENIED
    named = replace(finding, name=f"{finding.name}{what}")
    if not (manifest.state_buckets.names and denied and finding.outcome is Outcome.FAILED):
        return named
    hint = f"nothing to do if the role of profile {manifest.callers.management} has no right to it; else: {BOOTSTRAP}"
    return replace(named, outcome=Outcome.WARNING, hint=hint)


def _neither(words: str, hint: str = "", what: str = "") -> Finding:
    return Finding(f"state bucket{what}", Topic.ACCESS, Outcome.NOT_CHECKED, words, hint)


def _bucket(home: StateHome, profile: str, answer: StateAnswer) -> Finding:
    tried = answer.bucket
    if tried.passed:
        words = f"{home.bucket} holds no state yet" if answer.empty else f"{home.bucket} can be listed and read"
        return Finding("state bucket", Topic.ACCESS, Outcome.OK, f"{words}; writing was not tried")
    hint = _denied(profile, tried)
    if tried.code in {"NoSuchBucket", "404"}:
        hint = (
            "is it the right account? The bucket is protected; if it is really gone: fleetyard refresh, then "
            + BOOTSTRAP
        )
    elif tried.code in {
        "PermanentRedirect",
        "301",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
    }:
        hint = f"the bucket is not in {home.region}: correct `state` in fleet.lock.yaml, or {BOOTSTRAP} writes it anew"
    return Finding("state bucket", Topic.ACCESS, Outcome.FAILED, f"{home.bucket}: {_refusal(tried)}", hint)


def _key(home: StateHome, profile: str, tried: Tried) -> Finding:
    if tried.passed:
        return Finding("state key", Topic.ACCESS, Outcome.OK, f"{home.key_arn} encrypts and decrypts")
    hint = _denied(profile, tried)
    as_administrator = f"--key-id {home.key_arn} --region {home.region}, as the administrator"
    if tried.code == "DisabledException":
        hint = f"aws kms enable-key {as_administrator}"
    elif tried.code in {"KMSInvalidStateException", "KMSInvalidState"}:
        hint = f"aws kms cancel-key-deletion {as_administrator}; then: aws kms enable-key {as_administrator}"
    elif tried.code == "NotFoundException":
        hint = f"is it the right account? {BOOTSTRAP} writes the key that there is into fleet.lock.yaml"
    return Finding("state key", Topic.ACCESS, Outcome.FAILED, f"{home.key_arn}: {_refusal(tried)}", hint)


def _denied(profile: str, tried: Tried) -> str:
    if tried.code in _DENIED:
        return f"is profile {profile} a management role with state: write? Its rights are made by: {BOOTSTRAP}"
    return f"aws sts get-caller-identity --profile {profile}"


def _refusal(tried: Tried) -> str:
    code = f" {tried.code}" if tried.code else ""
    return f"{tried.step} gave{code}: {tried.words}"
