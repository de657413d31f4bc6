// <form data-passkey="get|create" data-question="/address">: asks the server for a question, lets the browser's
// authenticator answer it, and sends the form with the answer. Such forms are hidden until this has run.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const AGAIN = 4 * 60 * 1000; // a question is good for five minutes
let waiting; // what offers passkeys in the address field meanwhile

export function passkeys() {
  const forms = [...document.querySelectorAll("form[data-passkey]")];
  if (!forms.length || !window.PublicKeyCredential || !navigator.credentials) return;
  for (const part of document.querySelectorAll("[data-passkey-without]")) part.hidden = true;
  for (const form of forms) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      press(form);
    });
  }
  const field = document.querySelector("input[autocomplete~=webauthn]");
  if (field) offer(forms[0]);
}

async function press(form) {
  const problem = form.querySelector("[data-passkey-problem]");
  problem.hidden = true;
  waiting?.abort();
  try {
    await use(form, {});
  } catch {
    problem.hidden = false;
  }
}

async function offer(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  const { signal } = waiting;
  const late = setTimeout(() => {
    waiting.abort();
    offer(form);
  }, AGAIN);
  signal.addEventListener("abort", () => clearTimeout(late));
  try {
    await use(form, { mediation: "conditional", signal });
  } catch {
    // nobody chose one, or the button is used instead
  }
}

async function use(form, how) {
  const publicKey = await question(form);
  if (!publicKey) return;
  const credential = await navigator.credentials[form.dataset.passkey]({ publicKey, ...how });
  form.elements.credential.value = JSON.stringify(written(credential));
  form.submit();
}

async function question(form) {
  const body = new URLSearchParams({ _token: form.elements._token.value });
  const answer = await fetch(form.dataset.question, { method: "POST", body });
  if (answer.redirected) {
    location.assign(answer.url); // sign in, or confirm that it is you, first
    return null;
  }
  if (!answer.ok) throw new Error(answer.statusText);
  const asked = await answer.json();
  asked.challenge = bytes(asked.challenge);
  if (asked.user) asked.user.id = bytes(asked.user.id);
  for (const known of [...(asked.allowCredentials ?? []), ...(asked.excludeCredentials ?? [])]) known.id = bytes(known.id);
  return asked;
}

function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
}
