// From what was typed to prices.json, by the rules of Python's kernel.sealing.schedule: the same sums to the last digit.
const SPACES = /[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g; // what Python takes for space
const APOSTROPHES = /[\u2019']/g;
const PLAIN = /^[0-9]{1,12}(\.[0-9]{1,6})?$/;
const MOST_DIGITS = 12; // of a lot's total before its point

// Reads "1240.50", "1 240,50" or "1,240.50" as a decimal string; null when it is no price.
export function unitPrice(text) {
  let plain = text.replace(SPACES, "").replace(APOSTROPHES, "");
  if (plain.includes(",") && plain.includes(".")) {
    plain = plain.replaceAll(plain.lastIndexOf(",") > plain.lastIndexOf(".") ? "." : ",", "");
  }
  plain = plain.replaceAll(",", ".");
  return PLAIN.test(plain) ? plain.replace(/^0+(?=[0-9])/, "") : null;
}

// Quantity times unit price in minor units (BigInt), rounded half up (EN 16931). Both are decimal strings.
export function lineTotal(quantity, unit, digits) {
  const [a, b] = [decimal(quantity), decimal(unit)];
  const places = a.places + b.places - digits;
  const product = a.value * b.value;
  if (places <= 0) return product * 10n ** BigInt(-places);
  const one = 10n ** BigInt(places);
  return (product * 2n + one) / (one * 2n);
}

// `lines`: [{ item, lot, quantity }], `typed`: item -> what was typed. A lot without any price is not bid for; one with
// some has to have all. { prices, totals, wrong }: `totals` is a Map of lot -> minor units (BigInt), `wrong` names by item
// "lots", "missing", "unreadable" or "too-large"; `prices` is null while anything is wrong.
export function priceSchedule(lines, typed, currency, digits) {
  const written = new Map(lines.map((line) => [line.item, trimmed(typed[line.item])]).filter(([, text]) => text));
  const lots = new Set(lines.filter((line) => written.has(line.item)).map((line) => line.lot));
  const asked = lines.filter((line) => lots.has(line.lot));
  const read = new Map(asked.map((line) => [line.item, unitPrice(written.get(line.item) ?? "")]));
  const wrong = wrongPrices(lines, written, read);
  const totals = Object.keys(wrong).length ? new Map() : lotTotals(asked, read, digits);
  for (const line of asked) if (totals.has(line.lot) && tooLarge(totals.get(line.lot), digits)) wrong[line.item] = "too-large";
  return { prices: Object.keys(wrong).length ? null : spelled(currency, read, totals, digits), totals, wrong };
}

// Minor units as a decimal string with all the decimals of the currency.
export function major(minor, digits) {
  const figures = String(minor).padStart(digits + 1, "0");
  return digits ? `${figures.slice(0, -digits)}.${figures.slice(-digits)}` : figures;
}

function wrongPrices(lines, written, read) {
  if (!read.size) return lines.length ? { [lines[0].item]: "lots" } : {};
  const wrong = [...read].filter(([, value]) => value === null);
  return Object.fromEntries(wrong.map(([item]) => [item, written.has(item) ? "unreadable" : "missing"]));
}

function lotTotals(asked, read, digits) {
  const totals = new Map();
  for (const line of asked) {
    totals.set(line.lot, (totals.get(line.lot) ?? 0n) + lineTotal(line.quantity, read.get(line.item), digits));
  }
  return totals;
}

function spelled(currency, read, totals, digits) {
  return {
    currency,
    items: [...read].map(([item, unit_price]) => ({ item, unit_price })),
    lots: [...totals].map(([lot, total]) => ({ lot, total: major(total, digits) })),
  };
}

const tooLarge = (minor, digits) => minor >= 10n ** BigInt(MOST_DIGITS + digits);
const trimmed = (text) => (text ?? "").replace(SPACES, " ").trim();

function decimal(text) {
  const [whole, part = ""] = text.split(".");
  return { value: BigInt(whole + part), places: part.length };
}
