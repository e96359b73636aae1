"""The built web app, on the same origin as the API."""

import gzip
import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from serving import RunningServer, serving, tiny_engines
from sounditout.settings import Settings

SCRIPT = "export {}\n" * 500
PACKED = "/assets/packed-B1x9_-Za.js"
PAGE = "<!doctype html><title>Sound It Out</title>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the build makes, and something beside it that is nobody's business."""
    parent = tmp_path_factory.mktemp("frontend")
    (parent / "secret.txt").write_text("secret")
    built = parent / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text(PAGE)
    (built / "favicon.svg").write_text("<svg/>")
    (built / "assets" / "index-B1x9_-Za.js").write_text("export {}")
    (built / "assets" / "packed-B1x9_-Za.js").write_text(SCRIPT)
    (built / "assets" / "packed-B1x9_-Za.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (built / "assets" / "ort-C2y8abcd.wasm").write_bytes(b"\0asm")
    (built / "assets" / "plain.js").write_text("export {}")
    (built / "link.txt").symlink_to(parent / "secret.txt")
    return built


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    data = tmp_path_factory.mktemp("data")
    settings = Settings(database_url=f"sqlite:///{data / 'test.db'}", secret_file=data / "key", web_dir=folder)
    with serving(settings, tiny_engines()) as running:
        yield running


@pytest.mark.parametrize("path", ["/", "/practice", "/practice/7", "/sign-in", "/index.html", "/apiary", "/models2"])
def test_addresses_of_the_app_get_its_page(server: RunningServer, path: str) -> None:
    with server.client() as client:
        answer = client.get(path)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "kind", "caching"),
    [
        ("/assets/index-B1x9_-Za.js", "text/javascript", "public, max-age=31536000, immutable"),
        ("/assets/ort-C2y8abcd.wasm", "application/wasm", "public, max-age=31536000, immutable"),
        ("/assets/plain.js", "text/javascript", "no-cache"),
        ("/favicon.svg", "image/svg+xml", "no-cache"),
    ],
)
def test_files_are_kept_for_ever_when_their_name_changes_with_them(
    server: RunningServer, path: str, kind: str, caching: str
) -> None:
    with server.client() as client:
        answer = client.get(path)
        assert client.head(path).headers["Content-Length"] == str(len(answer.content))
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert answer.headers["Cache-Control"] == caching
    assert (again.status_code, again.headers["Cache-Control"]) == (304, caching)


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.8", "GZIP", "*", "deflate, *;q=0.1"])
def test_file_goes_compressed_to_those_who_can_read_that(server: RunningServer, accepted: str) -> None:
    with server.client() as client:
        answer = client.get(PACKED, headers={"Accept-Encoding": accepted})
    assert answer.text == SCRIPT
    assert int(answer.headers["Content-Length"]) < len(SCRIPT) / 5
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", ""])
def test_file_goes_as_it_is_to_everybody_else(server: RunningServer, accepted: str) -> None:
    with server.client() as client:
        answer = client.get(PACKED, headers={"Accept-Encoding": accepted})
    assert (answer.text, answer.headers["Content-Length"]) == (SCRIPT, str(len(SCRIPT)))
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_compressed_and_plain_are_told_apart_by_caches(server: RunningServer) -> None:
    with server.client() as client:
        packed = client.get(PACKED, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
        plain = client.get(PACKED, headers={"Accept-Encoding": "identity"}).headers["ETag"]
        assert packed != plain
        known = {"Accept-Encoding": "gzip", "If-None-Match": packed}
        again = client.get(PACKED, headers=known)
        assert (again.status_code, again.headers["Vary"]) == (304, "Accept-Encoding")
        assert client.get(PACKED, headers={**known, "Accept-Encoding": "identity"}).status_code == 200


def test_file_without_a_compressed_one_is_the_same_for_all(server: RunningServer) -> None:
    with server.client() as client:
        answer = client.get("/favicon.svg", headers={"Accept-Encoding": "gzip"})
    assert "Vary" not in answer.headers
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("path", ["/assets/gone-B1x9_-Za.js", "/robots.txt", "/assets/gone.css"])
def test_missing_file_is_not_the_page(server: RunningServer, path: str) -> None:
    with server.client() as client:
        answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/models", "/models/x", "/healthz/x"])
def test_addresses_of_the_api_never_get_the_page(server: RunningServer, path: str) -> None:
    with server.client() as client:
        assert client.get(path).status_code == 404


def test_page_takes_nothing(server: RunningServer) -> None:
    with server.client() as client:
        assert client.post("/practice").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "//secret.txt",
        "/link.txt",
        "/%00.txt",
        "/" + "x" * 5000 + ".txt",
        "{folder}/../secret.txt",
        "/{folder}/../secret.txt",
    ],
)
def test_nothing_outside_the_folder_is_given_away(server: RunningServer, folder: Path, path: str) -> None:
    # Not through httpx, which would tidy up the address before it is sent.
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=10)
    connection.request("GET", path.format(folder=folder))
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert b"secret" not in content
    assert answer.status in (400, 404)


def test_without_the_app_one_is_told_what_to_do(shared_server: RunningServer) -> None:
    with shared_server.client() as client:
        for path in ("/", "/practice"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert answer.headers["Content-Type"].startswith("text/plain")
            assert "make run" in answer.text
        assert client.get("/favicon.svg").status_code == 404


def test_app_that_is_built_later_is_served_without_a_restart(settings: Settings) -> None:
    with serving(settings, tiny_engines()) as server, server.client() as client:
        assert PAGE not in client.get("/").text
        settings.web_dir.mkdir()
        (settings.web_dir / "index.html").write_text(PAGE)
        assert client.get("/").text == PAGE
