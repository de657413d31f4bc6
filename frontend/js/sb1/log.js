// The public record, checked in the browser: entries, places in the tree (RFC 9162), and checkpoints that the record's
// own key signed (C2SP signed-note).
import { fromBase64, fromHex, toBase64, toHex, utf8 } from "./bytes.js";
import { signedBy } from "./sign.js";

const ED25519 = 1; // the algorithm's byte before the 32 of a key
const DASH = "\u2014"; // before each signature of a note

// Whether an entry (hexadecimal) is marked as one whose record everybody can read: one byte before the 32 of a hash.
export const isOpen = (entry) => entry.length === 66 && entry.startsWith("01");

// What stands in the log for a record, in an open entry or in a hidden one. `salt` is hexadecimal.
export async function entryOf(salt, record, open = false) {
  const hash = await sha256(utf8(open ? "entry/v2-open" : "entry/v1"), fromHex(salt), utf8(record));
  return open ? Uint8Array.of(1, ...hash) : hash;
}

export const leafOf = (entry) => sha256(Uint8Array.of(0), entry);

// { size, root } of a checkpoint that `verifier` (name+id+key) signed. Throws otherwise.
export async function openedCheckpoint(note, verifier) {
  const [name, id, encoded] = verifier.trim().split(/\+([0-9a-f]{8})\+/);
  if (!encoded) throw new Error("this is no public key of a record");
  const key = fromBase64(encoded);
  const gap = note.lastIndexOf("\n\n");
  const text = note.slice(0, gap + 1);
  const line = note
    .slice(gap + 2)
    .split("\n")
    .find((one) => one.startsWith(`${DASH} ${name} `) && toHex(fromBase64(one.split(" ")[2]).slice(0, 4)) === id);
  const signature = line && toBase64(fromBase64(line.split(" ")[2]).slice(4));
  const known = key[0] === ED25519 && signature && signedBy(toBase64(key.slice(1)), signature, utf8(text));
  const [origin, size, root] = text.split("\n");
  if (gap < 0 || !known || origin !== name) throw new Error("the checkpoint is another's");
  return { size: Number(size), root: fromBase64(root) };
}

// Throws unless the leaf stands at `index` of the tree with that root; `path` leads upwards.
export async function mustStandIn({ size, root }, index, leaf, path) {
  if (toHex(await rootFrom(index, size, leaf, path)) !== toHex(root)) throw new Error("not in the record");
}

// The root that a leaf and its path give (RFC 9162, 2.1.3.2).
async function rootFrom(index, size, leaf, path) {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) throw new RangeError("no such place");
  let [place, last, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (!last) throw new RangeError("the path is too long");
    if (place % 2 || place === last) {
      hash = await node(sibling, hash);
      while (place % 2 === 0 && place) [place, last] = [place / 2, Math.floor(last / 2)];
    } else hash = await node(hash, sibling);
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  if (last) throw new RangeError("the path is too short");
  return hash;
}

// The tree hash over leaf hashes; of none, that of nothing.
export async function treeOf(leaves) {
  if (leaves.length < 2) return leaves[0] ?? sha256();
  let left = 1;
  while (left * 2 < leaves.length) left *= 2;
  return node(await treeOf(leaves.slice(0, left)), await treeOf(leaves.slice(left)));
}

const node = (left, right) => sha256(Uint8Array.of(1), left, right);

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
}
