// That the keys of a tender's key holders are those that they enrolled, and that a second person of their organisation
// compared. Each enrolment and confirmation stands in the signed record before the entry that froze the list.
import { fingerprintOf } from "../sb1/roster.js";
import { ask } from "./net.js";

const [ENROLLED, CONFIRMED, ENDED] = ["KeyHolderEnrolled", "KeyHolderConfirmed", "KeyHolderEnded"];
const AT_ONCE = 6; // entries that are proved side by side

// Throws unless every holder has one enrolment of that very key, confirmed under its own fingerprint, and not ended,
// before entry `frozen`. `proven(entry)` gives an entry's record once it is known to stand in the record.
export async function mustBeEnrolled(holders, frozen, proven) {
  const ids = new Set(holders.map(({ id }) => id));
  const said = await toldOf([ENROLLED, CONFIRMED, ENDED], (fact) => ids.has(fact.holder), proven);
  for (const holder of holders) {
    const own = said.filter(({ fact }) => fact.holder === holder.id);
    const before = own.filter(({ index }) => index < frozen);
    const marks = before.filter(({ type }) => type !== ENDED).map(({ fact }) => fact.fingerprint);
    const [enrolled, ...others] = own.filter(({ type }) => type === ENROLLED);
    const mark = await fingerprintOf({ holder: holder.id, age: holder.age, sign: holder.sign });
    const same = enrolled?.fact.age === holder.age && enrolled.fact.sign === holder.sign && enrolled.index < frozen;
    const confirmed = before.some(({ type }) => type === CONFIRMED) && marks.every((one) => one === mark);
    if (!same || others.length || !confirmed) throw new Error(`no such key of ${holder.office} was enrolled and confirmed`);
    if (before.some(({ type }) => type === ENDED)) throw new Error(`the key of ${holder.office} had ended`);
  }
}

// [{ index, type, fact }] of the facts of these types that are `wanted(fact)`, each proved to stand in the record.
export const toldOf = async (types, wanted, proven) => allProven(await placesOf(types, wanted), proven);

// Where the record speaks of them: the feed tells, and each entry is proved afterwards.
async function placesOf(types, wanted) {
  const asked = types.map((type) => `type=${type}`).join("&");
  const places = [];
  for (let after = -1; ;) {
    const page = await ask(`/api/v1/feed?${asked}&after=${after}&limit=500`);
    places.push(...page.changes.filter(({ fact }) => wanted(fact)).map(({ index }) => index));
    if (page.next >= page.head || page.next === after) return places;
    after = page.next;
  }
}

// [{ index, type, fact }] of the entries at these places.
async function allProven(places, proven) {
  const said = [];
  for (let start = 0; start < places.length; start += AT_ONCE) {
    said.push(...(await Promise.all(places.slice(start, start + AT_ONCE).map((index) => at(index, proven)))));
  }
  return said;
}

async function at(index, proven) {
  const { entries } = await ask(`/ledger/entries?start=${index}&limit=1`);
  const { type, fact } = await proven({ ...entries[0], index });
  return { index, type, fact };
}
