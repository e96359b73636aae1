"""The published schema is the one the types have, and every message keeps to it."""

import json
from pathlib import Path
from typing import get_args

from examples import every_event
from sounditout import schema
from sounditout.analysis.events import Event
from sounditout.errors import all_codes
from sounditout.messages import ClientMessage, ServerMessage

PUBLISHED = Path(__file__).parents[2] / "docs" / "protocol.schema.json"


def test_the_published_schema_is_up_to_date() -> None:
    assert PUBLISHED.read_text() == schema.as_text(), (
        "run: uv run python -m sounditout.schema > docs/protocol.schema.json"
    )


def test_every_message_is_in_it() -> None:
    assert set(schema.EVENTS) == set(get_args(get_args(Event)[0])) == {type(event) for event in every_event()}
    assert set(schema.CLIENT_MESSAGES) == set(get_args(get_args(ClientMessage)[0]))
    assert set(schema.SERVER_MESSAGES) == set(get_args(ServerMessage))


def test_every_reference_leads_somewhere() -> None:
    document = schema.protocol_schema()
    for reference in _references(document):
        assert reference.removeprefix("#/$defs/") in document["$defs"]


def test_every_code_is_in_it() -> None:
    document = schema.protocol_schema()
    assert set(document["x-error-codes"]) == set(document["$defs"]["ErrorCode"]["enum"]) == set(all_codes())


def test_what_a_server_says_is_complete_and_exact() -> None:
    definitions = schema.protocol_schema()["$defs"]
    for model in (*schema.EVENTS, *schema.SERVER_MESSAGES):
        definition = definitions[model.__name__]
        assert set(definition["required"]) == set(definition["properties"])
        assert definition["additionalProperties"] is False


def test_only_types_have_titles() -> None:
    for definition in schema.protocol_schema()["$defs"].values():
        for field in definition.get("properties", {}).values():
            assert "title" not in field


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [reference for child in value.values() for reference in _references(child)]
    if isinstance(value, list):
        return [reference for child in value for reference in _references(child)]
    return []


def test_the_schema_is_json() -> None:
    assert json.loads(schema.as_text()) == schema.protocol_schema()
