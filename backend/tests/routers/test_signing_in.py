"""Accounts over a real socket."""

from datetime import datetime

import jwt
import pytest

from reports import some_report
from serving import PASSWORD, Learner, RunningServer, register
from sounditout.persistence.repositories import Readings, Users


@pytest.fixture
def server(shared_server: RunningServer) -> RunningServer:
    return shared_server


def test_registering_answers_with_the_user_and_no_secret(server: RunningServer) -> None:
    with server.client() as client:
        answer = client.post("/api/auth/register", json={"username": " Ada ", "password": PASSWORD})
    assert answer.status_code == 201
    user = answer.json()
    assert datetime.fromisoformat(user.pop("created_at")).utcoffset() is not None
    assert user == {"id": user["id"], "username": "Ada", "guest": False, "admin": False}


def test_taken_name_is_a_conflict(server: RunningServer, learner: Learner) -> None:
    account = {"username": learner.username.upper(), "password": PASSWORD}
    with server.client() as client:
        answer = client.post("/api/auth/register", json=account)
    assert answer.status_code == 409
    assert answer.json()["code"] == "invalid_message"
    assert "taken" in answer.json()["detail"]


@pytest.mark.parametrize(
    "account", [{"username": "ab", "password": PASSWORD}, {"username": "ada", "password": "short"}]
)
def test_unusable_name_or_password_is_explained(server: RunningServer, account: dict[str, str]) -> None:
    with server.client() as client:
        answer = client.post("/api/auth/register", json=account)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_message"
    assert "characters" in answer.json()["detail"]


def test_token_opens_the_door(server: RunningServer, learner: Learner) -> None:
    with server.client() as client:
        answer = client.post("/api/auth/token", data={"username": learner.username, "password": PASSWORD})
        assert answer.status_code == 200
        token = answer.json()
        assert token["token_type"] == "bearer"
        assert token["expires_in"] == server.settings.token_lifetime_seconds
        content = jwt.decode(token["access_token"], options={"verify_signature": False})
        assert content["exp"] - content["iat"] == token["expires_in"]
        me = client.get("/api/users/me", headers={"Authorization": f"bearer {token['access_token']}"})
    assert me.status_code == 200
    assert (me.json()["id"], me.json()["username"], me.json()["guest"]) == (learner.user_id, learner.username, False)


