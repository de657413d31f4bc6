// The roster: who holds a share of the bids of one tender, in order; a member's place in it is the x of its share.
// { type: "roster/v1", tender, level, m, holders: [{ id, office, organisation, age, sign }] }
import { fromBase64, sha256Hex, toBase64 } from "./bytes.js";
import { canonical } from "./jcs.js";
import { isRecipient } from "./recipient.js";
import { signedBy } from "./sign.js";

export const rosterHash = (roster) => sha256Hex(canonical(roster));

// SHA-256 of the public halves of a holder's key { holder, age, sign }: what two people compare.
export const fingerprintOf = (half) => sha256Hex(canonical({ type: "holder-public/v1", ...half }));

// What every holder signs (Ed25519). The envelope binds the revision, so that an amendment needs no new signatures.
export const rosterStatement = (tender, roster) => canonical({ type: "roster-signature/v1", tender, roster });

// The hash of the roster, once it is certain that it is this tender's and that all n holders signed it.
// signatures: holder id -> base64. Error names the first thing that is wrong.
export async function checkedRoster(roster, tender, signatures) {
  const places = roster.holders.length;
  if (roster.type !== "roster/v1" || roster.tender !== tender) throw new Error("The list of key holders is another one.");
  if (!(roster.m >= 2 && roster.m <= places && places <= 15)) throw new Error("The number of key holders is impossible.");
  for (const own of ["id", "age", "sign"]) {
    if (new Set(roster.holders.map((holder) => holder[own])).size !== places) throw new Error("A key holder is listed twice.");
  }
  if (!roster.holders.every(isSpelled)) throw new Error("A key is written in another way than its one spelling.");
  const hash = await rosterHash(roster);
  const statement = rosterStatement(tender, hash);
  for (const holder of roster.holders) {
    if (!signedBy(holder.sign, signatures[holder.id] ?? "", statement)) {
      throw new Error(`The signature of a key holder is missing or wrong: ${holder.office}.`);
    }
  }
  return hash;
}

// Whether both keys are in their one spelling: in capitals, or with other last bits, one key would look like two.
function isSpelled({ age, sign }) {
  try {
    return isRecipient(age) && toBase64(fromBase64(sign)) === sign;
  } catch {
    return false; // not base64
  }
}
