// The documents of a bid, and the work of sending them: several parts at a time, paused and resumed at will.
import { Document } from "./document.js";
import { nameProblem } from "./names.js";
import { Problem } from "./problem.js";
import { put, removeUnder, under } from "./store.js";

const OF_THE_FILE = ["file-changed", "file-unreadable"]; // stop one document; anything else stops them all

export class Documents {
  // `drawn` is called after every change; `limits`: { file_limit, bid_limit, most_files } in bytes.
  constructor({ pool, calls, recipient, limits, drawn }) {
    Object.assign(this, { pool, calls, recipient, limits, drawn });
    this.list = [];
    this.paused = false;
    this.problem = null; // what stopped all of them
    this.waiting = ""; // why a part is sent again
    this.working = 0;
  }

  // What this browser remembers; `stored` are the hashes that the service has. Files have to be chosen again.
  async load(stored) {
    for (const [[, id], held] of await under("files", [this.recipient])) {
      const parts = new Map((await under("parts", [this.recipient, id])).map(([[, , place], part]) => [place, part]));
      const document = new Document(id, held, parts);
      for (const [place, part] of parts) if (stored.has(part.cipher)) document.arrived.add(place);
      this.list.push(document);
    }
    this.list.sort((one, other) => one.order - other.order);
    this.drawn();
  }

  // Takes new files: [{ name, problem }] of those that cannot be taken. One of the same name is replaced.
  async add(files) {
    const refused = [];
    for (const file of files) {
      const problem = this.#refusal(file);
      if (problem) refused.push({ name: file.name, problem });
      else await this.#take(file);
    }
    this.#pump();
    return refused;
  }

  // The person chose the file of a document again, after the page was closed.
  choose(document, file) {
    document.halt();
    document.choose(file);
    this.#pump();
  }

  async explain(document, reason) {
    document.confidential = reason;
    await put("files", [this.recipient, document.id], document.held);
  }

  async remove(document) {
    document.halt();
    this.list = this.list.filter((one) => one !== document);
    this.drawn();
    await removeUnder("files", [this.recipient, document.id]);
    await removeUnder("parts", [this.recipient, document.id]);
  }

  // The other file that was chosen takes the document's place: nothing that was sent of the old one counts.
  async replace(document) {
    await this.remove(document);
    return this.add([document.other]);
  }

  pause() {
    this.paused = true;
    for (const document of this.list) document.halt();
    this.drawn();
  }

  goOn() {
    this.paused = false;
    this.problem = null;
    this.#pump();
  }

  get complete() {
    return this.list.every((document) => document.complete);
  }

  get whole() {
    return this.list.reduce((sum, document) => sum + document.whole, 0);
  }

  get sent() {
    return this.list.reduce((sum, document) => sum + document.sent, 0);
  }

  #refusal(file) {
    const others = this.list.filter((document) => document.name !== file.name);
    if (nameProblem(file.name)) return nameProblem(file.name);
    if (file.size > this.limits.file_limit) return "file-too-large";
    if (others.length >= this.limits.most_files) return "too-many-files";
    const whole = others.reduce((sum, document) => sum + document.whole, new Document("", { size: file.size }).whole);
    return whole > this.limits.bid_limit ? "bid-too-large" : "";
  }

  async #take(file) {
    const before = this.list.find((document) => document.name === file.name);
    if (before) await this.remove(before);
    const order = Math.max(-1, ...this.list.map((document) => document.order)) + 1;
    const held = { name: file.name, type: file.type || "application/octet-stream", size: file.size, confidential: "", order };
    const document = new Document(crypto.randomUUID(), held);
    document.file = file;
    this.list.push(document);
    await put("files", [this.recipient, document.id], held);
  }

  // Gives the workers as much as they have room for.
  #pump() {
    while (!this.paused && !this.problem && this.working < this.pool.room) {
      const document = this.list.find((one) => one.next >= 0);
      if (!document) break;
      this.#send(document, document.next);
    }
    this.drawn();
  }

  // What comes of a part counts only as long as nobody has stopped it, which a file that was chosen in between does too.
  async #send(document, place) {
    const { signal } = document.stop;
    this.working++;
    document.moving.set(place, 0);
    const job = {
      calls: this.calls,
      key: [this.recipient, document.id, place],
      file: document.file,
      from: document.from(place),
      size: document.sizes[place],
      recipient: this.recipient,
      known: document.parts.get(place),
      stored: document.arrived.has(place),
    };
    const progress = (said) => signal.aborted || this.#progress(document, place, said);
    try {
      const part = await this.pool.any("document", job, { signal, progress });
      if (!signal.aborted) document.arrive(place, part);
      this.waiting = "";
    } catch (wrong) {
      if (!signal.aborted) this.#failed(document, wrong);
    } finally {
      if (!signal.aborted) document.moving.delete(place);
      this.working--;
      this.#pump();
    }
  }

  #progress(document, place, { sent, waiting = "" }) {
    document.moving.set(place, sent);
    if (waiting || sent) this.waiting = waiting; // a new try alone is no good news yet
    this.drawn();
  }

  #failed(document, wrong) {
    if (OF_THE_FILE.includes(wrong.code)) document.fail(wrong.code);
    else this.problem = wrong instanceof Problem ? wrong : new Problem("fault", { detail: String(wrong) });
  }
}
