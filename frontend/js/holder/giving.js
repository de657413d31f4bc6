// Giving shares at an opening: nothing is opened before this device has seen for itself that it is time.
import { decrypt } from "../sb1/age.js";
import { fromBase64, sha256Hex } from "../sb1/bytes.js";
import { isCosigned, quorumOf } from "../sb1/cosigned.js";
import { readCanonical } from "../sb1/jcs.js";
import { opened, or, Trouble } from "./acts.js";
import { isClosedWith, mustHavePassed, provenFact } from "./evidence.js";
import { promised } from "./promised.js";

const PRACTICE = "/sandbox-"; // in the name of every practice log

// { shares, count, word }: [{ digest, share }] for all that is `wanted` of this tender, the share's text, "" for one that
// cannot be read; and what the keyholder says of the opening (promised.js). `practice` says that the legal clock of a
// practice service was moved, so that this device's own tells nothing; it is believed of a log that is named as one for
// ever. `pins` are keys as the holder knows them: { keyholder, witnesses, needed }; "", none and 0 (all) where not given.
export async function give({ file, passphrase, member, tender, wanted, practice, pins = {} }) {
  if (wanted.tender !== tender || wanted.member !== member) throw new Trouble("closing");
  const timed = !(practice && wanted.ledger.split("+")[0].includes(PRACTICE));
  if (timed && !(Date.now() >= Date.parse(wanted.opening_at))) throw new Trouble("early");
  await mustBeWitnessed(wanted, pins);
  const { fact, leaf } = await or("closing", () => provenFact("TenderClosed", wanted.closing, wanted.ledger));
  if (fact.tender !== tender || !(await isClosedWith(fact, wanted.digests))) throw new Trouble("closing");
  if (wanted.decision) await or("closing", () => mustHavePassed(wanted, leaf));
  const envelopes = await or("closing", () => envelopesOf(wanted));
  const word = await or("keyholder", () => promised(wanted, pins.keyholder));
  for (const due of [fact.deadline, word.until]) if (timed && !(Date.now() >= Date.parse(due))) throw new Trouble("early");
  const key = await opened(file, passphrase, member);
  const given = [];
  for (const [at, one] of wanted.shares.entries())
    given.push({ digest: one.digest, share: await shareOf(one, envelopes[at], key.identity, tender, member) });
  return { shares: JSON.stringify(given), count: given.length, word };
}

// Enough of the witnesses that the holder names cosigned every checkpoint that counts.
async function mustBeWitnessed({ closing, decision, word = [] }, { witnesses, needed }) {
  const quorum = await or("pins", () => quorumOf(witnesses, needed));
  const notes = [closing, decision, ...word].filter(Boolean).map(({ checkpoint }) => checkpoint);
  if (!notes.every((note) => isCosigned(note, quorum))) throw new Trouble("unwitnessed");
}

// What is opened: envelopes that the closing fixed, each once, and no other one. Prices only after the technical decision,
// and then nothing else.
async function envelopesOf({ digests, shares, decision }) {
  if (new Set(shares.map((one) => one.digest)).size !== shares.length) throw new Error("a bid twice");
  return Promise.all(
    shares.map(async ({ digest, envelope }) => {
      const text = new TextEncoder().encode(envelope);
      if (!digests.includes(digest) || (await sha256Hex(text)) !== digest) throw new Error("another envelope");
      const said = JSON.parse(envelope);
      if ((said.kind === "financial") !== Boolean(decision)) throw new Error("another kind of envelope");
      return said;
    }),
  );
}

// A share of that envelope, of this tender, dealt to this member, and the one that the bidder committed to; else "".
async function shareOf({ ct, commit }, { recipient, kind, lot_group = "" }, identity, tender, member) {
  try {
    const plain = await decrypt(fromBase64(ct), identity);
    const share = readCanonical(plain);
    const ours = share.type === "share/v1" && share.tender === tender && share.member === member;
    const its = share.recipient === recipient && share.kind === kind && share.lot_group === lot_group;
    return ours && its && (await sha256Hex(plain)) === commit ? new TextDecoder().decode(plain) : "";
  } catch {
    return "";
  }
}
