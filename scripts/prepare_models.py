"""Fetch the listening models from npm, verify them and make them ready: `python scripts/prepare_models.py`.

Two npm packages hold everything: the Moonshine-tiny encoder and decoder, and the Llama tokenizer's
tables. Their exact contents are pinned by hash in `models.lock.json`. The result, about 30 MB, is

    models/encoder.onnx     input_values (1, samples) → embeddings (1, frames, 576), last_hidden_state
    models/decoder.onnx     the text decoder, unchanged
    models/tokenizer.json   {"pieces": [text by id], "merges": [[left id, right id], in order of priority]}
    models/manifest.json    what was made from what; when it matches, nothing is done

The folder is replaced as a whole, so that a broken download leaves the old one in place. It lies
beside the backend, or where `SOUNDITOUT_MODELS_DIR` or `--models` says.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypedDict

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "models.lock.json"
DEFAULT_MODELS: Final = ROOT / "models"
RECIPE: Final = 1
"""Raised whenever this script would make different files from the same packages."""

MOONSHINE: Final = "@moonshine-ai/moonshine-js"
TOKENIZER: Final = "llama-tokenizer-js"
QUANTIZED: Final = "package/dist/model/tiny/quantized"
MIDDLE_LAYER: Final = "/layers.3/Add_1_output_0"
"""Output of the fourth of six encoder layers: it still holds what was said, not what was meant."""
FRAME_SIZE: Final = 288
NPM_SECONDS: Final = 600
"""22 MB on a slow line."""


class Pin(TypedDict):
    """One package, exactly."""

    version: str
    integrity: str
    """SHA-512 of the tarball in npm's notation."""
    licence: str
    files: dict[str, str]
    """What is taken out of it: name → SHA-256."""


Lock = dict[str, Pin]
Contents = dict[str, bytes]


class PreparationFailed(Exception):
    """The models could not be made; the message says what to do."""


