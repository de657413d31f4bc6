// <section id="opened" data-live="5">: drawn again every five seconds while someone looks, until the server's page no
// longer asks for it. Only its content is replaced, so that an aria-live region stays one. Where data-live-as differs the
// whole page is another one, and is opened anew.
import { fresh } from "./page.js";

export function live() {
  const parts = [...document.querySelectorAll("[data-live][id]")];
  if (parts.length) setTimeout(redraw, pause(parts));

  async function redraw() {
    const page = document.hidden ? null : await fresh();
    const now = page ? parts.map((part) => page.getElementById(part.id)).filter(Boolean) : parts;
    for (const part of page ? now : []) {
      const held = document.getElementById(part.id);
      if (held.dataset.liveAs !== part.dataset.liveAs) return location.reload();
      if (held.innerHTML !== part.innerHTML) held.replaceChildren(...part.childNodes);
    }
    const waiting = now.filter((part) => part.dataset.live);
    if (waiting.length) setTimeout(redraw, pause(waiting));
  }
}

function pause(parts) {
  return 1000 * Math.max(2, Math.min(...parts.map((part) => Number(part.dataset.live))));
}
