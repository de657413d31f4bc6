// The page on which a bid is sealed on this device. It is shown only where all that it needs is there.
import { able } from "../device.js";
import { drawSums, readDeclarations, readPrices } from "./answers.js";
import { Bid } from "./bid.js";
import { Documents } from "./documents.js";
import { download } from "./download.js";
import { List } from "./list.js";
import { ask, persist } from "./net.js";
import { Pool } from "./pool.js";
import { major } from "./prices.js";
import { Problem } from "./problem.js";
import { clear, list as complain, show } from "./summary.js";
import { trial } from "./trial.js";
import { bytes, money, words } from "./words.js";

const root = document.getElementById("sealing");
const all = (selector) => [...document.querySelectorAll(selector)];
const one = (selector) => document.querySelector(selector);

class Page {
  constructor() {
    const { calls, worker } = root.dataset;
    this.pool = new Pool(worker);
    this.bid = new Bid(this.pool, calls);
    this.list = new List({
      choose: (document, file) => this.documents.choose(document, file),
      replace: (document) => this.add(() => this.documents.replace(document)),
      remove: (document) => this.documents.remove(document),
      explain: (document, reason) => this.documents.explain(document, reason),
    });
    this.ready = null; // the bid as it was sealed, to be submitted
    this.kept = null; // that of which the kits were saved
  }

  async open() {
    await this.bid.load();
    if (this.bid.standing === "here") await this.work();
    else this.stage(this.bid.standing);
  }

  stage(name) {
    for (const part of all("[data-stage]")) part.hidden = !part.dataset.stage.split(" ").includes(name);
  }

  async begin() {
    await this.bid.begin();
    await this.saveKits();
    await this.work();
  }

  async work() {
    const { calls, asked, pool } = this.bid;
    const drawn = () => this.list.draw(this.documents);
    this.documents = new Documents({ pool, calls, recipient: this.bid.held.recipient, limits: asked, drawn });
    const { parts } = await persist(() => ask(`${calls}/parts`));
    await this.documents.load(new Set(parts.map((part) => part.sha256)));
    const opens = await this.bid.opens();
    one("[data-kit=mine]").hidden = !opens;
    one("[data-kit=given]").hidden = opens;
    one("[data-amended]").hidden = asked.revision === this.bid.held.revision;
    drawSums(asked);
    this.stage("here");
  }

  // Those of the bid as it was sealed, or before that the one there is.
  async saveKits(ready = null) {
    const { tender, version } = this.bid.asked;
    for (const { kind, lot_group, bytes } of await this.bid.kits(ready)) {
      const lot = lot_group && `-lot-${one(`[data-lot="${lot_group}"]`).dataset.number}`;
      const which = kind === "single" ? "" : `-${kind}${lot}`;
      download(`recovery-kit-${tender}-v${version}${which}.json`, bytes);
    }
    this.kept = ready;
  }

  async takeKit([file]) {
    if (!(await this.bid.takeKit(file))) throw new Problem("wrong-kit");
    one("[data-kit=mine]").hidden = false;
    one("[data-kit=given]").hidden = true;
  }

  async add(taking) {
    const refused = await taking();
    if (refused.length) complain(refused.map(({ name, problem }) => ({ field: null, text: `${name}: ${words(problem)}` })));
  }

  async check() {
    const { asked } = this.bid;
    const prices = readPrices(asked);
    const declared = readDeclarations(asked);
    const lines = [...declared.lines, ...prices.lines, ...this.#lacking(asked)];
    if (lines.length) return complain(lines);
    this.ready = await this.bid.complete(prices.prices, declared.statements, this.documents.list);
    this.#drawReady(prices);
    this.stage("ready");
    one("[data-heading]").focus();
  }

  // Financial envelopes have their kits since prices were sealed: who did not save them then has them saved now.
  async submit() {
    const [envelopes, digests] = [this.ready.envelopes.slice(1), this.ready.digests.slice(1)];
    if (this.kept !== this.ready) await this.saveKits({ envelopes, digests });
    this.kept = this.ready;
    const waiting = () => (one("[data-submitting]").textContent = words("retrying"));
    const receipt = await this.bid.submit(this.ready, waiting);
    this.done = true;
    location.assign(receipt);
  }

  // Whether closing the page now would cost something that this browser does not remember.
  get wouldLose() {
    return !this.done && Boolean(this.documents?.working || this.ready);
  }

  #lacking(asked) {
    const add = one("#add");
    if (asked.needs_documents && !this.documents.list.length) return [{ field: add, text: words("documents-missing") }];
    return this.documents.complete ? [] : [{ field: add, text: words("documents-waiting") }];
  }

  #drawReady({ totals }) {
    const { currency, minor_digits } = this.bid.asked;
    for (const row of all("[data-lot]")) {
      const total = totals.get(row.dataset.lot);
      row.hidden = total === undefined;
      if (total !== undefined) row.querySelector("td").textContent = money(major(total, minor_digits), currency);
    }
    const whole = [...totals.values()].reduce((sum, total) => sum + total, 0n);
    one("[data-whole]").textContent = money(major(whole, minor_digits), currency);
    one("[data-files]").replaceChildren(...this.documents.list.map(listed));
    one("[data-no-files]").hidden = this.documents.list.length > 0;
    for (const part of all("[data-opened]")) part.hidden = part.dataset.opened !== (this.ready.opened ? "yes" : "no");
    one("[data-last-kit]").hidden = !this.ready.opened && this.ready.envelopes.length === 1;
    const digests = new Map(this.ready.envelopes.map(({ kind, lot_group }, place) => [`${kind} ${lot_group}`, this.ready.digests[place]]));
    for (const digest of all("[data-digest]")) {
      digest.textContent = digests.get(digest.dataset.digest) ?? "";
      digest.closest("p").hidden = !digest.textContent;
    }
  }
}

function listed({ name, size, confidential }) {
  const item = document.createElement("li");
  const title = Object.assign(document.createElement("bdi"), { textContent: name });
  item.append(title, `, ${bytes(size)}`, confidential && ` – ${confidential}`);
  return item;
}

// A press or a choice: nothing else at the same time, and what goes wrong is told.
async function doing(button, act) {
  if (button?.getAttribute("aria-busy")) return;
  button?.setAttribute("aria-busy", "true");
  clear();
  try {
    await act();
  } catch (wrong) {
    show(wrong instanceof Problem ? wrong : new Problem(wrong?.name?.includes("Error") && wrong instanceof DOMException ? "storage" : "fault"));
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

function start() {
  const page = new Page();
  const acts = {
    begin: () => page.begin(),
    kit: () => page.saveKits(),
    "last-kit": () => page.saveKits(page.ready),
    pause: () => page.documents.pause(),
    "go-on": () => page.documents.goOn(),
    check: () => page.check(),
    back: () => page.stage("here"),
    submit: () => page.submit(),
    trial: () => trial(page.bid, page.documents),
  };
  for (const button of all("[data-do]")) button.onclick = () => doing(button, acts[button.dataset.do]);
  one("#add").onchange = ({ target }) =>
    doing(null, () => page.add(() => page.documents.add([...target.files]))).then(() => (target.value = ""));
  one("[data-kit-file]").onchange = ({ target }) => doing(null, () => page.takeKit(target.files));
  one("#prices").oninput = () => drawSums(page.bid.asked);
  addEventListener("beforeunload", (event) => page.wouldLose && event.preventDefault());
  one("[data-without]").hidden = true;
  root.hidden = false;
  doing(null, () => page.open());
}

if (root && able) start();
