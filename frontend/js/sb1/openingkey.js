// The keyholder's own word on an opening: which key its bids are locked to, and before which moment none is given up.
// The service carries it and cannot make it. The same as kernel/sealing/opening_key and opening_record say in Python.
import { toHex } from "./bytes.js";
import { canonical } from "./jcs.js";
import { signedBy } from "./sign.js";
import { verifierOf } from "./verifier.js";

export const KEY = "KeyPublished";
export const [PUBLISHED, MOVED] = ["TenderPublished", "DeadlineExtended"]; // the facts that name an opening time
const SIGNED = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const MOMENT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/;

// Whether a fact names a key of the keyholder.
export const isKeyholders = (fact) => fact.purpose === "keyholder";

// { key, until, others }: with which key of the keyholder its newest word on `tender` was checked, "" where the tender was
// published before it signed; before when it lets nothing be opened, then as the record says it; and its other keys in the
// record, of which there should be none. `told` are facts that are proved to stand in the record, { index, type, fact };
// `opens` is the opening time that is shown; `pin` is the keyholder's key kept from elsewhere, "" for the one that the
// record had named before. Throws where the word does not cover what was published: a tender without one passes only where
// no key was named before it.
export async function mustCover(told, tender, opens, pin = "") {
  const inOrder = [...told].sort((one, other) => one.index - other.index);
  const keys = inOrder.filter(({ type, fact }) => type === KEY && isKeyholders(fact));
  const moves = inOrder.filter(({ type, fact }) => [PUBLISHED, MOVED].includes(type) && fact.tender === tender);
  const [published, newest] = [moves[0], moves.at(-1)];
  if (published?.type !== PUBLISHED) throw new Error("the record does not say how this tender was published");
  const key = pin || (keys.filter(({ index }) => index < newest.index).at(-1)?.fact.verifier ?? "");
  const signed = newest.fact.opening_keys ?? [];
  if (!key && !signed.length) return { key: "", until: micros(newest.fact.opening_at), others: [] };
  const latest = [newest.fact.opening_at, opens ?? newest.fact.opening_at].map(micros).sort().at(-1);
  await mustBeBound(signed, key, tender, recipientsOf(published.fact), latest);
  const until = signed.map(({ statement }) => statement.not_before).sort().at(-1);
  return { key, until, others: [...new Set(keys.map(({ fact }) => fact.verifier))].filter((other) => other !== key) };
}

// What each kind of envelope is locked to: [[kind, age1…]].
function recipientsOf({ recipient, financial_recipient: second }) {
  return second ? [["technical", recipient], ["financial", second]] : [["single", recipient]];
}

async function mustBeBound(signed, verifier, tender, recipients, latest) {
  const { key } = await verifierOf(verifier);
  if (signed.length !== recipients.length) throw new Error("the keyholder did not sign once for each envelope");
  for (const [kind, recipient] of recipients) {
    const opening = { tender, lot_group: "", kind, round: 1 };
    const mine = signed.filter(({ statement }) => statement?.opening?.kind === kind);
    if (mine.length !== 1) throw new Error(`the keyholder did not sign, once, for the envelopes ${kind}`);
    const [{ statement, signature, ...more }] = mine;
    const { not_before } = statement;
    const meant = canonical({ type: "opening-key/v1", opening, recipient, not_before });
    if (Object.keys(more).length || toHex(canonical(statement)) !== toHex(meant)) throw new Error("the keyholder signed something else");
    if (!signedBy(key, signature, meant)) throw new Error("the keyholder did not sign this");
    if (!SIGNED.test(not_before) || not_before < latest) throw new Error(`the keyholder keeps bids closed until ${not_before} only`);
  }
}

// A moment in the spelling that is signed, in which moments sort as text.
function micros(moment) {
  const [, seconds, rest = ""] = MOMENT.exec(moment) ?? [];
  if (!seconds) throw new Error(`${moment} is no moment`);
  return `${seconds}.${rest.padEnd(6, "0")}Z`;
}