def main() -> int:
    """Run from the command line; 0 when the models are in place."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("SOUNDITOUT_MODELS_DIR") or DEFAULT_MODELS)
    parser.add_argument("--models", type=Path, default=default, help=f"target folder (default {default})")
    target: Path = parser.parse_args().models.resolve()
    try:
        made = prepare(target)
    except PreparationFailed as failure:
        sys.stderr.write(f"prepare_models: {failure}\n")
        return 1
    sys.stdout.write(f"{target}: {'ready' if made else 'already there'}\n")
    return 0


def prepare(target: Path) -> bool:
    """Make `target` complete; False when it already was.

    Raises:
        PreparationFailed: npm is missing, the registry cannot be reached, or a hash differs.
    """
    lock: Lock = json.loads(LOCK.read_text())["packages"]
    if is_complete(target, lock):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".models-") as folder:
        staging = Path(folder) / "models"
        staging.mkdir()
        for name, pin in lock.items():
            with fetch(name, pin, Path(folder)) as tarball:
                contents = {member: read(tarball, member, digest) for member, digest in pin["files"].items()}
            MAKERS[name](staging, contents)
        write_manifest(staging, lock)
        replace_folder(staging, target)
    return True


def is_complete(target: Path, lock: Lock) -> bool:
    """Whether the manifest matches the lock and every file has the size that was written."""
    try:
        manifest = json.loads((target / "manifest.json").read_text())
        sizes = {name: (target / name).stat().st_size for name in manifest["bytes"]}
    except (OSError, ValueError, KeyError):
        return False
    return bool(manifest["recipe"] == RECIPE and manifest["packages"] == lock and sizes == manifest["bytes"])


def write_manifest(folder: Path, lock: Lock) -> None:
    """Say what the folder was made from."""
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    manifest = {"recipe": RECIPE, "packages": lock, "bytes": sizes}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def replace_folder(staging: Path, target: Path) -> None:
    """Put `staging` in the place of `target`, which may hold an older version."""
    if target.exists():
        target.rename(staging.with_name("replaced"))
    staging.rename(target)


def fetch(name: str, pin: Pin, folder: Path) -> tarfile.TarFile:
    """The npm package as an open, verified tarball."""
    npm = shutil.which("npm")
    if npm is None:
        raise PreparationFailed("npm was not found; install Node.js 20 or newer and run this again")
    wanted = f"{name}@{pin['version']}"
    command = [npm, "pack", wanted, "--json", "--ignore-scripts", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=NPM_SECONDS, check=True)  # noqa: S603
    except subprocess.CalledProcessError as failure:
        raise PreparationFailed(f"npm could not fetch {wanted}:\n{failure.stderr.strip()}") from failure
    except subprocess.TimeoutExpired as failure:
        raise PreparationFailed(f"npm took too long to fetch {wanted}; check the network") from failure
    tarball = folder / tarball_name(done.stdout)
    verify(tarball, pin["integrity"])
    return tarfile.open(tarball)


def tarball_name(npm_output: str) -> str:
    """The file `npm pack --json` says it wrote (older npm: with the scope's slash still in it)."""
    filename: str = json.loads(npm_output)[0]["filename"]
    return filename.replace("@", "").replace("/", "-")


def verify(tarball: Path, integrity: str) -> None:
    """Raises PreparationFailed unless the file has the pinned SHA-512 (npm's own notation)."""
    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if integrity != f"sha512-{digest}":
        raise PreparationFailed(f"{tarball.name} has sha512-{digest}, expected {integrity}")


def make_moonshine(folder: Path, contents: Contents) -> None:
    """Encoder, decoder and their licence."""
    (folder / "encoder.onnx").write_bytes(with_middle_layer(contents[f"{QUANTIZED}/encoder_model.onnx"]))
    (folder / "decoder.onnx").write_bytes(contents[f"{QUANTIZED}/decoder_model_merged.onnx"])
    (folder / "LICENSE.moonshine").write_bytes(contents["package/LICENSE"])


def make_tokenizer(folder: Path, contents: Contents) -> None:
    """The tokenizer's tables and their licence."""
    tables = tokenizer_tables(contents["package/llama-tokenizer.js"].decode())
    (folder / "tokenizer.json").write_text(json.dumps(tables, ensure_ascii=False) + "\n")
    (folder / "LICENSE.tokenizer").write_bytes(contents["package/LICENSE.md"])


MAKERS: Final[dict[str, Callable[[Path, Contents], None]]] = {MOONSHINE: make_moonshine, TOKENIZER: make_tokenizer}


def read(tarball: tarfile.TarFile, member: str, digest: str) -> bytes:
    """One file of a tarball, verified."""
    try:
        file = tarball.extractfile(member)
    except KeyError:
        file = None
    if file is None:
        raise PreparationFailed(f"{member} is missing from the package")
    content = file.read()
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        raise PreparationFailed(f"{member} has SHA-256 {found}, expected {digest}")
    return content


def with_middle_layer(encoder: bytes) -> bytes:
    """Add the output `embeddings`: the middle layer beside the last, (batch, frames, 2 · 288)."""
    try:
        import onnx
    except ImportError as failure:
        raise PreparationFailed("the Python package onnx is missing; use `uv run --group models`") from failure
    model: Any = onnx.load_from_string(encoder)
    inputs = [MIDDLE_LAYER, "last_hidden_state"]
    model.graph.node.append(onnx.helper.make_node("Concat", inputs, ["embeddings"], axis=-1))
    shape: list[str | int | None] = ["batch_size", "frames", len(inputs) * FRAME_SIZE]
    output = onnx.helper.make_tensor_value_info("embeddings", onnx.TensorProto.FLOAT, shape)
    model.graph.output.append(output)
    onnx.checker.check_model(model)
    serialized: bytes = model.SerializeToString()
    return serialized


def tokenizer_tables(source: str) -> dict[str, list[Any]]:
    """The tokenizer's pieces and merges, from the base64 constants in the JavaScript source."""
    pieces = base64.b64decode(constant(source, "llama_vocab_base64")).decode().split("\n")
    packed = base64.b64decode(constant(source, "llama_merges_binary"))
    ids = [int.from_bytes(packed[i : i + 2], "little") for i in range(0, len(packed), 2)]
    return {"pieces": pieces, "merges": [list(pair) for pair in zip(ids[::2], ids[1::2], strict=True)]}


def constant(source: str, name: str) -> str:
    """A string constant of the JavaScript source."""
    found = re.search(rf'const {name} = "([^"]*)"', source)
    if found is None:
        raise PreparationFailed(f"{name} is missing from {TOKENIZER}")
    return found.group(1)


if __name__ == "__main__":
    sys.exit(main())
