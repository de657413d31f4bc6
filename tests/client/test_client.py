"""The client against a whole service: its examples run, and what it sends twice is done once."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from offline_tender import fill
from republic import address, republic

from procurement.client import Change, Client, Problem
from procurement.client.offline.command import seal as command
from procurement.tour.acts import Tour
from procurement.tour.cast import APPROVER, OFFICER
from procurement.tour.story import OWN

PAGE = Path(__file__).parents[2] / "docs" / "client.md"
SUPPLIER, BY_FILE = "Karl Adler", "Vera Stone"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with republic(tmp_path_factory) as up:
        yield address(up)


@pytest.fixture(scope="module")
def tour(url: str) -> Iterator[Tour]:
    """A published tender, and people with tokens."""
    tour = Tour(url, OWN)
    tour.draft()
    tour.submit_draft()
    tour.publish()
    yield tour
    tour.close()


class Unlucky(httpx.HTTPTransport):
    """A network that loses the answers to the first `lost` changes, after the service has made them."""

    def __init__(self, lost: int) -> None:
        super().__init__()
        self.lost, self.keys = lost, list[str]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if request.method == "POST":
            self.keys.append(request.headers["idempotency-key"])
            if len(self.keys) <= self.lost:
                answer.close()
                raise httpx.ReadError("the line went dead", request=request)
        return answer


class Closed(httpx.HTTPTransport):
    """A service that says "not now" to the first `times` requests, as something before ours may."""

    def __init__(self, status: int, times: int, **headers: str) -> None:
        super().__init__()
        self.status, self.times, self.headers = status, times, headers

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.times -= 1
        if self.times >= 0:
            return httpx.Response(self.status, headers=self.headers, text="not now")
        return super().handle_request(request)


def seal(*words: object, code: int = 0) -> str:
    """`procurement seal` with these words; what it said."""
    done = CliRunner().invoke(command, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done.output


def test_the_examples_run_as_they_are_written(
    url: str, tour: Tour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    people = {"TOKEN": OFFICER, "APPROVER_TOKEN": APPROVER, "SUPPLIER_TOKEN": SUPPLIER}
    given: dict[str, object] = {name: tour.program(person).calls.token for name, person in people.items()}
    given["URL"] = url
    examples = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), flags=re.S | re.M)
    assert len(examples) >= 7
    for example in examples:
        exec(compile(example, str(PAGE), "exec"), given)
    said = capsys.readouterr().out
    assert "form-invalid" in said and "QuestionAnswered" in said
    assert int(Path("position").read_text()) > 0
    for name in ("buyer", "second", "supplier", "follower"):
        given[name].close()  # type: ignore[attr-defined]  # a Client


def test_what_was_sent_again_because_the_answer_got_lost_is_done_once(url: str, tour: Tour) -> None:
    words, network = f"May it be {secrets.token_hex(6)}?", Unlucky(lost=2)
    with Client(url, tour.program(SUPPLIER).calls.token, transport=network) as client:
        question = client.questions.ask(tour.id, words)
    assert len(network.keys) == 3 and len(set(network.keys)) == 1
    waiting = [one for one in tour.program(OFFICER).questions.waiting(tour.id) if one.text == words]
    assert [one.id for one in waiting] == [question]


def test_without_a_token_a_change_is_sent_once(url: str) -> None:
    network = Unlucky(lost=1)
    with Client(url, transport=network) as client, pytest.raises(Problem) as no:
        client.step_up(code="000000")
    assert (no.value.code, no.value.status, len(network.keys)) == ("unreachable", 0, 1)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_service_that_is_away_for_a_moment_is_waited_for(url: str, status: int) -> None:
    with Client(url, transport=Closed(status, 2)) as client:
        assert client.keys().sandbox


def test_patience_ends_before_a_longer_wait_than_it_allows(url: str) -> None:
    closed = Closed(503, 5, **{"retry-after": "30"})
    with Client(url, patience=2, transport=closed) as client, pytest.raises(Problem) as no:
        client.keys()
    assert (no.value.code, no.value.retry_after, closed.times) == ("http-503", 30.0, 4)


def test_a_refusal_says_what_is_wrong_field_by_field(tour: Tour) -> None:
    with pytest.raises(Problem) as no:
        tour.program(SUPPLIER).questions.ask(tour.id, " ")
    assert (no.value.status, no.value.code, list(no.value.fields)) == (422, "form-invalid", ["text"])
    with pytest.raises(Problem) as no:
        tour.public.me()
    assert (no.value.status, no.value.code) == (401, "sign-in-needed")


def test_who_read_another_version_changes_nothing(tour: Tour) -> None:
    officer = tour.program(OFFICER)
    draft = officer.tenders.create(OWN.draft(tour.tender.deadline or officer.clock().legal))
    officer.tenders.read(draft.id)
    read = officer.etag
    officer.tenders.upload(draft.id, "More.txt", b"more")
    with pytest.raises(Problem) as no:
        officer.tenders.submit(draft.id, if_match=read)
    assert (no.value.status, no.value.code) == (412, "changed-meanwhile")
    officer.tenders.read(draft.id)
    assert officer.tenders.submit(draft.id, if_match=officer.etag).phase == "submitted"


def test_a_file_is_sent_from_its_place_and_comes_back_whole(tour: Tour, tmp_path: Path) -> None:
    officer, file = tour.program(OFFICER), tmp_path / "plan.txt"
    file.write_bytes(secrets.token_hex(40_000).encode())
    draft = officer.tenders.create(OWN.draft(tour.tender.deadline or officer.clock().legal))
    stored = officer.tenders.upload(draft.id, "Plan of the site.txt", file)
    assert (stored.name, stored.size) == ("Plan of the site.txt", 80_000)
    assert officer.tenders.download(draft.id, stored.id) == file.read_bytes()


def test_a_bid_sealed_without_a_network_is_submitted_once_and_its_receipt_kept(
    url: str, tour: Tour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCUREMENT_TOKEN", tour.program(BY_FILE).calls.token)
    place, package = tmp_path / "bid", tmp_path / "package.zip"
    kit, receipt = tmp_path / "package.kit.json", tmp_path / "package.receipt.json"
    assert "the key that bids are sealed to" in seal("fetch", url, tour.id, place)
    fill(place, {"Method.txt": b"We begin in May."}, price="12.50")
    assert "READY" in seal("bid", place, "--dry-run") and not kit.exists()
    assert "SEALED" in seal("bid", place, "--to", package, "--key", tour.public.keys().checkpoints)
    assert "OPENS" in seal("check", package, "--kit", kit, "--documents", place / "documents")
    assert "READY" in seal("submit", package, "--from", url, "--dry-run") and not receipt.exists()
    mine = tour.program(BY_FILE).bids.what_to_seal(tour.id)
    assert mine.submitted is None, "uploaded is not submitted"
    assert "0 of them new" in seal("submit", package, "--from", url)
    first = receipt.read_bytes()
    assert "SUBMITTED" in seal("submit", package, "--from", url) and receipt.read_bytes() == first
    assert "this very bid" in seal("open", package, "--kit", kit, "--receipt", receipt)
    assert "NOTHING IS MISSING" in seal("deposit", package, "--from", url)
    seal("bid", place, "--to", tmp_path / "again")
    assert "The next version of your bid is 2" in seal("submit", tmp_path / "again", "--from", url, code=1)


def test_a_follower_that_stops_on_the_way_is_given_that_change_again(tour: Tour, tmp_path: Path) -> None:
    saved, seen = tmp_path / "position", list[int]()
    for stop in (3, 3, 7):
        for change in tour.public.feed(saved=saved, wait=1):
            seen.append(change.index)
            if change.index >= stop:
                break
    assert seen == [0, 1, 2, 3, 3, 3, 4, 5, 6, 7]


def test_a_follower_of_one_procurement_is_told_only_of_that(tour: Tour) -> None:
    ocid = tour.tender.ocid
    told: Change = next(tour.public.feed(process=ocid, types=["TenderPublished"]))
    assert (told.process, told.type, told.fact["ocid"]) == (ocid, "TenderPublished", ocid)
