// The summary of what is wrong, on top of the page; each line leads to its field. One problem, or a list of them.
import { said } from "./words.js";

const box = () => document.querySelector("[data-summary]");

export const show = (problem) => list([], said(problem));

// lines: [{ field: element or null, text }]
export function list(lines, detail = "") {
  const summary = box();
  summary.querySelector("[data-summary-detail]").textContent = detail;
  summary.querySelector("[data-summary-list]").replaceChildren(...lines.map(line));
  for (const { field, text } of lines) if (field) mark(field, text);
  summary.hidden = false;
  summary.focus();
}

export function clear() {
  box().hidden = true;
  for (const field of document.querySelectorAll("[data-marked]")) unmark(field);
}

function line({ field, text }) {
  const item = document.createElement("li");
  if (!field) item.textContent = text;
  else item.append(Object.assign(document.createElement("a"), { href: `#${field.id}`, textContent: text }));
  return item;
}

function mark(field, text) {
  const group = field.closest(".govuk-form-group");
  const message = Object.assign(document.createElement("p"), { className: "govuk-error-message", id: `${field.id}-error`, textContent: text });
  group.classList.add("govuk-form-group--error");
  group.querySelector(".govuk-input__wrapper, .govuk-checkboxes, .govuk-input, .govuk-file-upload").before(message);
  field.setAttribute("aria-describedby", message.id);
  field.setAttribute("data-marked", "");
}

function unmark(field) {
  const group = field.closest(".govuk-form-group");
  group.classList.remove("govuk-form-group--error");
  document.getElementById(`${field.id}-error`)?.remove();
  field.removeAttribute("aria-describedby");
  field.removeAttribute("data-marked");
}
