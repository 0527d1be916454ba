"""The commands and options of the embedded engine: what it carries out, and what it refuses, with the reason.

Source for names and shorthands: `pulumi <command> --help`, Pulumi 3.259 to 3.272.
"""

from __future__ import annotations

from rehearsal.engine.arguments import CommandSpec, CommandTable, Option, Takes

_PART = "it would act on a part of the stack; the embedded engine acts on whole stacks"
_PLAN = "update plans are not made or followed by the embedded engine"
_POLICY = "policy packs are not run by the embedded engine"
_PICTURE = "the embedded engine prints plain lines only; read the event log or `pulumi stack export`"
_TRACE = "the embedded engine writes no traces or profiles"
_CONFIG = "set configuration with `pulumi config set` first"
_ENVIRONMENTS = "Pulumi environments (ESC) exist in Pulumi Cloud only"

_COMMON = (
    Option("non-interactive"),
    Option("cwd", Takes.VALUE, "C"),
    Option("color", Takes.VALUE),
    Option("verbose", Takes.VALUE, "v"),
    Option("logtostderr"),
    Option("logflow"),
    Option("help", short="h"),
    Option("emoji", short="e", refused=_PICTURE),
    Option("fully-qualify-stack-names", short="Q", refused=_PICTURE),
    Option("disable-integrity-checking", refused="a state that breaks Pulumi's integrity rules is never used"),
    Option("tracing", Takes.VALUE, refused=_TRACE),
    Option("tracing-header", Takes.VALUE, refused=_TRACE),
    Option("otel-traces", Takes.VALUE, refused=_TRACE),
    Option("profiling", Takes.VALUE, refused=_TRACE),
    Option("memprofilerate", Takes.VALUE, refused=_TRACE),
)
_STACK = Option("stack", Takes.VALUE, "s")
_JSON = Option("json", short="j")
_YES = Option("yes", short="y")
_CONFIG_FILE = Option("config-file", Takes.VALUE)
_PATH = Option("path")

_OPERATION = (
    _STACK,
    _CONFIG_FILE,
    Option("message", Takes.VALUE, "m"),
    Option("parallel", Takes.VALUE, "p"),
    Option("debug", short="d"),
    Option("expect-no-changes"),
    Option("run-program"),
    Option("show-secrets"),
    Option("skip-config-validation"),
    Option("skip-plugin-pre-install"),
    Option("suppress-outputs"),
    Option("suppress-progress"),
    Option("suppress-permalink", Takes.OPTIONAL),
    Option("event-log", Takes.VALUE),
    Option("client", Takes.VALUE),
    Option("exec-kind", Takes.VALUE),
    Option("exec-agent", Takes.VALUE),
)
_NOT_AN_OPERATION = (
    Option("target", Takes.VALUE, "t", _PART),
    Option("target-dependents", refused=_PART),
    Option("target-replace", Takes.VALUE, refused=_PART),
    Option("exclude", Takes.VALUE, "x", _PART),
    Option("exclude-dependents", refused=_PART),
    Option("exclude-protected", refused=_PART),
    Option("replace", Takes.VALUE, refused=_PART),
    Option("ignore-protect", refused="protected resources stay protected; unprotect them in the program"),
    Option("plan", Takes.VALUE, refused=_PLAN),
    Option("save-plan", Takes.VALUE, refused=_PLAN),
    Option("strict", refused=_PLAN),
    Option("policy-pack", Takes.VALUE, refused=_POLICY),
    Option("policy-pack-config", Takes.VALUE, refused=_POLICY),
    Option("show-policy-remediations", refused=_POLICY),
    Option("import-file", Takes.VALUE, refused="no import file is written"),
    Option("attach-debugger", Takes.OPTIONAL, refused="programs are run without a debugger"),
    Option("remote", refused="Pulumi Deployments exist in Pulumi Cloud only"),
    Option("neo", refused="it exists in Pulumi Cloud only"),
    Option("override-env", Takes.VALUE, refused=_ENVIRONMENTS),
    Option("secrets-provider", Takes.VALUE, refused="it is chosen by `pulumi stack init`"),
    Option("config", Takes.VALUE, "c", _CONFIG),
    Option("config-path", refused=_CONFIG),
    Option("json", short="j", refused=_PICTURE),
    Option("diff", refused=_PICTURE),
    Option("show-config", refused=_PICTURE),
    Option("show-full-output", refused=_PICTURE),
    Option("show-reads", refused=_PICTURE),
    Option("show-replacement-steps", refused=_PICTURE),
    Option("show-sames", refused=_PICTURE),
    Option("urns", refused=_PICTURE),
)
_PENDING_CREATES = (
    Option("clear-pending-creates"),
    Option("skip-pending-creates"),
    Option(
        "import-pending-creates",
        Takes.VALUE,
        refused="clear them, and take what exists into the state with the resource option `import_`",
    ),
)
_REFRESH = Option("refresh", Takes.OPTIONAL, "r")
_CARRY_ON = Option("continue-on-error")
_SKIP_PREVIEW = Option("skip-preview", short="f")
_PREVIEW_ONLY = Option("preview-only")

