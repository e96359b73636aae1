"""docs/PROTOCOL.md says what the code does, all of it and nothing else."""

import re
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

from serving import api_document
from sounditout.analysis import client_hearing
from sounditout.analysis.models import PhonemeReading, Problems, ReadingReport, RecognizerInfo, Scores, WordReading
from sounditout.connection.handshake import SUBPROTOCOL
from sounditout.errors import all_codes
from sounditout.limits import Limits
from sounditout.messages import AnalyzeAudio
from sounditout.routers.forms import ReadingForm, ReadingWithPhonemesForm
from sounditout.schema import CLIENT_MESSAGES, EVENTS, SERVER_MESSAGES, protocol_schema
from sounditout.settings import Settings
from sounditout.wire import CLOSE_CODES, http_status

DOCUMENT = (Path(__file__).parents[2] / "docs" / "PROTOCOL.md").read_text()


@cache
def section(title: str) -> str:
    """From a heading to the next of the same or a higher rank."""
    match = re.search(rf"^(#+) {re.escape(title)}$", DOCUMENT, re.MULTILINE)
    assert match, f"no heading {title!r}"
    rest = DOCUMENT[match.end() :]
    end = re.search(rf"^#{{1,{len(match[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def table(text: str) -> list[list[str]]:
    """The cells of the first table, without its head."""
    rows = re.search(r"(?:^\|.*\n)+", text + "\n", re.MULTILINE)
    assert rows, text
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[0].strip().split("\n")]
    return cells[2:]


def names(text: str) -> set[str]:
    """What stands in backticks in the first column."""
    return {row[0].strip("`") for row in table(text)}


def type_of(model: type[BaseModel]) -> str:
    return str(model.model_fields["type"].annotation.__args__[0])  # type: ignore[union-attr]


def data_of(model: type[BaseModel]) -> type[BaseModel]:
    data = model.model_fields["data"].annotation
    assert isinstance(data, type)
    assert issubclass(data, BaseModel)
    return data


def test_every_event_and_no_other() -> None:
    assert set(re.findall(r"^#### `(\w+)`$", section("Events"), re.MULTILINE)) == {type_of(model) for model in EVENTS}


@pytest.mark.parametrize("model", EVENTS, ids=type_of)
def test_every_field_of_every_event(model: type[BaseModel]) -> None:
    described = section("Events").split(f"#### `{type_of(model)}`\n")[1].split("\n#### ")[0]
    assert names(described) == set(data_of(model).model_fields)


def test_every_message_of_a_client_and_no_other() -> None:
    titles = re.findall(r"^#### `(\w+)`$", section("Client → server"), re.MULTILINE)
    assert set(titles) == {type_of(model) for model in CLIENT_MESSAGES}


@pytest.mark.parametrize("model", CLIENT_MESSAGES, ids=type_of)
def test_every_field_of_every_message_of_a_client(model: type[BaseModel]) -> None:
    fields = {field.alias or name for name, field in model.model_fields.items()}
    assert names(section(f"`{type_of(model)}`")) == fields


def test_every_message_about_a_connection_and_no_other() -> None:
    text = section("Server → client, about the connection")
    titles = re.findall(r"^#### `(\w+)`", text, re.MULTILINE)
    assert set(titles) == {type_of(model) for model in SERVER_MESSAGES}
    for title in ("ready", "pong", "token_expiring", "token_refreshed", "draining"):
        model = next(model for model in SERVER_MESSAGES if type_of(model) == title)
        assert names(section(f"`{title}`")) == set(data_of(model).model_fields)


@pytest.mark.parametrize("model", [Scores, Problems, WordReading, PhonemeReading, RecognizerInfo], ids=str)
def test_every_part_of_the_report(model: type[BaseModel]) -> None:
    described = section("Events").split("#### `analysis`\n")[1].split("\n#### ")[0]
    assert set(model.model_fields) <= set(re.findall(r"`(\w+)`", described))
    assert names(described) == set(ReadingReport.model_fields)


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        ("StartedData", "mode"),
        ("ProgressData", "stage"),
        ("WordReading", "status"),
        ("PhonemeReading", "status"),
        ("ErrorData", "stage"),
        ("PartialWord", "status"),
        ("Advice", "source"),
        ("ReadingReport", "source"),
    ],
)
def test_every_value_of_every_choice(definition: str, field: str) -> None:
    values = protocol_schema()["$defs"][definition]["properties"][field]["enum"]
    assert set(values) <= set(re.findall(r"`(\w+)`", section("Events")))


def test_every_form_field() -> None:
    text = section("A reading over HTTP")
    assert names(text) == set(ReadingForm.model_fields)
    more = set(ReadingWithPhonemesForm.model_fields) - set(ReadingForm.model_fields)
    assert more == {"client_phonemes", "client_words"}
    assert all(f"`{name}`" in text for name in more)
    assert set(ReadingWithPhonemesForm.model_fields) <= {
        field.alias or name for name, field in AnalyzeAudio.model_fields.items()
    } | {"audio_file"}


def test_every_endpoint_and_no_other() -> None:
    documented = {row[0].strip("`") for row in table(section("Endpoints"))}
    schema = api_document()["paths"]
    offered = {
        f"{method.upper()} {path}" for path in schema if path.startswith("/api/ai/") for method in schema[path]
    }
    assert documented == offered | {"WS /api/ai/ws/audio-analysis"}


def test_every_close_code_and_no_other() -> None:
    assert names(section("Close codes")) == {str(code) for code in CLOSE_CODES}


def test_every_error_code_with_its_status() -> None:
    documented = {row[0].strip("`"): (int(row[1]), row[2]) for row in table(section("Error codes"))}
    assert documented == {
        code: (http_status(code), "yes" if kind.retryable else "no") for code, kind in all_codes().items()
    }


def test_every_limit_with_its_default() -> None:
    documented = {row[0].strip("`"): float(row[1]) for row in table(section("Limits"))}
    assert documented == Limits.model_validate(Settings(), from_attributes=True).model_dump()


def test_the_numbers_in_the_text() -> None:
    assert f"`{SUBPROTOCOL}`" in DOCUMENT
    heard = f"at most {client_hearing.MAX_CLIENT_WORDS} words of at most {client_hearing.MAX_WORD_PHONEMES} phonemes"
    assert heard in DOCUMENT


def test_no_setting_is_named_that_does_not_exist() -> None:
    for name in re.findall(r"`((?:max|min|send)_\w+)`", DOCUMENT):
        assert name in Settings.model_fields
