// What runs in a real page for the test that browser and Python seal alike: the classes of the page, without its form.
import { decrypt } from "../../frontend/js/sb1/age.js";
import { fromHex, sha256Hex, toHex } from "../../frontend/js/sb1/bytes.js";
import { isCosigned, quorumOf } from "../../frontend/js/sb1/cosigned.js";
import { mustCover } from "../../frontend/js/sb1/openingkey.js";
import { checkedRoster } from "../../frontend/js/sb1/roster.js";
import { join, split } from "../../frontend/js/sb1/shamir.js";
import { Bid } from "../../frontend/js/seal/bid.js";
import { Documents } from "../../frontend/js/seal/documents.js";
import { priceSchedule } from "../../frontend/js/seal/prices.js";
import { Pool } from "../../frontend/js/seal/pool.js";
import { combine } from "shamir-secret-sharing"; // another's: what it joins of ours, everybody can

const pool = new Pool("/worker.js");

// The key stream of AES-CTR: as many bytes as are wanted, the same in Python.
async function noise(seed, size) {
  const raw = Uint8Array.from(seed.match(/../g), (pair) => parseInt(pair, 16));
  const key = await crypto.subtle.importKey("raw", raw, "AES-CTR", false, ["encrypt"]);
  return crypto.subtle.encrypt({ name: "AES-CTR", counter: new Uint8Array(16), length: 64 }, key, new Uint8Array(size));
}

function uploaded(bid, files) {
  return new Promise((resolve, reject) => {
    const drawn = () => {
      const wrong = documents.problem?.code ?? documents.list.map((one) => one.problem).find(Boolean);
      if (wrong) reject(new Error(wrong));
      else if (documents.list.length === files.length && documents.complete) resolve(documents);
    };
    const documents = new Documents({ pool, calls: bid.calls, recipient: bid.held.recipient, limits: bid.asked, drawn });
    documents.add(files).then((refused) => refused.length && reject(new Error(JSON.stringify(refused))), reject);
  });
}

// A whole bid: `files` are [{ name, seed, size, confidential }], `typed` unit prices by item.
window.sealBid = async (calls, files, typed) => {
  const bid = new Bid(pool, calls);
  await bid.begin();
  const chosen = await Promise.all(files.map(async ({ name, seed, size }) => new File([await noise(seed, size)], name)));
  const documents = await uploaded(bid, chosen);
  for (const [place, one] of documents.list.entries()) await documents.explain(one, files[place].confidential);
  const { lines, currency, minor_digits, statements } = bid.asked;
  const { prices } = priceSchedule(lines, typed, currency, minor_digits);
  const ready = await bid.complete(prices, statements, documents.list);
  const kits = (await bid.kits(ready)).map(({ bytes }) => new TextDecoder().decode(bytes));
  await bid.submit(ready);
  return { digests: ready.digests, opened: ready.opened, kits };
};

// What Python sealed, opened here: the SHA-256 of the plaintext.
window.openPart = async (address, identity) => {
  const sealed = new Uint8Array(await (await fetch(address)).arrayBuffer());
  return sha256Hex(await decrypt(sealed, identity));
};

// The schedule for what was typed, as text; or what is wrong, by item.
window.schedule = (lines, typed, currency, digits) => {
  const { prices, wrong } = priceSchedule(lines, typed, currency, digits);
  return prices ? { prices } : { wrong: Object.keys(wrong) };
};

// A secret (hex) dealt here, and what an independent library makes of every m shares in a row: { ys, joined }, all hex.
window.deal = async (secret, m, n) => {
  const dealt = split(fromHex(secret), m, n);
  const rows = dealt.slice(m - 1).map((_, first) => dealt.slice(first, first + m));
  const joined = await Promise.all(rows.map((row) => combine(row.map(({ x, y }) => Uint8Array.of(...y, x)))));
  return { ys: dealt.map(({ y }) => toHex(y)), joined: joined.map(toHex) };
};

// The secret of shares [[x, y in hex]] that Python dealt.
window.joinShares = (shares) => toHex(join(shares.map(([x, y]) => ({ x, y: fromHex(y) }))));

// The hash of a roster that is what it should be; see sb1/roster.js.
window.checkedRoster = checkedRoster;

// What is made of the keyholder's word: "covered", "unsigned" or "wrong".
window.coverOf = (told, tender, opens, pin) =>
  mustCover(told, tender, opens, pin).then(({ key }) => (key ? "covered" : "unsigned"), () => "wrong");

// Until when its word keeps bids closed.
window.untilOf = (told, tender, opens) => mustCover(told, tender, opens).then(({ until }) => until);

// What is made of the cosignatures under a checkpoint: "enough", "too few" or "refused".
window.quorum = (note, keys, needed) =>
  quorumOf(keys, needed).then((asked) => (isCosigned(note, asked) ? "enough" : "too few"), () => "refused");
