"""The environment becomes values."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from sounditout.settings import Settings


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        ("https://a.example", ("https://a.example",)),
        (" https://a.example/ ,http://b:8080,", ("https://a.example", "http://b:8080")),
    ],
)
def test_origins_are_separated_by_commas(
    monkeypatch: pytest.MonkeyPatch, text: str, origins: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SOUNDITOUT_ALLOWED_ORIGINS", text)
    assert Settings().allowed_origins == origins


@pytest.mark.parametrize("name", ["DATABASE_URL", "SOUNDITOUT_DATABASE_URL"])
def test_database_has_the_name_that_hosting_providers_use(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "postgresql://db/coach")
    assert Settings().database_url == "postgresql://db/coach"


@pytest.mark.parametrize(
    ("name", "value"), [("WORKERS", "0"), ("LOG_LEVEL", "loud"), ("TOKEN_LIFETIME_SECONDS", "1")]
)
def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"SOUNDITOUT_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_secret_is_not_shown(tmp_path: Path) -> None:
    settings = Settings(secret_key="s" * 32, secret_file=tmp_path / "key")
    assert "sss" not in repr(settings)
    assert "sss" not in settings.model_dump_json()


@pytest.mark.parametrize(("name", "value"), [("SSE_ENABLED", False), ("SOUNDITOUT_SSE_ENABLED", False)])
def test_sse_can_be_retired_under_either_name(monkeypatch: pytest.MonkeyPatch, name: str, value: bool) -> None:
    assert Settings().sse_enabled is True
    monkeypatch.setenv(name, str(value).lower())
    assert Settings().sse_enabled is value


def test_at_least_one_way_to_read_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSE_ENABLED", "false")
    monkeypatch.setenv("USE_WEBSOCKET", "off")
    with pytest.raises(ValidationError, match="nobody could read"):
        Settings()
