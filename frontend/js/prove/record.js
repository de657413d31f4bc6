// Proofs that a reader makes on their own device, from what the public record serves and a key that they trust.
import { fromBase64, fromHex, toHex, utf8 } from "../sb1/bytes.js";
import { readCanonical } from "../sb1/jcs.js";
import { entryOf, isOpen, leafOf, mustStandIn, openedCheckpoint } from "../sb1/log.js";

const AT_ONCE = 6; // proofs that are asked for side by side
const HEADER = "c2sp.org/tlog-proof@v1";

// What is wrong, with the index of the entry where one is to blame.
export class Wrong extends Error {
  constructor(entry) {
    super(`entry ${entry}`);
    this.entry = entry;
  }
}

// Every readable entry of a procurement: { proven, size }. Entries newer than the checkpoint wait for the next one.
export async function provenProcess(ocid, key) {
  const checkpoint = await openedCheckpoint(await asked("/ledger/checkpoint").then((answer) => answer.text()), key);
  const listed = await asked(`/ledger/process/${encodeURIComponent(ocid)}`).then((answer) => answer.json());
  const entries = listed.filter((entry) => entry.index < checkpoint.size);
  if (!entries.length) throw new TypeError("no entry is listed"); // who proves nothing has proved nothing
  for (let start = 0; start < entries.length; start += AT_ONCE) {
    await Promise.all(entries.slice(start, start + AT_ONCE).map((entry) => mustBeProven(entry, ocid, checkpoint)));
  }
  return { proven: entries.length, size: checkpoint.size };
}

async function mustBeProven({ index, entry, salt, record }, ocid, checkpoint) {
  const proof = await asked(`/ledger/proof/${index}?size=${checkpoint.size}`).then((answer) => answer.json());
  try {
    if (toHex(await entryOf(salt, record, isOpen(entry))) !== entry || readCanonical(utf8(record)).process !== ocid) throw new Wrong(index);
    await mustStandIn(checkpoint, index, await leafOf(fromHex(entry)), proof.path.map(fromBase64));
  } catch {
    throw new Wrong(index);
  }
}

// A receipt's tlog-proof, whose record names this bid's digest, and those of its financial envelopes as `spelled` does:
// { proven, size } with the entry's index.
export async function provenReceipt(address, { digest, financial = "" }, key) {
  const text = await asked(address).then((answer) => answer.text());
  const gap = text.indexOf("\n\n");
  const [header, extra, index, ...path] = text.slice(0, gap).split("\n");
  const checkpoint = await openedCheckpoint(text.slice(gap + 2), key);
  const place = Number(index.replace("index ", ""));
  try {
    const { record, salt } = JSON.parse(new TextDecoder().decode(fromBase64(extra.replace("extra ", ""))));
    const { type, fact } = readCanonical(utf8(record));
    const same = fact.digest === digest && spelled(fact) === financial;
    if (header !== HEADER || type !== "BidReceived" || !same) throw new Wrong(place);
    await mustStandIn(checkpoint, place, await leafOf(await entryOf(salt, record)), path.map(fromBase64));
  } catch {
    throw new Wrong(place);
  }
  return { proven: place, size: checkpoint.size };
}

// The digest of the one financial envelope; where lots are priced apart each lot, by its id, before its digest; "" of none.
const spelled = ({ financial = "", financial_lots: lots = {} }) => financial || Object.entries(lots).sort().flat().join(" ");

async function asked(address) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok) throw new TypeError(`${address} answers ${answer.status}`); // as if it did not answer
  return answer;
}