_COMMANDS = (
    CommandSpec(("version",), help="print the version of Pulumi that the embedded engine stands for"),
    CommandSpec(("whoami",), (_JSON,), help="print the user and the backend"),
    CommandSpec(
        ("preview",),
        (*_OPERATION, _REFRESH, _CARRY_ON, *_NOT_AN_OPERATION),
        help="show what an update would change, changing nothing",
    ),
    CommandSpec(
        ("up",),
        (*_OPERATION, _REFRESH, _CARRY_ON, _YES, _SKIP_PREVIEW, *_NOT_AN_OPERATION),
        help="make the stack's resources what the program declares",
    ),
    CommandSpec(
        ("refresh",),
        (*_OPERATION, _YES, _SKIP_PREVIEW, _PREVIEW_ONLY, *_PENDING_CREATES, *_NOT_AN_OPERATION),
        help="correct the state by what the providers report",
    ),
    CommandSpec(
        ("destroy",),
        (
            *_OPERATION,
            _REFRESH,
            _CARRY_ON,
            _YES,
            _SKIP_PREVIEW,
            _PREVIEW_ONLY,
            Option("remove", refused="run `pulumi stack rm` afterwards"),
            *_NOT_AN_OPERATION,
        ),
        help="delete every resource of the stack",
    ),
    CommandSpec(("cancel",), (_STACK, _YES), ("stack-name",), help="remove the locks of a stack"),
    CommandSpec(
        ("stack",),
        (
            _STACK,
            Option("show-name"),
            Option("show-secrets"),
            Option("show-ids", short="i", refused=_PICTURE),
            Option("show-urns", short="u", refused=_PICTURE),
            Option("output", Takes.VALUE, refused="read `pulumi stack export`"),
        ),
        help="tell of a stack when it was updated, its resources and its outputs",
    ),
    CommandSpec(
        ("stack", "init"),
        (
            _STACK,
            _YES,
            Option("secrets-provider", Takes.VALUE),
            Option("no-select"),
            Option("copy-config-from", Takes.VALUE, refused="copy the stack file instead"),
            Option("teams", Takes.VALUE, refused="teams exist in Pulumi Cloud only"),
            Option("remote-config", refused=_ENVIRONMENTS),
        ),
        ("stack-name",),
        help="make a stack",
    ),
    CommandSpec(
        ("stack", "select"),
        (_STACK, Option("create", short="c"), Option("secrets-provider", Takes.VALUE)),
        ("stack-name",),
        help="choose the stack that later commands mean",
    ),
    CommandSpec(
        ("stack", "ls"),
        (
            _JSON,
            Option("all", short="a"),
            Option("project", Takes.VALUE, "p"),
            Option("organization", Takes.VALUE, "o", "the self-managed backend has one organisation only"),
            Option("tag", Takes.VALUE, "t", "list them all and filter"),
        ),
        help="list stacks",
    ),
    CommandSpec(
        ("stack", "rm"),
        (_STACK, _YES, Option("force", short="f"), Option("preserve-config"), Option("remove-backups")),
        ("stack-name",),
        help="remove a stack without resources, its history and its stack file",
    ),
    CommandSpec(
        ("stack", "output"),
        (_STACK, _JSON, Option("show-secrets"), Option("shell", refused="use --json")),
        ("property-name",),
        help="print a stack's outputs",
    ),
    CommandSpec(
        ("stack", "export"),
        (
            _STACK,
            Option("file", Takes.VALUE),
            Option("show-secrets"),
            Option("version", Takes.VALUE, refused="earlier states are in the backend's history folder"),
        ),
        help="print a stack's deployment",
    ),
    CommandSpec(
        ("stack", "import"),
        (
            _STACK,
            Option("file", Takes.VALUE),
            Option("force", short="f", refused="a state that breaks Pulumi's integrity rules is never written"),
        ),
        help="replace a stack's deployment",
    ),
    CommandSpec(
        ("stack", "history"),
        (
            _STACK,
            _JSON,
            Option("show-secrets"),
            Option("page-size", Takes.VALUE),
            Option("page", Takes.VALUE),
            Option("full-dates"),
        ),
        help="list what was done to a stack",
    ),
    CommandSpec(
        ("stack", "change-secrets-provider"),
        (_STACK,),
        ("new-secrets-provider",),
        1,
        help="encrypt a stack's configuration and state under another passphrase salt or KMS key",
    ),
    CommandSpec(("stack", "tag", "ls"), (_STACK, _JSON), help="list a stack's tags"),
    CommandSpec(("stack", "tag", "get"), (_STACK,), ("name",), 1, help="print a tag"),
    CommandSpec(("stack", "tag", "set"), (_STACK,), ("name", "value"), 2, help="set a tag"),
    CommandSpec(("stack", "tag", "rm"), (_STACK,), ("name",), 1, help="remove a tag"),
    CommandSpec(
        ("config",),
        (_STACK, _CONFIG_FILE, _JSON, Option("show-secrets"), Option("open", refused=_ENVIRONMENTS)),
        help="list a stack's configuration",
    ),
    CommandSpec(
        ("config", "get"),
        (_STACK, _CONFIG_FILE, _JSON, _PATH, Option("open", refused=_ENVIRONMENTS)),
        ("key",),
        1,
        help="print a configuration value",
    ),
    CommandSpec(
        ("config", "set"),
        (
            _STACK,
            _CONFIG_FILE,
            _PATH,
            Option("secret"),
            Option("plaintext"),
            Option("type", Takes.VALUE, refused="top-level values are strings; with --path, numbers and true/false"),
            Option("raw", refused="pass the value as an argument"),
        ),
        ("key", "value"),
        2,
        help="set a configuration value",
    ),
    CommandSpec(
        ("config", "set-all"),
        (
            _STACK,
            _CONFIG_FILE,
            _PATH,
            Option("secret", Takes.VALUE),
            Option("plaintext", Takes.VALUE),
            Option("json", Takes.VALUE),
        ),
        help="set several configuration values",
    ),
    CommandSpec(("config", "rm"), (_STACK, _CONFIG_FILE, _PATH), ("key",), 1, help="remove a configuration value"),
    CommandSpec(
        ("config", "rm-all"),
        (_STACK, _CONFIG_FILE, _PATH),
        ("key",),
        1,
        variadic=True,
        help="remove several configuration values",
    ),
    CommandSpec(
        ("config", "refresh"),
        (_STACK, _CONFIG_FILE, Option("force", short="f")),
        help="restore the stack file from the last update",
    ),
    CommandSpec(("plugin", "ls"), (_JSON,), help="list plugins: the embedded engine hosts its own and installs none"),
    CommandSpec(
        ("plugin", "install"),
        (Option("server", Takes.VALUE), Option("exact"), Option("reinstall")),
        ("kind", "name", "version"),
        2,
        help="check that a provider is hosted; nothing is downloaded",
    ),
)
_ALIASES = {
    "update": "up",
    "down": "destroy",
    "pre": "preview",
    "stack new": "init",
    "stack create": "init",
    "stack list": "ls",
    "stack remove": "rm",
    "stack delete": "rm",
    "stack hist": "history",
    "stack tag list": "ls",
    "stack tag remove": "rm",
    "stack tag delete": "rm",
    "config remove": "rm",
    "config delete": "rm",
    "config remove-all": "rm-all",
    "config delete-all": "rm-all",
    "plugin list": "ls",
}


def command_table() -> CommandTable:
    """Return the allow-list of commands."""
    return CommandTable(_COMMANDS, _COMMON, _ALIASES)
