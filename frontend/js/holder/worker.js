// The worker of a holder's page: passphrases take seconds and much memory, and the page stays alive meanwhile.
import { make, prove, signRoster, Trouble } from "./acts.js";
import { give } from "./giving.js";

const ACTS = { give, make, prove, sign: signRoster };

self.addEventListener("message", async ({ data: { act, ...given } }) => {
  try {
    self.postMessage({ done: await ACTS[act](given) });
  } catch (error) {
    self.postMessage({ trouble: error instanceof Trouble ? error.message : "device" });
  }
});
