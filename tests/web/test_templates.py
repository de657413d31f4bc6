"""Templates: all compile, none breaks the content security policy, what was typed is kept."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment

from procurement.infra.web.templates import asset, environment
from procurement.infra.web.templates import said as words_of
from procurement.kernel.actor import Actor
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused, invalid
from procurement.notices.rules.inbox import Kind
from procurement.settings import Settings

TEMPLATES = Path(__file__).parents[2] / "frontend" / "templates"
PAGES = sorted(
    path.relative_to(TEMPLATES).as_posix()
    for path in TEMPLATES.rglob("*.html")
    if "mail" not in path.relative_to(TEMPLATES).parts  # letters are styled inline, as mail programs want it
)
FORM = '{% import "macros/form.html" as form with context %}'


@pytest.fixture(scope="module")
def env() -> Environment:
    return environment(Settings(country_name="Republic of Marrow", official_timezone="Europe/Paris"))


def draw(env: Environment, source: str, **context: Any) -> str:
    return env.from_string(source).render(**context)


@pytest.mark.parametrize("name", PAGES)
def test_every_template_compiles(env: Environment, name: str) -> None:
    env.get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_no_template_needs_what_the_security_policy_forbids(name: str) -> None:
    source = (TEMPLATES / name).read_text()
    found = re.findall(r"""\sstyle=|\son[a-z]+="|<style|<script(?! type="module" src)|href="#"|javascript:""", source)
    assert found == [], f"{name}: move this into frontend/css or frontend/js, and link only to what exists"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503, 418])
def test_every_refusal_has_a_page_even_outside_a_transaction(env: Environment, status: int) -> None:
    page = env.get_template("error.html").render(status=status, refused=None)
    assert f"{status}</p>" in page and "<title>" in page and "Error:" not in page


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_message_has_its_words_in_the_inbox(env: Environment, kind: Kind) -> None:
    source = '{% import "notices/words.html" as words %}{{ words.kind(kind) }}'
    assert draw(env, source, kind=kind).strip()


def test_a_refusal_says_what_happened_and_its_code(env: Environment) -> None:
    no = Refused("tender-unknown", "There is no such tender.", status=404)
    page = env.get_template("error.html").render(status=404, refused=no)
    assert "There is no such tender." in page and "tender-unknown" in page


def test_the_words_of_a_refusal_are_marked_as_english_on_a_page_in_another_language() -> None:
    french = environment(Settings(locale="fr"))
    page = french.get_template("error.html").render(status=404, refused=Refused("x", "No <such> tender.", status=404))
    assert '<html lang="fr"' in page and '<span lang="en">No &lt;such&gt; tender.</span>' in page
    said = draw(
        french, FORM + '{{ form.text("title", "Titre") }}', refused=invalid("Look again.", title="Fill this in.")
    )
    assert '<span lang="en">Fill this in.</span>' in said


def test_a_refusal_is_translated_where_the_catalogue_has_its_words() -> None:
    assert words_of({"Look again.": "Regardez encore."}.get, "fr", "Look again.") == "Regardez encore."
    assert words_of(str, "en", "<b>") == "&lt;b&gt;"


def test_the_frame_offers_the_desk_to_who_is_signed_in(env: Environment) -> None:
    request = SimpleNamespace(state=SimpleNamespace(actor=Actor(person="p1"), sandbox=True))
    page = env.get_template("about/privacy.html").render(request=request)
    assert 'href="/desk"' in page and 'href="/sign-in"' not in page and "nothing here is real" in page
    visitor = env.get_template("about/privacy.html").render()
    assert 'href="/sign-in"' in visitor and "nothing here is real" not in visitor


def test_what_was_typed_is_kept_and_the_error_stands_at_its_field(env: Environment) -> None:
    refused = Refused(
        "form-invalid", "Some answers need another look.", status=422, fields={"lot-title": "Fill this in."}
    )
    source = FORM + '{{ form.errors({"lot-title": "Title"}) }}{{ form.text("lot-title", "Title", "stored") }}'
    page = draw(env, source, refused=refused, typed={"lot-title": "<typed>"})
    assert 'value="&lt;typed&gt;"' in page and "stored" not in page
    assert '<a href="#lot-title">Title: Fill this in.</a>' in page
    assert 'aria-describedby="lot-title-error"' in page


def test_a_form_without_a_refusal_shows_what_is_stored(env: Environment) -> None:
    source = FORM + '{{ form.errors() }}{{ form.money("value", "Value", price, "EUR") }}'
    page = draw(env, source, price=Money(124050, "EUR"), refused=None, typed=None)
    assert 'value="1240.50"' in page and "error" not in page


def test_choices_are_checked_as_typed(env: Environment) -> None:
    source = FORM + '{{ form.checkboxes("lot", "Lots", [("1", "Road"), ("2", "Path"), ("3", "Quay")], ["2"]) }}'
    assert re.findall(r'value="(\d)" checked', draw(env, source, typed=None)) == ["2"]
    assert re.findall(r'value="(\d)" checked', draw(env, source, typed={"lot": ["1", "3"]})) == ["1", "3"]
    assert re.findall(r'value="(\d)" checked', draw(env, source, typed={"lot": "3"})) == ["3"]


def test_a_form_carries_the_token_of_its_session(env: Environment) -> None:
    request = SimpleNamespace(state=SimpleNamespace(csrf='a"b'))
    page = draw(env, FORM + "{{ form.start() }}</form>", request=request)
    assert '<input type="hidden" name="_token" value="a&#34;b">' in page


def test_addresses_of_static_files_change_with_their_content() -> None:
    assert re.fullmatch(r"/static/mark\.svg\?v=[0-9a-f]{10}", asset("mark.svg"))
