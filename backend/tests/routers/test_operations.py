"""Leading the rollout over a real socket: what an admin sees and does, and that nobody else can."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from serving import Learner, RunningServer, api_document, register, serving, tiny_engines
from sounditout.persistence.admins import Admins
from sounditout.persistence.rollouts import Experience
from sounditout.rollout.decide import bucket
from sounditout.rollout.evidence import latency_bin
from sounditout.settings import Settings

PATH = "/api/operations/rollout"
OPERATIONS = [
    (method, path)
    for path, operations in api_document()["paths"].items()
    if path.startswith("/api/operations/")
    for method in operations
]


@pytest.fixture
def server_options() -> dict[str, Any]:
    return {"use_websocket": "auto"}


async def _name(server: RunningServer, username: str) -> None:
    async with server.services.database.transaction() as db:
        await Admins(db).add(username)


@pytest.fixture
def admin(server: RunningServer) -> Learner:
    named = register(server, "Ada")
    server.run(_name(server, "Ada"))
    return named


@pytest.fixture
def client(server: RunningServer, admin: Learner) -> Iterator[httpx.Client]:
    with server.client(admin.headers) as opened:
        yield opened


def act(client: httpx.Client, action: str, reason: str = "a school begins") -> dict[str, Any]:
    answer = client.post(PATH, json={"action": action, "reason": reason}).raise_for_status().json()
    assert isinstance(answer, dict)
    return answer


def test_before_it_begins_it_can_only_be_started(client: httpx.Client) -> None:
    rollout = client.get(PATH).raise_for_status().json()
    metrics = rollout.pop("metrics")
    assert rollout.pop("needed") == {"users": 20, "trials": 300, "days": 2.0}
    assert rollout == {
        "percentage": 0,
        "held": False,
        "since": None,
        "stage": 0,
        "switch": "auto",
        "sse_enabled": True,
        "sse_is_past": False,
        "possible": ["start"],
        "guard": {
            "advances": False,
            "stops": True,
            "action": "wait",
            "advice": "wait",
            "reason": "Nobody is moved to the WebSocket.",
        },
        "history": [],
    }
    assert [(metric["name"], metric["estimate"], metric["n"]) for metric in metrics] == [
        ("error_rate", None, 0),
        ("first_event", None, 0),
        ("connections", None, 0),
        ("latency", None, 0),
    ]
    assert all(0 <= metric["low"] <= metric["high"] <= 1 for metric in metrics)
    nobody = {"value": None, "trials": 0, "users": 0}
    assert all(metric["websocket"] == metric["sse"] == nobody for metric in metrics)


def test_what_is_done_is_kept_with_who_and_why_and_seen_at_once(client: httpx.Client) -> None:
    begun = act(client, "start", " a school\nbegins ")
    assert (begun["percentage"], begun["stage"], begun["possible"]) == (10, 1, ["advance", "hold", "rollback"])
    held = act(client, "hold", "exams")
    assert (held["held"], held["stage"], held["since"], held["possible"]) == (
        True,
        1,
        begun["since"],
        ["resume", "rollback"],
    )
    history = client.get(PATH).json()["history"]
    assert history == held["history"]
    assert [(entry["number"], entry["action"], entry["who"], entry["reason"]) for entry in history] == [
        (2, "hold", "Ada", "exams"),
        (1, "start", "Ada", "a school begins"),
    ]
    assert history[1]["at"] == begun["since"]


@pytest.mark.parametrize(
    "way", [("start",), ("start", "hold"), ("start", "advance"), ("start", "advance", "advance")]
)
def test_it_can_be_rolled_back_from_everywhere(client: httpx.Client, way: tuple[str, ...]) -> None:
    for action in way:
        assert "rollback" in act(client, action)["possible"]
    assert act(client, "rollback", "something is wrong")["percentage"] == 0


@pytest.mark.parametrize("switch", ["off", "on"])
def test_it_can_also_be_led_while_the_switch_decides(settings: Settings, switch: str) -> None:
    own = settings.model_copy(update={"use_websocket": switch})
    with serving(own, tiny_engines()) as server:
        named = register(server)
        server.run(_name(server, named.username))
        with server.client(named.headers) as client:
            act(client, "start")
            assert act(client, "rollback")["switch"] == switch


def test_what_was_measured_is_told_with_what_the_guard_thinks(server: RunningServer, client: httpx.Client) -> None:
    async def live(stage: int) -> None:
        for user in range(1, 300):
            experience = Experience(readings=20, failed_readings=4 if bucket(user) < 10 else 0)
            await server.services.flag.note(user, None, stage, experience)

    server.run(live(act(client, "start")["stage"]))
    rollout = client.get(PATH).json()
    error_rate = rollout["metrics"][0]
    assert error_rate["verdict"] == "worse"
    assert (error_rate["estimate"], error_rate["target"]) == (0.2, 0.0)
    assert error_rate["low"] < 0.2 < error_rate["high"]
    assert error_rate["sentence"].endswith("that is worse than chance explains.")
    assert (rollout["guard"]["action"], rollout["guard"]["advice"]) == ("rollback", "rollback")
    assert rollout["guard"]["reason"] == error_rate["sentence"]


async def _live(server: RunningServer, stage: int, ws: Experience, sse: Experience) -> None:
    """A hundred users, of whom those who are dealt to a transport live through the same."""
    flag = server.services.flag
    percentage = (await flag.standing()).state.percentage
    for user in range(1, 101):
        await flag.note(user, None, stage, ws if bucket(user) < percentage else sse)


def test_both_cohorts_are_told_with_how_much_is_behind_them(server: RunningServer, client: httpx.Client) -> None:
    act(client, "start")
    stage = act(client, "advance")["stage"]
    ws = Experience(10, 1, 9, 3, 2, 1, {latency_bin(150): 5})
    sse = Experience(10, 2, 8, 4, 0, 0, {latency_bin(800): 5})
    server.run(_live(server, stage, ws, sse))
    moved = sum(bucket(user) < 50 for user in range(1, 101))
    told = {metric["name"]: (metric["websocket"], metric["sse"]) for metric in client.get(PATH).json()["metrics"]}
    left = 100 - moved
    assert told["error_rate"] == (
        {"value": 0.1, "trials": 10 * moved, "users": moved},
        {"value": 0.2, "trials": 10 * left, "users": left},
    )
    assert told["first_event"] == (
        {"value": pytest.approx(2 / 3), "trials": 9 * moved, "users": moved},
        {"value": 0.5, "trials": 8 * left, "users": left},
    )
    assert told["connections"] == (
        {"value": 0.5, "trials": 2 * moved, "users": moved},
        {"value": None, "trials": 0, "users": 0},
    )
    (quick, slow) = told["latency"]
    assert (quick["trials"], quick["users"], slow["trials"], slow["users"]) == (5 * moved, moved, 5 * left, left)
    assert latency_bin(quick["value"]) == latency_bin(150)
    assert latency_bin(slow["value"]) == latency_bin(800)


def test_what_is_told_of_the_websocket_is_what_the_guard_has_judged(
    server: RunningServer, client: httpx.Client
) -> None:
    lived = Experience(10, 1, 9, 3, 2, 1, {latency_bin(150): 5})
    server.run(_live(server, act(client, "start")["stage"], lived, lived))
    for metric in client.get(PATH).json()["metrics"]:
        assert metric["websocket"]["trials"] == metric["n"]
        if metric["name"] != "latency":
            assert metric["websocket"]["value"] == metric["estimate"]
    error_rate = client.get(PATH).json()["metrics"][0]
    assert error_rate["sse"]["value"] == error_rate["target"]


def test_when_everybody_is_moved_sse_is_that_of_the_stages_before(
    server: RunningServer, client: httpx.Client
) -> None:
    stage = act(client, "start")["stage"]
    server.run(_live(server, stage, Experience(), Experience(readings=10, failed_readings=1)))
    act(client, "advance")
    rollout = act(client, "advance")
    assert (rollout["percentage"], rollout["sse_is_past"]) == (100, True)
    error_rate = rollout["metrics"][0]
    assert error_rate["websocket"] == {"value": None, "trials": 0, "users": 0}
    assert (error_rate["sse"]["value"], error_rate["sse"]["users"] > 80) == (0.1, True)


def test_a_long_history_is_told_from_its_end(client: httpx.Client, server: RunningServer) -> None:
    async def to_and_fro() -> None:
        for number in range(51):
            await server.services.flag.change("start", "ada", str(number))
            await server.services.flag.change("rollback", "ada", str(number))

    server.run(to_and_fro())
    assert [entry["number"] for entry in client.get(PATH).json()["history"]] == list(range(102, 2, -1))


def test_what_has_no_meaning_now_is_refused(client: httpx.Client) -> None:
    answer = client.post(PATH, json={"action": "advance", "reason": "why not"})
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_message")
    assert answer.json()["detail"] == "The rollout has not begun. Start it first."
    assert client.get(PATH).json()["history"] == []


def test_of_two_admins_who_advance_one_is_asked_to_look_again(client: httpx.Client) -> None:
    act(client, "start")
    advance = {"action": "advance", "reason": "all is well", "after": 1}
    assert client.post(PATH, json=advance).json()["percentage"] == 50
    answer = client.post(PATH, json=advance)
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_message")
    assert "Look again" in answer.json()["detail"]
    assert client.post(PATH, json={**advance, "action": "rollback"}).json()["percentage"] == 0


def test_a_flood_of_changes_has_to_wait_but_not_a_rollback(client: httpx.Client) -> None:
    answers = [client.post(PATH, json={"action": "resume", "reason": "fun"}) for _ in range(9)]
    assert {answer.status_code for answer in answers} == {409}
    act(client, "start")
    answer = client.post(PATH, json={"action": "advance", "reason": "fun"})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 6
    assert act(client, "rollback")["percentage"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"action": "start"},
        {"action": "start", "reason": ""},
        {"action": "start", "reason": " \n\u200b"},
        {"action": "start", "reason": "x" * 1001},
        {"action": "start", "reason": 7},
        {"action": "finish", "reason": "why not"},
        {"action": "start", "reason": "why not", "who": "somebody else"},
        {"action": "start", "reason": "why not", "percentage": 100},
    ],
)
def test_what_cannot_be_understood_is_refused(client: httpx.Client, body: dict[str, object]) -> None:
    assert client.post(PATH, json=body).status_code == 422
    assert client.get(PATH).json()["history"] == []


def test_there_is_something_to_protect() -> None:
    assert {("get", PATH), ("post", PATH)} <= set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nobody_else_sees_or_does_anything(server: RunningServer, admin: Learner, method: str, path: str) -> None:
    body = {"action": "start", "reason": "for fun"} if method == "post" else None
    with server.client() as client:
        guest = client.post("/api/auth/guest").json()["access_token"]
        for headers, status in [
            ({}, 401),
            (register(server).headers, 403),
            ({"Authorization": f"Bearer {guest}"}, 403),
        ]:
            answer = client.request(method, path, json=body, headers=headers)
            assert answer.status_code == status
            assert answer.json()["code"] == {401: "unauthorized", 403: "forbidden"}[status]
        assert client.get(PATH, headers=admin.headers).json()["history"] == []


def test_who_is_not_named_any_more_can_do_nothing_with_the_same_token(
    server: RunningServer, client: httpx.Client
) -> None:
    async def remove() -> None:
        async with server.services.database.transaction() as db:
            await Admins(db).remove("Ada")

    act(client, "start")
    server.run(remove())
    assert client.get(PATH).status_code == 403
    assert client.post(PATH, json={"action": "rollback", "reason": "spite"}).status_code == 403
