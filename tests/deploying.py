"""An installation on an empty machine, set up as docs/deploy.md tells it, and its first people."""

import os
import re
import secrets
import shlex
import subprocess
from contextlib import ExitStack
from pathlib import Path

import httpx
import pyotp
from outside import KEY, Outside, running
from whole_service import COMMAND, free_port

DEPLOY = Path(__file__).parents[1] / "docs" / "deploy"


class Installation:
    """An empty machine with an environment file; every command is run with that file and nothing else."""

    def __init__(self, folder: Path, outside: Outside) -> None:
        self.folder, self.outside, self.port, self.stack = folder, outside, free_port(), ExitStack()
        self.metrics = free_port()
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(folder)} | self._from_file()

    def _from_file(self) -> dict[str, str]:
        """docs/deploy/procurement.env with the addresses that are here; the passwords stand in files of their own."""
        text = (DEPLOY / "procurement.env").read_text()
        here = {
            "db.example:5432": f"127.0.0.1:{self.outside.postgres}",
            "valkey.example:6379": f"127.0.0.1:{self.outside.valkey}",
            "https://s3.example": f"http://127.0.0.1:{self.outside.s3}",
            "mail.example:587": f"127.0.0.1:{self.outside.smtp}",
            "change-me-key": KEY, "change-me-secret": KEY,
            "PORT=8000": f"PORT={self.port}",
            "/var/lib/procurement": str(self.folder / "data"),
            "/run/procurement-keyholder": str(self.folder / "keyholder"),
        }  # fmt: skip
        for example, real in here.items():
            assert example in text, f"docs/deploy/procurement.env no longer says {example}"
            text = text.replace(example, real)
        said = (shlex.split(line, comments=True) for line in text.splitlines())  # a shell and systemd read it like this
        found = dict(words[0].split("=", 1) for words in said if words)
        for name in ("DATABASE_URL", "AWS_SECRET_ACCESS_KEY"):
            (self.folder / name).write_text(found.pop(name) + "\n")
            found[f"{name}_FILE"] = str(self.folder / name)
        token = secrets.token_hex()
        probing = {"PROBE_TOKENS": f"north={token}", "PROBE_TOKEN": token}  # the service's and the prober's own
        return found | probing | {"AWS_ALLOW_HTTP": "true"}  # S3 is plain HTTP here

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = [*COMMAND, *words]
        return subprocess.run(done, env=self.environ, capture_output=True, text=True, timeout=60, cwd=self.folder)

    def start(self, command: str, **environ: str) -> None:
        log = self.stack.enter_context((self.folder / f"{command}.log").open("w"))
        env = {**self.environ, **environ}
        self.stack.enter_context(running([*map(str, COMMAND), command], stderr=log, env=env, cwd=self.folder))

    def start_keyholder(self) -> None:
        """With an environment of its own: it knows none of the others' secrets."""
        home = self.folder / "keyholder"
        home.mkdir()
        env = {"PATH": os.environ["PATH"], "KEYHOLDER_SOCKET": self.environ["KEYHOLDER_SOCKET"],
               "KEYHOLDER_STORE": str(home / "store")}  # fmt: skip
        self.stack.enter_context(running([*map(str, COMMAND), "keyholder"], env=env, cwd=self.folder))

    def client(self, headers: dict[str, str] | None = None) -> httpx.Client:
        """Straight to the web process, as the reverse proxy reaches it; closed in the end."""
        return self.stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers))

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health/ready").status_code == 200
        except httpx.HTTPError:
            return False


class Person:
    """Somebody's browser behind the reverse proxy, which speaks plain HTTP to the service."""

    def __init__(self, at: Installation) -> None:
        self.at, self.cookies = at, dict[str, str]()
        self.http = at.client({"x-forwarded-for": "203.0.113.9"})
        self.token = ""

    def ask(self, method: str, path: str, **sent: object) -> httpx.Response:
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        answer = self.http.request(method, path, headers=headers, **sent)  # type: ignore[arg-type]  # what httpx takes
        assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text[-3000:]}"
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            assert name.startswith("__Host-") and "Secure" in rest
            self.cookies[name] = rest.partition(";")[0]
        if found := re.search(r'name="_token" value="(\w*)"', answer.text):
            self.token = found[1]
        return answer

    def send(self, page: str, to: str = "", **fields: object) -> httpx.Response:
        self.ask("GET", page)
        return self.ask("POST", to or page, data={"_token": self.token, **fields})

    def joins(self, link: str, name: str) -> None:
        """Accept an invitation, and protect the account with an authenticator app."""
        self.send(link, name=name, password=secrets.token_urlsafe(16))
        self.send("/account", "/account/app")
        page = self.ask("GET", "/account/app").text
        secret = page.split('class="mono">')[1].split("<")[0].replace(" ", "")
        self.send("/account/app", "/account/app/confirm", code=pyotp.TOTP(secret).now())

    def program(self, *scopes: str) -> httpx.Client:
        """A program of this person's, with a token of its own."""
        page = self.ask("GET", "/account/tokens/new").text
        found = re.search(r'name="organisation"[^>]*value="(\w+)"|value="(\w+)"[^>]*name="organisation"', page)
        assert found, page
        asked = {"label": "deploy", "organisation": found[1] or found[2], "days": "1", "scopes": list(scopes)}
        made = self.send("/account/tokens/new", "/account/tokens", **asked).text
        token = re.search(r'class="mono"><bdi>([\w.-]+)<', made)
        assert token, made
        headers = {"authorization": f"Bearer {token[1]}"}
        return self.at.client(headers)
