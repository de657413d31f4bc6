"""From an empty page to a published tender, with a question answered."""

import hashlib
import re
import secrets
from datetime import datetime

from procurement.tour.cast import APPROVER, OFFICER, REGISTERED, STRANGER, Cast, eventually, id_of
from procurement.tour.people import Person, Unexpected
from procurement.tour.story import bidding_time


class Calling(Cast):
    def draft(self) -> str:
        clock = datetime.fromisoformat(self.reader.json("/api/v1/sandbox/clock")["legal"])
        body = self.story.draft(clock + bidding_time())
        officer = self.person(OFFICER)
        self.tender = officer.program("POST", "/tenders", body)
        document = f"{self.story.title}\n\n{self.story.description}\n".encode()
        self.document = hashlib.sha256(document).hexdigest()
        officer.program("PUT", f"{self.path}/documents/Specification.txt", content=document)
        self.reader.get(self.path, status=404)
        self.person(STRANGER).get(f"{self.path}/draft", status=403)
        return f"{self.id}: neither a reader nor another buyer's officer can see it"

    def submit_draft(self) -> str:
        self.person(OFFICER).program("POST", f"{self.path}/submit")
        self.reader.get(self.path, status=404)
        return "still nobody else can see it"

    def publish(self) -> str:
        self.afresh(APPROVER).get(f"{self.path}/approve")
        self.person(APPROVER).post(f"{self.path}/approve")
        self.tender = self.reader.json(f"/api/v1{self.path}")
        self.reader.reads(self.path, self.story.title)
        document = self.tender["documents"][0]
        got = self.reader.get(f"{self.path}/documents/{document['id']}/{document['name']}").content
        if hashlib.sha256(got).hexdigest() != self.document:
            raise Unexpected("the downloaded document is not the one that was uploaded")
        return "a reader reads it and downloads the same document"

    def search(self) -> str:
        word = max(re.findall(r"\w+", self.story.title), key=len)
        eventually(lambda: self.reader.reads(f"/tenders?q={word}", self.story.title))
        return f"“{word}” finds it"

    def register(self) -> str:
        name = f"{REGISTERED} {secrets.token_hex(3)}"
        one = self.people[REGISTERED] = Person(self.url, "Jo Turner")
        one.register(name)
        self.supplier = one.program("GET", "/me")["organisation"]
        self.reader.reads(f"/suppliers/{id_of(self.supplier)}", name)
        return f"{name} has a public page"

    def question(self) -> str:
        asker, officer = self.people[REGISTERED], self.person(OFFICER)
        asker.program("POST", f"{self.path}/questions", {"text": "May part of the work be done in May?"})
        waiting = officer.program("GET", f"{self.path}/questions/waiting")
        answer = {"question": "May part of the work be done in May?", "answer": "Yes, if the promenade stays open."}
        officer.program("POST", f"{self.path}/questions/{waiting[0]['id']}/answer", answer)
        text = self.reader.reads(f"{self.path}/questions", answer["question"], answer["answer"])
        if REGISTERED in text:
            raise Unexpected("the public page names who asked")
        return "everyone reads the answer, nobody reads who asked"
