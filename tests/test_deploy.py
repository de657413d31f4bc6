"""The first day of an installation as docs/deploy.md tells it, with services that are already there.

External PostgreSQL, Valkey, S3 and mail; a process each for keyholder, worker and web, with the environment file and
the roles of docs/deploy; two administrators, a rulebook in force, a buyer, and a tender published through the API.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from deploying import DEPLOY, Installation, Person
from outside import s3, services
from whole_service import eventually

BUCKET = "procurement-files"
HOST = "tenders.example"
CONTENT = b"%PDF-1.7\nThe drawings of Harbour Road\n%%EOF\n"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Installation]:
    roles = re.sub(r"--.*", "", (DEPLOY / "roles.sql").read_text())
    with services(tmp_path, roles, BUCKET) as outside:
        made = Installation(tmp_path, outside)
        with made.stack:
            yield made


def test_the_first_day(at: Installation) -> None:
    empty = at.run("doctor")
    assert "the database is empty: run `procurement migrate`" in empty.stdout, empty.stdout + empty.stderr
    migrated = at.run("migrate")
    assert migrated.returncode == 0, migrated.stderr
    at.start_keyholder()
    at.start("worker", METRICS_ADDRESS=f"127.0.0.1:{at.metrics}")
    at.start("web")
    eventually(at.is_ready, 40)
    checked = at.run("doctor")
    assert f"its ledger is {HOST}/record" in checked.stdout, checked.stdout
    broken = [line for line in checked.stdout.splitlines() if line.startswith(" broken")]
    assert all("fsync" in line for line in broken), "only this PostgreSQL is careless, so that the test is quick"

    first, second = _administrators(at)
    rulebook = _rulebook_in_force(at, first, second)
    officer, approver = _buyer(at, first)
    tender, document = _drafted(officer)
    _published(officer, approver, tender)

    public = at.client()
    assert public.get(f"/api/v1/tenders/{tender}").json()["rulebook"] == rulebook
    assert "Resurfacing of Harbour Road" in public.get(f"/tenders/{tender}").text
    assert public.get(f"/api/v1/tenders/{tender}/documents/{document}").content == CONTENT
    digest = hashlib.sha256(CONTENT).hexdigest()
    kept = s3(at.outside).get_object(Bucket=BUCKET, Key=f"live/documents/{digest[:2]}/{digest}")
    assert kept["Body"].read() == CONTENT, "in S3, and nowhere on this machine"
    assert not (at.folder / "data" / "files").exists()
    assert public.get("/ledger/checkpoint").text.startswith(f"{HOST}/record\n")
    eventually(lambda: "procurement_ledger_unsequenced 0.0" in _figures(at), 15)
    probed = at.run("probe", f"http://127.0.0.1:{at.port}", "--source", "north")
    assert probed.returncode == 0 and "not reported" not in probed.stdout, probed.stdout
    parts = {part["component"]: part["share"] for part in public.get("/api/v1/status").json()["parts"]}
    assert parts["ledger"] == 1.0, "what the prober saw is counted"


def _administrators(at: Installation) -> tuple[Person, Person]:
    people = []
    for name, more in (("Rosa Field", ()), ("Hugo Lake", ("--another",))):
        email = f"{name.split()[0].lower()}@office.example"
        body = ("--organisation", "State Procurement Office", "--country", "XM")
        link = at.run("admin", "create", "--name", name, "--email", email, *body, *more)
        assert link.stdout.startswith(f"https://{HOST}/invitations/"), link.stderr
        person = Person(at)
        person.joins(link.stdout.strip().removeprefix(f"https://{HOST}"), name)
        people.append(person)
    return people[0], people[1]


def _rulebook_in_force(at: Installation, first: Person, second: Person) -> str:
    stored = at.run("rulebook", "load")
    found = re.search(r"stored (\S+): two administrators", stored.stdout)
    assert found, stored.stderr
    first.send(f"/rulebooks/{found[1]}", f"/rulebooks/{found[1]}/propose")
    second.send(f"/rulebooks/{found[1]}", f"/rulebooks/{found[1]}/activate")
    return found[1]


def _buyer(at: Installation, administrator: Person) -> tuple[httpx.Client, httpx.Client]:
    """Programs of the officer and the approver, whom letters have invited."""
    roles = {role: f"{role}@roads.example" for role in ("owner", "officer", "approver")}
    administrator.send("/organisations", kind="buyer", name="Roads Agency", country="XM", **roles)
    programs = []
    for role, scope in (("officer", "run-tenders"), ("approver", "approve")):
        person = Person(at)
        person.joins(at.outside.link_to(roles[role]), f"The {role}")
        programs.append(person.program("read", scope))
    return programs[0], programs[1]


def _drafted(officer: httpx.Client) -> tuple[str, str]:
    """A complete draft with a document; the ids of both."""
    deadline = (datetime.now(UTC) + timedelta(days=40)).isoformat()
    asphalt = {"description": "Asphalt, laid", "classification_id": "45233222-1", "quantity": "12500", "unit": "m2"}
    draft = {
        "title": "Resurfacing of Harbour Road", "category": "works", "value": "240000.00", "deadline": deadline,
        "description": "New asphalt between the quay and the fish market.", "award_method": "lowest-price",
        "contract_terms": "Finished within 90 days of the order; paid within 30 days of acceptance.",
        "lots": [{"title": "The whole road", "items": [asphalt]}],
        "criteria": [{"name": "Price", "kind": "price", "weight": "100"}],
    }  # fmt: skip
    made = officer.post("/api/v1/tenders", json=draft)
    assert made.status_code == 201, made.text
    tender = made.json()["id"]
    sent = officer.put(f"/api/v1/tenders/{tender}/documents/drawings.pdf", content=CONTENT)
    assert sent.status_code == 200, sent.text
    return tender, sent.json()["id"]


def _published(officer: httpx.Client, approver: httpx.Client, tender: str) -> None:
    for program, step in ((officer, "submit"), (approver, "approve")):
        answer = program.post(f"/api/v1/tenders/{tender}/{step}")
        assert answer.status_code == 200, answer.text


def _figures(at: Installation) -> str:
    return httpx.get(f"http://127.0.0.1:{at.metrics}/metrics").text
