// That the keyholder itself says until when bids are kept closed, in what everybody can read of the public record. A closing
// is hidden from everybody until the opening, so whoever has the record's key could show a holder one of its own, with a
// deadline of its own. The keyholder's word stands in open entries, and names the same time to everybody.
import { mustCover } from "../sb1/openingkey.js";
import { provenRecord } from "./evidence.js";

const REPEATED = "RecordsRepeated"; // public records from before there were open entries, in an open one

// { key, until, others } as mustCover gives it, of what is `wanted`; `pin` is the keyholder's key as the holder knows it, ""
// for the one that the record names. Throws unless its newest word covers what was published and what is shown.
export async function promised({ word = [], ledger, tender, opening_at }, pin) {
  const told = await Promise.all(word.map(async (one) => ({ ...(await provenRecord(one, ledger)), index: one.index })));
  const repeated = told.filter(({ type }, at) => word[at].open && type === REPEATED).flatMap(({ fact }) => fact.records);
  for (const { index, open, salt, record } of word) {
    const again = repeated.some((one) => one.salt === salt && one.record === record);
    if (!open && !again) throw new Error(`entry ${index} is hidden in the record`);
  }
  return mustCover(told, tender, opening_at, pin);
}
