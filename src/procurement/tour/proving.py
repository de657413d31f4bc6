"""The public record, before and after."""

from procurement.kernel.checkpoint import VerifierKey
from procurement.tour.cast import Cast, eventually
from procurement.tour.people import Unexpected
from procurement.verifier import receipt as receipts
from procurement.verifier import whole


class Proving(Cast):
    def keep_checkpoint(self) -> str:
        self.earlier = eventually(self.public.checkpoint)
        return f"{self.earlier.splitlines()[1]} entries, signed"

    def ocds(self) -> str:
        def complete() -> str:
            record = self.reader.json(f"/ocds/record/{self.tender.ocid}")["records"][0]
            tags = [tag for release in record["releases"] for tag in release.get("tag", [])]
            if not {"tender", "award", "contract"} <= set(tags):
                raise Unexpected(f"the record has releases only for {tags}")
            compiled = record["compiledRelease"]
            return f"{len(record['releases'])} releases; {len(compiled['contracts'])} contract in the compiled record"

        return eventually(complete)

    def verify(self) -> str:
        keys = self.public.keys()
        key = VerifierKey.parse(keys.checkpoints)

        def verified() -> str:
            log, findings = whole.verify(self.public.fetch, key, self.tender.ocid, self.earlier)
            for receipt in self.receipts.values():
                receipts.verify(receipt, VerifierKey.parse(keys.receipts), log)
            return f"{findings.entries} entries and {len(self.receipts)} receipts verified"

        return eventually(verified)