def test_guest_gets_a_token_at_once(server: RunningServer) -> None:
    with server.client() as client:
        answer = client.post("/api/auth/guest")
        assert answer.status_code == 201
        me = client.get("/api/users/me", headers={"Authorization": f"Bearer {answer.json()['access_token']}"})
    assert me.json()["guest"] is True
    assert me.json()["username"].startswith("guest-")


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer x", "Basic YTpi", "Bearer a.b.c d"])
def test_without_a_good_token_one_is_asked_to_sign_in(server: RunningServer, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    with server.client(headers) as client:
        answer = client.get("/api/users/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == "unauthorized"


def test_wrong_password_is_slowed_down_after_a_few(server: RunningServer, learner: Learner) -> None:
    guess = {"username": learner.username, "password": "a guess of mine"}
    with server.client() as client:
        answers = [client.post("/api/auth/token", data=guess) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert {answer.json()["code"] for answer in answers} == {"unauthorized", "too_many_requests"}
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 5


def test_token_of_a_user_who_is_gone_is_worth_nothing(server: RunningServer, learner: Learner) -> None:
    async def remove() -> None:
        async with server.services.database.transaction() as db:
            await db.delete(await Users(db).by_id(learner.user_id))

    server.run(remove())
    with server.client(learner.headers) as client:
        assert client.get("/api/users/me").status_code == 401


def test_token_is_renewed_for_the_same_user_and_the_old_one_still_counts(
    server: RunningServer, learner: Learner
) -> None:
    with server.client(learner.headers) as client:
        answer = client.post("/api/auth/refresh")
        assert answer.status_code == 200
        token = answer.json()
        assert (token["token_type"], token["expires_in"]) == ("bearer", server.settings.token_lifetime_seconds)
        assert token["access_token"] != learner.token
        me = client.get("/api/users/me", headers={"Authorization": f"Bearer {token['access_token']}"})
        assert me.json()["id"] == learner.user_id
        assert client.get("/api/users/me").status_code == 200


def test_token_that_has_ended_is_not_renewed(server: RunningServer, learner: Learner) -> None:
    with server.client(learner.headers) as client:
        renewed = client.post("/api/auth/refresh").json()["access_token"]
        assert client.post("/api/auth/sign-out").status_code == 204
        for token in (learner.token, renewed):
            answer = client.post("/api/auth/refresh", headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_guest_is_the_same_guest_with_a_newer_token(server: RunningServer) -> None:
    with server.client() as client:
        token = client.post("/api/auth/guest").json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        before = client.get("/api/users/me").json()
        renewed = client.post("/api/auth/refresh").json()["access_token"]
        client.headers["Authorization"] = f"Bearer {renewed}"
        assert client.get("/api/users/me").json() == before


def test_signing_out_ends_every_token_and_one_can_sign_in_again(server: RunningServer, learner: Learner) -> None:
    revoked: list[int] = []
    server.services.revocations.on_revoked(revoked.append)
    account = {"username": learner.username, "password": PASSWORD}
    bystander = register(server)
    with server.client() as client:
        second = client.post("/api/auth/token", data=account).json()["access_token"]
        answer = client.post("/api/auth/sign-out", headers=learner.headers)
        assert (answer.status_code, answer.content) == (204, b"")
        for token in (learner.token, second):
            refused = client.get("/api/users/me", headers={"Authorization": f"Bearer {token}"})
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
        third = client.post("/api/auth/token", data=account).json()["access_token"]
        assert client.get("/api/users/me", headers={"Authorization": f"Bearer {third}"}).status_code == 200
        assert client.get("/api/users/me", headers=bystander.headers).status_code == 200
        assert client.post("/api/auth/sign-out", headers=learner.headers).status_code == 401
    assert revoked == [learner.user_id]


def test_user_is_deleted_with_everything_and_the_name_is_free(server: RunningServer, learner: Learner) -> None:
    async def save() -> int:
        async with server.services.database.transaction() as db:
            return await Readings(db).save_once(
                user_id=learner.user_id, session_id=learner.session_id, request_id="r", report=some_report()
            )

    server.run(save())
    revoked: list[int] = []
    server.services.revocations.on_revoked(revoked.append)
    with server.client(learner.headers) as client:
        answer = client.request("DELETE", "/api/users/me", json={"password": PASSWORD})
        assert (answer.status_code, answer.content) == (204, b"")
        assert client.get("/api/users/me").status_code == 401
        assert client.request("DELETE", "/api/users/me", json={"password": PASSWORD}).status_code == 401
        signing_in = client.post("/api/auth/token", data={"username": learner.username, "password": PASSWORD})
        assert signing_in.status_code == 401
    assert revoked == [learner.user_id]
    successor = register(server, learner.username)
    with server.client(successor.headers) as client:
        assert client.get(f"/api/sessions/{learner.session_id}/readings").status_code == 404


@pytest.mark.parametrize("body", [{"password": "a guess of mine"}, {"password": None}, {}, None])
def test_nobody_is_deleted_without_the_right_password(
    server: RunningServer, learner: Learner, body: dict[str, str | None] | None
) -> None:
    with server.client(learner.headers) as client:
        answer = client.request("DELETE", "/api/users/me", json=body)
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "unauthorized"
        assert "nothing was deleted" in answer.json()["detail"]
        assert client.get("/api/users/me").status_code == 200


def test_guessing_by_deleting_is_slowed_down(server: RunningServer, learner: Learner) -> None:
    with server.client(learner.headers) as client:
        guesses = [client.request("DELETE", "/api/users/me", json={"password": str(guess)}) for guess in range(6)]
    assert [answer.status_code for answer in guesses] == [401] * 5 + [429]
    assert 1 <= int(guesses[-1].headers["Retry-After"]) <= 5


def test_deleting_and_signing_out_are_for_those_who_are_signed_in(server: RunningServer) -> None:
    with server.client() as client:
        for answer in (client.post("/api/auth/sign-out"), client.delete("/api/users/me")):
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("body", [None, {}, {"password": "whatever"}])
def test_guest_is_deleted_without_a_password(server: RunningServer, body: dict[str, str] | None) -> None:
    with server.client() as client:
        token = client.post("/api/auth/guest").json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        assert client.request("DELETE", "/api/users/me", json=body).status_code == 204
        assert client.get("/api/users/me").status_code == 401


def test_a_body_that_holds_no_password_is_refused(server: RunningServer, learner: Learner) -> None:
    with server.client(learner.headers) as client:
        for body in ({"password": 7}, [], "x"):
            assert client.request("DELETE", "/api/users/me", json=body).status_code == 422
        assert client.get("/api/users/me").status_code == 200


def test_two_learners_are_two_users(server: RunningServer) -> None:
    assert register(server).user_id != register(server).user_id


def test_a_password_that_is_no_text_is_refused(server: RunningServer) -> None:
    account = b'{"username": "somebody", "password": "\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800"}'
    with server.client({"Content-Type": "application/json"}) as client:
        answer = client.post("/api/auth/register", content=account)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_message"
