// One sealed part to the service, with progress, again and again until it is there or refused for good.
import { ask, persist } from "./net.js";
import { Problem, problemOf } from "./problem.js";

const SILENCE = 60_000; // milliseconds without a byte moving, after which a line is taken for dead
const RESENT = 3; // times that a part may arrive altered

let token = ""; // of this session; a fresh one comes when people have signed in again

// `calls`: the address of the bid's calls. `progress(bytes)` is told what of the part has left, `waiting` as in persist.
export async function putPart(calls, sha256, data, { signal, progress, waiting }) {
  let altered = 0;
  let renewed = false;
  const attempt = async () => {
    progress(0);
    token ||= (await ask(`${calls}/asked`)).token;
    try {
      await sent(`${calls}/parts/${sha256}`, data, { signal, progress });
    } catch (wrong) {
      if (wrong.code === "hash-mismatch" && ++altered < RESENT) throw new Problem("upload-broken");
      if (wrong.code !== "form-token" || renewed) throw wrong;
      renewed = true;
      token = "";
      throw new Problem("upload-broken");
    }
  };
  await persist(attempt, { signal, waiting });
}

function sent(address, data, { signal, progress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not say how much of a body has left
    let silence;
    const lost = (code) => reject(new Problem(code));
    const stop = () => {
      lost("stopped");
      request.abort();
    };
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        lost("offline");
        request.abort();
      }, SILENCE);
    };
    request.open("PUT", address);
    request.setRequestHeader("x-csrf-token", token);
    request.upload.onprogress = (event) => {
      alive();
      progress(event.loaded);
    };
    request.onload = () => {
      if (request.status === 200) resolve();
      else reject(problemOf(request.status, request.responseText, request.getResponseHeader("retry-after")));
    };
    request.onerror = () => lost("offline");
    request.onloadend = () => {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
    };
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    alive();
    request.send(data);
  });
}
