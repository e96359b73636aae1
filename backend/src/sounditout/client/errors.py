"""What can go wrong on the way to a server and back.

    ClientError
    ├── ConnectionFailed     connection_failed   there is no server, or it went away; may be tried again
    │   ├── HandshakeFailed                      it answers, but opens no WebSocket
    │   ├── NotReady                             it opened one and said nothing
    │   └── Closed                               we closed it ourselves
    ├── UnreadableAnswer     unreadable_answer   what answers is not this server
    └── Refused              the server's code   it answered that it will not

A reading that fails on the server is none of these: it ends with an `error` event.
"""


class ClientError(Exception):
    """Base of the tree.

    Attributes:
        code: stable string for programs.
        message: a sentence for a person.
        retryable: whether the same call may succeed when it is repeated.
    """

    def __init__(self, code: str, message: str, *, retryable: bool) -> None:
        self.code = code
        self.message = message
        self.retryable = retryable
        super().__init__(message)


class ConnectionFailed(ClientError):
    """No connection, or a broken one.

    Attributes:
        close_code: with which the server closed a WebSocket, if it did.
    """

    def __init__(self, message: str, *, close_code: int | None = None, retryable: bool = True) -> None:
        self.close_code = close_code
        super().__init__("connection_failed", message, retryable=retryable)


class HandshakeFailed(ConnectionFailed):
    """Something answers, and a WebSocket did not come of it."""


class NotReady(ConnectionFailed):
    """A WebSocket was opened, and nobody spoke."""


class Closed(ConnectionFailed):
    """The client was closed by its own program."""

    def __init__(self) -> None:
        super().__init__("The client was closed.", retryable=False)


class UnreadableAnswer(ClientError):
    """The answer is not one of this protocol."""

    def __init__(self, message: str = "What answers there is no Sound It Out server.") -> None:
        super().__init__("unreadable_answer", message, retryable=False)


class Refused(ClientError):
    """The server answered with an error, or would: what cannot even be sent is refused here, with the same code.

    Attributes:
        status: of the HTTP answer; 401 as well for a WebSocket that was closed because of the token.
        retry_after: seconds after which to try again; None: whenever you like.
    """

    def __init__(
        self, code: str, message: str, *, status: int, retryable: bool = False, retry_after: float | None = None
    ) -> None:
        self.status = status
        self.retry_after = retry_after
        super().__init__(code, message, retryable=retryable)
