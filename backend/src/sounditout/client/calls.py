"""Calls over plain HTTP: a question, a JSON object."""

from typing import Any

import httpx

from sounditout.client.answers import connection_errors, refusal
from sounditout.client.credentials import Credentials
from sounditout.client.errors import Refused
from sounditout.client.reading import Message, parse_object


class Calls:
    """POST requests, with or without a token."""

    def __init__(self, http: httpx.AsyncClient, credentials: Credentials) -> None:
        self._http = http
        self._credentials = credentials

    async def post(self, path: str, **content: Any) -> Message:  # noqa: ANN401
        """`content` as for httpx: `json`, `data`. Raises ClientError."""
        with connection_errors():
            response = await self._http.post(path, **content)
        if not response.is_success:
            raise refusal(response)
        return parse_object(response.text)

    async def post_signed_in(self, path: str, **content: Any) -> Message:  # noqa: ANN401
        """The same in the name of the user; with another token when this one has ended. Raises ClientError."""
        token = self._credentials.current()
        try:
            return await self.post(path, headers=self._credentials.header(), **content)
        except Refused as refused:
            if refused.code != "unauthorized" or not self._credentials.can_renew:
                raise
        await self._credentials.renew(token)
        return await self.post(path, headers=self._credentials.header(), **content)
