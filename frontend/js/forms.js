// The first thing that is wrong gets the focus; a form that is on its way is not sent twice.
export function forms() {
  const summary = document.querySelector(".govuk-error-summary");
  if (summary) {
    summary.tabIndex = -1;
    summary.focus();
  }
  const sent = new Map();
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (sent.has(event.target)) {
      event.preventDefault();
      return;
    }
    sent.set(event.target, event.submitter);
    event.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => {
    for (const button of sent.values()) button?.removeAttribute("aria-busy");
    sent.clear();
  });
}
