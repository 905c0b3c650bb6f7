import { announce } from "./announce.js";

/**
 * Takes the lease on a claim when someone starts to type, renews it while the page is in view, and releases it when
 * the person leaves the workbench. Without a script, buttons take and release the lease, and it ends by itself.
 */
const RENEW_EVERY = 4 * 60 * 1000;
const RESUME = "take-again";

/** @returns {HTMLElement | null} */
const line = () => document.getElementById("hold");

/** @returns {string} */
function csrf() {
  const field = document.querySelector('input[name="csrfmiddlewaretoken"]');
  return field instanceof HTMLInputElement ? field.value : "";
}

/**
 * @param {string} url
 * @param {string} token of the lease; empty when there is none yet
 * @param {RequestInit} [extra]
 * @returns {Promise<Response>}
 */
function post(url, token, extra = {}) {
  const body = new URLSearchParams({ csrfmiddlewaretoken: csrf(), lease_token: token });
  return fetch(url, { method: "POST", body, headers: { "HX-Request": "true" }, ...extra });
}

/** @param {string} sentence */
function lost(sentence) {
  const held = line();
  if (!held) return;
  delete held.dataset.token;
  held.classList.replace("hold--mine", "hold--other");
  const words = held.querySelector("[data-hold-words]") ?? held.querySelector("p");
  if (words) words.textContent = sentence;
  held.querySelector("form")?.remove();
  announce(sentence);
}

/** @param {string} answer the markup of claims/_held.html */
function put(answer) {
  const parsed = new DOMParser().parseFromString(answer, "text/html").getElementById("hold");
  const old = line();
  if (!parsed || !old) return;
  old.replaceWith(parsed);
  for (const field of document.querySelectorAll('input[name="lease_token"]')) {
    if (field instanceof HTMLInputElement) field.value = parsed.dataset.token ?? "";
  }
  // As long as this claim is held, Next would only lead back to it.
  for (const part of document.querySelectorAll("[data-when-free]")) part.remove();
  announce("The claim is in your hands");
}

let asking = false;

async function take() {
  const free = line();
  const url = free?.dataset.free;
  if (!url || asking) return;
  asking = true;
  try {
    const answer = await post(url, "");
    if (answer.ok) put(await answer.text());
    else if (answer.status === 409) lost("Someone else has just taken this claim. A verdict you typed is kept as your draft; copy a note before you reload to see who.");
  } catch {
    // No connection. The next key press asks again, and the server checks the lease when something is saved.
  } finally {
    asking = false;
  }
}

let renewedAt = Date.now();

async function renew() {
  const held = line();
  if (!held?.dataset.token || !held.dataset.renew || document.visibilityState !== "visible") return;
  try {
    const answer = await post(held.dataset.renew, held.dataset.token);
    if (answer.ok) {
      renewedAt = Date.now();
      const until = held.querySelector("[data-until]");
      if (until) until.innerHTML = await answer.text();
    } else if (answer.status === 409) {
      lost("Your hold has ended and someone else has the claim now. What you typed is kept; reload to see it beside theirs.");
    }
  } catch {
    // No connection. The next heartbeat asks again.
  }
}

let staying = false;

function letGo() {
  const held = line();
  if (staying || !held?.dataset.token || !held.dataset.release) return;
  try {
    // A reloaded page finds this and takes the lease again.
    sessionStorage.setItem(RESUME, location.pathname);
  } catch {
    // Nothing could be stored. Typing takes the lease again.
  }
  void post(held.dataset.release, held.dataset.token, { keepalive: true });
}

setInterval(renew, RENEW_EVERY);
document.addEventListener("visibilitychange", () => {
  if (Date.now() - renewedAt > RENEW_EVERY / 2) void renew();
});
document.addEventListener("input", (event) => {
  const field = /** @type {Element} */ (event.target);
  if (field.closest("[data-works]")) void take();
});
// The lease is kept while the person stays in the workbench, for instance to read the article or to send a form.
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) staying = true;
});
document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a[href]");
  staying = link instanceof HTMLAnchorElement && link.origin === location.origin && link.target !== "_blank";
});
window.addEventListener("pagehide", letGo);
window.addEventListener("pageshow", (event) => {
  staying = false;
  try {
    const again = event.persisted || sessionStorage.getItem(RESUME) === location.pathname;
    sessionStorage.removeItem(RESUME);
    const held = line();
    // The lease that this page shows may have been released meanwhile, so take a new one instead of renewing it.
    if (again && held?.dataset.again) held.dataset.free = held.dataset.again;
    if (again) void take();
  } catch {
    // Nothing was stored, so there is nothing to take again.
  }
});
