// What went wrong, by the service's code ("quota-exceeded") or one of ours: "offline" (it did not answer), "stopped" (on
// purpose), "file-changed", "file-unreadable". `detail` is in words for people, where the service gave some.
export class Problem extends Error {
  constructor(code, { detail = "", status = 0, after = 0 } = {}) {
    super(code);
    Object.assign(this, { code, detail, status, after });
  }

  // Whether the same request may succeed in a while. `after`: seconds that the service asked to wait.
  get passes() {
    return this.code === "offline" || this.code === "upload-broken" || [408, 429].includes(this.status) || this.status >= 500;
  }
}

// From a status and the text of a problem+json; a page instead of one has only its status.
export function problemOf(status, text, after) {
  let told = {};
  try {
    told = JSON.parse(text);
  } catch {
    // an error page, of ours or of something between us
  }
  const code = told.type?.replace("/problems/", "") ?? `status-${status}`;
  return new Problem(code, { detail: told.detail, status, after: Number(after) || 0 });
}

// For messages between threads, which keep no class.
export const plain = (wrong) =>
  wrong instanceof Problem
    ? { code: wrong.code, detail: wrong.detail, status: wrong.status, after: wrong.after }
    : { code: "fault", detail: String(wrong?.message ?? wrong), status: 0, after: 0 };
