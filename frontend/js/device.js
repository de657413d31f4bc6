// Whether this browser can seal bids by itself. `crypto.subtle` is there only over HTTPS, or on this very machine.
export const able = Boolean(window.Worker && window.indexedDB && window.crypto?.subtle);

// <… data-with-scripts hidden>: offers that only such a browser can take up.
export function device() {
  if (able) for (const part of document.querySelectorAll("[data-with-scripts]")) part.hidden = false;
}
