// Counts down what is left by the server's clock. This device's clock is never read: only the time that passes on it.
// The page says what is left to the minute, never more than is true; the server's clock, asked at once, adds seconds.
// It is asked again every five minutes and when the page comes back to the front, and so is the page: a device that
// slept, a deadline that moved and a practice clock that was moved all come right.
import { fresh } from "./page.js";

const RESYNC = 5 * 60 * 1000;

export function countdown() {
  const clocks = [...document.querySelectorAll("[data-left]")];
  if (!clocks.length) return;
  for (const clock of clocks) clock.lastElementChild.hidden = false;
  let since = 0; // of performance.now(): when what the clocks say was true

  function tick() {
    const passed = (performance.now() - since) / 1000;
    for (const clock of clocks) draw(clock, Math.max(0, Math.floor(clock.dataset.left - passed)));
  }

  async function ask() {
    const asked = performance.now();
    const now = await legalTime();
    if (!now) return;
    for (const clock of clocks) clock.dataset.left = (Date.parse(clock.dataset.until) - now) / 1000;
    since = (asked + performance.now()) / 2;
    tick();
  }

  async function resync() {
    const page = await fresh();
    const answers = page ? [...page.querySelectorAll("[data-left]")] : [];
    if (answers.length === clocks.length) {
      clocks.forEach((clock, place) => Object.assign(clock.dataset, { until: answers[place].dataset.until }));
    }
    await ask();
  }

  tick();
  ask();
  setInterval(tick, 1000);
  setInterval(() => document.hidden || resync(), RESYNC);
  document.addEventListener("visibilitychange", () => document.hidden || resync());
  addEventListener("pageshow", (event) => event.persisted && resync());
}

// Milliseconds of the legal clock; null when it cannot be had.
async function legalTime() {
  try {
    const answer = await fetch("/api/v1/time", { cache: "no-store", credentials: "omit" });
    return answer.ok ? Date.parse((await answer.json()).now) : null;
  } catch {
    return null;
  }
}

function draw(clock, left) {
  const parts = [left / 86400, (left / 3600) % 24, (left / 60) % 60, left % 60];
  clock.querySelectorAll("b").forEach((figure, place) => {
    const written = String(Math.floor(parts[place])).padStart(2, "0");
    if (figure.textContent !== written) figure.textContent = written;
  });
  clock.classList.toggle("past", left === 0);
}
