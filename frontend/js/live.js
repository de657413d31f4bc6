// <section id="opened" data-live="5">: drawn again every five seconds while someone looks.
// Only its content is replaced, so that an aria-live region stays one.
import { fresh } from "./page.js";

export function live() {
  const parts = [...document.querySelectorAll("[data-live][id]")];
  if (!parts.length) return;
  const seconds = Math.max(2, Math.min(...parts.map((part) => Number(part.dataset.live))));

  async function redraw() {
    const page = document.hidden ? null : await fresh();
    for (const part of page ? parts : []) {
      const now = page.getElementById(part.id);
      if (now && now.innerHTML !== part.innerHTML) part.replaceChildren(...now.childNodes);
    }
    setTimeout(redraw, seconds * 1000);
  }
  setTimeout(redraw, seconds * 1000);
}
