import { announce } from "./announce.js";

/**
 * A form with `data-key-form="make"` or `"ask"` has a button `data-key-button` that lets the browser make a security
 * key, or ask one, as the JSON of `data-key-options` says. The answer goes into the form's hidden field of that name,
 * and the form is sent. What goes wrong is said in `data-key-problem`.
 * @param {Document} page
 */
export function attachSecurityKeys(page) {
  page.addEventListener("click", async (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-key-button]");
    const form = button?.closest("form[data-key-form]");
    if (!(button instanceof HTMLButtonElement) || !(form instanceof HTMLFormElement)) return;
    if (form.dataset.keyForm === "make" && !form.reportValidity()) return;
    button.disabled = true;
    say(form, "Touch your key, or unlock your device.", false);
    try {
      const answer = await ceremony(form.dataset.keyForm ?? "", JSON.parse(form.dataset.keyOptions ?? ""));
      const field = form.querySelector("input[type=hidden][name$=answer]");
      if (field instanceof HTMLInputElement) field.value = JSON.stringify(answer.toJSON());
      form.requestSubmit();
    } catch (problem) {
      say(form, words(problem), true);
      button.disabled = false;
      button.focus();
    }
  });
}

/**
 * @param {string} kind
 * @param {any} options
 * @returns {Promise<PublicKeyCredential>}
 */
async function ceremony(kind, options) {
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) throw new DOMException("", "NotSupportedError");
  const answer =
    kind === "make"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return /** @type {PublicKeyCredential} */ (answer);
}

/** @param {unknown} problem */
function words(problem) {
  const name = problem instanceof Error ? problem.name : "";
  if (name === "InvalidStateError") return "This key is on your list already.";
  if (name === "NotSupportedError") return "This browser is too old for security keys, or the key for this page.";
  if (name === "SecurityError") return "The browser uses no security keys at this address.";
  return "No key answered in time, or it was called off. Try again.";
}

/**
 * @param {HTMLFormElement} form
 * @param {string} text
 * @param {boolean} isProblem
 */
function say(form, text, isProblem) {
  const place = form.querySelector("[data-key-problem]");
  if (!(place instanceof HTMLElement)) return;
  place.textContent = text;
  place.hidden = false;
  place.classList.toggle("field__error", isProblem);
  announce(text);
}
