// That the keyholder itself signed what this bid is sealed to, and that nothing of it is given up before the opening time
// that the page shows: with its key as the person knows it, or as the public record names it.
import { isKeyholders, KEY, MOVED, mustCover, PUBLISHED } from "../sb1/openingkey.js";
import { toldOf } from "./enrolled.js";

// { key, others } as mustCover gives it, and the page tells it. `entries` are the tender's, `proven(entry)` gives an
// entry's record once it is known to stand in the record; `pin` is the keyholder's key that the person knows. Throws unless the keyholder's word covers what was published.
export async function mustBePromised({ tender, opening_at: opens }, entries, proven, pin) {
  const moves = entries.filter(({ record }) => record && [PUBLISHED, MOVED].includes(JSON.parse(record).type));
  const told = await Promise.all(moves.map(async (entry) => ({ index: entry.index, ...(await proven(entry)) })));
  const word = await mustCover([...told, ...(await toldOf([KEY], isKeyholders, proven))], tender, opens, pin);
  tell(word);
  return word;
}

// Of the sentences on the page those that are true: "signed", "unsigned", "others".
function tell({ key, others }) {
  const said = { signed: Boolean(key), unsigned: !key, others: others.length > 0 };
  for (const one of document.querySelectorAll("[data-keyholder]")) one.hidden = !said[one.dataset.keyholder];
}
