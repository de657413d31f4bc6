// The declarations and prices as they stand in the page, and the sums beside them.
import { lineTotal, major, priceSchedule, unitPrice } from "./prices.js";
import { money, words } from "./words.js";

const field = (item) => document.querySelector(`[name="price_${item}"]`);

// { prices, totals, lines }: `lines` are what is wrong, for the summary.
export function readPrices(asked) {
  const typed = Object.fromEntries(asked.lines.map((line) => [line.item, field(line.item).value]));
  const { prices, totals, wrong } = priceSchedule(asked.lines, typed, asked.currency, asked.minor_digits);
  const lines = Object.entries(wrong).map(([item, code]) => ({ field: field(item), text: `${nameOf(item)}: ${words(`price-${code}`)}` }));
  return { prices, totals, lines };
}

// The statements confirmed, in the tender's order; `lines` as above.
export function readDeclarations(asked) {
  const boxes = [...document.querySelectorAll('[name="confirmed"]')];
  const ticked = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  const all = asked.statements.every((statement) => ticked.has(statement.code));
  return { statements: asked.statements, lines: all ? [] : [{ field: boxes[0], text: words("declarations") }] };
}

// Each line's sum and each lot's total, as far as they can be reckoned.
export function drawSums(asked) {
  const { totals } = readPrices(asked);
  for (const line of asked.lines) {
    const unit = unitPrice(field(line.item).value);
    const sum = unit === null ? "–" : money(major(lineTotal(line.quantity, unit, asked.minor_digits), asked.minor_digits), asked.currency);
    document.querySelector(`[data-sum="${line.item}"]`).textContent = sum;
  }
  for (const cell of document.querySelectorAll("[data-total]")) {
    const total = totals.get(cell.dataset.total);
    cell.textContent = total === undefined ? "–" : money(major(total, asked.minor_digits), asked.currency);
  }
}

// “Price of item 3”, by the number that stands before the item's description.
function nameOf(item) {
  const number = field(item).closest("tr").querySelector("th").textContent.split(".")[0];
  return `${words("item")} ${number}`;
}
