"""Judging readings through a running server."""

import asyncio
import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass

from sounditout.analysis.events import (
    Advice,
    Analysis,
    AudioFeedbackFile,
    CancelledEvent,
    Complete,
    Error,
    Event,
    GptResponse,
    Progress,
    Warning_,
)
from sounditout.analysis.models import ReadingReport
from sounditout.analysis.ports import Speech
from sounditout.cli.failure import CommandFailed
from sounditout.cli.outcome import Outcome
from sounditout.client import Client, ClientError, State, TransportName
from sounditout.errors import Cancelled

ShowProgress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks: a token, a name and a password, or (neither) a guest."""

    token: str | None = None
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class ServerAddress:
    url: str
    transport: TransportName
    account: Account


def analyze_remotely(
    audio: bytes, filename: str, sentence: str, server: ServerAddress, show: ShowProgress
) -> Outcome:
    """Have one reading judged by a server.

    Args:
        show: called with the stage whenever it changes, and when the connection is lost.

    Raises:
        CommandFailed: with the server's own code when it refuses.
    """
    try:
        return asyncio.run(_analyze(audio, filename, sentence, server, show))
    except ClientError as error:
        raise CommandFailed(error.code, error.message) from error


async def _analyze(audio: bytes, filename: str, sentence: str, server: ServerAddress, show: ShowProgress) -> Outcome:
    gathered = _Gathered()

    def watch(state: State) -> None:
        if state is State.RECONNECTING:
            show(state.value)

    async with Client(server.url, server.transport, server.account.token, on_state=watch) as client:
        await _sign_in(client, server.account)
        async for event in client.analyze(audio, filename, sentence):
            if isinstance(event, Progress):
                show(event.data.stage)
            gathered.add(event)
    return gathered.outcome()


async def _sign_in(client: Client, account: Account) -> None:
    if account.token is not None:
        return
    if account.username is not None and account.password is not None:
        await client.sign_in(account.username, account.password)
    else:
        await client.guest()


class _Gathered:
    """The events of one reading, put together."""

    def __init__(self) -> None:
        self._report: ReadingReport | None = None
        self._advice: Advice | None = None
        self._speech: Speech | None = None
        self._timings: dict[str, float] = {}
        self._warnings: list[str] = []

    def add(self, event: Event) -> None:
        """Raises CommandFailed when it says that the reading failed."""
        match event:
            case Analysis(data=report):
                self._report = report
            case GptResponse(data=advice):
                self._advice = advice
            case AudioFeedbackFile(data=speech):
                self._speech = Speech(_decoded(speech.data), speech.filename, speech.mimetype)
            case Warning_(data=warning):
                self._warnings.append(warning.message)
            case Complete(data=complete):
                self._timings = complete.timings
            case Error(data=error):
                raise CommandFailed(error.code, error.message)
            case CancelledEvent():
                raise CommandFailed(Cancelled.code, Cancelled.default_message)
            case _:
                pass

    def outcome(self) -> Outcome:
        if self._report is None:
            raise CommandFailed("unreadable_answer", "The server finished without a report.")
        return Outcome(self._report, self._advice, self._speech, self._timings, tuple(self._warnings))


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise CommandFailed("unreadable_answer", "The spoken feedback is damaged.") from error
