"""docs/OPERATIONS.md has every setting and every alert and no other, and what it tells people to type exists."""

import ast
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import typer
import yaml

import promql
from reverse_proxies import rendered
from sounditout import settings as settings_module
from sounditout.cli import app
from sounditout.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[3]
DOCUMENT: Final = (ROOT / "docs" / "OPERATIONS.md").read_text()
FENCED: Final = [
    line
    for block in re.findall(r"^```\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
INLINE: Final = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", DOCUMENT)
CODE: Final = [*FENCED, *INLINE]
HEADINGS: Final = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", DOCUMENT, flags=re.M | re.S), re.MULTILINE)
PLAIN_NAMES: Final = {"database_url": "DATABASE_URL", "use_websocket": "USE_WEBSOCKET", "sse_enabled": "SSE_ENABLED"}
UNITS: Final = {
    "_seconds": "seconds",
    "_bytes": "bytes",
    "_per_minute": "per minute",
    "_characters": "characters",
    "_dir": "folder",
    "_file": "file",
}


def anchor(heading: str) -> str:
    """As GitHub makes them."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def variable(name: str) -> str:
    return PLAIN_NAMES.get(name, f"SOUNDITOUT_{name.upper()}")


def reasons() -> dict[str, str]:
    """What stands under each setting."""
    (settings,) = (
        node
        for node in ast.parse(Path(settings_module.__file__).read_text()).body
        if isinstance(node, ast.ClassDef) and node.name == Settings.__name__
    )
    found = {}
    for field, text in zip(settings.body, settings.body[1:], strict=False):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(reason))):
                found[variable(name)] = " ".join(reason.split())
    return found


def default(value: object) -> str:
    """As somebody would write it into the environment; nothing for what is not set."""
    if value is None or value == ():
        return "–"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    text = str(value).replace(f"{ROOT}/", "").replace("+aiosqlite", "")
    return f"`{text}`"


DEFAULTS: Final = {variable(name): default(field.default) for name, field in Settings.model_fields.items()}
ROWS: Final = {
    cells[0].strip("`"): cells
    for line in DOCUMENT.split("\n## Settings\n")[1].split("\n## ")[0].splitlines()
    if line.startswith("| `")
    for cells in [[cell.strip() for cell in line.strip("|").split(" | ")]]
}


def test_every_setting_and_no_other_in_order() -> None:
    assert list(ROWS) == list(DEFAULTS)


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_setting_has_its_default_its_unit_and_its_reason(name: str) -> None:
    _, value, unit, reason = ROWS[name]
    assert re.sub(r" \(\d+ MiB\)$", "", value) == DEFAULTS[name]
    assert unit in {UNITS[end] for end in UNITS if name.lower().endswith(end)} or (
        unit and not name.lower().endswith(tuple(UNITS))
    )
    assert reason == reasons()[name]


@pytest.mark.parametrize("name", [name for name in ROWS if "MiB" in ROWS[name][1]])
def test_mebibytes_are_computed_rightly(name: str) -> None:
    number, mebibytes = re.fullmatch(r"`(\d+)` \((\d+) MiB\)", ROWS[name][1]).groups()  # type: ignore[union-attr]
    assert int(number) == int(mebibytes) * 2**20


def test_all_variables_in_the_text_exist() -> None:
    known = {f"SOUNDITOUT_{name.upper()}" for name in Settings.model_fields} | set(DEFAULTS)
    mentioned = set(re.findall(r"SOUNDITOUT_[A-Z_]+", DOCUMENT)) - {"SOUNDITOUT_"}
    assert not mentioned - known


def test_every_alert_has_an_entry_and_every_entry_an_alert() -> None:
    groups = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
    runbooks = [rule["annotations"]["runbook"] for group in groups for rule in group["rules"]]
    entries = [heading for heading in HEADINGS if heading.startswith("SoundItOut")]
    assert [f"docs/OPERATIONS.md#{anchor(entry)}" for entry in entries] == runbooks


@pytest.mark.parametrize("entry", [heading for heading in HEADINGS if heading.startswith("SoundItOut")])
def test_an_entry_says_what_it_means_what_to_look_at_and_what_to_do(entry: str) -> None:
    text = DOCUMENT.split(f"\n### {entry}\n")[1].split("\n### ")[0]
    assert re.findall(r"^\*(\w+)\*: ", text, re.MULTILINE) == ["Means", "Look", "Do"]


def ours() -> list[str]:
    """Every command of ours in the document, from its name on."""
    return [
        found[1]
        for code in CODE
        if (found := re.search(r"^(?:docker compose .* exec app |[A-Z_]+=\S+ )?sounditout (.*)$", code))
    ]


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that is meant, and the rest of the words."""
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        command, words = command.commands[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize("text", sorted(set(ours()) - {"…"}))
def test_a_command_of_ours_exists_with_its_options(text: str) -> None:
    command, words = command_of(shlex.split(text))
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_every_command_of_the_rollout_is_told() -> None:
    group: Any = typer.main.get_command(app)
    told = {text.split()[1] for text in ours() if text.startswith("rollout ")}
    assert told == set(group.commands["rollout"].commands)


def test_what_is_made_can_be_made() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wanted = {found[1] for code in CODE if (found := re.match(r"make (?:-C \S+ )?([a-z-]+)", code))}
    assert wanted
    assert wanted <= targets


def test_all_files_of_deploy_that_are_named_exist() -> None:
    named = {path for code in CODE for path in re.findall(r"(?<![\w/])deploy/[\w./-]*\w", code)}
    assert {path for path in named if not (ROOT / path).exists()} == {
        "deploy/.env"
    }  # that one is for the reader to make


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)\s]+)\)", DOCUMENT))))
def test_a_link_leads_somewhere(link: str) -> None:
    path, _, fragment = link.partition("#")
    target = (ROOT / "docs" / path).resolve() if path else ROOT / "docs" / "OPERATIONS.md"
    assert target.exists()
    if fragment:
        assert fragment in {anchor(heading) for heading in re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)}


