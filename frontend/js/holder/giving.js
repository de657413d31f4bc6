// Giving shares at an opening: nothing is opened before this device has seen for itself that it is time.
import { decrypt } from "../sb1/age.js";
import { fromBase64, sha256Hex } from "../sb1/bytes.js";
import { readCanonical } from "../sb1/jcs.js";
import { opened, or, Trouble } from "./acts.js";
import { isClosedWith, mustHavePassed, provenFact } from "./evidence.js";

const PRACTICE = "/sandbox-"; // in the name of every practice log

// [{ digest, share }] for all that is `wanted` of this tender: the share's text, "" for one that cannot be read.
// `practice` says that the legal clock of a practice service was moved, so that this device's own tells nothing; it is
// believed of a log that is named as one for ever.
export async function give({ file, passphrase, member, tender, wanted, practice }) {
  if (wanted.tender !== tender || wanted.member !== member) throw new Trouble("closing");
  const timed = !(practice && wanted.ledger.split("+")[0].includes(PRACTICE));
  if (timed && !(Date.now() >= Date.parse(wanted.opening_at))) throw new Trouble("early");
  const { fact, leaf } = await or("closing", () => provenFact("TenderClosed", wanted.closing, wanted.ledger));
  if (fact.tender !== tender || !(await isClosedWith(fact, wanted.digests))) throw new Trouble("closing");
  if (wanted.decision) await or("closing", () => mustHavePassed(wanted, leaf));
  const envelopes = await or("closing", () => envelopesOf(wanted));
  if (timed && !(Date.now() >= Date.parse(fact.deadline))) throw new Trouble("early"); // in the record, for everybody to see
  const key = await opened(file, passphrase, member);
  const given = [];
  for (const [at, one] of wanted.shares.entries())
    given.push({ digest: one.digest, share: await shareOf(one, envelopes[at], key.identity, tender, member) });
  return { shares: JSON.stringify(given), count: given.length };
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
async function shareOf({ ct, commit }, { recipient, kind }, identity, tender, member) {
  try {
    const plain = await decrypt(fromBase64(ct), identity);
    const share = readCanonical(plain);
    const ours = share.type === "share/v1" && share.tender === tender && share.member === member;
    const its = share.recipient === recipient && share.kind === kind;
    return ours && its && (await sha256Hex(plain)) === commit ? new TextDecoder().decode(plain) : "";
  } catch {
    return "";
  }
}
