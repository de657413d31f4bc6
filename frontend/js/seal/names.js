// Names that a document of a bid may have, by the rules of Python's kernel.sealing.names.
const RESERVED = ["prices.json", "declarations.json", "manifest.json"];
const LONGEST = 200; // characters
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

// "" when the name will do, else "name" (not a plain one) or "reserved".
export function nameProblem(name) {
  if (!name || [...name].length > LONGEST || UNPRINTABLE.test(name) || /[/\\]/.test(name)) return "name";
  return RESERVED.includes(name.toLowerCase()) ? "reserved" : "";
}
