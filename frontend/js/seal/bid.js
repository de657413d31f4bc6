// One bid that this device seals: begun with its lock, completed with prices, declarations and manifest, submitted.
import { digest, envelopeBytes, envelopeOf, manifestBytes } from "../sb1/bid.js";
import { fromBase64, nonce, sha256Hex } from "../sb1/bytes.js";
import { canonical } from "../sb1/jcs.js";
import { mustBePublic } from "./frozen.js";
import { ask, persist, tell } from "./net.js";
import { Problem } from "./problem.js";
import { get, put, removeUnder } from "./store.js";

const CLIENT = "procurement in a browser";
const PLACE = { lot_group: "", kind: "single", round: 1 }; // the one envelope that a tender takes today

export class Bid {
  constructor(pool, calls) {
    Object.assign(this, { pool, calls });
  }

  // What the tender asks now, and what this browser remembers. Problem as `ask`.
  async load() {
    ({ asked: this.asked, token: this.token } = await persist(() => ask(`${this.calls}/asked`)));
    this.held = await get("bids", this.#key);
  }

  get #key() {
    return [this.asked.tender, this.asked.supplier];
  }

  // "none" was begun, "here" it goes on, it was begun "elsewhere", or it is "submitted" already.
  get standing() {
    const { started } = this.asked;
    if (!started) return "none";
    if (started.bid) return "submitted";
    return this.held?.recipient === started.recipient ? "here" : "elsewhere";
  }

  // Makes the bid's identity and hands in its lock; from here on only the recipient is needed.
  async begin() {
    await this.load();
    await mustBePublic(this.asked);
    const { tender, recipient: keyholder, roster = null, signatures = {}, revision, version } = this.asked;
    const of = { tender, ...PLACE };
    const { recipient, lock } = await this.pool.keeper("lock", { of, keyholder, roster, signatures });
    await persist(() => this.#tell("start", { recipient, lock }));
    if (this.held) await this.#forget(this.held.recipient);
    this.held = { recipient, lock: await sha256Hex(fromBase64(lock.locked)), revision, version, kit: "", key: crypto.randomUUID() };
    await put("bids", this.#key, this.held);
    await this.load();
  }

  // Whether this page can open what was sealed: it made the identity, or was given the kit.
  opens() {
    return this.pool.keeper("opens", { recipient: this.held.recipient });
  }

  // The recovery kit's bytes; `sealed` is the bid's digest, or "" before it is complete.
  async kit(sealed = "") {
    const { tender, supplier, version } = this.asked;
    const of = { tender, supplier, version, recipient: this.held.recipient, digest: sealed };
    const bytes = await this.pool.keeper("kit", { of });
    await this.#hold({ kit: new Date().toISOString() });
    return bytes;
  }

  // Takes the kit that the person kept; false when it is not that of this bid.
  async takeKit(file) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return this.pool.keeper("takeKit", { bytes, recipient: this.held.recipient });
  }

  // Seals and sends everything but the documents, which have arrived: { envelope, version, digest, opened }.
  // `opened` says whether the bid was opened again to check it. Problem("lock-differs") when the service does not have
  // the lock that this browser made, ("self-check") when what was sealed does not open to what was meant.
  async complete(prices, statements, documents) {
    await this.load();
    const { started, tender, revision, supplier, version } = this.asked;
    if (this.standing !== "here") throw new Problem("begun-elsewhere");
    if ((await sha256Hex(fromBase64(started.lock.locked))) !== this.held.lock) throw new Problem("lock-differs");
    const { recipient } = started;
    const small = (name, value) => this.pool.keeper("small", { name, bytes: canonical(value), recipient });
    const own = [
      await small("prices.json", prices),
      await small("declarations.json", { type: "declarations/v1", confirmed: statements }),
    ];
    const files = [...own.map((one) => one.file), ...documents.map((one) => one.entry)];
    const of = { tender, revision, supplier, version, kind: PLACE.kind, round: PLACE.round, lots: prices.lots.map((lot) => lot.lot) };
    const bytes = manifestBytes(of, nonce(), files);
    const first = await this.pool.keeper("manifest", { bytes, recipient });
    const opened = await this.#check([[first, bytes], [own[0].part, canonical(prices)]]);
    for (const { blob, data } of [first, ...own.map((one) => one.part)]) {
      await this.pool.keeper("send", { calls: this.calls, sha256: blob.sha256, data });
    }
    const blobs = [first.blob, ...own.map((one) => one.part.blob), ...documents.flatMap((one) => one.blobs)];
    const envelope = envelopeOf({ tender, revision, ...PLACE, recipient }, blobs, started.lock, CLIENT);
    return { envelope, version, opened, digest: await digest(envelopeBytes(envelope)) };
  }

  // Hands in the envelope; the address of the receipt. Tried again with the same key until the service answers.
  async submit({ envelope, version }, waiting) {
    const key = `${this.held.key}-${await digest(envelopeBytes(envelope))}`;
    const offer = { envelope, version, key };
    const { receipt } = await persist(() => this.#tell("submit", offer), { waiting });
    await this.forget();
    return receipt;
  }

  // Nothing of this bid is remembered here any more.
  async forget() {
    await this.#forget(this.held.recipient);
    await removeUnder("bids", this.#key);
  }

  // People sign in again while they upload: what was refused for its old token is said once more with a fresh one.
  async #tell(what, body) {
    try {
      return await tell(`${this.calls}/${what}`, body, this.token);
    } catch (wrong) {
      if (wrong.code !== "form-token") throw wrong;
      ({ token: this.token } = await ask(`${this.calls}/asked`));
      return tell(`${this.calls}/${what}`, body, this.token);
    }
  }

  async #check(sealed) {
    if (!(await this.opens())) return false;
    for (const [{ data }, meant] of sealed) {
      const plain = await this.pool.keeper("open", { data });
      if (meant.some((byte, at) => plain[at] !== byte)) throw new Problem("self-check");
    }
    return true;
  }

  async #hold(more) {
    this.held = { ...this.held, ...more };
    await put("bids", this.#key, this.held);
  }

  async #forget(recipient) {
    await removeUnder("files", [recipient]);
    await removeUnder("parts", [recipient]);
  }
}
