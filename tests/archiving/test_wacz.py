import ast
import gzip
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

import annotations
from annotations.archiving import verify
from annotations.archiving.findings import Findings
from annotations.archiving.signing import SigningKey, new_seed
from annotations.archiving.standalone import PARTS, standalone_script
from annotations.archiving.wacz import uploaded_url
from annotations.archiving.wacz_checks import check_wacz
from tests.archiving.conftest import Kept
from tests.archiving.making import PAGE, Desk, places, plain_response, repacked, wacz_of

URL = "https://paper.example/new"


@pytest.fixture(scope="module")
def wacz(kept: Kept) -> bytes:
    return wacz_of(kept.desk, 1, batch=kept.batch, roots={"clock": kept.authority.root})


def _check(data: bytes, **more: object) -> Findings:
    return check_wacz(io.BytesIO(data), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [1, 3, 4])
def test_a_download_holds_by_itself(kept: Kept, number: int) -> None:
    data = wacz_of(kept.desk, number, batch=kept.batch, roots={"clock": kept.authority.root})
    found = _check(data, keys=[kept.desk.key.public_key])
    assert (found.problems, found.gaps, found.exit_code) == ([], [], 0)
    assert any("certificates in the file itself" in note.sentence for note in found.notes)
    outside = _check(data, roots=[kept.authority.root])
    assert not any("certificates in the file itself" in note.sentence for note in outside.notes)
    assert outside.exit_code == 0


def test_the_same_capture_gives_the_same_file(kept: Kept, wacz: bytes) -> None:
    assert wacz_of(kept.desk, 1, batch=kept.batch, roots={"clock": kept.authority.root}) == wacz


def test_one_flipped_bit_anywhere_is_found(wacz: bytes) -> None:
    for bit in places(wacz, 400):
        flipped = bytearray(wacz)
        flipped[bit // 8] ^= 1 << bit % 8
        assert _check(bytes(flipped)).problems, bit


def test_a_truncated_or_extended_file_is_found(wacz: bytes) -> None:
    for data in (b"", wacz[:100], wacz[: len(wacz) // 2], wacz[:-1], wacz + b"\n"):
        assert _check(data).problems


def test_the_container_is_what_viewers_expect(wacz: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(wacz)) as archive:
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist())
        # The validator of these files knows only one level of folders.
        assert all(name.count("/") <= 1 for name in archive.namelist())
        package = json.loads(archive.read("datapackage.json"))
        assert package["profile"] == "data-package"
        assert package["wacz_version"] == "1.1.1"
        assert package["mainPageUrl"] == URL
        listed = {resource["path"] for resource in package["resources"]}
        assert listed == {name for name in archive.namelist() if not name.startswith("datapackage")}
        pages = [json.loads(line) for line in archive.read("pages/pages.jsonl").splitlines()]
        assert pages[0]["format"] == "json-pages-1.0"
        assert (pages[1]["url"], pages[1]["title"], pages[1]["ts"]) == (URL, "Unrest", "2026-11-20T09:30:01Z")
        about, block = archive.read("indexes/index.idx").splitlines()
        assert about == b'!meta 0 {"filename":"index.cdx.gz","format":"cdxj-gzip-1.0"}'
        assert block.startswith(b"example,paper)/new 20261120093001 {")


def test_the_index_leads_to_the_responses(wacz: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(wacz)) as archive:
        warc = archive.read("archive/data.warc.gz")
        index = archive.read("indexes/index.cdx.gz")
    lines = [json.loads(line.split(b" ", 2)[2]) for line in gzip.decompress(index).splitlines()]
    assert [(line["url"], line["status"]) for line in lines] == [
        (URL, "200"),
        ("https://paper.example/old", "302"),
    ]
    for line in lines:
        part = warc[int(line["offset"]) : int(line["offset"]) + int(line["length"])]
        records = [
            (record.rec_headers["WARC-Target-URI"], record.content_stream().read())
            for record in ArchiveIterator(io.BytesIO(part))
        ]
        assert records == [(line["url"], PAGE if line["status"] == "200" else b"gone")]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("archive/data.warc.gz", "is missing"),
        ("indexes/index.cdx.gz", "is missing"),
        ("datapackage-digest.json", "is missing"),
        ("evidence/manifests_7_1.json", "is listed but missing"),
        ("evidence/readme.txt", "is listed but missing"),
    ],
)
def test_a_file_left_out_is_named(wacz: bytes, name: str, sentence: str) -> None:
    assert f"{name}: {sentence}" in map(str, _check(repacked(wacz, {name: None})).problems)


def test_a_file_slipped_in_is_named(wacz: bytes) -> None:
    found = map(str, _check(repacked(wacz, {"evidence/more.txt": b"x"})).problems)
    assert "evidence/more.txt: is there but not listed" in list(found)


