"""From an empty page to a published tender, with a question answered."""

import hashlib
import re
import secrets

from procurement.tour.cast import APPROVER, OFFICER, REGISTERED, STRANGER, Cast, eventually
from procurement.tour.people import Person, Unexpected
from procurement.tour.story import bidding_time


class Calling(Cast):
    def draft(self) -> str:
        officer = self.program(OFFICER)
        self.drafted = officer.tenders.create(self.story.draft(self.public.clock().legal + bidding_time()))
        document = f"{self.story.title}\n\n{self.story.description}\n".encode()
        self.document = hashlib.sha256(document).hexdigest()
        officer.tenders.upload(self.id, "Specification.txt", document)
        self.reader.get(self.path, status=404)
        self.person(STRANGER).get(f"{self.path}/draft", status=404)
        return f"{self.id}: neither a reader nor another buyer's officer can see it"

    def submit_draft(self) -> str:
        self.program(OFFICER).tenders.submit(self.id)
        self.reader.get(self.path, status=404)
        return "still nobody else can see it"

    def publish(self) -> str:
        self.afresh(APPROVER).get(f"{self.path}/approve")
        self.person(APPROVER).post(f"{self.path}/approve")
        self.drafted = self.public.tenders.read(self.id)
        self.reader.reads(self.path, self.story.title)
        got = self.public.tenders.download(self.id, self.tender.documents[0].id)
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
        self.supplier = self.program(REGISTERED).me().organisation
        self.reader.reads(f"/suppliers/{self.supplier}", name)
        return f"{name} has a public page"

    def question(self) -> str:
        words, answer = "May part of the work be done in May?", "Yes, if the promenade stays open."
        self.program(REGISTERED).questions.ask(self.id, words)
        officer = self.program(OFFICER).questions
        officer.answer(self.id, officer.waiting(self.id)[0].id, published=words, answer=answer)
        text = self.reader.reads(f"{self.path}/questions", words, answer)
        if REGISTERED in text:
            raise Unexpected("the public page names who asked")
        return "everyone reads the answer, nobody reads who asked"
