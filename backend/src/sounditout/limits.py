"""What a server accepts; sent in `ready`."""

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """What this server accepts; the names are those of the settings, where the reasons stand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_audio_seconds: float
    max_audio_seconds: float
    max_audio_bytes: int
    max_frame_bytes: int
    max_sentence_characters: int
    max_requests_in_flight: int = Field(description="per user")
    max_connections_per_user: int
    max_outbound_events: int = Field(description="events that may wait for a client that does not read")
    max_unreadable_messages: int = Field(description="the last of so many closes the connection")
    max_messages_per_minute: int = Field(description="on one connection, audio_chunk not counted")
    max_chunks_per_minute: int = Field(description="audio_chunk messages on one connection")
    upload_idle_seconds: float = Field(description="a recording of which nothing arrives for so long is given up")
    hold_seconds: float = Field(description="for so long after its end a request can be resumed")
