// Counts down what is left by the server's clock. This device's clock is never read: only the time that passes on it.
// The server is asked again every five minutes and when the page comes back to the front, so a device that slept, a
// deadline that moved and a practice clock that was moved all come right.
import { fresh } from "./page.js";

const RESYNC = 5 * 60 * 1000;

export function countdown() {
  const clocks = [...document.querySelectorAll("[data-left]")];
  if (!clocks.length) return;
  let since = 0; // of performance.now(): when the page began to load

  function tick() {
    const passed = Math.floor((performance.now() - since) / 1000);
    for (const clock of clocks) draw(clock, Math.max(0, clock.dataset.left - passed));
  }

  async function resync() {
    const asked = performance.now();
    const page = await fresh();
    const answers = page ? [...page.querySelectorAll("[data-left]")] : [];
    if (answers.length !== clocks.length) return;
    clocks.forEach((clock, place) => Object.assign(clock.dataset, answers[place].dataset));
    since = (asked + performance.now()) / 2;
    tick();
  }

  tick();
  setInterval(tick, 1000);
  setInterval(() => document.hidden || resync(), RESYNC);
  document.addEventListener("visibilitychange", () => document.hidden || resync());
  addEventListener("pageshow", (event) => event.persisted && resync());
}

function draw(clock, left) {
  const parts = [left / 86400, (left / 3600) % 24, (left / 60) % 60, left % 60];
  clock.querySelectorAll("b").forEach((figure, place) => {
    const written = String(Math.floor(parts[place])).padStart(2, "0");
    if (figure.textContent !== written) figure.textContent = written;
  });
  clock.classList.toggle("past", left === 0);
}
