"""The files of docs/deploy name what exists: variables, commands, files, figures. No container engine is needed."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from procurement.cli import main
from procurement.infra.metrics import requests
from procurement.infra.metrics import service as figures
from procurement.infra.web.maintenance import maintenance_page
from procurement.opening.unseal.confine import CALLS, MEMORY
from procurement.publication.search import figures as searches
from procurement.settings import OF_THE_STORE, Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
KEYHOLDER = {"KEYHOLDER_SOCKET", "KEYHOLDER_STORE", "KEYHOLDER_SHARED", "KEYHOLDER_SANDBOX"}
OF_OTHERS = {*OF_THE_STORE, "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ALLOW_HTTP"}
KNOWN = {name.upper() for name in Settings.__struct_fields__} | OF_OTHERS
COMMANDS = {*main.list_commands(None)}  # type: ignore[arg-type]  # no context needed


def bare(name: str) -> str:
    return name.removesuffix("_FILE")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return read


def test_the_environment_file_names_settings() -> None:
    lines = (DEPLOY / "procurement.env").read_text().splitlines()
    names = {line.split("=")[0] for line in lines if line and not line.startswith("#")}
    assert names <= KNOWN, names - KNOWN


def test_a_shell_reads_the_environment_file_as_systemd_does() -> None:
    script = f'set -eua; . {DEPLOY / "procurement.env"}; printf %s "$COUNTRY_NAME"'
    read = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert (read.stderr, read.stdout) == ("", "Republic of Example"), "a value with spaces stands in quotes"


def test_compose_names_settings_commands_secrets_and_volumes(compose: dict[str, Any]) -> None:
    ours = {name: one for name, one in compose["services"].items() if one["image"] == "procurement"}
    assert set(ours) == {"web", "worker", "migrate", "keyholder"}
    for name, one in ours.items():
        known = KEYHOLDER if name == "keyholder" else KNOWN
        assert {bare(variable) for variable in one["environment"]} <= known, name
        assert one["command"][0] in COMMANDS
        assert one["read_only"] and one["cap_drop"] == ["ALL"]
        files = {value for variable, value in one["environment"].items() if variable.endswith("_FILE")}
        assert files == {f"/run/secrets/{secret}" for secret in one.get("secrets", ())} or name == "migrate"
    for one in compose["services"].values():
        named = [volume.split(":")[0] for volume in one.get("volumes", ())]
        assert {volume for volume in named if not volume.startswith(".")} <= set(compose["volumes"])
        assert {secret for secret in one.get("secrets", ())} <= set(compose["secrets"])
        assert all((DEPLOY / volume).exists() for volume in named if volume.startswith("."))
        waits = one.get("depends_on", {})
        healthy = {other for other, how in waits.items() if how["condition"] == "service_healthy"}
        assert all("healthcheck" in compose["services"][other] for other in healthy)


def test_the_keyholder_shares_neither_network_nor_secrets_nor_user(compose: dict[str, Any]) -> None:
    keyholder, web = compose["services"]["keyholder"], compose["services"]["web"]
    assert keyholder["network_mode"] == "none" and "secrets" not in keyholder
    assert keyholder["user"].split(":")[0] not in (web.get("user", "10001:10001").split(":")[0], "0")
    assert set(keyholder["volumes"]) & set(web["volumes"]) == {"keyholder-socket:/run/keyholder"}


def test_the_container_file_copies_what_exists_and_runs_as_nobody_powerful() -> None:
    lines = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ").splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert all((ROOT / source).exists() for source in copied)
    assert all((ROOT / name).exists() for line in lines for name in re.findall(r"-r (\S+)", line))
    assert all("--require-hashes" in line for line in lines if "-r requirements" in line)
    assert [line for line in lines if line.startswith("USER ")][-1] == "USER 10001:10001"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_command_that_exists_and_is_hardened(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text()
    program, command = shlex.split(re.search(r"^ExecStart=(.*)$", text, re.M)[1])  # type: ignore[index]  # it has one
    assert program.endswith("/procurement") and command in COMMANDS
    own = re.findall(r"^Environment=(\w+)=", text, re.M)
    assert {bare(name) for name in own} <= KNOWN | KEYHOLDER
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here")
    here = tmp_path / unit.name
    here.write_text(text.replace(program, shutil.which("true") or "/bin/true"))
    checked = subprocess.run(["systemd-analyze", "verify", here], capture_output=True, text=True, timeout=60)
    ours = [line for line in checked.stderr.splitlines() if unit.stem in line and "is not executable" not in line]
    assert not ours, ours
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", here], capture_output=True, timeout=60
    )
    assert judged.returncode == 0, "its exposure is above 2.0"


def test_the_workers_unit_lets_its_child_confine_itself() -> None:
    """What `opening/unseal` calls for that, among what the unit's filter leaves."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here")
    sets: dict[str, set[str]] = {}
    listed = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        if line.startswith("@"):
            held = sets.setdefault(line.strip(), set())
        elif line.startswith("    ") and not line.strip().startswith("#"):
            held.add(line.strip())
    left: set[str] = set()
    unit = (DEPLOY / "systemd" / "procurement-worker.service").read_text()
    for filtered in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        named = set().union(*(_calls(sets, one) for one in filtered.removeprefix("~").split()))
        left = left - named if filtered.startswith("~") else left | named
    assert left >= {"prctl", "prlimit64", "landlock_create_ruleset", "landlock_restrict_self", *CALLS, *MEMORY}


def _calls(sets: dict[str, set[str]], name: str) -> set[str]:
    return set().union(*(_calls(sets, one) for one in sets[name])) if name.startswith("@") else {name}


def test_alerts_ask_for_figures_that_exist() -> None:
    assert requests and figures and searches
    [group] = yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"]
    rules = group["rules"]
    known = {name for one in REGISTRY._collector_to_names.values() for name in one}
    asked = {name for rule in rules for name in re.findall(r"procurement_\w+", rule["expr"])}
    assert asked <= known, asked - known
    explained = (ROOT / "docs" / "operations.md").read_text()
    assert not [rule["alert"] for rule in rules if f"`{rule['alert']}`" not in explained]


def test_every_figure_is_explained() -> None:
    explained = (ROOT / "docs" / "operations.md").read_text()
    for one in [*vars(requests).values(), *vars(figures).values()]:
        if not isinstance(one, MetricWrapperBase):
            continue
        short = re.sub(r"^procurement_(outbox|ledger)", "", one._name)
        assert f"`{one._name}" in explained or f"`{short}`" in explained, one._name


def test_the_maintenance_page_needs_nothing_else() -> None:
    page = maintenance_page(Settings(country_name="Republic of Marrow"))
    assert "Republic of Marrow" in page and "<style>" in page
    assert not re.findall(r"(?:src|href)=|url\(|<script", page)
