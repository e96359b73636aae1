"""Practice sessions over a real socket: made, listed, and closed to strangers."""

from serving import Learner, RunningServer


def test_session_is_made(server: RunningServer, learner: Learner) -> None:
    with server.client(headers=learner.headers) as client:
        made = client.post("/api/sessions", json={"activity": "Short a"})
        assert made.status_code == 201
        assert client.get(f"/api/sessions/{made.json()['id']}").json() == made.json()
