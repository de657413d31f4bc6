// Results while one types: the page that the server would send for this form is fetched, and its marked parts take the
// place of ours. What has the focus is left alone. Without this the form does the same when it is sent.
const PAUSE = 200; // milliseconds without a key before the server is asked
const REST = 1200; // after which an address is worth a step back

function addressOf(form) {
  const said = [...new FormData(form)].filter(([, value]) => value.trim());
  return `${form.action.split("?")[0]}${said.length ? `?${new URLSearchParams(said)}` : ""}`;
}

function redraw(page) {
  for (const part of document.querySelectorAll("[data-part][id]")) {
    const fresh = page.getElementById(part.id);
    if (fresh && !part.contains(document.activeElement) && fresh.innerHTML !== part.innerHTML) {
      part.replaceChildren(...fresh.childNodes);
    }
  }
  document.title = page.title;
}

export function instant() {
  const form = document.querySelector("form[data-instant]");
  const found = document.getElementById("found");
  if (!form || !found) return;
  let asking, waiting, resting;
  let shown = addressOf(form);

  async function ask() {
    const address = addressOf(form);
    asking?.abort();
    if (address === shown) return;
    asking = new AbortController();
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: asking.signal });
      if (!answer.ok) return; // a number that is only half written; sending the form says what is wrong
      redraw(new DOMParser().parseFromString(await answer.text(), "text/html"));
      shown = address;
      clearTimeout(resting);
      resting = setTimeout(() => remember(address), REST);
    } catch (lost) {
      if (lost.name !== "AbortError") form.removeAttribute("data-instant"); // the form still works
    }
  }

  function remember(address) {
    if (address !== location.href) history.pushState(null, "", address);
  }

  function soon(event) {
    if (event.target.form !== form || !form.hasAttribute("data-instant")) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, event.type === "change" ? 0 : PAUSE);
  }

  document.addEventListener("input", soon);
  document.addEventListener("change", soon);
  addEventListener("popstate", () => location.reload());
}
