"""A reader proves a procurement on their own device; what a dishonest service serves turns red, and names the entry."""

import json

from playwright.sync_api import Browser, Page, Route, expect

RECORD = "/tenders/2026-0001/record"


def prove(page: Page) -> None:
    page.get_by_role("button", name="Prove it in this browser").click()


def test_the_record_is_proved_and_an_altered_entry_is_named(page: Page, service: str) -> None:
    page.goto(service + RECORD)
    entries = int(page.get_by_role("heading", name="entries").inner_text().split()[0])
    prove(page)
    said = page.get_by_role("status")
    expect(said).to_contain_text(f"Readable entries that stand in the record: {entries}.", use_inner_text=True)
    altered: list[int] = []

    def alter(route: Route) -> None:
        listed = route.fetch().json()
        listed[3]["record"] = listed[3]["record"].replace('"type":"', '"type":"X')
        altered.append(listed[3]["index"])
        route.fulfill(body=json.dumps(listed), content_type="application/json")

    page.route("**/ledger/process/*", alter)
    prove(page)
    expect(said).to_contain_text("Not proved", use_inner_text=True)
    expect(said).to_contain_text(f"Entry {altered[0]} is not what stands in the signed record", use_inner_text=True)
    page.unroute_all()
    page.route("**/ledger/process/*", lambda route: route.fulfill(body="[]", content_type="application/json"))
    prove(page)
    expect(said).to_contain_text("Nothing is said about it", use_inner_text=True)
    page.unroute_all()
    key = page.get_by_label("Public key of the record")
    key.fill(key.input_value().replace("+A", "+B"))
    prove(page)
    expect(said).to_contain_text("This key did not sign the record", use_inner_text=True)


def test_without_scripts_the_command_stands_there(browser: Browser, service: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(service + RECORD)
    expect(plain.get_by_text("Scripts are off, or this browser is too old")).to_be_visible()
    expect(plain.get_by_text("procurement verify tender ocds-")).to_be_visible()
    expect(plain.get_by_role("button", name="Prove it in this browser")).to_be_hidden()
    context.close()
