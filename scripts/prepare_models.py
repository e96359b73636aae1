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
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent
LOCK: Final = HERE / "models.lock.json"
DEFAULT_MODELS: Final = HERE.parent / "models"
RECIPE: Final = 1
"""Raised whenever this script would make different files from the same packages."""

MOONSHINE: Final = "@moonshine-ai/moonshine-js"
TOKENIZER: Final = "llama-tokenizer-js"
MIDDLE_LAYER: Final = "/layers.3/Add_1_output_0"
"""Output of the fourth of six encoder layers: it still holds what was said, not what was meant."""
FRAME_SIZE: Final = 288
NPM_SECONDS: Final = 600
"""22 MB on a slow line."""


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
    lock: dict[str, dict[str, str]] = json.loads(LOCK.read_text())["packages"]
    if is_complete(target, lock):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".models-") as folder:
        staging = Path(folder) / "models"
        staging.mkdir()
        build(staging, {name: fetch(name, pin, Path(folder)) for name, pin in lock.items()})
        write_manifest(staging, lock)
        replace_folder(staging, target)
    return True


def is_complete(target: Path, lock: dict[str, dict[str, str]]) -> bool:
    """Whether the manifest matches the lock and every file has the size that was written."""
    try:
        manifest = json.loads((target / "manifest.json").read_text())
        sizes = {name: (target / name).stat().st_size for name in manifest["bytes"]}
    except (OSError, ValueError, KeyError):
        return False
    return manifest["recipe"] == RECIPE and manifest["packages"] == lock and sizes == manifest["bytes"]


def write_manifest(folder: Path, lock: dict[str, dict[str, str]]) -> None:
    """Say what the folder was made from."""
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    manifest = {"recipe": RECIPE, "packages": lock, "bytes": sizes}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def replace_folder(staging: Path, target: Path) -> None:
    """Put `staging` in the place of `target`, which may hold an older version."""
    if target.exists():
        target.rename(staging.with_name("replaced"))
    staging.rename(target)


def fetch(name: str, pin: dict[str, str], folder: Path) -> tarfile.TarFile:
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
        raise PreparationFailed(f"{tarball.name} is not the file that was pinned: got sha512-{digest}")


def build(folder: Path, tarballs: dict[str, tarfile.TarFile]) -> None:
    """Write the model files and their licences."""
    quantized = "package/dist/model/tiny/quantized"
    moonshine = tarballs[MOONSHINE]
    (folder / "encoder.onnx").write_bytes(with_middle_layer(read(moonshine, f"{quantized}/encoder_model.onnx")))
    (folder / "decoder.onnx").write_bytes(read(moonshine, f"{quantized}/decoder_model_merged.onnx"))
    source = read(tarballs[TOKENIZER], "package/llama-tokenizer.js").decode()
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer_tables(source), ensure_ascii=False) + "\n")
    (folder / "LICENSE.moonshine").write_bytes(read(moonshine, "package/LICENSE"))
    (folder / "LICENSE.tokenizer").write_bytes(read(tarballs[TOKENIZER], "package/LICENSE.md"))


def read(tarball: tarfile.TarFile, member: str) -> bytes:
    """One file of a tarball."""
    try:
        file = tarball.extractfile(member)
    except KeyError:
        file = None
    if file is None:
        raise PreparationFailed(f"{member} is missing from the package")
    return file.read()


def with_middle_layer(encoder: bytes) -> bytes:
    """Add the output `embeddings`: the middle layer beside the last, (batch, frames, 2 · 288)."""
    try:
        import onnx
    except ImportError as failure:
        raise PreparationFailed("the Python package onnx is missing; use `uv run --group models`") from failure
    model: Any = onnx.load_from_string(encoder)
    inputs = [MIDDLE_LAYER, "last_hidden_state"]
    model.graph.node.append(onnx.helper.make_node("Concat", inputs, ["embeddings"], axis=-1))
    shape = ["batch_size", "frames", len(inputs) * FRAME_SIZE]
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
