// Small questions and answers with the service, in JSON, with the session's cookie.
import { Problem, problemOf } from "./problem.js";

const FIRST = 500; // milliseconds before the second try
const LONGEST = 15_000; // between two tries

export const ask = async (address) => (await call(address, { headers: { Accept: "application/json" } })).json();
export const text = async (address) => (await call(address, {})).text();

export async function tell(address, body, token) {
  const headers = { "content-type": "application/json", "x-csrf-token": token };
  return (await call(address, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

// Calls `attempt` until it succeeds or fails for good; `waiting(problem, milliseconds)` is told before each pause.
export async function persist(attempt, { signal, waiting = () => {} } = {}) {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (wrong) {
      if (!(wrong instanceof Problem) || !wrong.passes) throw wrong;
      const pause = Math.max(wrong.after * 1000, Math.min(LONGEST, FIRST * 2 ** tries));
      waiting(wrong, pause);
      await rest(pause, signal);
    }
  }
}

async function call(address, how) {
  let answer;
  try {
    answer = await fetch(address, { cache: "no-store", redirect: "error", ...how });
  } catch {
    throw new Problem("offline");
  }
  if (!answer.ok) throw problemOf(answer.status, await answer.text(), answer.headers.get("retry-after"));
  return answer;
}

function rest(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new Problem("stopped"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
