// A worker: everything that costs time or holds a secret. Asked { id, what, ...rest }, it answers { id, done } or
// { id, failed }, and { id, progress } meanwhile; { stop: id } ends a job. The identities E of the bid's
// envelopes live in one worker's memory, from the moment they are made or read from a kit until the page goes; they leave
// only inside a kit.
import { decrypt, newIdentity, recipientOf } from "../sb1/age.js";
import { kitBytes, sealManifest, sealPart, sealSmall } from "../sb1/bid.js";
import { sha256Hex, toBase64 } from "../sb1/bytes.js";
import { lockIdentity, lockShares } from "../sb1/lock.js";
import { checkedRoster } from "../sb1/roster.js";
import { Problem, plain } from "./problem.js";
import { putPart } from "./put.js";
import { put } from "./store.js";

const identities = new Map(); // recipient -> E
const running = new Map(); // job id -> AbortController

const jobs = {
  // A fresh E for the bid { tender, lot_group, kind, round }, locked: { recipient, lock }.
  async lock(job) {
    const made = await newIdentity();
    const locked = await lockOf(made, job);
    identities.set(locked.recipient, made);
    return locked;
  },

  // The same with an identity that nobody keeps, and random bytes sealed to it and opened again:
  // { recipient, lock, blob, data }.
  async trial({ size, ...job }) {
    const made = await newIdentity();
    const { recipient, lock } = await lockOf(made, job);
    const plain = noise(size);
    const { blob, data } = await sealPart(plain, recipient);
    if ((await sha256Hex(await decrypt(data, made))) !== (await sha256Hex(plain))) throw new Problem("self-check");
    return { recipient, lock, blob, data };
  },

  // Whether this worker can open what was sealed to `recipient`.
  opens: ({ recipient }) => identities.has(recipient),

  kit: ({ of }) => kitBytes({ ...of, identity: identities.get(of.recipient) }),

  // Takes E from a kit's bytes; false when it is not the kit of what was sealed to `recipient`.
  async takeKit({ bytes, recipient }) {
    try {
      const kit = JSON.parse(new TextDecoder().decode(bytes));
      if (kit.type !== "kit/v1" || (await recipientOf(kit.identity)) !== recipient) return false;
      identities.set(recipient, kit.identity);
      return true;
    } catch {
      return false;
    }
  },

  small: ({ name, bytes, recipient }) => sealSmall(name, "application/json", bytes, recipient),
  manifest: ({ bytes, recipient }) => sealManifest(bytes, recipient),
  part: ({ bytes, recipient }) => sealPart(bytes, recipient),

  open: ({ data, recipient }) => decrypt(data, identities.get(recipient)),

  send: ({ calls, sha256, data }, { signal, progress }) => putPart(calls, sha256, data, { signal, ...telling(progress) }),

  document,
};

async function lockOf(made, { of, keyholder, roster, signatures }) {
  const recipient = await recipientOf(made);
  if (!roster) return { recipient, lock: { m: 0, n: 0, roster: "", locked: toBase64(await lockIdentity(made, keyholder)) } };
  const hash = await checkedRoster(roster, of.tender, signatures).catch((wrong) => {
    throw new Problem("roster-wrong", { detail: wrong.message });
  });
  const locked = toBase64(await lockShares(made, { ...of, recipient }, roster, keyholder));
  return { recipient, lock: { m: roster.m, n: roster.holders.length, roster: hash, locked } };
}

function noise(size) {
  const most = 65_536; // bytes that the browser gives at once
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += most) crypto.getRandomValues(bytes.subarray(at, at + most));
  return bytes;
}

// One part of a document: read, sealed, remembered, sent. { plain, cipher, size } of what is stored then.
// `known` is what was remembered of it, `stored` whether that ciphertext is at the service already.
async function document({ calls, key, file, from, size, recipient, known, stored }, { signal, progress }) {
  const plain = await read(file, from, size);
  const hash = await sha256Hex(plain);
  if (known && known.plain !== hash) throw new Problem("file-changed");
  if (known && stored) return known;
  const sealed = await sealPart(plain, recipient);
  const part = { plain: hash, cipher: sealed.blob.sha256, size: sealed.blob.size };
  if (signal.aborted) throw new Problem("stopped"); // another file may have its place by now
  await put("parts", key, part); // before it is sent: what arrives is known again after the page was closed
  await putPart(calls, part.cipher, sealed.data, { signal, ...telling(progress) });
  return part;
}

// `size` bytes of the file from `from` on, padded with zeros where the file ends.
async function read(file, from, size) {
  const bytes = new Uint8Array(size);
  try {
    bytes.set(new Uint8Array(await file.slice(from, from + size).arrayBuffer()));
  } catch {
    throw new Problem("file-unreadable"); // moved, altered or deleted since it was chosen
  }
  return bytes;
}

const telling = (progress) => ({
  progress: (sent) => progress({ sent }),
  waiting: (problem, pause) => progress({ sent: 0, waiting: problem.code, pause }),
});

self.onmessage = async ({ data: { id, what, stop, ...rest } }) => {
  if (stop) return running.get(stop)?.abort();
  const control = new AbortController();
  running.set(id, control);
  try {
    const progress = (said) => self.postMessage({ id, progress: said });
    self.postMessage({ id, done: await jobs[what](rest, { signal: control.signal, progress }) });
  } catch (wrong) {
    self.postMessage({ id, failed: plain(wrong) });
  } finally {
    running.delete(id);
  }
};
