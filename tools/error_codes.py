"""Every error code that the service can answer with: the table of docs/api.md, and what the pages under /problems/ say.
`--write` puts both there.

Read from the source: `Refused("code", …, status=…)`, `unknown("thing")`, `invalid(…)` and the other helpers below, and
the codes for what the framework itself refuses.
"""

import ast
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SRC, PAGE = ROOT / "src" / "procurement", ROOT / "docs" / "api.md"
DATA = SRC / "infra" / "web" / "problem_codes.json"
BEGIN, END = "<!-- error codes: begin -->\n", "<!-- error codes: end -->\n"
USUAL = 409
SILENT = {"bench", "client", "demo", "seed", "tour", "verifier"}  # they answer nobody
HELPERS = {"kernel/refusal.py", "kernel/sealing/strict.py", "identity/rules/proofs.py", "infra/web/problems.py"}
"""They make a code from what they are given: their callers say which."""
ROWS = ("lot-unknown", "item-unknown", "criterion-unknown")
COMPUTED = {"tenders/service/drafting.py": ROWS, "tenders/pages/rows.py": ROWS}  # named after their table

Found = dict[str, set[tuple[int, str]]]  # code: statuses, each with the part of the program that refuses
LEFT_OUT = "\N{HORIZONTAL ELLIPSIS}"  # what a detail fills in
MOST_WORDS = 6  # ways to say one code that are worth reading; "form-invalid" has a hundred


class Hidden(Exception):
    """A code that programs could not look up."""


def found() -> Found:
    """Raises Hidden for a code that is computed where this does not know it."""
    codes: Found = defaultdict(set)
    for file in sorted(SRC.rglob("*.py")):
        path = file.relative_to(SRC)
        part = path.parts[0].removesuffix(".py")
        for code, status in _of(ast.parse(file.read_text()), str(path)) if part not in SILENT else ():
            codes[code].add((status, part))
    return codes


def _of(tree: ast.Module, path: str) -> Iterator[tuple[str, int]]:
    yield from ((code, 404) for code in COMPUTED.get(path, ()))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (code := _code(node, path)):
            yield code
        if isinstance(node, ast.Assign) and path == "infra/web/problems.py":
            yield from _of_the_framework(node)


def _of_the_framework(assigned: ast.Assign) -> Iterator[tuple[str, int]]:
    if getattr(assigned.targets[0], "id", "") == "CODES":
        yield from ((code, status) for status, code in ast.literal_eval(assigned.value).items())


def _code(call: ast.Call, path: str) -> tuple[str, int] | None:
    """The code and status that a call refuses with, None for any other call."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    words = {word.arg: word.value for word in call.keywords}
    if name == "invalid":
        return "form-invalid", 422
    if name == "read_canonical":
        return _written_out(words["code"], path), 422
    if name not in ("Refused", "unknown", "link_dead") or _given_elsewhere(call.args[0], path):
        return None
    text = _written_out(call.args[0], path)
    if name == "Refused":
        return text, int(_written_out(words["status"], path)) if "status" in words else USUAL
    return (f"{text}-unknown", 404) if name == "unknown" else (f"{text}-expired", 410)


def _given_elsewhere(first: ast.expr, path: str) -> bool:
    """Made by a helper, known above, or of a refusal that was caught and is raised again."""
    computed = not isinstance(first, ast.Constant)
    return computed and (path in HELPERS or path in COMPUTED or getattr(first, "attr", "") == "code")


def _written_out(value: ast.expr, path: str) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    raise Hidden(f"{path}:{value.lineno}: write code and status of a refusal out, so that programs can know them")


def words() -> dict[str, list[str]]:
    """How each code is said, in the order of the source: its details, with an ellipsis for what is filled in."""
    said: dict[str, list[str]] = defaultdict(list)
    for file in sorted(SRC.rglob("*.py")):
        path = str(file.relative_to(SRC))
        for call in (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)):
            code, place = _code(call, path), 0 if getattr(call.func, "id", "") == "invalid" else 1
            if code and place < len(call.args) and (detail := _said(call.args[place])) not in said[code[0]]:
                said[code[0]] += [detail] if detail else []
    return said


def _said(value: ast.expr) -> str:
    """A constant or a template of an f-string; "" for what is only known when it happens."""
    if isinstance(value, ast.Constant):
        return str(value.value)
    if not isinstance(value, ast.JoinedStr):
        return ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else LEFT_OUT for part in value.values)


def data() -> str:
    """Each code with its statuses, who refuses with it, and in which words."""
    said = words()
    codes = {
        code: {
            "statuses": sorted({status for status, _ in places}),
            "parts": sorted({part for _, part in places}),
            "words": said[code] if len(said[code]) <= MOST_WORDS else [],
        }
        for code, places in sorted(found().items())
    }
    return json.dumps(codes, indent=1, ensure_ascii=False) + "\n"


def table() -> str:
    rows = ["| code | status | refused by |", "|---|---|---|"]
    for code, places in sorted(found().items()):
        statuses = ", ".join(str(status) for status in sorted({status for status, _ in places}))
        rows.append(f"| `{code}` | {statuses} | {', '.join(sorted({part for _, part in places}))} |")
    return "\n".join(rows) + "\n"


def written(page: str) -> str:
    """The page with the table of today."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(written(PAGE.read_text()))
        DATA.write_text(data())
    else:
        sys.stdout.write(table())
