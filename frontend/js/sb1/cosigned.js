// Cosignatures of witnesses under checkpoints (C2SP tlog-cosignature, Ed25519), the same as kernel/cosignature has them.
import { fromBase64, toBase64, toHex, utf8 } from "./bytes.js";
import { signedBy } from "./sign.js";
import { COSIGNATURE, verifierOf } from "./verifier.js";

const DASH = "\u2014"; // before each signature of a note
const [ID, STAMP] = [4, 8]; // bytes of the key's id, and of the time after it: seconds since 1970, big-endian
const LATEST = 253402300799n; // the last second of the year 9999
const MOST = 64; // signatures under one note

// { witnesses, needed } from keys as they are written (name+id+key); 0 asks for all. Throws for what is no witness's key,
// or a number that these cannot reach: a key counts once, whatever names it goes by.
export async function quorumOf(keys = [], needed = 0) {
  const witnesses = await Promise.all(keys.map((one) => verifierOf(one, COSIGNATURE)));
  const most = new Set(witnesses.map(({ key }) => key)).size;
  if (!(Number.isInteger(needed) && needed >= 0 && needed <= most)) throw new RangeError("so many cosignatures cannot be asked");
  return { witnesses, needed: needed || most };
}

// Whether enough of them cosigned this checkpoint. A wrong cosignature counts as none.
export const isCosigned = (note, { witnesses, needed }) => cosigners(note, witnesses).size >= needed;

function cosigners(note, witnesses) {
  const gap = note.lastIndexOf("\n\n");
  const text = note.slice(0, gap + 1);
  try {
    const signatures = note.slice(gap + 2).replace(/\n$/, "").split("\n").map(signatureOf);
    if (gap < 0 || signatures.length > MOST) return new Set();
    return new Set(witnesses.filter((one) => hasCosigned(text, signatures, one)).map(({ key }) => key));
  } catch {
    return new Set(); // a note with a line that is no signature
  }
}

function signatureOf(line) {
  const [dash, name, encoded, ...more] = line.split(" ");
  if (dash !== DASH || !encoded || more.length) throw new Error("a signature line is malformed");
  return { name, raw: fromBase64(encoded) };
}

function hasCosigned(text, signatures, { name, id, key }) {
  const found = signatures.find((one) => one.name === name && toHex(one.raw.slice(0, ID)) === id);
  if (!found || found.raw.length < ID + STAMP) return false;
  const { buffer, byteOffset } = found.raw;
  const seconds = new DataView(buffer, byteOffset + ID, STAMP).getBigUint64(0);
  const message = utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
  return seconds > 0n && seconds <= LATEST && signedBy(key, toBase64(found.raw.slice(ID + STAMP)), message);
}
