"""Everybody who has to know is told, whatever the others do."""

import logging

import pytest

from sounditout.accounts.revocations import Revocations


def test_every_listener_is_told_in_order() -> None:
    revocations, told = Revocations(), []
    revocations.revoke(1)
    revocations.on_revoked(lambda user_id: told.append(("first", user_id)))
    revocations.on_revoked(lambda user_id: told.append(("second", user_id)))
    revocations.revoke(7)
    assert told == [("first", 7), ("second", 7)]


def test_listener_that_fails_is_logged_and_keeps_nobody_from_knowing(caplog: pytest.LogCaptureFixture) -> None:
    def fails(user_id: int) -> None:
        raise RuntimeError(f"cannot close {user_id}")

    revocations, told = Revocations(), []
    revocations.on_revoked(fails)
    revocations.on_revoked(told.append)
    revocations.revoke(7)
    assert told == [7]
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info
