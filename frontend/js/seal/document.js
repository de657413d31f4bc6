// One document of a bid: which of its parts are at the service, and what may still be done with it.
import { fileEntry, partSizes } from "../sb1/bid.js";

export class Document {
  // `held`: what is remembered of it: { name, type, size, confidential, order }. `parts`: place -> { plain, cipher, size }.
  constructor(id, held, parts = new Map()) {
    Object.assign(this, held, { id, parts });
    this.sizes = partSizes(held.size);
    this.arrived = new Set(); // places whose part is durable at the service
    this.compared = new Set(); // places whose part was read from the chosen file on this page
    this.moving = new Map(); // place -> bytes of it that have left, of the parts in work
    this.file = null; // once the person has chosen it on this page
    this.other = null; // a file that was chosen and is not the one that was begun with
    this.problem = ""; // why it does not go on
    this.stop = new AbortController();
  }

  get held() {
    const { name, type, size, confidential, order } = this;
    return { name, type, size, confidential, order };
  }

  // All of it was sent on an earlier page, or compared with its file on this one.
  get complete() {
    const all = this.sizes.length;
    return this.arrived.size === all && (this.compared.size === all || !this.file) && !this.problem;
  }

  // Bytes, of the padded size: what counts for progress.
  get whole() {
    return this.sizes.reduce((sum, size) => sum + size, 0);
  }

  get sent() {
    const arrived = [...this.arrived].reduce((sum, place) => sum + this.sizes[place], 0);
    return [...this.moving].reduce((sum, [place, bytes]) => sum + Math.min(bytes, this.sizes[place]), arrived);
  }

  // The next place to work on; -1 without one. Of a file that was chosen again, the parts that are remembered come first,
  // and all of them: only then is it certain that it is the same file, of which more may be sent.
  get next() {
    if (!this.file || this.problem) return -1;
    const remembered = [...this.parts.keys()].filter((place) => !this.compared.has(place));
    if (remembered.length) return remembered.find((place) => !this.moving.has(place)) ?? -1;
    return this.sizes.findIndex((_, place) => !this.compared.has(place) && !this.moving.has(place));
  }

  // Bytes before the part at `place`: all parts before the last are whole.
  from(place) {
    return place * this.sizes[0];
  }

  // Takes the file that the person chose again. By name and size it may be the same one; its parts tell.
  choose(file) {
    this.compared.clear();
    const same = file.name === this.name && file.size === this.size;
    this.problem = same ? "" : "other-file";
    this.file = same ? file : null;
    this.other = same ? null : file;
  }

  // The part at `place` was read from the file, and is at the service.
  arrive(place, part) {
    this.parts.set(place, part);
    this.arrived.add(place);
    this.compared.add(place);
  }

  // The file is not the one; what is still being done with it no longer counts.
  fail(problem) {
    this.halt();
    this.problem = problem;
    this.other = this.file;
    this.file = null;
  }

  // Stops what is being done with it.
  halt() {
    this.stop.abort();
    this.stop = new AbortController();
    this.moving.clear();
  }

  // What the manifest says of it, and the envelope.
  get entry() {
    const hashes = this.#inOrder().map(({ plain, cipher }) => ({ sha256_plain: plain, sha256_cipher: cipher }));
    return fileEntry(this.name, this.type, this.size, hashes, this.confidential);
  }

  get blobs() {
    return this.#inOrder().map(({ cipher, size }) => ({ sha256: cipher, size }));
  }

  #inOrder() {
    return this.sizes.map((_, place) => this.parts.get(place));
  }
}
