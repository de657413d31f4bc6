// What a sealed bid is made of: parts, manifest, envelope, recovery kit. Byte-equal with Python's kernel.sealing.
import { encrypt } from "./age.js";
import { sha256Hex } from "./bytes.js";
import { canonical } from "./jcs.js";
import { paddedSize } from "./padding.js";

export const PART = 8388608; // bytes of plaintext in a part (8 MiB)
const SPACE = 0x20; // JSON allows spaces after a value: the manifest is padded with them

// The lengths of the parts of a file of `size` bytes, padding included. An empty file is one empty part.
export function partSizes(size) {
  const padded = paddedSize(size);
  const whole = Math.floor(padded / PART);
  const rest = padded - whole * PART;
  return [...Array(whole).fill(PART), ...(rest || !whole ? [rest] : [])];
}

// One part: { blob: {sha256, size}, hashes: {sha256_plain, sha256_cipher}, data }. `plain` is padded already.
export async function sealPart(plain, recipient) {
  const data = await encrypt(plain, recipient);
  const sha256 = await sha256Hex(data);
  return { blob: { sha256, size: data.length }, hashes: { sha256_plain: await sha256Hex(plain), sha256_cipher: sha256 }, data };
}

// A short file as one part, with what the manifest says of it: prices.json, declarations.json.
export async function sealSmall(name, mediaType, bytes, recipient) {
  if (bytes.length > PART) throw new RangeError("more than one part");
  const plain = new Uint8Array(paddedSize(bytes.length));
  plain.set(bytes);
  const part = await sealPart(plain, recipient);
  return { part, file: fileEntry(name, mediaType, bytes.length, [part.hashes], "") };
}

// What the manifest says of a file. `parts` are the hashes of its parts in order; `confidential` a reason, or "".
export function fileEntry(name, media_type, size, parts, confidential) {
  return { name, media_type, size, parts, confidential };
}

// `of`: { tender, revision, lots, kind, round, supplier, version }. The first file is prices.json.
export function manifestBytes(of, nonce, files) {
  const { tender, revision, lots, kind, round, supplier, version } = of;
  return canonical({ suite: "SB1", tender, revision, lots, kind, round, supplier, version, nonce, files });
}

// The manifest as the envelope's first part.
export function sealManifest(bytes, recipient) {
  const plain = new Uint8Array(paddedSize(bytes.length)).fill(SPACE);
  plain.set(bytes);
  return sealPart(plain, recipient);
}

// The envelope as an object. `of`: { tender, revision, lot_group, kind, round, recipient }; `blobs` the manifest's first;
// `lock`: { m, n, roster, locked }, at level S1 0, 0 and ""; `locked` is base64.
export function envelopeOf(of, blobs, lock, client) {
  const { tender, revision, lot_group, kind, round, recipient } = of;
  const { m, n, roster, locked } = lock;
  const said = { tender, revision, lot_group, kind, round, recipient, part_size: PART, blobs, m, n, roster, locked };
  return { suite: "SB1", ...said, sealed_by: "client", client };
}

export const envelopeBytes = (envelope) => canonical(envelope);
export const digest = (bytes) => sha256Hex(bytes);

// The recovery kit: with it the bidder can open its own bid and prove it to others, and alter nothing.
// `digest` is that of the envelope, or "" while the bid is not yet sealed.
export function kitBytes({ tender, recipient, identity, digest, supplier, version }) {
  return canonical({ type: "kit/v1", tender, recipient, identity, digest, supplier, version });
}
