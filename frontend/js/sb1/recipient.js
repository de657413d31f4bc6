// What an age X25519 recipient looks like, for whoever encrypts nothing.
import { bech32 } from "@scure/base";

const PUBLIC = 32; // bytes

// Whether this is an X25519 recipient "age1…", in its one spelling.
export function isRecipient(text) {
  try {
    const { prefix, bytes } = bech32.decodeToBytes(text);
    return prefix === "age" && bytes.length === PUBLIC && text === text.toLowerCase();
  } catch {
    return false;
  }
}
