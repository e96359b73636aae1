"""The script that makes the model folder refuses whatever is not exactly what was pinned."""

import base64
import hashlib
import importlib.util
import io
import json
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from sounditout.settings import Settings

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "prepare_models.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prepare_models", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["prepare_models"] = module
    spec.loader.exec_module(module)
    return module


def tarball(folder: Path, **files: bytes) -> Path:
    path = folder / "package.tgz"
    with tarfile.open(path, "w:gz") as out:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            out.addfile(entry, io.BytesIO(content))
    return path


def test_a_folder_that_is_complete_is_left_alone(script: ModuleType) -> None:
    assert script.prepare(Path(Settings().models_dir)) is False


def test_a_folder_with_a_file_missing_is_not_complete(script: ModuleType, tmp_path: Path) -> None:
    lock = json.loads(script.LOCK.read_text())["packages"]
    (tmp_path / "encoder.onnx").write_bytes(b"model")
    script.write_manifest(tmp_path, lock)
    assert script.is_complete(tmp_path, lock)

    (tmp_path / "encoder.onnx").unlink()

    assert not script.is_complete(tmp_path, lock)


def test_another_version_is_not_complete(script: ModuleType, tmp_path: Path) -> None:
    lock = json.loads(script.LOCK.read_text())["packages"]
    script.write_manifest(tmp_path, lock)
    lock[script.MOONSHINE]["version"] = "9.9.9"

    assert not script.is_complete(tmp_path, lock)


def test_a_tampered_package_is_refused_with_both_checksums(script: ModuleType, tmp_path: Path) -> None:
    path = tarball(tmp_path, model=b"the real one")
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    script.verify(path, f"sha512-{digest}")

    path.write_bytes(path.read_bytes() + b"!")

    with pytest.raises(script.PreparationFailed, match="expected"):
        script.verify(path, f"sha512-{digest}")


def test_a_tampered_file_is_refused(script: ModuleType, tmp_path: Path) -> None:
    with tarfile.open(tarball(tmp_path, model=b"another one")) as package:
        with pytest.raises(script.PreparationFailed, match="SHA-256"):
            script.read(package, "model", hashlib.sha256(b"the real one").hexdigest())
        with pytest.raises(script.PreparationFailed, match="missing"):
            script.read(package, "decoder", "")


def test_the_tokenizer_is_read_out_of_its_source(script: ModuleType) -> None:
    pieces = base64.b64encode(b"<unk>\na\nb\nab").decode()
    merges = base64.b64encode(bytes([1, 0, 2, 0])).decode()
    source = f'const llama_vocab_base64 = "{pieces}"\nconst llama_merges_binary = "{merges}"\n'

    tables = script.tokenizer_tables(source)

    assert tables == {"pieces": ["<unk>", "a", "b", "ab"], "merges": [[1, 2]]}
    with pytest.raises(script.PreparationFailed):
        script.tokenizer_tables("const something_else = 1")
