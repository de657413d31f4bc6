// The documents as the page shows them: what is there of each, and of all together.
import { bytes, duration, said, words } from "./words.js";

const RECENT = 10_000; // milliseconds of which the rate is told

export class List {
  // `acts`: { choose(document, file), replace(document), remove(document), explain(document, reason) }
  constructor(acts) {
    this.acts = acts;
    this.rows = new Map(); // document -> element
    this.seen = []; // [when, bytes sent] of the last seconds
    this.due = false;
  }

  // Draws at most once for each picture of the screen.
  draw(documents) {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.#draw(documents);
    });
  }

  #draw(documents) {
    const holder = document.querySelector("[data-documents]");
    for (const [one, row] of this.rows) {
      if (documents.list.includes(one)) continue;
      row.remove();
      this.rows.delete(one);
    }
    for (const one of documents.list) {
      if (!this.rows.has(one)) {
        this.rows.set(one, this.#made(one));
        holder.append(this.rows.get(one));
      }
      this.#row(one, this.rows.get(one), documents);
    }
    this.#all(documents);
  }

  #made(one) {
    const row = document.querySelector("template[data-document]").content.firstElementChild.cloneNode(true);
    const find = (selector) => row.querySelector(selector);
    find("[data-name]").textContent = one.name;
    find("[data-size]").textContent = bytes(one.size);
    find("progress").setAttribute("aria-label", one.name);
    for (const part of ["[data-again]", "[data-reason]"]) {
      const [label, input] = [find(`${part} label`), find(`${part} input`)];
      input.id = `${part.slice(6, -1)}-${one.id}`;
      label.htmlFor = input.id;
    }
    find("[data-again] label").textContent = `${words("state-choose")}: ${one.name}`;
    find("[data-again] input").onchange = (event) => event.target.files[0] && this.acts.choose(one, event.target.files[0]);
    find("[data-reason] input").value = one.confidential;
    find("[data-reason] input").onchange = (event) => this.acts.explain(one, event.target.value.trim());
    find("[data-do=replace]").onclick = () => this.acts.replace(one);
    const remove = find("[data-do=remove]");
    remove.setAttribute("aria-label", `${remove.textContent}: ${one.name}`);
    remove.onclick = () => this.acts.remove(one);
    return row;
  }

  #row(one, row, documents) {
    const state = stateOf(one, documents);
    const find = (selector) => row.querySelector(selector);
    row.dataset.state = state;
    find("[data-state]").textContent = words(`state-${state}`);
    find("[data-state]").className = `tag ${{ problem: "bad", choose: "wait", paused: "wait", waiting: "off" }[state] ?? ""}`;
    find("progress").value = one.whole ? one.sent / one.whole : Number(one.complete);
    find("progress").hidden = state === "done";
    find("[data-wrong]").hidden = !one.problem;
    find("[data-wrong]").textContent = one.problem && words(one.problem);
    find("[data-again]").hidden = one.complete || Boolean(one.file);
    find("[data-instead]").hidden = !one.other;
  }

  #all(documents) {
    const { whole, sent, list } = documents;
    const find = (selector) => document.querySelector(selector);
    find("[data-progress]").hidden = !list.length;
    find("[data-sent]").textContent = `${bytes(sent)} / ${bytes(whole)}`;
    find("#progress").value = whole ? sent / whole : 0;
    const moving = documents.working > 0;
    find("[data-rate]").textContent = moving ? this.#rate(sent, whole) : "";
    const halted = documents.paused || Boolean(documents.problem);
    find("[data-do=pause]").hidden = halted || documents.complete;
    find("[data-do=go-on]").hidden = !halted;
    say(find("[data-going]"), going(documents));
  }

  // “3.2 MB per second, 4 minutes left”, from the last seconds.
  #rate(sent, whole) {
    const now = performance.now();
    this.seen = [...this.seen.filter(([when, held]) => when > now - RECENT && held <= sent), [now, sent]];
    const [[when, held]] = this.seen;
    const rate = (sent - held) / ((now - when) / 1000);
    return rate > 0 ? `${bytes(rate)}/s · ${duration((whole - sent) / rate)} ${words("left")}` : "";
  }
}

function stateOf(one, documents) {
  if (one.complete) return "done";
  if (one.problem) return "problem";
  if (!one.file) return "choose";
  if (documents.paused || documents.problem) return "paused";
  return one.moving.size ? "sending" : "waiting";
}

function going(documents) {
  if (documents.problem) return said(documents.problem);
  if (documents.paused) return words("state-paused");
  return documents.waiting ? words("retrying") : "";
}

// Told to screen readers only when it is something else than before.
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
