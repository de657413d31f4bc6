// A dry run: random data is sealed, sent, checked as a bid would be, and dropped. It tells how long the real one takes.
import { envelopeOf } from "../sb1/bid.js";
import { lotsApart, offered, ownOf, placeOf } from "./envelopes.js";
import { mustBePublic } from "./frozen.js";
import { ask, tell } from "./net.js";
import { bytes, duration, words } from "./words.js";

const SMALL = 1 << 20; // bytes sent first; a line that takes long for them is not asked for more
const LARGE = 8 << 20;
const QUICK = 2; // seconds
const SUPPOSED = 100_000_000; // bytes of a bid, where no document has been chosen yet

const one = (selector) => document.querySelector(selector);

export async function trial(bid, documents) {
  const say = (code) => (one("[data-trying]").textContent = words(`trying-${code}`));
  const { asked, token } = await ask(`${bid.calls}/asked`);
  await mustBePublic(asked);
  say("sealing");
  const tried = await sealed(bid.pool, asked);
  say("sending");
  const line = await sent(bid.calls, tried.made[0], token);
  say("checking");
  const rehearsed = asked.may_submit && (await checked(bid.calls, asked, tried.made, token));
  draw({ ...tried, line, rehearsed, whole: documents?.whole, roster: asked.roster });
  say("done");
}

// The envelopes that are tried: of lots that are priced apart the first one.
function triedOf(asked) {
  const { financial_recipient: keyholder, lines } = asked;
  return keyholder ? [ownOf(asked), { kind: "financial", lot_group: lotsApart(asked) ? lines[0].lot : "", keyholder }] : [ownOf(asked)];
}

// One part on each worker at the same time, of each envelope at least one: { made, rate }, in bytes per second of all.
async function sealed(pool, asked) {
  const { tender, roster, signatures } = asked;
  const envelopes = triedOf(asked);
  const began = performance.now();
  const jobs = Array.from({ length: Math.max(pool.workers.length, envelopes.length) }, (_, place) => {
    const { kind, lot_group, keyholder } = envelopes[place % envelopes.length];
    return pool.any("trial", { of: { tender, ...placeOf(kind, lot_group) }, keyholder, roster, signatures, size: LARGE });
  });
  const made = await Promise.all(jobs);
  return { made, rate: (LARGE * made.length) / ((performance.now() - began) / 1000) };
}

// The bytes per second of the line, from a small piece, and from a whole part where the line is quick.
async function sent(calls, { data }, token) {
  const seconds = await timed(calls, data.subarray(0, SMALL), token);
  return seconds < QUICK ? data.length / (await timed(calls, data, token)) : SMALL / seconds;
}

async function timed(calls, body, token) {
  const began = performance.now();
  const answer = await fetch(`${calls}/trial`, { method: "POST", headers: { "x-csrf-token": token }, body });
  if (!answer.ok) throw new Error(`trial ${answer.status}`);
  return (performance.now() - began) / 1000;
}

async function checked(calls, asked, made, token) {
  const { tender, revision, version } = asked;
  const envelopes = triedOf(asked).map(({ kind, lot_group }, place) => {
    const { blob, recipient, lock } = made[place];
    return envelopeOf({ tender, revision, ...placeOf(kind, lot_group), recipient }, [blob], lock, "procurement in a browser");
  });
  return Boolean(await tell(`${calls}/rehearse`, { ...offered(envelopes), version, key: "rehearsal" }, token));
}

function draw({ rate, line, rehearsed, whole, roster }) {
  const size = whole || SUPPOSED;
  one("[data-seals]").textContent = `${bytes(rate)}/s`;
  one("[data-uploads]").textContent = `${bytes(line)}/s`;
  if (whole) one("[data-estimate-of]").textContent = words("estimate");
  one("[data-takes]").textContent = duration(size / Math.min(rate, line));
  one("[data-holders]").hidden = !roster;
  one("[data-rehearsed=yes]").hidden = !rehearsed;
  one("[data-rehearsed=no]").hidden = rehearsed;
  one("[data-tried]").hidden = false;
}
