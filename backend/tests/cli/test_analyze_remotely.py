import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from serving import PASSWORD, RunningServer
from sounditout.analysis.decode import DecodeLimits, decode
from sounditout.analysis.models import ReadingReport
from sounditout.cli import app
from sounditout.client import Client
from speech import as_wav, tone

RUNNER = CliRunner()


@pytest.fixture
def recording(tmp_path: Path) -> str:
    path = tmp_path / "tone.wav"
    path.write_bytes(as_wav(tone(0.5).samples))
    return str(path)


@pytest.mark.parametrize("transport", ["sse", "ws", "auto"])
def test_a_guest_gets_a_report_and_nothing_else_on_stdout(
    server: RunningServer, recording: str, transport: str
) -> None:
    options = ["-s", "A cat.", "--server", server.base_url, "--transport", transport, "--json"]
    result = RUNNER.invoke(app, ["analyze", recording, *options])
    assert result.exit_code == 0
    assert ReadingReport.model_validate_json(result.stdout, strict=True).sentence == "A cat."
    assert "listening" in result.stderr


def test_the_table_the_advice_and_the_spoken_feedback(server: RunningServer, recording: str, tmp_path: Path) -> None:
    out = tmp_path / "feedback.mp3"
    options = ["-s", "A cat.", "--server", server.base_url, "--save-audio", str(out)]
    result = RUNNER.invoke(app, ["analyze", recording, *options])
    assert result.exit_code == 0
    assert "Read next: A cat." in result.stdout
    assert decode(out.read_bytes(), DecodeLimits(0.01, 60, 1_000_000)).seconds > 0


def test_with_an_account_and_with_a_token(server: RunningServer, recording: str) -> None:
    async def make_account() -> str | None:
        async with Client(server.base_url) as client:
            await client.register("ada", PASSWORD)
            return client.token

    token = asyncio.run(make_account())
    common = ["analyze", recording, "-s", "A cat.", "--server", server.base_url, "--json"]
    assert RUNNER.invoke(app, [*common, "--username", "ada", "--password", PASSWORD]).exit_code == 0
    assert RUNNER.invoke(app, common, env={"SOUNDITOUT_TOKEN": token}).exit_code == 0


@pytest.mark.parametrize("transport", ["sse", "ws", "auto"])
@pytest.mark.parametrize(
    ("options", "code", "exit_code"),
    [
        (["-s", "..."], "invalid_sentence", 2),
        (["-s", "A c\udcfft."], "invalid_sentence", 2),
        (["-s", "A cat.", "--token", "häslich"], "unauthorized", 2),
        (["-s", "A cat.", "--token", "two words"], "unauthorized", 2),
        (["-s", "A cat.", "--token", ""], "unauthorized", 2),
        (["-s", "A cat.", "--username", "c\udcfft", "--password", "wrong password"], "invalid_message", 2),
        (["-s", "A cat.", "--token", "nonsense"], "unauthorized", 2),
        (["-s", "A cat.", "--username", "nobody", "--password", "wrong password"], "unauthorized", 2),
    ],
)
def test_refusals(
    server: RunningServer, recording: str, options: list[str], code: str, exit_code: int, transport: str
) -> None:
    common = ["analyze", recording, "--server", server.base_url, "--transport", transport]
    result = RUNNER.invoke(app, [*common, *options])
    assert result.exit_code == exit_code
    assert f"({code})" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense"])
def test_no_server(recording: str, url: str) -> None:
    result = RUNNER.invoke(app, ["analyze", recording, "-s", "A cat.", "--server", url])
    assert result.exit_code == 1
    assert "(connection_failed)" in result.stderr


def test_json_is_one_line(server: RunningServer, recording: str) -> None:
    result = RUNNER.invoke(app, ["analyze", recording, "-s", "A cat.", "--server", server.base_url, "--json"])
    assert len(result.stdout.splitlines()) == 1
    json.loads(result.stdout)
