// That what a bid is sealed to is what the public record says: the seal level and the keyholder's keys in the entry that
// published the tender, and the key holders in the entry that froze their list, which names its hash and so covers every
// key in it; each key was enrolled and confirmed before. All of it stands in a signed checkpoint, where everybody can
// read it (open.js).
import { pinsOf } from "../pins.js";
import { fromBase64, utf8 } from "../sb1/bytes.js";
import { isCosigned, quorumOf } from "../sb1/cosigned.js";
import { readCanonical } from "../sb1/jcs.js";
import { entryOf, isOpen, leafOf, mustStandIn, openedCheckpoint } from "../sb1/log.js";
import { rosterHash } from "../sb1/roster.js";
import { mustBeEnrolled } from "./enrolled.js";
import { ask, text } from "./net.js";
import { mustBeOpen } from "./open.js";
import { Problem } from "./problem.js";
import { mustBePromised } from "./promised.js";

// Problem("seal-unknown") unless level and keyholder are those published, ("opening-key-wrong") unless the keyholder itself
// signed so, and for the opening time that is shown, ("roster-unknown") unless the key holders are those published,
// ("checkpoint-unwitnessed") unless the witnesses that the person asks for cosigned the record of all that,
// ("pins-wrong") where these cannot be asked for.
export async function mustBePublic(asked) {
  const { ocid, tender, level, recipient, financial_recipient = "", roster, opening_at } = asked;
  const pins = pinsOf(document);
  const [verifier, note] = [pins.ledger || (await ask("/ledger/keys")).checkpoints, await checkpointFor(pins)];
  const entries = await ask(`/ledger/process/${encodeURIComponent(ocid)}`);
  const standing = async (entry) => provenIn(entry, await openedCheckpoint(note, verifier), pins);
  const proven = async (entry, among = entries) => {
    await mustBeOpen(entry, among, standing);
    return standing(entry);
  };
  const only = async (type) => {
    const found = entries.filter(({ record }) => record && isOf(JSON.parse(record), type, ocid, tender));
    if (found.length !== 1) throw new Error(`${found.length} entries ${type}`);
    return { index: found[0].index, ...(await proven(found[0])).fact };
  };
  await or("seal-unknown", async () => {
    const said = await only("TenderPublished");
    const locked = said.seal_level === "S1" ? !roster : roster?.level === level;
    const keys = said.recipient === recipient && (said.financial_recipient ?? "") === financial_recipient;
    return locked && said.seal_level === level && keys;
  });
  await or("opening-key-wrong", () => mustBePromised({ tender, opening_at }, entries, proven, pins.keyholder));
  if (!roster) return;
  await or("roster-unknown", async () => {
    const frozen = await only("RosterFrozen");
    await mustBeEnrolled(roster.holders, frozen.index, proven);
    return frozen.roster === (await rosterHash(roster));
  });
}

const isOf = (said, type, ocid, tender) => said.type === type && said.process === ocid && said.fact.tender === tender;

// The newest checkpoint; where witnesses are asked for, the one that most have cosigned.
async function checkpointFor({ witnesses, needed }) {
  const quorum = await quorumOf(witnesses, needed).catch(({ message }) => {
    throw new Problem("pins-wrong", { detail: message });
  });
  if (!quorum.needed) return text("/ledger/checkpoint");
  const note = await text("/ledger/checkpoint/witnessed").catch((wrong) => {
    if (wrong.passes) throw wrong;
    return ""; // nobody has cosigned anything
  });
  if (!isCosigned(note, quorum)) throw new Problem("checkpoint-unwitnessed");
  return note;
}

// The record of an entry that stands in the tree of a checkpoint, in its one spelling. Throws otherwise.
async function provenIn({ index, entry, salt, record }, checkpoint, { witnesses }) {
  if (witnesses.length && index >= checkpoint.size) throw new Problem("checkpoint-unwitnessed"); // newer than they have seen
  const { path } = await ask(`/ledger/proof/${index}?size=${checkpoint.size}`);
  await mustStandIn(checkpoint, index, await leafOf(await entryOf(salt, record, isOpen(entry))), path.map(fromBase64));
  return readCanonical(utf8(record));
}

// Problem(code) unless `holds` says yes; a service that does not answer is its own problem.
async function or(code, holds) {
  let detail = "";
  try {
    if (await holds()) return;
  } catch (wrong) {
    if (wrong instanceof Problem) throw wrong;
    detail = wrong.message;
  }
  throw new Problem(code, { detail });
}
