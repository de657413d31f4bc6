// Ed25519 over canonical bytes, as RFC 8032 has it. Older browsers' own cryptography does not know it, so a library does.
// Keys and signatures are base64; a seed is the 64 hexadecimal characters of a key file.
import { ed25519 } from "@noble/curves/ed25519.js";
import { fromBase64, fromHex, toBase64, toHex } from "./bytes.js";

export const newSeed = () => toHex(ed25519.utils.randomSecretKey());
export const publicKeyOf = (seed) => toBase64(ed25519.getPublicKey(fromHex(seed)));
export const sign = (seed, bytes) => toBase64(ed25519.sign(bytes, fromHex(seed)));

// Whether the key made the signature over these bytes.
export function signedBy(key, signature, bytes) {
  try {
    return ed25519.verify(fromBase64(signature), bytes, fromBase64(key), { zip215: false });
  } catch {
    return false; // not base64, not a key
  }
}
