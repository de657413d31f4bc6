// That bidding for a tender closed, proved by the public record: the closing's entry, its place in the tree and the
// checkpoint that the record's own key signed. The same that the keyholder asks for.
import { fromHex, toHex, utf8 } from "../sb1/bytes.js";
import { readCanonical } from "../sb1/jcs.js";
import { entryOf, leafOf, mustStandIn, openedCheckpoint, treeOf } from "../sb1/log.js";

// The fact of the closing, once it is certain that it stands in the record signed by `verifier`. Throws otherwise.
export async function provenClosing({ record, salt, index, proof, checkpoint }, verifier) {
  const opened = await openedCheckpoint(checkpoint, verifier);
  await mustStandIn(opened, index, await leafOf(await entryOf(salt, record)), proof.map(fromHex));
  const said = readCanonical(utf8(record));
  if (said.type !== "TenderClosed") throw new Error("not a closing");
  return said.fact;
}

// Whether these digests are exactly those that the closing fixed, whatever their order.
export async function isClosedWith(fact, digests) {
  const ordered = [...digests].sort();
  const leaves = await Promise.all(ordered.map((digest) => leafOf(fromHex(digest))));
  return fact.bids === ordered.length && new Set(ordered).size === ordered.length && fact.root === toHex(await treeOf(leaves));
}
