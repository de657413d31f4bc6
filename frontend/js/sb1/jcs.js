// Canonical JSON (RFC 8785): one spelling for each value. Byte-equal with Python's kernel.canonical.
import { utf8 } from "./bytes.js";

// The canonical bytes of a value of objects, arrays, strings, booleans, null and whole numbers.
// TypeError for anything else: what has no one spelling is never hashed.
export const canonical = (value) => utf8(spelled(value));

// A JSON value, if these bytes are its one canonical spelling. Throws otherwise.
export function readCanonical(bytes) {
  const value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  const again = canonical(value);
  if (again.length !== bytes.length || again.some((byte, at) => byte !== bytes[at])) throw new TypeError("not canonical");
  return value;
}

function spelled(value) {
  if (Array.isArray(value)) return `[${value.map(spelled).join(",")}]`;
  if (value !== null && typeof value === "object") return `{${members(value)}}`;
  mustBePlain(value);
  return JSON.stringify(value);
}

// Names are sorted by their UTF-16 code units, as `sort` does without being told.
function members(value) {
  return Object.keys(value)
    .sort()
    .map((name) => `${spelled(name)}:${spelled(value[name])}`)
    .join(",");
}

function mustBePlain(value) {
  const whole = Number.isSafeInteger(value) && !Object.is(value, -0);
  if (value === null || typeof value === "boolean" || whole) return;
  if (typeof value === "string" && !/\p{Surrogate}/u.test(value)) return; // half a pair has no UTF-8
  throw new TypeError(`no canonical spelling of a ${typeof value}`);
}
