// That bidding for a tender closed, and that it was decided who passed, proved by the public record: an entry, its place
// in the tree and the checkpoint that the record's own key signed. The same that the keyholder asks for.
import { fromHex, toHex, utf8 } from "../sb1/bytes.js";
import { readCanonical } from "../sb1/jcs.js";
import { entryOf, leafOf, mustStandIn, openedCheckpoint, treeOf } from "../sb1/log.js";

// The fact of that `type` and its leaf hash (hex), once it is certain that it stands in the record signed by `verifier`.
// Throws otherwise.
export async function provenFact(type, evidence, verifier) {
  const said = await provenRecord(evidence, verifier);
  if (said.type !== type) throw new Error(`not ${type}`);
  return said;
}

// The same of whatever it is: { type, fact, leaf }.
export async function provenRecord({ record, salt, index, proof, checkpoint, open = false }, verifier) {
  const opened = await openedCheckpoint(checkpoint, verifier);
  const leaf = await leafOf(await entryOf(salt, record, open));
  await mustStandIn(opened, index, leaf, proof.map(fromHex));
  const { type, fact } = readCanonical(utf8(record));
  return { type, fact, leaf: toHex(leaf) };
}

// Throws unless the record decides, for the closing with that leaf, that these envelopes may be opened, all of which
// the closing fixed (`digests`). A decision that not everybody can read is none.
export async function mustHavePassed({ tender, ledger, decision, digests, shares }, closing) {
  const { fact } = await provenFact("TechnicalDecided", decision, ledger);
  if (!decision.open || fact.tender !== tender || fact.closing !== closing) throw new Error("another decision");
  if (!fact.passed.every((digest) => digests.includes(digest))) throw new Error("more than closing fixed");
  if (!shares.every(({ digest }) => fact.passed.includes(digest))) throw new Error("more than passed");
}

// Whether these digests are exactly those that the closing fixed, whatever their order.
export async function isClosedWith(fact, digests) {
  const ordered = [...digests].sort();
  const leaves = await Promise.all(ordered.map((digest) => leafOf(fromHex(digest))));
  return fact.bids === ordered.length && new Set(ordered).size === ordered.length && fact.root === toHex(await treeOf(leaves));
}
