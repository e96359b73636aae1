"""Weeks of practice for the progress page: real readings, judged by the running server, with their dates set back.

uv run --project backend python frontend/e2e/history.py URL SQLITE_FILE USERNAME PASSWORD [DAYS]

The reader makes slips, fewer as the days go by, and reads faster.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

import httpx
from dates import date_back

from sounditout.engines.hibari_speaker import HibariSpeaker

DAYS: Final = 12
"""When nobody says how many."""
READINGS: Final = (
    ("The ship is at the fish shop.", "The sip is at the fiss sop."),
    ("Three thin men think about that.", "Tree tin men tink about that."),
    ("A very nice van is over there.", "A berry nice ban is over there."),
    ("The cat sat on the red mat.", "The cat sat on the bed mat."),
)
"""What is shown, and what somebody says who has trouble with it."""


async def main(url: str, database: str, username: str, password: str, days: str = str(DAYS)) -> None:
    """Read every sentence on each day, then spread the readings over as many days."""
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        form = {"username": username, "password": password}
        token = (await http.post("/api/auth/token", data=form)).raise_for_status().json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        session = (await http.post("/api/sessions", json={})).raise_for_status().json()["id"]
        for day in range(int(days)):
            speaker = HibariSpeaker(speed=0.75 + 0.03 * day)
            for number, (shown, slip) in enumerate(READINGS):
                said = slip if number > day // 3 else shown
                audio = (await speaker.speak(said)).data
                answer = await http.post(
                    "/api/ai/analyze-audio",
                    data={"session_id": session, "attempted_sentence": shown},
                    files={"audio_file": ("reading.mp3", audio)},
                )
                answer.raise_for_status()
            speaker.close()
    date_back(Path(database), session, int(days))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:6]))
