// Everything a person reads is in the page already, in their language: here it is found and filled.
const lang = document.documentElement.lang || "en";
const NARROW = "\u202f"; // between groups of figures, as the service writes them

// The words for a code; "" when the page has none.
export const words = (code) => document.querySelector(`[data-word="${code}"]`)?.textContent ?? "";

// The words for a Problem: the page's own; the service's, where they say more or the page has none.
export function said(problem) {
  const own = words(problem.code);
  return [own, problem.detail && problem.status ? problem.detail : ""].filter(Boolean).join(" ") || words("fault");
}

export function bytes(size) {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log10(size || 1) / 3)));
  const unit = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"][power];
  const value = size / 1000 ** power;
  const how = { style: "unit", unit, unitDisplay: power ? "short" : "long", maximumFractionDigits: value < 10 && power ? 1 : 0 };
  return new Intl.NumberFormat(lang, how).format(value);
}

// “3 minutes”, never less than one unit of what is worth saying.
export function duration(seconds) {
  const [unit, size] = [["hour", 3600], ["minute", 60], ["second", 1]].find(([, size]) => seconds >= 1.5 * size) ?? ["second", 1];
  const value = Math.max(1, Math.round((seconds / size) * (unit === "hour" ? 10 : 1)) / (unit === "hour" ? 10 : 1));
  return new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

// “1 240 000.00 EUR” for a decimal string.
export function money(major, currency) {
  const [whole, decimals] = major.split(".");
  const point = new Intl.NumberFormat(lang).formatToParts(1.5).find((part) => part.type === "decimal").value;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, NARROW);
  return `${grouped}${decimals ? point + decimals : ""}\u00a0${currency}`;
}
