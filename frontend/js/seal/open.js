// That everybody can read what the public record is said to say. Whoever holds the record's key could put entries there
// that are hidden from all, and show them to one bidder alone. An open entry cannot be hidden: `procurement monitor` and
// `verify` ask for the record behind each of them.
import { isOpen } from "../sb1/log.js";

const REPEATED = "RecordsRepeated"; // public records from before there were open entries, in an open one

// Throws unless the entry is open, or its very record is repeated in an open entry of `among`. `standing(entry)` gives an
// entry's record once it is known to stand in the record.
export async function mustBeOpen({ index, entry, salt, record }, among, standing) {
  if (isOpen(entry)) return;
  for (const one of among.filter((other) => isOpen(other.entry) && JSON.parse(other.record).type === REPEATED)) {
    const { fact } = await standing(one);
    if (fact.records.some((again) => again.salt === salt && again.record === record)) return;
  }
  throw new Error(`entry ${index} is hidden in the record`);
}
