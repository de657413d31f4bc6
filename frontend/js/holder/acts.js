// What a holder's key is used for. Each act decides by itself what it was given: a challenge is never taken for a share,
// nor a share for a challenge, whatever the service says that it sent.
import { decrypt } from "../sb1/age.js";
import { sha256Hex } from "../sb1/bytes.js";
import { readCanonical } from "../sb1/jcs.js";
import { fingerprintOf, rosterHash, rosterStatement } from "../sb1/roster.js";
import { sign } from "../sb1/sign.js";
import { lockKey, makeKey, openKey, publicOf } from "./key.js";

// A fault with a name, for which the page has words.
export class Trouble extends Error {}

export async function make({ holder, passphrase }) {
  const key = await makeKey(holder);
  const half = await publicOf(key);
  return { half, fingerprint: await fingerprintOf(half), file: await lockKey(key, passphrase) };
}

// The answer to a challenge: SHA-256 of what was inside, if it is a challenge to this holder and nothing else.
export async function prove({ file, passphrase, member, sealed }) {
  const key = await opened(file, passphrase, member);
  const plain = await or("challenge", () => decrypt(sealed, key.identity));
  const asked = await or("challenge", () => readCanonical(plain));
  const names = Object.keys(asked).sort().join();
  if (asked.type !== "pop/v1" || asked.member !== member || names !== "member,nonce,tender,type") throw new Trouble("challenge");
  return { answer: await sha256Hex(plain) };
}

// The signature over a roster, if it is this tender's and names this very key.
export async function signRoster({ file, passphrase, member, tender, roster, hash }) {
  const listed = await or("roster", () => readCanonical(roster));
  const own = (listed.holders ?? []).find((holder) => holder.id === member);
  const shown = listed.type === "roster/v1" && listed.tender === tender && (await rosterHash(listed)) === hash;
  if (!shown || !own) throw new Trouble("roster");
  const key = await opened(file, passphrase, member);
  const half = await publicOf(key);
  if (own.age !== half.age || own.sign !== half.sign) throw new Trouble("roster");
  return { signature: sign(key.seed, rosterStatement(tender, hash)) };
}

// The holder's key, which has to be `member`'s.
export async function opened(file, passphrase, member) {
  const key = await or("key", () => openKey(file, passphrase));
  if (key.holder !== member) throw new Trouble("other-key");
  return key;
}

// What `attempt` gives; when it fails, the trouble of that name.
export async function or(name, attempt) {
  try {
    return await attempt();
  } catch {
    throw new Trouble(name);
  }
}
