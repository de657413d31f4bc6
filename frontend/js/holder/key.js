// A key holder's key: an age identity that shares are locked to, and an Ed25519 seed. It exists on the holder's device
// alone: as a file, locked with a passphrase (age scrypt). Everything here runs in a worker.
import { Decrypter, Encrypter } from "age-encryption";
import { newIdentity, recipientOf } from "../sb1/age.js";
import { canonical, readCanonical } from "../sb1/jcs.js";
import { newSeed, publicKeyOf } from "../sb1/sign.js";

const TYPE = "holder-key/v1";
const WORK = 18; // scrypt's factor: 2^18 rounds, some 300 MB and a few seconds for each guess

export async function makeKey(holder) {
  return { type: TYPE, holder, identity: await newIdentity(), seed: newSeed() };
}

// The public halves, as the service takes them.
export async function publicOf(key) {
  return { holder: key.holder, age: await recipientOf(key.identity), sign: publicKeyOf(key.seed) };
}

export async function lockKey(key, passphrase) {
  const locking = new Encrypter();
  locking.setPassphrase(passphrase);
  locking.setScryptWorkFactor(WORK);
  return locking.encrypt(canonical(key));
}

// The key in a file. Throws for another passphrase, and for what is no key file.
export async function openKey(file, passphrase) {
  const opening = new Decrypter();
  opening.addPassphrase(passphrase);
  const key = readCanonical(await opening.decrypt(file));
  if (key.type !== TYPE) throw new TypeError("not a key file");
  return key;
}
