// The envelopes of a bid, in their order: one; or a technical one with everything but the prices, and a financial one with
// the prices alone, which is opened later, or never. Of a tender with several lots there is a financial one for each lot
// that is bid for.

// The envelope that holds documents: its kind, and the keyholder's key that it is locked to.
export const ownOf = ({ recipient, financial_recipient: financial }) => ({ kind: financial ? "technical" : "single", keyholder: recipient });

// What an envelope says of itself, and every share of its identity too.
export const placeOf = (kind, lot_group = "") => ({ lot_group, kind, round: 1 });

// Whether each lot has a financial envelope of its own.
export const lotsApart = ({ financial_recipient, lines }) => Boolean(financial_recipient) && new Set(lines.map(({ lot }) => lot)).size > 1;

// The financial envelopes [{ lot_group, prices }], each with its price list; none where prices go with the rest.
export function pricedApart(asked, prices) {
  if (!asked.financial_recipient) return [];
  if (!lotsApart(asked)) return [{ lot_group: "", prices }];
  const lots = new Map(asked.lines.map(({ item, lot }) => [item, lot]));
  return prices.lots.map((total) => {
    const items = prices.items.filter(({ item }) => lots.get(item) === total.lot);
    return { lot_group: total.lot, prices: { ...prices, items, lots: [total] } };
  });
}

// How a submission names them.
export const offered = ([envelope, ...others]) => {
  if (!others.length) return { envelope };
  return others[0].lot_group ? { envelope, financial_lots: others } : { envelope, financial: others[0] };
};
