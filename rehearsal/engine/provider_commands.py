"""Who encrypts a stack: chosen when it is made, and changed by `pulumi stack change-secrets-provider`.

Source: Pulumi `pkg/cmd/pulumi/stack/{secrets,stack_change_secrets_provider}.go`.
"""

from __future__ import annotations

from collections.abc import Callable

from rehearsal.engine.checkpoint import CheckpointWriter, read_snapshot
from rehearsal.engine.config_tree import ConfigNode, Sealed, is_secure
from rehearsal.engine.errors import InvocationRefusedError
from rehearsal.engine.kms_secrets import is_key_url
from rehearsal.engine.rescue import refuse_unwritten
from rehearsal.engine.resource_json import ResourceReader, ResourceWriter, SealBook
from rehearsal.engine.secret_managers import SecretsManager
from rehearsal.engine.session import Session
from rehearsal.engine.stack_file import StackFile, with_config


def manager_of_new_stack(session: Session, file: StackFile, wanted: str) -> tuple[SecretsManager, StackFile]:
    """Return who encrypts a stack that is being made, and its stack file.

    What the stack file names already is taken over, unless another provider is asked for. Raises
    InvocationRefusedError if that would leave secrets in the file that nobody can open, and as `file_manager`.
    """
    if wanted in {"", "default"} or (is_key_url(wanted) and wanted == file.provider):
        return session.file_manager(file, None)
    if not is_key_url(wanted) and not is_key_url(file.provider):
        return session.file_manager(file, None)
    if any(is_secure(node) for node in file.config.values()):
        raise InvocationRefusedError(
            "the stack file holds secrets under another provider",
            subject=str(file.path),
            not_run="the stack was not made",
            hint="make it without --secrets-provider, then: pulumi stack change-secrets-provider URL",
        )
    return session.new_manager(file, wanted)


def change_secrets_provider(session: Session) -> None:
    """Encrypt a stack's configuration and state anew, under a new salt or data key, the same provider's included.

    The state is written first: until then nothing has changed, and a change that was cut short is finished by the same
    command, as each part says who encrypted it.
    """
    url = session.invocation.arguments[0]
    is_key_url(url)
    reference = session.existing()
    with session.backend.lock(reference, session.lines.warn):
        document = session.document(reference, fresh=True)
        refuse_unwritten(session, reference, document)
        file = session.stack_file(reference)
        before, _ = session.file_manager(file, None if file.salt or file.key else document)
        snapshot = read_snapshot(document, ResourceReader(session.state_manager(document)))
        secret = any(is_secure(node) for node in file.config.values())
        if secret:
            before.verify()
        manager, changed = session.new_manager(file, url)
        manager.verify()
        config = {key: _sealed_anew(node, before.decrypt, manager.encrypt) for key, node in file.config.items()}
        session.lines.say("Migrating old configuration and state to new secrets provider")
        writer = CheckpointWriter(reference.qualified, ResourceWriter(manager, SealBook()), manager.provider)
        session.backend.keep_previous(reference)
        session.backend.write(reference, writer.checkpoint(snapshot), durable=True)
        session.save(file, with_config(changed, config))


def _sealed_anew(node: ConfigNode, opened: Callable[[str], str], sealed: Callable[[str], str]) -> ConfigNode:
    if isinstance(node, Sealed):
        return Sealed(sealed(opened(node.ciphertext)))
    if isinstance(node, dict):
        return {key: _sealed_anew(item, opened, sealed) for key, item in node.items()}
    if isinstance(node, list):
        return [_sealed_anew(item, opened, sealed) for item in node]
    return node
