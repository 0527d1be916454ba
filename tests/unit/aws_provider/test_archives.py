"""Files that programs hand over: their hash, and the ZIP file that is made of them."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from rehearsal.aws.archives import UnreadableFilesError, as_zip, with_hash
from rehearsal.aws.checking import CheckContext, check
from rehearsal.aws.services.lambda_functions import FUNCTION
from rehearsal.aws.wire import Files

MAIN = "def handler(e,c):\n  return 1\n"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return a folder with a file, one below it, and a folder of Pulumi's own."""
    folder = tmp_path / "app"
    (folder / "sub").mkdir(parents=True)
    (folder / "main.py").write_text(MAIN, encoding="utf-8")
    (folder / "sub" / "data.txt").write_text("x", encoding="utf-8")
    (folder / ".pulumi").mkdir()
    (folder / ".pulumi" / "note").write_text("not part of it", encoding="utf-8")
    return folder


def of_folder(folder: Path) -> Files:
    """Return a folder as a program hands it over."""
    return Files(is_archive=True, path=str(folder))


def names_in(packed: bytes) -> dict[str, bytes]:
    """Return what is in a ZIP file."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_folder_has_the_hash_that_pulumi_gives_it(app: Path) -> None:
    """The hash is the one that Pulumi 3.259.0 wrote into its state for the same folder."""
    assert with_hash(of_folder(app)).hash == "58e2192affc64695fd292deeece903c227f615cfbd09f501ac072e23a70afde6"


def test_assets_have_the_hashes_that_pulumi_gives_them(app: Path) -> None:
    """An archive of a text and a folder, and each of the two, has the hash that Pulumi 3.259.0 wrote."""
    text = Files(is_archive=False, text="print('hi')\n")
    found = with_hash(Files(is_archive=True, assets={"b.py": text, "app": of_folder(app)}))
    assert found.hash == "53f09c775d5fa080679c616e23224f534da12b006e95da3d202a66556a6f606e"
    assert found.assets is not None
    assert found.assets["b.py"].hash == "caf026f25d7140209f98072605307a438914b9ce6f3c14b23d15d9667241de52"
    assert found.assets["app"].hash == with_hash(of_folder(app)).hash


def test_a_hash_that_is_known_stays() -> None:
    """What the engine has computed is not computed again; the file need not be there any more."""
    known = Files(is_archive=True, path="gone", hash="abc")
    assert with_hash(known) == known


def test_a_folder_is_packed_with_what_is_below_it(app: Path) -> None:
    """A folder becomes a ZIP file with names from the folder on, without Pulumi's own."""
    assert names_in(as_zip(of_folder(app))) == {"main.py": MAIN.encode(), "sub/data.txt": b"x"}


def test_a_zip_file_stays_as_it_is(app: Path, tmp_path: Path) -> None:
    """An archive that is a ZIP file is sent byte for byte, and hashed as it is."""
    file = tmp_path / "code.zip"
    file.write_bytes(as_zip(of_folder(app)))
    assert as_zip(Files(is_archive=True, path=str(file))) == file.read_bytes()


def test_a_tar_file_is_packed_anew(tmp_path: Path) -> None:
    """An archive of another format becomes a ZIP file of the same members."""
    file = tmp_path / "code.tgz"
    with tarfile.open(file, "w:gz") as archive:
        member = tarfile.TarInfo("main.py")
        member.size = len(MAIN)
        archive.addfile(member, io.BytesIO(MAIN.encode()))
    assert names_in(as_zip(Files(is_archive=True, path=str(file)))) == {"main.py": MAIN.encode()}


def test_a_name_is_packed_once(app: Path) -> None:
    """Of two files of one name the first counts, in the order of the names of the parts."""
    assets = {"app": of_folder(app), "app/main.py": Files(is_archive=False, text="other")}
    assert names_in(as_zip(Files(is_archive=True, assets=assets)))["app/main.py"] == MAIN.encode()


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (Files(is_archive=True, path="missing-folder"), "missing-folder is not there"),
        (Files(is_archive=True, path="missing.zip"), "missing.zip can't be read"),
        (Files(is_archive=True, uri="https://files.example/code.zip"), "is not fetched in a rehearsal"),
    ],
)
def test_files_that_can_not_be_read_are_a_problem_of_their_property(files: Files, words: str) -> None:
    """Check names the property and the file, before anything is made."""
    with pytest.raises(UnreadableFilesError, match=words):
        with_hash(files)
    news = {"role": "arn", "handler": "main.run", "runtime": "python3.12", "code": files}
    (problem,) = check(FUNCTION, news, {}, CheckContext("fn", b"seed", "eu-west-1")).problems
    assert problem.path == "code"
    assert words in problem.reason


def test_a_single_file_is_no_archive() -> None:
    """A function's code is an archive; an asset in its place is refused."""
    news = {"role": "arn", "handler": "main.run", "runtime": "python3.12", "code": Files(is_archive=False, text="x")}
    (problem,) = check(FUNCTION, news, {}, CheckContext("fn", b"seed", "eu-west-1")).problems
    assert problem.reason == "must be an archive of files, not a single file"
