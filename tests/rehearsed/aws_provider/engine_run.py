"""A stack taken through its life by the embedded engine with this provider; prints one JSON object per step.

Run in a process of its own, as the SDK keeps state per process: `python -m tests.rehearsed.aws_provider.engine_run DIR`
with an environment that leads to a twin whose management account has an organisation and a role named `theirs`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import automation

from rehearsal.aws.plugin import AwsProvider
from rehearsal.engine.command import EmbeddedPulumi

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


class Program:
    """What the stack holds, changed between steps."""

    def __init__(self) -> None:
        self.path = "/"
        self.imports = False
        self.unit: str | None = None

    def __call__(self) -> None:
        """Declare the resources."""
        provider = aws.Provider("here", region="eu-west-1", default_tags={"tags": {"org": "acme"}})
        options = pulumi.ResourceOptions(provider=provider)
        role = aws.iam.Role("role", name="engine", path=self.path, assume_role_policy=TRUST, opts=options)
        administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
        aws.iam.RolePolicyAttachment("policy", role=role.name, policy_arn=administrator, opts=options)
        aws.s3.Bucket("bucket", opts=options)
        if self.imports:
            theirs = pulumi.ResourceOptions(provider=provider, import_="theirs")
            aws.iam.Role("theirs", name="theirs", assume_role_policy=TRUST, opts=theirs)
        if self.unit is not None:
            aws.organizations.Account("account", email="engine@acme.example", parent_id=self.unit, opts=options)


def main(folder: Path) -> None:
    """Run the steps in this folder."""
    program = Program()
    engine = EmbeddedPulumi(providers={"aws": AwsProvider}, guard=lambda _: None)
    (folder / "backend").mkdir()
    (folder / "work").mkdir()
    env = {"PULUMI_BACKEND_URL": f"file://{folder}/backend", "PULUMI_CONFIG_PASSPHRASE": "x"}
    options = automation.LocalWorkspaceOptions(
        work_dir=str(folder / "work"), pulumi_command=engine, env_vars=env, pulumi_home=str(folder / "home")
    )
    stack = automation.create_or_select_stack("test", project_name="engine", program=program, opts=options)

    def report(step: str, **found: Any) -> None:
        sys.stdout.write(json.dumps({"step": step, **found}) + "\n")

    def up(step: str) -> None:
        report(step, changes=stack.up().summary.resource_changes)

    report("preview", changes={str(op): count for op, count in stack.preview().change_summary.items()})
    up("create")
    up("again")
    report("refresh", changes=stack.refresh().summary.resource_changes)
    program.path = "/elsewhere/"
    up("replace")
    program.imports = True
    up("import")
    program.unit = "ou-aaaa-bbbbbbbb"
    try:
        up("incomplete")
    except automation.CommandError as error:
        report("incomplete", error=str(error))
    program.unit = sys.argv[2]
    up("completed")
    up("at rest")
    report("destroy", changes=stack.destroy().summary.resource_changes)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
