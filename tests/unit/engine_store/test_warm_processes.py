"""What a process that forks workers may hold: the engine, and nothing that has threads of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.repository import ROOT
from tests.unit.engine_store.cloud_workbench import CloudBench

_IMPORTS = """
import sys
import rehearsal.engine.command, rehearsal.engine.deployment, rehearsal.engine.update_commands
assert not {"obstore", "botocore", "boto3"} & set(sys.modules), "loaded without need"
"""
_CHILDREN = """
import os, sys
from rehearsal.engine.aws_access import AwsAccess
from rehearsal.engine.s3_store import open_s3_store
for number in range(3):
    child = os.fork()
    if not child:
        store = open_s3_store(sys.argv[1], AwsAccess(os.environ, lambda env: None))
        store.put(f"child-{number}", b"x")
        os._exit(0 if store.get(f"child-{number}") == b"x" else 1)
    assert os.waitpid(child, 0)[1] == 0
assert "obstore" not in sys.modules
"""


def run(program: str, *arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program in a Python of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, **env},
    )


def test_the_engine_loads_no_cloud_library() -> None:
    """State on files, and a warm process, pay for neither obstore nor botocore."""
    done = run(_IMPORTS, env={})
    assert (done.returncode, done.stderr) == (0, "")


def test_children_of_a_warm_process_use_s3_one_after_the_other(cloud: CloudBench) -> None:
    """S3 is opened in each child, never in the process that forks, where it would hang the next one."""
    done = run(_CHILDREN, f"s3://{cloud.bucket}", env=cloud.env)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(cloud.objects()) == ["child-0", "child-1", "child-2"]
