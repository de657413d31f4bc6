// Pages on which a holder uses the key. The key file and its passphrase are read here, handed to a worker of this page,
// and sent nowhere: their fields have no names. What the worker made fills the form's own field, and the form is sent.
import { base32nopad } from "@scure/base";
import { able } from "../device.js";
import { pinsOf } from "../pins.js";

const LEAST = 16; // characters of a passphrase
const READ_OUT = 32; // hexadecimal figures of a fingerprint that people read to each other

if (able) for (const form of document.querySelectorAll("form[data-holder]")) begin(form);

function begin(form) {
  for (const part of form.querySelectorAll("[data-with-scripts]")) part.hidden = false;
  for (const part of form.querySelectorAll("[data-without-scripts]")) put(part, form);
  if (form.dataset.holder === "new") form.querySelector("[data-make]").addEventListener("click", () => tell(form, make));
  else form.addEventListener("submit", (event) => intercept(event, form));
}

// The way without scripts becomes a choice; its fields stay, because the form sends them.
function put(part, form) {
  const choice = document.createElement("details");
  const title = document.createElement("summary");
  title.textContent = part.dataset.withoutScripts;
  const [, ...rest] = part.children; // the heading says what the summary does
  choice.append(title, ...rest);
  choice.className = "small";
  part.replaceChildren(choice);
  part.classList.remove("sheet");
  form.append(part);
}

function intercept(event, form) {
  if (event.submitter?.closest("[data-without-scripts]")) return;
  event.preventDefault();
  event.stopPropagation();
  tell(form, { give, prove, sign }[form.dataset.holder]);
}

async function prove(form) {
  const sealed = await bytesAt(form.dataset.sealed);
  const { answer } = await work(form, "prove", { ...(await keyOf(form)), sealed });
  form.elements.answer.value = answer;
  form.submit();
}

async function sign(form) {
  const { roster: address, tender } = form.dataset;
  const given = { ...(await keyOf(form)), roster: await bytesAt(address), tender, hash: form.elements.roster.value };
  const { signature } = await work(form, "sign", given);
  form.elements.signature.value = signature;
  form.submit();
}

async function give(form) {
  const { tender, practice } = form.dataset;
  const pins = pinsOf(form);
  const wanted = JSON.parse(new TextDecoder().decode(await bytesAt(form.dataset.wanted)));
  wanted.ledger = pins.ledger || wanted.ledger;
  const asked = { ...(await keyOf(form)), tender, wanted, practice: practice === "yes", pins };
  const { shares, word } = await work(form, "give", asked);
  mustBeRead(form, !word.key ? "unsigned" : word.others.length && !pins.keyholder ? "others" : "");
  form.elements.shares.value = shares;
  form.submit();
}

// What is to be known before shares are given stops the first time, and no more once the page has said it.
function mustBeRead(form, said) {
  if (!said || form.dataset.said === said) return;
  form.dataset.said = said;
  throw new Error(said);
}

async function make(form) {
  const passphrase = form.querySelector("[data-passphrase]").value;
  if (passphrase.length < LEAST) throw new Error("short");
  if (passphrase !== form.querySelector("[data-again]").value) throw new Error("differs");
  const holder = base32nopad.encode(crypto.getRandomValues(new Uint8Array(10))).toLowerCase();
  const { half, fingerprint, file } = await work(form, "make", { holder, passphrase });
  const groups = fingerprint.slice(0, READ_OUT).match(/.{4}/g);
  save(file, `holder-key-${groups.join("-")}.age`);
  form.elements.key.value = JSON.stringify(half);
  form.querySelector("[data-print]").textContent = groups.join(" ");
  form.querySelector("[data-made]").hidden = false;
  form.querySelector("[data-make]").closest("p").hidden = true;
}

// The chosen file and the passphrase typed with it.
async function keyOf(form) {
  const [chosen] = form.querySelector("[data-key-file]").files;
  const passphrase = form.querySelector("[data-passphrase]").value;
  if (!chosen || !passphrase) throw new Error("missing");
  return { file: new Uint8Array(await chosen.arrayBuffer()), passphrase, member: form.dataset.member };
}

// What the worker makes of it, in a worker of its own: nothing secret stays in memory for the next act.
async function work(form, act, given) {
  const worker = new Worker(form.dataset.worker, { type: "module" });
  try {
    const answer = await new Promise((resolve, reject) => {
      worker.addEventListener("message", ({ data }) => resolve(data));
      worker.addEventListener("error", () => reject(new Error("device")));
      worker.postMessage({ act, ...given });
    });
    if (answer.trouble) throw new Error(answer.trouble);
    return answer.done;
  } finally {
    worker.terminate();
  }
}

// Runs an act, says that it runs, and what went wrong.
async function tell(form, act) {
  const busy = form.querySelector("[data-busy]");
  for (const words of form.querySelectorAll("[data-trouble]")) words.hidden = true;
  busy.hidden = false;
  try {
    await act(form);
  } catch (error) {
    const named = form.querySelector(`[data-trouble="${error.message}"]`);
    (named ?? form.querySelector('[data-trouble="device"]')).hidden = false;
  } finally {
    busy.hidden = true;
  }
}

async function bytesAt(address) {
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) throw new Error("device");
  return new Uint8Array(await answer.arrayBuffer());
}

function save(bytes, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
}
