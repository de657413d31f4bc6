// One bid that this device seals: begun with its locks, completed with prices, declarations and manifests, submitted.
import { digest, envelopeBytes, envelopeOf, manifestBytes } from "../sb1/bid.js";
import { fromBase64, nonce, sha256Hex } from "../sb1/bytes.js";
import { canonical } from "../sb1/jcs.js";
import { divided, envelopesOf, placeOf } from "./envelopes.js";
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

  // Makes the identity of each envelope and hands in the locks; from here on only the recipients are needed.
  async begin() {
    await this.load();
    await mustBePublic(this.asked);
    const { tender, roster = null, signatures = {}, revision, version } = this.asked;
    const made = [];
    for (const { kind, keyholder } of envelopesOf(this.asked)) {
      const of = { tender, ...placeOf(kind) };
      made.push(await this.pool.keeper("lock", { of, keyholder, roster, signatures }));
    }
    const [first, financial = null] = made;
    await persist(() => this.#tell("start", { ...first, financial }));
    if (this.held) await this.#forget(this.held.recipient);
    const [own, second = null] = await Promise.all(made.map(remembered));
    this.held = { ...own, financial: second, revision, version, kit: "", key: crypto.randomUUID() };
    await put("bids", this.#key, this.held);
    await this.load();
  }

  // What this browser remembers of each envelope, with its kind: [{ kind, recipient, lock }].
  get #envelopes() {
    const held = [this.held, this.held.financial];
    return envelopesOf(this.asked).map(({ kind }, place) => ({ kind, recipient: held[place].recipient, lock: held[place].lock }));
  }

  // Whether this page can open what was sealed: it made the identities, or was given the kits.
  async opens() {
    const each = await Promise.all(this.#envelopes.map(({ recipient }) => this.pool.keeper("opens", { recipient })));
    return each.every(Boolean);
  }

  // The recovery kits [{ kind, bytes }], one for each envelope: who gives one away gives nothing of the other. `sealed`
  // are the digests of the envelopes, none before the bid is complete.
  async kits(sealed = []) {
    const { tender, supplier, version } = this.asked;
    const made = [];
    for (const [place, { kind, recipient }] of this.#envelopes.entries()) {
      const of = { tender, supplier, version, recipient, digest: sealed[place] ?? "" };
      made.push({ kind, bytes: await this.pool.keeper("kit", { of }) });
    }
    await this.#hold({ kit: new Date().toISOString() });
    return made;
  }

  // Takes a kit that the person kept; false when it is of no envelope of this bid.
  async takeKit(file) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return this.pool.keeper("takeKit", { bytes, recipients: this.#envelopes.map(({ recipient }) => recipient) });
  }

  // Seals and sends everything but the documents, which have arrived: { envelopes, version, digests, opened }.
  // `opened` says whether the bid was opened again to check it. Problem("lock-differs") when the service does not have
  // a lock that this browser made, ("self-check") when what was sealed does not open to what was meant.
  async complete(prices, statements, documents) {
    await this.load();
    const { started, version } = this.asked;
    if (this.standing !== "here") throw new Problem("begun-elsewhere");
    const envelopes = this.#envelopes;
    const locks = [started.lock, started.financial?.lock];
    for (const [place, { lock }] of envelopes.entries()) {
      if ((await sha256Hex(fromBase64(locks[place].locked))) !== lock) throw new Problem("lock-differs");
    }
    const priced = await this.#small(envelopes.at(-1).recipient, "prices.json", prices);
    const declared = await this.#small(envelopes[0].recipient, "declarations.json", { type: "declarations/v1", confirmed: statements });
    const rest = [declared, ...documents.map(({ entry, blobs }) => ({ file: entry, blobs }))];
    const opens = await this.opens();
    const lots = prices.lots.map((lot) => lot.lot);
    const made = [];
    for (const [place, files] of divided(envelopes, priced, rest).entries()) {
      made.push(await this.#sealed(envelopes[place], locks[place], lots, files, opens));
    }
    const digests = await Promise.all(made.map((envelope) => digest(envelopeBytes(envelope))));
    return { envelopes: made, version, opened: opens, digests };
  }

  // One envelope over these files [{ file, blobs, data?, plain? }]; those with `data` are sent, after the manifest.
  async #sealed({ kind, recipient }, lock, lots, files, opens) {
    const { tender, revision, supplier, version } = this.asked;
    const place = placeOf(kind);
    const of = { tender, revision, supplier, version, kind, round: place.round, lots };
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
  async submit({ envelopes: [envelope, financial], version, digests }, waiting) {
    const offer = { envelope, financial, version, key: `${this.held.key}-${digests[0]}` };
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

// What the browser remembers of an envelope that was begun: its recipient, and the SHA-256 of its lock.
const remembered = async ({ recipient, lock }) => ({ recipient, lock: await sha256Hex(fromBase64(lock.locked)) });
