import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from serving import RunningServer
from sounditout.cli import app
from sounditout.cli.checks import (
    Failed,
    Found,
    check_codecs,
    check_database,
    check_listening,
    check_models,
    check_port,
    check_voice,
    check_web_app,
    check_words,
)
from sounditout.cli.doctor import diagnose
from sounditout.cli.local import load_ears
from sounditout.persistence.database import Database
from sounditout.server import listen
from sounditout.settings import Settings

if TYPE_CHECKING:
    from sounditout.analysis.ports import Engines

RUNNER = CliRunner()


class TestChecks:
    def test_words(self) -> None:
        assert "K AE T" in check_words().detail

    def test_codecs(self) -> None:
        assert "libopus in webm" in check_codecs().detail

    def test_voice(self) -> None:
        assert "says" in check_voice().detail

    def test_models(self) -> None:
        settings = Settings()
        assert "moonshine" in check_models(settings, lambda: load_ears(settings)).detail

    def test_missing_models(self, tmp_path: Path) -> None:
        settings = Settings(models_dir=tmp_path)
        with pytest.raises(Failed, match=r"encoder\.onnx") as failed:
            check_models(settings, lambda: load_ears(settings))
        assert "make setup" in failed.value.remedy

    def test_broken_models(self, tmp_path: Path) -> None:
        for name in ("encoder.onnx", "decoder.onnx", "tokenizer.json"):
            (tmp_path / name).write_bytes(b"not a model")
        settings = Settings(models_dir=tmp_path)
        with pytest.raises(Failed, match="cannot be loaded"):
            check_models(settings, lambda: load_ears(settings))
        with pytest.raises(Failed, match="without the models"):
            check_listening(settings, lambda: load_ears(settings))

    def test_listening(self, engines: "Engines") -> None:
        assert "heard as right" in check_listening(Settings(), lambda: engines).detail

    def test_web_app(self, tmp_path: Path) -> None:
        settings = Settings(web_dir=tmp_path)
        assert check_web_app(settings).remedy
        (tmp_path / "index.html").touch()
        assert check_web_app(settings).remedy is None


class TestDatabase:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return tmp_path / "folder" / "test.db"

    @pytest.fixture
    def at_file(self, file: Path) -> Settings:
        return Settings(database_url=f"sqlite:///{file}")

    def test_not_made_yet_and_not_made_by_looking(self, at_file: Settings, file: Path) -> None:
        assert "made at the first start" in check_database(at_file).detail
        assert not file.parent.exists()

    def test_current(self, at_file: Settings) -> None:
        migrate(at_file)
        found = check_database(at_file)
        assert "tables at" in found.detail
        assert "brought to" not in found.detail

    def test_without_tables(self, at_file: Settings, file: Path) -> None:
        file.parent.mkdir()
        with closing(sqlite3.connect(file)) as db:
            db.execute("CREATE TABLE other (id INTEGER)")
        assert "tables are made at the first start" in check_database(at_file).detail

    def test_of_a_newer_version(self, at_file: Settings, file: Path) -> None:
        migrate(at_file)
        with closing(sqlite3.connect(file)) as db, db:
            db.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(Failed, match="newer version"):
            check_database(at_file)

    def test_no_database_at_all(self, at_file: Settings, file: Path) -> None:
        file.parent.mkdir()
        file.write_text("This is not a database. " * 100)
        with pytest.raises(Failed):
            check_database(at_file)

    @pytest.mark.parametrize("url", ["mysql://host/db", "sqlite://", "postgresql://nobody@127.0.0.1:9/db"])
    def test_of_a_kind_we_do_not_use_or_not_there(self, url: str) -> None:
        with pytest.raises(Failed) as failed:
            check_database(Settings(database_url=url))
        assert "DATABASE_URL" in failed.value.remedy


def migrate(settings: Settings) -> None:
    async def work() -> None:
        database = Database(settings.database_url)
        await database.migrate()
        await database.dispose()

    asyncio.run(work())


class TestPort:
    def test_free(self) -> None:
        with listen("127.0.0.1", 0) as socket:
            port = socket.getsockname()[1]
        assert "free" in check_port("127.0.0.1", port).detail

    def test_taken_by_somebody_else(self) -> None:
        with listen("127.0.0.1", 0) as socket, pytest.raises(Failed, match="in use"):
            check_port("127.0.0.1", socket.getsockname()[1])

    def test_taken_by_us(self, server: RunningServer) -> None:
        port = int(server.base_url.rpartition(":")[2])
        assert "Sound It Out server listens" in check_port("127.0.0.1", port).detail


class TestDiagnoses:
    def test_three_outcomes(self) -> None:
        def fail() -> Found:
            raise Failed("broken", "mend it")

        def crash() -> Found:
            raise ZeroDivisionError("oh\nno")

        assert diagnose("x", lambda: Found("fine")).status == "ok"
        assert diagnose("x", lambda: Found("so so", "better")).status == "warning"
        failed = diagnose("x", fail)
        assert (failed.status, failed.detail, failed.remedy) == ("failed", "broken", "mend it")
        assert diagnose("x", crash).status == "failed"

    def test_all_is_well(self, tmp_path: Path) -> None:
        env = {"DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}"}
        result = RUNNER.invoke(app, ["doctor", "--json", "--port", "0"], env=env)
        answer = json.loads(result.stdout)
        assert {check["name"]: check["status"] for check in answer["checks"]} == {
            **dict.fromkeys(("models", "words", "codecs", "voice", "listening", "database", "traces", "port"), "ok"),
            "web app": answer["checks"][6]["status"],  # tests run with and without it
        }
        assert answer["healthy"] is True
        assert result.exit_code == 0

    def test_something_is_wrong(self, tmp_path: Path) -> None:
        env = {"SOUNDITOUT_MODELS_DIR": str(tmp_path), "DATABASE_URL": "mysql://x/y"}
        result = RUNNER.invoke(app, ["doctor", "--port", "0"], env=env)
        assert result.exit_code == 1
        assert "✗ models" in result.stdout
        assert "→ Run `make setup`" in result.stdout
        assert "✗ database" in result.stdout
        assert "✓ voice" in result.stdout
