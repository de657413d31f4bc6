// Public keys as C2SP signed-note writes them: name+id+key, of which the first byte names the algorithm.
import { fromBase64, toBase64, toHex, utf8 } from "./bytes.js";

export const [ED25519, COSIGNATURE] = [1, 4]; // of a log or a keyholder; of a witness

// { name, id, key } of a verifier key of that algorithm: `id` is hexadecimal, `key` the 32 bytes in base64. Throws for
// what is none.
export async function verifierOf(text, algorithm = ED25519) {
  const [name, id, encoded] = text.trim().split(/\+([0-9a-f]{8})\+/);
  const key = fromBase64(encoded ?? "");
  const named = await crypto.subtle.digest("SHA-256", await new Blob([utf8(`${name}\n`), key]).arrayBuffer());
  const right = name && !/\s/.test(name) && key.length === 33 && key[0] === algorithm;
  if (!right || toHex(new Uint8Array(named).slice(0, 4)) !== id) throw new Error("this is no such public key");
  return { name, id, key: toBase64(key.slice(1)) };
}
