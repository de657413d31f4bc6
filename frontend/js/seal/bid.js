// One bid that this device seals: begun with its lock, completed with prices, declarations and manifests, submitted.
import { digest, envelopeBytes, envelopeOf, manifestBytes } from "../sb1/bid.js";
import { fromBase64, nonce, sha256Hex } from "../sb1/bytes.js";
import { canonical } from "../sb1/jcs.js";
import { offered, ownOf, placeOf, pricedApart } from "./envelopes.js";
import { mustBePublic } from "./frozen.js";
import { ask, persist, tell } from "./net.js";
import { Problem } from "./problem.js";
import { get, put, removeUnder } from "./store.js";

const CLIENT = "procurement in a browser";

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

  // Makes the identity of the envelope that holds documents and hands in its lock; from here on only its recipient is
  // needed. Financial envelopes get theirs when prices are sealed.
  async begin() {
    await this.load();
    await mustBePublic(this.asked);
    const { revision, version } = this.asked;
    const made = await this.#locked(ownOf(this.asked));
    await persist(() => this.#tell("start", made));
    if (this.held) await this.#forget(this.held.recipient);
    this.held = { ...(await remembered(made)), revision, version, kit: "", key: crypto.randomUUID() };
    await put("bids", this.#key, this.held);
    await this.load();
  }

  // A fresh identity for an envelope, locked to this key of the keyholder: { recipient, lock }.
  #locked({ kind, lot_group, keyholder }) {
    const { tender, roster = null, signatures = {} } = this.asked;
    return this.pool.keeper("lock", { of: { tender, ...placeOf(kind, lot_group) }, keyholder, roster, signatures });
  }

  // Whether this page can open the documents that were sealed: it made their identity, or was given its kit.
  opens() {
    return this.pool.keeper("opens", { recipient: this.held.recipient });
  }

  // The recovery kits [{ kind, lot_group, bytes }], one for each envelope that this page can open: who gives one away gives
  // nothing of the others. Without `ready`, what `complete` gave, of the envelope that holds documents alone, which has no
  // digest yet.
  async kits(ready = null) {
    const { tender, supplier, version } = this.asked;
    const begun = { kind: ownOf(this.asked).kind, lot_group: "", recipient: this.held.recipient };
    const made = [];
    for (const [place, { kind, lot_group, recipient }] of (ready?.envelopes ?? [begun]).entries()) {
      if (!(await this.pool.keeper("opens", { recipient }))) continue;
      const of = { tender, supplier, version, recipient, digest: ready?.digests[place] ?? "" };
      made.push({ kind, lot_group, bytes: await this.pool.keeper("kit", { of }) });
    }
    await this.#hold({ kit: new Date().toISOString() });
    return made;
  }

  // Takes the kit that the person kept; false when it is not that of the documents.
  async takeKit(file) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return this.pool.keeper("takeKit", { bytes, recipient: this.held.recipient });
  }

  // Seals and sends everything but the documents, which have arrived: { envelopes, version, digests, opened }.
  // `opened` says whether the documents' envelope was opened again to check it. Problem("lock-differs") when the service
  // does not have the lock that this browser made, ("self-check") when what was sealed does not open to what was meant;
  // and as `mustBePublic` where prices get envelopes of their own now.
  async complete(prices, statements, documents) {
    await this.load();
    const { started, version } = this.asked;
    if (this.standing !== "here") throw new Problem("begun-elsewhere");
    if ((await sha256Hex(fromBase64(started.lock.locked))) !== this.held.lock) throw new Problem("lock-differs");
    const apart = pricedApart(this.asked, prices);
    if (apart.length) await mustBePublic(this.asked);
    const opens = await this.opens();
    const own = { kind: ownOf(this.asked).kind, recipient: this.held.recipient, lock: started.lock, opens };
    const files = documents.map(({ entry, blobs }) => ({ file: entry, blobs }));
    files.unshift(await this.#small(own.recipient, "declarations.json", { type: "declarations/v1", confirmed: statements }));
    if (!apart.length) files.unshift(await this.#small(own.recipient, "prices.json", prices));
    const made = [await this.#sealed(own, prices.lots, files)];
    for (const one of apart) made.push(await this.#priced(one));
    const digests = await Promise.all(made.map((envelope) => digest(envelopeBytes(envelope))));
    return { envelopes: made, version, opened: opens, digests };
  }

  // A financial envelope: prices alone, to an identity that is made now.
  async #priced({ lot_group, prices }) {
    const place = { kind: "financial", lot_group, keyholder: this.asked.financial_recipient };
    const { recipient, lock } = await this.#locked(place);
    const listed = await this.#small(recipient, "prices.json", prices);
    return this.#sealed({ ...place, recipient, lock, opens: true }, prices.lots, [listed]);
  }

  // One envelope for these lots over these files [{ file, blobs, data?, plain? }]; those with `data` are sent, after the
  // manifest. `opens`: this page has its identity, and checks it.
  async #sealed({ kind, lot_group, recipient, lock, opens }, priced, files) {
    const { tender, revision, supplier, version } = this.asked;
    const place = placeOf(kind, lot_group);
    const of = { tender, revision, supplier, version, kind, round: place.round, lots: priced.map(({ lot }) => lot) };
    const bytes = manifestBytes(of, nonce(), files.map(({ file }) => file));
    const first = await this.pool.keeper("manifest", { bytes, recipient });
    const own = [{ blobs: [first.blob], data: first.data, plain: bytes }, ...files.filter(({ data }) => data)];
    if (opens) for (const one of own) await this.#mustOpen(one, recipient);
    for (const { blobs, data } of own) await this.pool.keeper("send", { calls: this.calls, sha256: blobs[0].sha256, data });
    const blobs = [first.blob, ...files.flatMap((one) => one.blobs)];
    return envelopeOf({ tender, revision, ...place, recipient }, blobs, lock, CLIENT);
  }

  async #small(recipient, name, value) {
    const plain = canonical(value);
    const { part, file } = await this.pool.keeper("small", { name, bytes: plain, recipient });
    return { file, blobs: [part.blob], data: part.data, plain };
  }

  // Hands in the envelopes; the address of the receipt. Tried again with the same key until the service answers.
  async submit({ envelopes, version, digests }, waiting) {
    const offer = { ...offered(envelopes), version, key: `${this.held.key}-${digests[0]}` };
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

  async #mustOpen({ data, plain }, recipient) {
    const opened = await this.pool.keeper("open", { data, recipient });
    if (plain.some((byte, at) => opened[at] !== byte)) throw new Problem("self-check");
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

// What the browser remembers of what was begun: its recipient, and the SHA-256 of its lock.
const remembered = async ({ recipient, lock }) => ({ recipient, lock: await sha256Hex(fromBase64(lock.locked)) });
