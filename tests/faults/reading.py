"""Somebody far away who kept a public key, and with or without an earlier checkpoint."""

from pathlib import Path

from click.testing import CliRunner
from witness_process import WitnessProcess

from procurement.cli import main

OCID, TENDER = "ocds-xmarrow-2026-0001", "2026-0001"  # goes from notice to contract in the practice republic


class Reader:
    """Somebody far away with a key, and with or without an earlier checkpoint."""

    def __init__(self, url: str, witness: WitnessProcess, key: str, file: Path) -> None:
        self.url, self.witness, self.key, self.file = url, witness, key, file

    def verifies(self, ocid: str = OCID, *, earlier: bool = True) -> str:
        """What `procurement verify tender` says; it begins with VERIFIED or NOT VERIFIED."""
        words = ["verify", "tender", ocid, "--from", self.url, "--key", self.key]
        done = CliRunner().invoke(main, [*words, *["--checkpoint", str(self.file)] * earlier])
        assert isinstance(done.exception, SystemExit | None), done.exception
        verdict = done.output.strip().splitlines()[-1]
        assert (done.exit_code == 0) == verdict.startswith("VERIFIED"), done.output
        return verdict

    def follows(self) -> str:
        """What `procurement monitor` says, which was here before the attack; "" while all is well."""
        state = self.file.with_name("state")
        state.write_bytes(self.file.with_name("monitor").read_bytes())  # each attack meets the same monitor
        return self._monitor("--state", str(state), "--once", "--whole")

    def asks_the_witness(self) -> str:
        """The same from somebody who kept nothing, and knows whom to ask what else was shown."""
        return self._monitor("--witness", f"{self.witness.key} {self.witness.url}")

    def _monitor(self, *words: str) -> str:
        done = CliRunner().invoke(main, ["monitor", self.url, "--key", self.key, *words])
        assert done.exit_code in (0, 1), done.output
        return done.output.strip().removeprefix("WRONG  ") if done.exit_code else ""
