// The envelopes of a bid, in their order: one; or a technical one with everything but the prices, and a financial one with
// the prices alone, which is opened later, or never.
export const envelopesOf = ({ recipient, financial_recipient: financial }) =>
  financial ? [{ kind: "technical", keyholder: recipient }, { kind: "financial", keyholder: financial }] : [{ kind: "single", keyholder: recipient }];

// What an envelope says of itself, and every share of its identity too.
export const placeOf = (kind) => ({ lot_group: "", kind, round: 1 });

// What belongs into each of `kinds`, of the bid's own files and documents.
export const divided = (kinds, priced, rest) => (kinds.length === 1 ? [[priced, ...rest]] : [rest, [priced]]);
