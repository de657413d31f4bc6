// That the key holders a bid is sealed to are those of the public record: the entry that froze their list names its hash,
// which covers every key in it, and stands in a signed checkpoint. A list made for one bidder alone would have to stand
// there too, before everybody's eyes.
import { fromBase64 } from "../sb1/bytes.js";
import { entryOf, leafOf, mustStandIn, openedCheckpoint } from "../sb1/log.js";
import { rosterHash } from "../sb1/roster.js";
import { ask, text } from "./net.js";
import { Problem } from "./problem.js";

const FROZEN = "RosterFrozen";

// Problem("roster-unknown") unless it is so; nothing to do at level S1.
export async function mustBeFrozen({ ocid, tender, roster }) {
  if (!roster) return;
  const { checkpoints } = await ask("/ledger/keys");
  const [note, entries] = [await text("/ledger/checkpoint"), await ask(`/ledger/process/${encodeURIComponent(ocid)}`)];
  const frozen = [...entries].reverse().find(({ record }) => record && isFrozen(JSON.parse(record), ocid, tender));
  try {
    if (JSON.parse(frozen.record).fact.roster !== (await rosterHash(roster))) throw new Error("another list");
    const checkpoint = await openedCheckpoint(note, checkpoints);
    const { path } = await ask(`/ledger/proof/${frozen.index}?size=${checkpoint.size}`);
    const leaf = await leafOf(await entryOf(frozen.salt, frozen.record));
    await mustStandIn(checkpoint, frozen.index, leaf, path.map(fromBase64));
  } catch (wrong) {
    if (wrong instanceof Problem) throw wrong;
    throw new Problem("roster-unknown", { detail: wrong.message });
  }
}

const isFrozen = (said, ocid, tender) => said.type === FROZEN && said.process === ocid && said.fact.tender === tender;
