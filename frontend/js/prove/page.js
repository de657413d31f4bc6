// <section data-prove data-ocid="…"> or <section data-prove data-proof="/address" data-digest="…" data-financial="…">:
// one button proves the record on the reader's own device. What is inside [data-prove-with] is hidden until this has run.
import { Wrong, provenProcess, provenReceipt } from "./record.js";

for (const part of document.querySelectorAll("[data-prove]")) {
  if (!window.crypto?.subtle) continue; // an old browser, or a page that did not come by https: the command remains
  part.querySelector("[data-prove-with]").hidden = false;
  part.querySelector("[data-prove-without]").hidden = true;
  const button = part.querySelector("[data-prove-start]");
  button.addEventListener("click", async () => {
    button.disabled = true;
    show(part, ...(await outcome(part)));
    button.disabled = false;
  });
}

// Which words to show, and what to fill in.
async function outcome(part) {
  const { ocid, proof, ...digests } = part.dataset;
  const key = part.querySelector("[name=key]").value;
  try {
    return ["good", ocid ? await provenProcess(ocid, key) : await provenReceipt(proof, digests, key)];
  } catch (problem) {
    if (problem instanceof Wrong) return ["bad", { entry: problem.entry }];
    return [problem instanceof TypeError ? "silent" : "unsigned", {}];
  }
}

function show(part, which, fill) {
  for (const words of part.querySelectorAll("[data-prove-said]")) {
    words.hidden = words.dataset.proveSaid !== which;
    for (const place of words.querySelectorAll("[data-fill]")) place.textContent = fill[place.dataset.fill] ?? "";
  }
}
