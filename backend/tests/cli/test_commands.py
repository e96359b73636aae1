"""The program as it is run: real processes, real models."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from sounditout import __version__
from sounditout.analysis.models import ReadingReport
from sounditout.analysis.ports import Engines
from sounditout.cli import app
from speech import as_wav, encode, speak, tone

RUNNER = CliRunner()
SENTENCE = "The cat sat on the mat."


def sounditout(*arguments: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "sounditout", *arguments],
        input=b"",
        env={**os.environ, **env},
        capture_output=True,
        timeout=50,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recordings")
    (path / "cat.webm").write_bytes(encode(speak(SENTENCE).samples))
    (path / "cat.wav").write_bytes(as_wav(speak(SENTENCE).samples))
    (path / "dog.mp3").write_bytes(encode(speak("The dog ran home.").samples, "mp3", "libmp3lame"))
    (path / "short.wav").write_bytes(as_wav(tone(0.1).samples))
    (path / "text.wav").write_text("no audio")
    with (path / "huge.wav").open("wb") as huge:
        huge.truncate(1 << 33)
    return path


@pytest.fixture
def loaded_ears(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    """To load the models again takes a second; tests with a process of its own do so."""
    monkeypatch.setattr("sounditout.cli.local.load_ears", lambda _: engines)
    monkeypatch.setattr("sounditout.cli.manifest.load_ears", lambda _: engines)


class TestTheProgram:
    def test_version(self) -> None:
        assert sounditout("--version").stdout.decode().strip() == f"sounditout {__version__}"

    @pytest.mark.parametrize(
        "command", [[], ["serve"], ["analyze"], ["doctor"], ["retirement"], ["rollout"], ["admins"]]
    )
    def test_help(self, command: list[str]) -> None:
        result = RUNNER.invoke(app, [*command, "--help"])
        assert result.exit_code == 0
        assert "Usage" in result.stdout

    @pytest.mark.parametrize(
        "arguments",
        [
            ["analyze"],
            ["analyze", "x.wav"],
            ["analyze", "x.wav", "-s", "A cat.", "--jobs", "2"],
            ["analyze", "x.wav", "--manifest", "x.jsonl"],
            ["analyze", "--manifest", "x.jsonl", "--json"],
            ["analyze", "x.wav", "-s", "A cat.", "--server", "http://x", "--username", "ada"],
            ["analyze", "x.wav", "-s", "A cat.", "--transport", "pigeon"],
            ["serve", "--port", "99999"],
            ["unknown"],
        ],
    )
    def test_wrong_use(self, arguments: list[str]) -> None:
        result = RUNNER.invoke(app, arguments)
        assert result.exit_code == 2
        assert "Error" in result.stderr

    def test_wrong_settings_are_named(self, folder: Path) -> None:
        result = RUNNER.invoke(
            app, ["analyze", str(folder / "cat.wav"), "-s", "A cat."], env={"SOUNDITOUT_WORKERS": "none"}
        )
        assert result.exit_code == 2
        assert "SOUNDITOUT_WORKERS" in result.stderr

    @pytest.mark.parametrize("command", ["serve", "doctor"])
    def test_without_any_way_to_read_nothing_starts(self, command: str) -> None:
        result = RUNNER.invoke(app, [command], env={"SSE_ENABLED": "false", "USE_WEBSOCKET": "off"})
        assert result.exit_code == 2
        assert "error: With SSE_ENABLED=false and USE_WEBSOCKET=off nobody could read" in result.stderr


class TestOneRecording:
    def test_json_and_nothing_else(self, folder: Path) -> None:
        result = sounditout("analyze", str(folder / "cat.webm"), "--sentence", SENTENCE, "--json")
        assert result.returncode == 0
        assert result.stderr == b""
        report = ReadingReport.model_validate_json(result.stdout, strict=True)
        assert report.sentence == SENTENCE
        assert [word.text for word in report.words if word.index is not None] == SENTENCE.rstrip(".").split()
        assert report.scores.accuracy > 80

    @pytest.mark.usefixtures("loaded_ears")
    def test_from_standard_input(self, folder: Path) -> None:
        recording = (folder / "cat.wav").read_bytes()
        result = RUNNER.invoke(app, ["analyze", "-", "-s", SENTENCE, "--json"], input=recording)
        assert json.loads(result.stdout)["sentence"] == SENTENCE

    def test_for_a_person_on_a_terminal_without_letters(self, folder: Path, tmp_path: Path) -> None:
        spoken = tmp_path / "advice.mp3"
        arguments = ["analyze", str(folder / "cat.wav"), "-s", "The cat sat on the hat.", "--save-audio", str(spoken)]
        result = sounditout(*arguments, PYTHONIOENCODING="ascii")
        assert result.returncode == 0, result.stderr
        assert b"Read next:" in result.stdout
        assert b"fluency" in result.stdout
        assert spoken.stat().st_size > 1000

    @pytest.mark.usefixtures("loaded_ears")
    @pytest.mark.parametrize(
        ("name", "sentence", "code"),
        [
            ("missing.wav", SENTENCE, "no_file"),
            ("text.wav", SENTENCE, "unsupported_audio"),
            ("short.wav", SENTENCE, "audio_too_short"),
            ("huge.wav", SENTENCE, "audio_too_large"),
            ("cat.wav", "...", "invalid_sentence"),
            ("cat.wav", "привет", "invalid_sentence"),
        ],
    )
    def test_bad_input(self, folder: Path, name: str, sentence: str, code: str) -> None:
        result = RUNNER.invoke(app, ["analyze", str(folder / name), "-s", sentence, "--json"])
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.startswith("error: ")
        assert f"({code})" in result.stderr

    def test_no_models(self, folder: Path, tmp_path: Path) -> None:
        arguments = ["analyze", str(folder / "cat.wav"), "-s", SENTENCE]
        result = RUNNER.invoke(app, arguments, env={"SOUNDITOUT_MODELS_DIR": str(tmp_path)})
        assert result.exit_code == 1
        assert "sounditout doctor" in result.stderr


class TestManifest:
    def test_many(self, folder: Path) -> None:
        manifest = folder / "items.jsonl"
        lines = [
            {"id": "a", "audio": "cat.webm", "sentence": SENTENCE},
            {"id": "b", "audio": "missing.wav", "sentence": SENTENCE},
            {"id": "c", "audio": str(folder / "dog.mp3"), "sentence": "The dog ran home."},
            {"id": "d", "audio": "text.wav", "sentence": SENTENCE},
        ]
        manifest.write_text("\n".join([*map(json.dumps, lines), "not json", ""]) + "\n")
        result = sounditout("analyze", "--manifest", str(manifest), "--jobs", "2")
        assert result.returncode == 0
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        assert [answer["id"] for answer in answers] == ["a", "b", "c", "d", None]
        assert ["report" in answer for answer in answers] == [True, False, True, False, False]
        assert answers[2]["report"]["sentence"] == "The dog ran home."

    @pytest.mark.usefixtures("loaded_ears")
    def test_from_a_pipe(self, folder: Path, tmp_path: Path) -> None:
        line = json.dumps({"id": "a", "audio": str(folder / "cat.wav"), "sentence": SENTENCE})
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(pipe.write_text, f"{line}\n")
            result = RUNNER.invoke(app, ["analyze", "--manifest", str(pipe)])
            writing.result(timeout=10)
        assert json.loads(result.stdout)["id"] == "a"

    @pytest.mark.usefixtures("loaded_ears")
    def test_from_standard_input(self, folder: Path) -> None:
        line = json.dumps({"id": "a", "audio": str(folder / "cat.wav"), "sentence": SENTENCE})
        result = RUNNER.invoke(app, ["analyze", "--manifest", "-"], input=f"{line}\n")
        assert json.loads(result.stdout)["id"] == "a"

    def test_no_manifest(self) -> None:
        result = RUNNER.invoke(app, ["analyze", "--manifest", "missing.jsonl"])
        assert result.exit_code == 2
        assert "(no_file)" in result.stderr

    def test_nobody_reads_the_answers(self, folder: Path) -> None:
        manifest = folder / "unread.jsonl"
        manifest.write_text(json.dumps({"id": 1, "audio": "text.wav", "sentence": "A cat."}) + "\n")
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, "-m", "sounditout", "analyze", "--manifest", str(manifest)]
        with os.fdopen(writer, "wb") as unread:
            result = subprocess.run(command, stdout=unread, stderr=subprocess.PIPE, timeout=50, check=False)
        assert result.returncode == 1
        assert b"Traceback" not in result.stderr


class TestServe:
    def test_until_a_signal_says_stop(self, tmp_path: Path) -> None:
        env = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}",
            "SOUNDITOUT_SECRET_FILE": str(tmp_path / "secret.key"),
        }
        command = [sys.executable, "-m", "sounditout", "serve", "--port", "0"]
        with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
            try:
                assert process.stderr is not None
                events = (json.loads(line) for line in process.stderr)
                url = next(event["url"] for event in events if event["event"] == "listening")
                assert next(event for event in events if event["event"] == "ready")
                assert httpx.get(f"{url}/healthz", timeout=20, trust_env=False).status_code == 200
                process.send_signal(signal.SIGTERM)
                process.stderr.read()
                assert process.wait(20) in (0, -signal.SIGTERM)
            finally:
                process.kill()  # or nothing, when it has ended; the block would wait for it

    def test_a_port_that_is_taken(self, tmp_path: Path) -> None:
        from sounditout.server import listen

        with listen("127.0.0.1", 0) as socket:
            port = str(socket.getsockname()[1])
            result = sounditout("serve", "--port", port, DATABASE_URL=f"sqlite:///{tmp_path / 'x.db'}")
        assert result.returncode == 1
        assert b"(cannot_listen)" in result.stderr
        assert b"Traceback" not in result.stderr

    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("SOUNDITOUT_MODELS_DIR", "/nowhere", "models_missing"),
            ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none", "no_database"),
        ],
    )
    def test_without_what_it_needs(self, name: str, value: str, code: str) -> None:
        result = RUNNER.invoke(app, ["serve", "--port", "0"], env={name: value})
        assert result.exit_code == 1
        assert f"({code})" in result.stderr

    def test_with_tables_of_a_newer_version(self, tmp_path: Path) -> None:
        url = {"DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}"}
        assert RUNNER.invoke(app, ["admins", "list"], env=url).exit_code == 0
        with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as database:
            database.execute("UPDATE alembic_version SET version_num = '9999'")
        result = RUNNER.invoke(app, ["serve", "--port", "0"], env=url)
        assert result.exit_code == 2  # which is not tried again by itself
        assert "(newer_database)" in result.stderr