def test_hashes_made_anew_do_not_hide_a_change(kept: Kept, wacz: bytes) -> None:
    own = Desk()
    own.page([(URL, plain_response(b"a lie"))], b"a lie", text="a lie")
    lie = wacz_of(own, 1, batch=None, roots={})
    with zipfile.ZipFile(io.BytesIO(lie)) as archive:
        changes: dict[str, bytes | None] = {
            name: archive.read(name)
            for name in archive.namelist()
            if name.startswith(("archive/", "indexes/", "pages/"))
        }
    problems = [str(problem) for problem in _check(repacked(wacz, changes)).problems]
    assert any(
        problem.startswith("wire/") and "is missing, but manifests/7/1.json" in problem
        for problem in problems
    )
    # A complete forgery is consistent in itself: only the key and the stamps reveal it.
    assert _check(lie).problems == []
    other = SigningKey(new_seed()).public_key
    assert any("none of those given" in problem.sentence for problem in _check(lie, keys=[other]).problems)


def test_an_archive_that_nothing_states_is_found(wacz: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(wacz)) as archive:
        gone: dict[str, bytes | None] = {
            name: None for name in archive.namelist() if name.startswith("evidence/")
        }
    problems = [str(problem) for problem in _check(repacked(wacz, gone)).problems]
    assert "evidence/manifests: no manifest states what this file shows" in problems
    assert any(problem.endswith("belongs to no manifest") for problem in problems)


def test_an_index_that_leads_elsewhere_is_found(wacz: bytes) -> None:
    changes: dict[str, bytes | None] = {"indexes/index.cdx.gz": gzip.compress(b"com,other)/ 2026 {}\n")}
    problems = [str(problem) for problem in _check(repacked(wacz, changes)).problems]
    assert "indexes/index.cdx.gz: leads to other places in the archive than it should" in problems


@pytest.mark.parametrize("name", ["pages/pages.jsonl", "datapackage.json", "datapackage-digest.json"])
@pytest.mark.parametrize(
    "data", [b"", b"[]", b"\xff", b"x\n{}", b'{"resources":[1]}', b"[" * 100_000, b"x\n[]\n"]
)
def test_nonsense_inside_is_a_finding_and_no_crash(wacz: bytes, name: str, data: bytes) -> None:
    assert _check(repacked(wacz, {name: data})).problems


def test_an_upload_gets_an_address_that_nobody_can_own() -> None:
    assert uploaded_url("ab", "what i/saw.pdf") == "http://uploaded.invalid/ab/what%20i%2Fsaw.pdf"
    assert uploaded_url("ab", "") == "http://uploaded.invalid/ab/file"


def _run(script: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    # It runs isolated and in another folder, so it can import nothing of this project.
    command = [sys.executable, "-I", str(script), *map(str, arguments)]
    return subprocess.run(command, cwd=script.parent, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("alone") / "verify.py"
    path.write_text(standalone_script())
    return path


def test_the_script_knows_nothing_of_this_project(script: Path) -> None:
    tree = ast.parse(script.read_text())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    outside = {(name or "").split(".")[0] for name in modules} - set(sys.stdlib_module_names)
    assert outside == {"cryptography", "rfc3161_client", "brotli", "zstandard"}


def test_the_script_holds_every_part_that_the_check_imports() -> None:
    needed, reached = ["archiving.verify"], set[str]()
    while needed:
        part = needed.pop()
        reached.add(part)
        tree = ast.parse((Path(annotations.__file__).parent / f"{part.replace('.', '/')}.py").read_text())
        for node in ast.walk(tree):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if module.startswith("annotations."):
                needed += {module.removeprefix("annotations.")} - reached
    assert reached <= set(PARTS)


def test_the_script_checks_a_download_by_itself(kept: Kept, wacz: bytes, script: Path) -> None:
    (script.parent / "a.wacz").write_bytes(wacz)
    whole = _run(script, "a.wacz", "--key", kept.desk.key.public_key)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "All holds." in whole.stdout
    (script.parent / "b.wacz").write_bytes(wacz.replace(b"fifty", b"fifth"))
    broken = _run(script, "b.wacz")
    assert broken.returncode == 1
    assert "DOES NOT HOLD" in broken.stdout
    assert "Something does not hold." in broken.stdout


def test_the_script_in_the_download_is_this_script(wacz: bytes, script: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(wacz)) as archive:
        assert archive.read("evidence/verify.py") == script.read_bytes()
        assert b"python verify.py" in archive.read("evidence/readme.txt")


def test_the_script_checks_a_folder(kept: Kept, script: Path, tmp_path: Path) -> None:
    folder = kept.desk.write(tmp_path / "data")
    assert _run(script, folder).returncode == 2
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "clock.pem").write_bytes(kept.authority.root)
    whole = _run(script, folder, "--roots", tmp_path / "roots", "--head", kept.desk.sealed[-1].sha256)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert _run(script, folder, "--head", "00" * 32).returncode == 1
    (folder / "manifests/7/2.json").unlink()
    broken = _run(script, folder)
    assert broken.returncode == 1
    assert (
        "DOES NOT HOLD  manifests/7/3.json: the chain is broken: number 2 before it missing" in broken.stdout
    )


def test_an_empty_folder_is_not_said_to_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(tmp_path)]) == 2
    assert "there is nothing in it to check" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["missing.wacz"], [".", "--key", "AB" * 32], [".", "--roots", "missing"]]
)
def test_a_command_line_that_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        verify.main(arguments)
    assert stopped.value.code == 2
