// age v1 files to one X25519 recipient: the only encryption of suite SB1. Recipients are "age1…", identities
// "AGE-SECRET-KEY-1…"; a secret is the identity's 32 raw bytes, which Bech32 carries.
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { bech32 } from "@scure/base";

const PREFIX = "age-secret-key-";
const SECRET = 32; // bytes

export const newIdentity = () => generateX25519Identity();
export const recipientOf = (identity) => identityToRecipient(identity);

// One binary age file of `bytes`.
export function encrypt(bytes, recipient) {
  const sealing = new Encrypter();
  sealing.addRecipient(recipient);
  return sealing.encrypt(bytes);
}

// The bytes inside. Throws when the identity does not open it or a byte was changed; a passphrase is never tried.
export function decrypt(sealed, identity) {
  const opening = new Decrypter();
  opening.addIdentity(identity);
  return opening.decrypt(sealed);
}

// The secret of an X25519 identity. Throws for anything else.
export function secretOf(identity) {
  const { prefix, bytes } = bech32.decodeToBytes(identity);
  if (prefix !== PREFIX || bytes.length !== SECRET) throw new TypeError("not an age X25519 identity");
  return bytes;
}

// The identity with that secret.
export function identityOf(secret) {
  if (secret.length !== SECRET) throw new TypeError("a secret has 32 bytes");
  return bech32.encodeFromBytes(PREFIX, secret).toUpperCase();
}