@pytest.mark.parametrize("code", sorted({code for code in INLINE if "sounditout_" in code}))
def test_figures_are_those_of_the_server(code: str) -> None:
    if re.fullmatch(r"\w+", code):  # a name alone, without what Prometheus adds to that of a histogram
        assert {code, f"{code}_bucket"} & set(promql.exported())
    else:
        assert promql.problems(code) == []


def test_what_it_does_to_the_configuration_of_nginx_turns_tls_on(tmp_path: Path) -> None:
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(rendered("nginx.conf", {}))
    (line,) = (line for line in FENCED if line.startswith("sed") and "nginx" in line)
    subprocess.run(shlex.split(line.replace("/etc/nginx/nginx.conf", str(configuration))), check=True)
    tls = rendered(
        "nginx.conf", {"        listen 80;\n": "", "#tls#": "", "reading.example": "reading.your-school.org"}
    )
    # They differ only in the comment that speaks of the mark.
    assert [line.split("#")[0] for line in configuration.read_text().splitlines()] == [
        line.split("#")[0] for line in tls.splitlines()
    ]


def test_what_it_does_to_the_configuration_of_caddy_names_the_site(tmp_path: Path) -> None:
    configuration = tmp_path / "Caddyfile"
    configuration.write_text(rendered("Caddyfile", {}))
    (line,) = (line for line in FENCED if line.startswith("sed") and "Caddyfile" in line)
    subprocess.run(shlex.split(line.replace("/etc/caddy/Caddyfile", str(configuration))), check=True)
    assert "{$SOUNDITOUT_HOST:reading.your-school.org} {" in configuration.read_text()


def test_every_file_of_deploy_is_in_its_list() -> None:
    folder = ROOT / "deploy"
    linked = set(re.findall(r"^\| \[[^\]]+\]\(([^)]+)\)", (folder / "README.md").read_text(), re.MULTILINE))
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert linked == files - {"README.md", ".env"}
