"""Errors about getting hold of the real engine: the CLI and the provider plugins that stacks need on AWS."""

from __future__ import annotations

from landing_zone.errors import FleetyardError


class EngineError(FleetyardError):
    """The real engine is not complete, or could not be made so; no stack was touched."""

    exit_code = 5


class EngineInstallFailed(EngineError):
    """The Pulumi CLI could not be installed: no network, no room, or its install script failed; its words are quoted.

    Nothing else was changed, and the command can be repeated. On a machine without a network, fetch the archive
    elsewhere and unpack it with the commands that the message names: `fleetyard` looks for the CLI on PATH and in the
    Pulumi home, however it came there.
    """

    code = "FY350"
    title = "The Pulumi CLI could not be installed"


class PluginMissing(EngineError):
    """A provider plugin that the stacks' programs need is not installed, so no stack was started.

    Workers never fetch plugins: several at once collide. `fleetyard engine install` fetches what is missing, once.
    """

    code = "FY351"
    title = "A provider plugin is missing"


class PluginInstallFailed(EngineError):
    """Pulumi could not install a provider plugin; its words are quoted.

    Nothing else was changed, and the command can be repeated. On a machine without a network, fetch the archive
    elsewhere and give it to `pulumi plugin install --file`, as the message shows.
    """

    code = "FY352"
    title = "A provider plugin could not be installed"


class NoPulumiHome(EngineError):
    """There is no folder to install into: neither PULUMI_HOME nor HOME is set.

    Set PULUMI_HOME to a folder that may be written to; the CLI and the plugins take hundreds of megabytes each there.
    """

    code = "FY353"
    title = "No folder for the Pulumi CLI"


class NothingToInstall(EngineError):
    """The shell has joined a twin, where the embedded engine runs stacks and nothing of Pulumi's is fetched.

    `fleetyard rehearse --engine pulumi` takes the CLI that is installed, and our own plugin with it. To install for
    AWS, use a shell that has not joined a twin.
    """

    code = "FY354"
    title = "A twin needs no installation"
