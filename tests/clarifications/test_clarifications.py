"""Questions: asked in time, answered once for all, and nobody learns who asked."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import httpx
import pytest
from sqlalchemy import text
from tendering import Town, complete_draft, open_tender, program, refused, visitor

from procurement.clarifications import rules, service
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import NOBODY
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]
QUESTION, ANSWER = "We of Harbour Paving ask: by night?", "Work by night is allowed until 23:00."


@pytest.fixture
async def tender(database: Database, town: Town) -> str:
    return await open_tender(database, town)


@pytest.fixture
async def question(database: Database, town: Town, tender: str) -> str:
    async with database.begin(town.ines) as tx:
        return await service.ask(tx, tender, QUESTION)


async def advance_to(database: Database, advance: Advance, tender: str, moment: str) -> None:
    async with database.begin(NOBODY) as tx:
        at: datetime = getattr(await tenders.tender(tx, tender), moment)
        now = tx.now
    await advance(at - now)


async def test_a_question_is_public_only_with_its_answer_and_in_its_published_wording(
    database: Database, town: Town, tender: str, question: str
) -> None:
    async with database.begin(NOBODY) as tx:
        assert await service.questions(tx, tender) == ()
    async with database.begin(town.ines) as tx:
        assert [one.text for one in await service.own_waiting(tx, tender)] == [QUESTION]
    async with database.begin(town.olga) as tx:
        assert [one.text for one in await service.waiting(tx, tender)] == [QUESTION]
        assert await service.unanswered(tx, [tender]) == {tender: 1}
        await service.answer(tx, tender, question, "By night?", ANSWER)
    async with database.begin(NOBODY) as tx:
        (public,) = await service.questions(tx, tender)
        assert await service.unanswered(tx, [tender]) == {}
    assert (public.number, public.text, public.answer) == (1, "By night?", ANSWER)


async def test_the_record_never_tells_who_asked(database: Database, town: Town, tender: str, question: str) -> None:
    async with database.begin(town.olga) as tx:
        await service.answer(tx, tender, question, "By night?", ANSWER)
        rows = (await tx.session.execute(text("SELECT type, visible, organisation, body FROM ledger_record"))).all()
    asked = next(row for row in rows if row.type == "QuestionAsked")
    answered = next(row for row in rows if row.type == "QuestionAnswered")
    assert (asked.visible, answered.visible) == ("never", "at-once")
    for row in (asked, answered):
        assert town.harbour not in (row.organisation, *row.body.decode().split('"'))
    assert town.ines.person not in answered.body.decode()


@pytest.mark.parametrize(
    ("who", "code"), [("olga", "not-permitted"), ("audun", "not-permitted"), ("ada", "not-permitted")]
)
async def test_only_suppliers_ask(database: Database, town: Town, tender: str, who: str, code: str) -> None:
    assert await refused(database, getattr(town, who), lambda tx: service.ask(tx, tender, QUESTION)) == code
    assert await refused(database, NOBODY, lambda tx: service.ask(tx, tender, QUESTION)) == "sign-in-needed"


@pytest.mark.parametrize("who", ["ines", "rosa", "pia", "audun"])
async def test_only_an_officer_of_the_buyer_answers_and_reads_what_waits(
    database: Database, town: Town, tender: str, question: str, who: str
) -> None:
    one = getattr(town, who)
    act = lambda tx: service.answer(tx, tender, question, "By night?", ANSWER)  # noqa: E731  # one line says it
    assert await refused(database, one, act) == "not-permitted"
    assert await refused(database, one, lambda tx: service.waiting(tx, tender)) == "not-permitted"


async def test_a_draft_takes_no_questions(database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        draft = await complete_draft(tx)
    assert await refused(database, town.ines, lambda tx: service.ask(tx, draft, QUESTION)) == "tender-unknown"


async def test_questions_end_at_the_cut_off_and_answers_at_theirs(
    database: Database, town: Town, tender: str, question: str, advance: Advance
) -> None:
    def ask(tx: Tx) -> Awaitable[str]:
        return service.ask(tx, tender, QUESTION)

    def answer(tx: Tx) -> Awaitable[None]:
        return service.answer(tx, tender, question, "By night?", ANSWER)

    await advance_to(database, advance, tender, "question_deadline")
    assert await refused(database, town.ines, ask) == "questions-closed"
    await advance_to(database, advance, tender, "answer_deadline")
    assert await refused(database, town.olga, answer) == "answer-late"
    await advance_to(database, advance, tender, "deadline")
    assert await refused(database, town.olga, answer) == "tender-not-open"
    assert await refused(database, town.ines, ask) == "questions-closed"


async def test_an_answer_is_final(database: Database, town: Town, tender: str, question: str) -> None:
    async with database.begin(town.olga) as tx:
        await service.answer(tx, tender, question, "By night?", ANSWER)
    again = lambda tx: service.answer(tx, tender, question, "By night?", "No.")  # noqa: E731  # one line says it
    assert await refused(database, town.olga, again) == "already-answered"
    other = lambda tx: service.answer(tx, tender, "nothing", "By night?", "No.")  # noqa: E731  # one line says it
    assert await refused(database, town.olga, other) == "question-unknown"


async def test_words_are_needed_and_not_too_many(database: Database, town: Town, tender: str, question: str) -> None:
    for words in ("", "x" * (rules.MOST_TEXT + 1)):
        assert await refused(database, town.ines, lambda tx: service.ask(tx, tender, words)) == "form-invalid"  # noqa: B023  # asked at once
        act = lambda tx: service.answer(tx, tender, question, words, ANSWER)  # noqa: B023, E731  # asked at once
        assert await refused(database, town.olga, act) == "form-invalid"


async def test_one_supplier_cannot_flood_the_officer(
    database: Database, town: Town, tender: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_WAITING", 2)
    async with database.begin(town.ines) as tx:
        for _ in range(2):
            await service.ask(tx, tender, QUESTION)
    assert await refused(database, town.ines, lambda tx: service.ask(tx, tender, QUESTION)) == "too-many"


async def test_a_cancelled_tender_takes_no_questions(database: Database, town: Town, tender: str) -> None:
    async with database.begin(town.olga) as tx:
        await tenders.cancel(tx, tender, "The road was washed away.")
    assert await refused(database, town.ines, lambda tx: service.ask(tx, tender, QUESTION)) == "questions-closed"


async def test_asked_and_answered_in_the_browser(
    database: Database, client: httpx.AsyncClient, town: Town, tender: str
) -> None:
    page = f"/tenders/{tender}/questions"
    ines, olga, nobody = [await visitor(database, client, one) for one in (town.ines, town.olga, None)]
    assert "Sign in to ask" in (await nobody.get(page)).text
    empty = await ines.send(page, text="")
    assert (empty.status_code, "Error:" in empty.text) == (422, True)
    assert (await ines.send(page, text=QUESTION)).status_code == 303
    assert QUESTION in (await ines.get(page)).text
    assert QUESTION not in (await nobody.get(page)).text
    async with database.begin(town.olga) as tx:
        (waiting,) = await service.waiting(tx, tender)
    form = f"{page}/{waiting.id}/answer"
    assert form in (await olga.get(page)).text
    half = await olga.send(form, question="By night, please?", answer="")
    assert (half.status_code, "By night, please?" in half.text) == (422, True)
    done = await olga.send(form, question="By night?", answer=ANSWER)
    assert done.status_code == 303
    public = (await nobody.get(page)).text
    assert "By night?" in public
    assert ANSWER in public
    assert "Harbour Paving" not in public
    assert (await olga.get(form)).status_code == 404
    assert (await ines.get(form)).status_code == 403


async def test_asked_and_answered_by_programs(
    database: Database, client: httpx.AsyncClient, town: Town, tender: str
) -> None:
    address = f"/api/v1/tenders/{tender}/questions"
    ines, olga = await program(database, client, town.ines), await program(database, client, town.olga)
    asked = (await ines.post(address, json={"text": QUESTION})).json()["id"]
    assert [one["id"] for one in (await olga.get(f"{address}/waiting")).json()] == [asked]
    assert (await ines.get(f"{address}/waiting")).status_code == 403
    done = await olga.post(f"{address}/{asked}/answer", json={"question": "By night?", "answer": ANSWER})
    assert done.status_code == 204, done.text
    assert [one["answer"] for one in (await client.get(address)).json()] == [ANSWER]
    late = await olga.post(f"{address}/{asked}/answer", json={"question": "By night?", "answer": ANSWER})
    assert (late.status_code, late.json()["type"]) == (409, "/problems/already-answered")
