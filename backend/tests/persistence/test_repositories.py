"""What is kept comes back: once, whole, in order, and only while its owner exists."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from reports import some_report
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import (
    ChosenSettings,
    Objections,
    PracticeSessions,
    Readings,
    UserGone,
    UsernameTaken,
    Users,
)
from sounditout.persistence.tables import Objection, PracticeSession, Reading, User, UserSettings


async def make_user(database: Database, username: str = "ada") -> User:
    async with database.transaction() as db:
        return await Users(db).create(username, "hash")


async def delete_user(database: Database, user_id: int) -> None:
    async with database.transaction() as db:
        await Users(db).delete(user_id)


async def count_rows(database: Database) -> list[int | None]:
    """Users, practice sessions, readings."""
    async with database.reading() as db:
        return [await db.scalar(select(func.count(table.id))) for table in (User, PracticeSession, Reading)]


async def make_session(database: Database, username: str = "ada") -> PracticeSession:
    user = await make_user(database, username)
    async with database.transaction() as db:
        return await PracticeSessions(db).create(user.id, "Short a")


async def save(database: Database, session: PracticeSession, request_id: str, sentence: str = "A cat.") -> int:
    async with database.transaction() as db:
        return await Readings(db).save_once(
            user_id=session.user_id, session_id=session.id, request_id=request_id, report=some_report(sentence)
        )


async def test_user_is_found_by_id_and_by_name_in_any_case(database: Database) -> None:
    made = await make_user(database, "Ädä Straße")
    async with database.reading() as db:
        users = Users(db)
        for same in ("Ädä Straße", "ädä STRASSE", "  ÄDÄ straße "):
            found = await users.by_username(same)
            assert found is not None
            assert found.id == made.id
        assert await users.by_username("ada") is None
        assert await users.by_id(made.id) is found
        assert found.username == "Ädä Straße"
        assert (found.password_hash, found.token_version) == ("hash", 1)


@pytest.mark.parametrize("number", [0, -1, 99, 2**31, 2**70])
async def test_unknown_numbers_find_nothing(database: Database, number: int) -> None:
    async with database.reading() as db:
        assert await Users(db).by_id(number) is None
        assert await PracticeSessions(db).get(number) is None


async def test_taken_name_is_refused_and_the_transaction_lives_on(database: Database) -> None:
    await make_user(database, "Ada")
    async with database.transaction() as db:
        with pytest.raises(UsernameTaken):
            await Users(db).create("ADA", None)
        await Users(db).create("Bob", None)
    async with database.reading() as db:
        assert await Users(db).by_username("bob")


async def test_one_of_many_gets_the_name(database: Database) -> None:
    results = await asyncio.gather(*(make_user(database) for _ in range(8)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["User"] + ["UsernameTaken"] * 7


async def test_times_are_in_utc(database: Database) -> None:
    session = await make_session(database)
    async with database.reading() as db:
        stored = await PracticeSessions(db).get(session.id)
    assert stored is not None
    assert stored.created_at == session.created_at
    assert stored.created_at.utcoffset() == timedelta(0)
    assert datetime.now(UTC) - stored.created_at < timedelta(minutes=1)


async def test_time_without_zone_is_refused(database: Database) -> None:
    async def add() -> None:
        async with database.transaction() as db:
            db.add(User(username="x", username_key="x", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001

    with pytest.raises(Exception, match="without a zone"):
        await add()


async def test_sessions_come_newest_first_in_pages_and_only_ones_own(database: Database) -> None:
    ada = await make_user(database)
    await make_session(database, "bob")
    async with database.transaction() as db:
        made = [(await PracticeSessions(db).create(ada.id)).id for _ in range(5)]
    async with database.reading() as db:
        sessions = PracticeSessions(db)
        first = [session.id for session in await sessions.list(ada.id, limit=2)]
        second = [session.id for session in await sessions.list(ada.id, limit=9, before=first[-1])]
    assert first + second == made[::-1]


async def test_report_comes_back_as_it_was(database: Database) -> None:
    session = await make_session(database)
    report = some_report("Übung 😀 \"quoted\" \\ 'x'")
    async with database.transaction() as db:
        reading_id = await Readings(db).save_once(
            user_id=session.user_id, session_id=session.id, request_id="r", report=report
        )
    async with database.reading() as db:
        (reading,) = await Readings(db).of_session(session.id)
    assert reading.id == reading_id
    # Compared as text: the order of the fields is kept as well.
    assert json.dumps(reading.report) == json.dumps(json.loads(report.model_dump_json()))
    assert reading.sentence == report.sentence
    assert reading.accuracy == report.scores.accuracy
    assert reading.phoneme_error_rate == report.scores.phoneme_error_rate
    assert reading.words_correct_per_minute == report.scores.words_correct_per_minute


async def test_same_request_is_saved_once_whoever_is_first(database: Database) -> None:
    session = await make_session(database)
    ids = await asyncio.gather(*(save(database, session, "same") for _ in range(12)))
    assert len(set(ids)) == 1
    assert await save(database, session, "same", "Another sentence.") == ids[0]
    assert await save(database, session, "other") != ids[0]
    async with database.reading() as db:
        kept = await Readings(db).of_session(session.id)
    assert [reading.sentence for reading in kept] == ["A cat.", "A cat."]


async def test_sentence_with_a_null_character_does_not_lose_the_reading(database: Database) -> None:
    session = await make_session(database)
    await save(database, session, "r", "A \0cat.")
    async with database.reading() as db:
        (reading,) = await Readings(db).of_session(session.id)
    assert reading.sentence == "A cat."
    assert reading.report["sentence"] == "A \0cat."


async def test_request_ids_of_two_users_do_not_meet(database: Database) -> None:
    ada, bob = await make_session(database, "ada"), await make_session(database, "bob")
    assert await save(database, ada, "same") != await save(database, bob, "same")


async def test_readings_come_newest_first_in_pages(database: Database) -> None:
    session = await make_session(database)
    made = [await save(database, session, f"r{number}") for number in range(5)]
    async with database.reading() as db:
        readings = Readings(db)
        first = [reading.id for reading in await readings.of_session(session.id, limit=3)]
        second = [reading.id for reading in await readings.of_session(session.id, limit=3, before=first[-1])]
    assert first + second == made[::-1]


async def test_everything_goes_with_its_user_and_no_number_is_used_again(database: Database) -> None:
    session, other = await make_session(database), await make_session(database, "bob")
    await save(database, session, "r")
    await save(database, other, "r")
    await delete_user(database, other.user_id)
    await delete_user(database, other.user_id)  # a second time changes nothing
    assert await count_rows(database) == [1, 1, 1]
    await delete_user(database, session.user_id)
    assert await count_rows(database) == [0, 0, 0]
    later = await make_session(database)
    assert later.user_id > other.user_id
    assert later.id > other.id


async def test_nothing_is_kept_for_a_user_who_is_gone(database: Database) -> None:
    session = await make_session(database)
    await delete_user(database, session.user_id)
    with pytest.raises(UserGone) as caught:
        await save(database, session, "r")
    assert (caught.value.code, caught.value.stage) == ("unauthorized", "saving")
    with pytest.raises(UserGone):
        async with database.transaction() as db:
            await PracticeSessions(db).create(session.user_id)
    assert await count_rows(database) == [0, 0, 0]


@pytest.mark.parametrize("request_id", ["new", "saved before"])
async def test_reading_that_is_saved_while_its_user_is_being_deleted_goes_too(
    database: Database, request_id: str
) -> None:
    session = await make_session(database)
    await save(database, session, "saved before")
    async with database.transaction() as db:
        await Users(db).delete(session.user_id)
        saving = asyncio.create_task(save(database, session, request_id))
        await count_rows(database)  # the other begins, and has to wait for us
    with pytest.raises(UserGone):
        await saving
    assert await count_rows(database) == [0, 0, 0]


async def test_user_who_leaves_in_the_middle_of_many_readings_leaves_nothing(database: Database) -> None:
    session = await make_session(database)
    saves = [save(database, session, f"r{number % 5}") for number in range(20)]
    results = await asyncio.gather(
        *saves[:10], delete_user(database, session.user_id), *saves[10:], return_exceptions=True
    )
    assert {type(result) for result in results} <= {int, type(None), UserGone}
    assert await count_rows(database) == [0, 0, 0]


async def test_token_versions_are_told_of_many_at_once_and_only_of_those_who_exist(database: Database) -> None:
    async with database.transaction() as db:
        db.add_all(User(username=str(number), username_key=str(number)) for number in range(1100))
    async with database.reading() as db:
        ids = set((await db.scalars(select(User.id))).all())
    signed_out, gone = min(ids), max(ids)
    async with database.transaction() as db:
        await Users(db).end_tokens(signed_out)
        await Users(db).delete(gone)
    async with database.reading() as db:
        users = Users(db)
        versions = await users.token_versions({*ids, gone + 1, 0, -1, 2**40})
        assert await users.token_versions(set()) == {}
    assert versions == {**dict.fromkeys(ids - {gone}, 1), signed_out: 2}


async def choose(database: Database, user_id: int, **changes: object) -> dict[str, object]:
    async with database.transaction() as db:
        return await ChosenSettings(db).merge(user_id, changes)


async def chosen(database: Database, user_id: int) -> dict[str, object]:
    async with database.reading() as db:
        return await ChosenSettings(db).of_user(user_id)


async def test_choices_are_kept_beside_the_earlier_ones(database: Database) -> None:
    ada, bob = await make_user(database), await make_user(database, "bob")
    assert await chosen(database, ada.id) == {}
    await choose(database, ada.id, theme="dark", level=3)
    await choose(database, bob.id, theme="light")
    assert await choose(database, ada.id, level=None) == {"theme": "dark", "level": None}
    assert await chosen(database, ada.id) == {"theme": "dark", "level": None}
    assert await chosen(database, bob.id) == {"theme": "light"}


async def test_of_choices_made_at_once_none_is_lost(database: Database) -> None:
    ada = await make_user(database)
    await asyncio.gather(*(choose(database, ada.id, **{f"n{number}": number}) for number in range(12)))
    assert await chosen(database, ada.id) == {f"n{number}": number for number in range(12)}


async def test_reading_is_saved_while_somebody_chooses(database: Database) -> None:
    session = await make_session(database)
    async with database.transaction() as db:
        await ChosenSettings(db).merge(session.user_id, {"level": 1})
        saving = asyncio.create_task(save(database, session, "r"))
        await count_rows(database)
    assert await saving


async def test_nobody_chooses_who_is_gone(database: Database) -> None:
    ada = await make_user(database)
    await choose(database, ada.id, level=1)
    await delete_user(database, ada.id)
    with pytest.raises(UserGone):
        await choose(database, ada.id, level=2)
    async with database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(UserSettings)) == 0


async def object_to(database: Database, reading_id: int, word_index: int) -> Objection:
    async with database.transaction() as db:
        return await Objections(db).add_once(reading_id, word_index)


async def test_objection_is_kept_once_and_the_first_stays(database: Database) -> None:
    session = await make_session(database)
    reading, other = await save(database, session, "r"), await save(database, session, "s")
    made = await asyncio.gather(*(object_to(database, reading, 2) for _ in range(6)))
    assert len({(one.id, one.created_at) for one in made}) == 1
    await object_to(database, reading, 0)
    async with database.reading() as db:
        found = await Objections(db).of_readings([reading, other])
        assert await Objections(db).of_readings([]) == {}
    assert {number: [one.word_index for one in ones] for number, ones in found.items()} == {reading: [0, 2]}


async def test_objection_goes_with_its_reading(database: Database) -> None:
    session = await make_session(database)
    reading = await save(database, session, "r")
    await object_to(database, reading, 1)
    await delete_user(database, session.user_id)
    async with database.reading() as db:
        assert await db.scalar(select(func.count(Objection.id))) == 0
    with pytest.raises(UserGone):
        await object_to(database, reading, 1)


async def test_past_readings_come_newest_first_with_their_counts_only(database: Database) -> None:
    session, other = await make_session(database), await make_session(database, "bob")
    for number in range(3):
        await save(database, session, f"r{number}")
    await save(database, other, "r")
    async with database.reading() as db:
        past = await Readings(db).past(session.user_id, limit=2)
        stored = await Readings(db).of_session(session.id)
        assert await Readings(db).past(session.user_id + 99, limit=2) == []
    assert [one.at for one in past] == [reading.created_at for reading in stored[:2]]
    assert past[0].by_phoneme == {"SH": {"expected": 1, "wrong": 1}}
    assert (past[0].accuracy, past[0].phoneme_error_rate, past[0].words_correct_per_minute) == (88.9, 0.125, 81.5)


async def test_report_without_counts_is_a_past_reading_too(database: Database) -> None:
    session = await make_session(database)
    await save(database, session, "r")
    async with database.transaction() as db:
        (reading,) = await Readings(db).of_session(session.id)
        reading.report = {"schema_version": 99}
    async with database.reading() as db:
        (past,) = await Readings(db).past(session.user_id, limit=9)
    assert past.by_phoneme is None


async def test_latest_sentence_is_ones_own(database: Database) -> None:
    session, other = await make_session(database), await make_session(database, "bob")
    async with database.reading() as db:
        assert await Readings(db).latest_sentence(session.user_id) is None
    await save(database, session, "r", "The first.")
    await save(database, session, "s", "The last.")
    await save(database, other, "r", "Another.")
    async with database.reading() as db:
        assert await Readings(db).latest_sentence(session.user_id) == "The last."


async def test_everything_of_a_user_comes_in_pages_the_oldest_first(database: Database) -> None:
    session, other = await make_session(database), await make_session(database, "bob")
    made = [await save(database, session, f"r{number}") for number in range(5)]
    await save(database, other, "r")
    async with database.transaction() as db:
        later = await PracticeSessions(db).create(session.user_id)
    async with database.reading() as db:
        readings, sessions = Readings(db), PracticeSessions(db)
        first = await readings.page(session.user_id, after=0, limit=3)
        second = await readings.page(session.user_id, after=first[-1].id, limit=3)
        assert [one.id for one in (*first, *second)] == made
        assert [one.id for one in await sessions.page(session.user_id, after=0, limit=9)] == [session.id, later.id]
        assert await sessions.page(session.user_id, after=later.id, limit=9) == []
