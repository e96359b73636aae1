"""The models that a browser listens with, over a real socket."""

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving import serving, tiny_engines
from sounditout.settings import Settings

HEAD = files("sounditout.engines").joinpath("assets/phoneme_head.onnx").read_bytes()
ENCODER = b"an encoder" * 1000
LIST = "/api/listening/models"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    models = tmp_path / "models"
    models.mkdir()
    (models / "encoder.onnx").write_bytes(ENCODER)
    (models / "decoder.onnx").write_bytes(b"not for browsers")
    return models


@pytest.fixture
def client(settings: Settings, folder: Path) -> Iterator[httpx.Client]:
    own = settings.model_copy(update={"models_dir": folder})
    with serving(own, tiny_engines()) as server, server.client() as opened:
        yield opened


def listed(client: httpx.Client) -> dict[str, dict[str, Any]]:
    return {model["name"]: model for model in client.get(LIST).raise_for_status().json()["models"]}


def test_both_models_are_listed_with_what_is_needed_to_check_them(client: httpx.Client) -> None:
    models = listed(client)
    assert list(models) == ["encoder", "phoneme_head"]
    for model, content in zip(models.values(), (ENCODER, HEAD), strict=True):
        assert model["bytes"] == len(content)
        assert model["sha256"] == hashlib.sha256(content).hexdigest()
        assert model["url"] == f"/models/{model['name']}-{model['sha256'][:16]}.onnx"
        answer = client.get(model["url"])
        assert answer.content == content
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Length"] == str(len(content))


def test_model_is_kept_for_ever(client: httpx.Client) -> None:
    model = listed(client)["encoder"]
    answer = client.get(model["url"])
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["ETag"] == f'"{model["sha256"]}"'
    again = client.get(model["url"], headers={"If-None-Match": f'W/"other", {answer.headers["ETag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == answer.headers["ETag"]
    assert client.get(model["url"], headers={"If-None-Match": '"other"'}).status_code == 200


def test_download_that_broke_off_can_be_finished(client: httpx.Client) -> None:
    answer = client.get(listed(client)["encoder"]["url"], headers={"Range": "bytes=5-14"})
    assert (answer.status_code, answer.content) == (206, ENCODER[5:15])


def test_model_that_is_replaced_gets_another_address(client: httpx.Client, folder: Path) -> None:
    before = listed(client)["encoder"]
    (folder / "encoder.onnx").write_bytes(b"a newer encoder")
    after = listed(client)["encoder"]
    assert after["sha256"] == hashlib.sha256(b"a newer encoder").hexdigest()
    assert client.get(after["url"]).content == b"a newer encoder"
    assert client.get(before["url"]).status_code == 404


def test_model_that_is_not_installed_is_not_listed(client: httpx.Client, folder: Path) -> None:
    (folder / "encoder.onnx").unlink()
    assert list(listed(client)) == ["phoneme_head"]


@pytest.mark.parametrize(
    "path",
    [
        "/models/",
        "/models",
        "/models/encoder.onnx",
        "/models/decoder.onnx",
        "/models/encoder-0000000000000000.onnx",
        "/models/..%2fmodels%2fencoder.onnx",
        "/models/a/b",
    ],
)
def test_nothing_else_is_given_away(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_page_may_run_the_models_and_no_scripts_from_elsewhere(client: httpx.Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"].split("; ")
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "worker-src 'self' blob:" in policy
    assert "connect-src 'self'" in policy
    assert "font-src 'self'" in policy
