// The lock around a bid's identity E: to the keyholder alone (level S1), or n shares of it, each to its holder, and all
// of them once more to the keyholder (S2, S3).
import { decrypt, encrypt, secretOf } from "./age.js";
import { sha256Hex, toBase64, toHex } from "./bytes.js";
import { canonical } from "./jcs.js";
import { split } from "./shamir.js";

// Level S1: age(keyholder, {type: "identity/v1", identity}).
export const lockIdentity = (identity, keyholder) => encrypt(canonical({ type: "identity/v1", identity }), keyholder);

// The canonical bytes of a share; `of` is { tender, lot_group, kind, round, recipient }, y is 32 bytes.
export function shareBytes(of, member, x, y) {
  const { tender, lot_group, kind, round, recipient } = of;
  return canonical({ type: "share/v1", tender, lot_group, kind, round, recipient, member, x, y: toHex(y) });
}

// S2 and S3: age(keyholder, {type: "shares/v1", shares: [{member, commit, ct}]}) in the roster's order.
export async function lockShares(identity, of, roster, keyholder) {
  const dealt = split(secretOf(identity), roster.m, roster.holders.length);
  const shares = await Promise.all(
    roster.holders.map(async (holder, place) => {
      const share = shareBytes(of, holder.id, dealt[place].x, dealt[place].y);
      return { member: holder.id, commit: await sha256Hex(share), ct: toBase64(await encrypt(share, holder.age)) };
    }),
  );
  return encrypt(canonical({ type: "shares/v1", shares }), keyholder);
}

// A holder's own share: its canonical bytes, if they are what was promised for it. Error when they are not.
export async function openShare(ct, identity, commit) {
  const share = await decrypt(ct, identity);
  if ((await sha256Hex(share)) !== commit) throw new Error("This share is not the one that was promised.");
  return share;
}
