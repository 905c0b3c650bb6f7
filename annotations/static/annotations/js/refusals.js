/**
 * When an htmx request is refused, its message appears in #refusal and the form keeps what was typed. The focus moves
 * to the message; Escape or the close button moves it back.
 * @param {Document} page
 */
export function attachRefusals(page) {
  const region = page.getElementById("refusal");
  if (!region) return;
  /** @type {Element | null} */
  let cameFrom = null;

  const close = () => {
    if (!region.hasChildNodes()) return;
    region.replaceChildren();
    if (cameFrom instanceof HTMLElement && cameFrom.isConnected) cameFrom.focus();
    cameFrom = null;
  };

  // Polling (data-poll) neither clears nor fills the panel, since the person did nothing.
  /** @param {Event} event */
  const isPoll = (event) => /** @type {Element} */ (event.target).matches("[data-poll]");
  page.addEventListener("htmx:beforeRequest", (event) => {
    if (!isPoll(event)) region.replaceChildren();
  });
  page.addEventListener("htmx:beforeSwap", (event) => {
    const detail = /** @type {CustomEvent} */ (event).detail;
    if (detail.target === region) cameFrom = page.activeElement;
    // The CSRF check failed and the answer is a whole page. It must not replace what was typed.
    if (detail.xhr.status === 403 && detail.target !== region) {
      detail.shouldSwap = false;
      detail.isError = true;
    }
  });
  page.addEventListener("htmx:afterSwap", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.target === region) region.focus();
  });
  page.addEventListener("htmx:sendError", (event) => {
    if (isPoll(event)) return;
    region.textContent = "";
    const words = page.createElement("p");
    words.className = "note tone-bad";
    words.textContent = "The workbench did not answer. What you typed is still here; check the connection and try again.";
    region.append(words);
  });
  page.addEventListener("htmx:responseError", (event) => {
    if (isPoll(event)) return;
    const stranger = [401, 403].includes(/** @type {CustomEvent} */ (event).detail.xhr.status);
    region.textContent = "";
    const words = page.createElement("p");
    words.className = "note tone-bad";
    words.textContent = stranger
      ? "You signed out, or signed in again, since this page was opened. What you typed is still here: copy it, reload the page and send it again."
      : "Something went wrong on our side. What you typed is still here; try again in a moment.";
    region.append(words);
  });
  region.addEventListener("click", (event) => {
    if (/** @type {Element} */ (event.target).closest("[data-refusal-close]")) close();
  });
  region.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
}
