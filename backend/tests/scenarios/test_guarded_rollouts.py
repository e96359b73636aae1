"""The guard in a running server: it stops what fails without being asked, and only where it may."""

from stages import until

from serving import RunningServer, serving, tiny_engines
from sounditout.rollout.decide import bucket
from sounditout.rollout.experience import Experience
from sounditout.settings import Settings

USERS = range(1, 300)


def guarded(settings: Settings, **options: float) -> Settings:
    return settings.model_copy(update={"use_websocket": "auto", "guard_seconds": 0.05, **options})


async def _lived_through_failures(server: RunningServer) -> None:
    """A first stage in which every fifth reading over the WebSocket fails."""
    flag = server.services.flag
    stage = (await flag.change("start", "ada", "a school begins")).stage
    for user in USERS:
        failed = 4 if bucket(user) < 10 else 0
        await flag.note(user, None, stage, Experience(readings=20, failed_readings=failed))


def percentage(server: RunningServer) -> int:
    return server.run(server.services.flag.standing()).state.percentage


async def test_a_server_rolls_a_bad_build_back_by_itself(settings: Settings) -> None:
    with serving(guarded(settings), tiny_engines()) as server:
        server.run(_lived_through_failures(server))
        await until(lambda: percentage(server) == 0)
        last = server.run(server.services.flag.standing()).history[-1]
    assert (last.action, last.who) == ("rollback", "the guard, by itself")
    assert "readings over WebSocket failed" in last.reason


async def test_of_several_servers_one_rolls_back(settings: Settings) -> None:
    own = guarded(settings, guard_seconds=0.01)
    with serving(own, tiny_engines()) as one, serving(own, tiny_engines()) as other:
        one.run(_lived_through_failures(one))
        await until(lambda: percentage(one) == percentage(other) == 0)
        history = one.run(one.services.flag.standing()).history
    assert [change.action for change in history] == ["start", "rollback"]


def test_who_may_not_stop_only_advises(settings: Settings) -> None:
    with serving(guarded(settings, guard_stops=False), tiny_engines()) as server:
        server.run(_lived_through_failures(server))
        _, verdict = server.run(server.services.flag.verdict())
        assert server.run(server.services.flag.watch()) is None
    assert (verdict.advice, verdict.action) == ("rollback", "wait")
