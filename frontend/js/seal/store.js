// What this browser remembers of a bid it is sealing (IndexedDB). No secret: the bid's public recipient, the names and
// sizes of the files, the hashes of each part, and what was typed only as ciphertext. Keys are arrays.
const STORES = ["bids", "files", "parts"];
let opened;

export async function put(store, key, value) {
  const transaction = (await database()).transaction(store, "readwrite", { durability: "strict" });
  transaction.objectStore(store).put(value, key);
  await done(transaction);
}

export async function get(store, key) {
  return answer((await database()).transaction(store).objectStore(store).get(key));
}

// Every [key, value] whose key begins with `start`, in order: arrays come after everything else in an index.
export async function under(store, start) {
  const held = (await database()).transaction(store).objectStore(store);
  const [keys, values] = await Promise.all([answer(held.getAllKeys(range(start))), answer(held.getAll(range(start)))]);
  return keys.map((key, place) => [key, values[place]]);
}

export async function removeUnder(store, start) {
  const transaction = (await database()).transaction(store, "readwrite");
  transaction.objectStore(store).delete(range(start));
  await done(transaction);
}

const range = (start) => IDBKeyRange.bound(start, [...start, []]);

function database() {
  opened ??= new Promise((resolve, reject) => {
    const asking = indexedDB.open("sealing", 1);
    asking.onupgradeneeded = () => STORES.forEach((name) => asking.result.createObjectStore(name));
    asking.onsuccess = () => resolve(asking.result);
    asking.onerror = () => reject(asking.error);
  });
  return opened;
}

function answer(asking) {
  return new Promise((resolve, reject) => {
    asking.onsuccess = () => resolve(asking.result);
    asking.onerror = () => reject(asking.error);
  });
}

function done(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}
