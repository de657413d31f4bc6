// That the keys of a tender's key holders are those that they enrolled, and that a second person of their organisation
// compared. Each enrolment and confirmation stands in the signed record before the entry that froze the list.
import { fingerprintOf } from "../sb1/roster.js";
import { ask } from "./net.js";

const [ENROLLED, CONFIRMED, ENDED] = ["KeyHolderEnrolled", "KeyHolderConfirmed", "KeyHolderEnded"];
const REPEATED = "RecordsRepeated";
const AT_ONCE = 6; // entries that are proved side by side

// Throws unless every holder has one enrolment of that very key, confirmed under its own fingerprint, and not ended,
// before entry `frozen`. `proven(entry, among)` gives an entry's record once it is known to stand in the record, and that
// everybody can read it there, or repeated in an entry `among` those.
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

// [{ index, type, fact }] of the facts of these types that are `wanted(fact)`, each proved to stand in the record, and of
// what repeats them.
export const toldOf = async (types, wanted, proven) => allProven(await placesOf([...types, REPEATED], wanted), proven);

// Where the record speaks of them: the feed tells, and each entry is proved afterwards.
async function placesOf(types, wanted) {
  const asked = types.map((type) => `type=${type}`).join("&");
  const places = [];
  for (let after = -1; ;) {
    const page = await ask(`/api/v1/feed?${asked}&after=${after}&limit=500`);
    places.push(...page.changes.filter(({ fact }) => saidIn(fact).some(wanted)).map(({ index }) => index));
    if (page.next >= page.head || page.next === after) return places;
    after = page.next;
  }
}

// The fact, and those that it repeats.
const saidIn = (fact) => [fact, ...(fact.records ?? []).map(({ record }) => JSON.parse(record).fact)];

// [{ index, type, fact }] of the entries at these places.
async function allProven(places, proven) {
  const entries = await inTurns(places, entryAt);
  return inTurns(entries, async (entry) => ({ ...(await proven(entry, entries)), index: entry.index }));
}

async function inTurns(all, act) {
  const done = [];
  for (let start = 0; start < all.length; start += AT_ONCE) {
    done.push(...(await Promise.all(all.slice(start, start + AT_ONCE).map(act))));
  }
  return done;
}

async function entryAt(index) {
  const { entries } = await ask(`/ledger/entries?start=${index}&limit=1`);
  return { ...entries[0], index };
}
