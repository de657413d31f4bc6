"""Bids sealed without a browser and without a network: `procurement seal`. docs/offline-sealing.md is for bidders."""


class Cannot(Exception):
    """Why it cannot go on: one line of plain words for each thing that has to be put right. `code` is for programs."""

    def __init__(self, *problems: str, code: str = "tender-unproven") -> None:
        super().__init__("\n".join(problems))
        self.problems, self.code = problems, code
