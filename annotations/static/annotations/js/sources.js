/**
 * The sources of a claim while their pages are on the way: the page asks only while it is looked at, and a form that
 * comes back empty is ready for the next address.
 */
document.addEventListener("htmx:beforeRequest", (event) => {
  const asking = /** @type {Element} */ (event.target);
  if (asking.matches("[data-poll]") && document.visibilityState !== "visible") event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  const poll = document.querySelector("[data-poll]");
  if (poll && document.visibilityState === "visible") poll.dispatchEvent(new Event("look"));
});

document.addEventListener("htmx:load", (event) => {
  const form = /** @type {CustomEvent} */ (event).detail.elt;
  if (!(form instanceof HTMLFormElement) || !form.dataset.focus) return;
  const invalid = form.querySelector('[aria-invalid="true"]');
  const field = invalid ?? form.elements.namedItem(form.dataset.focus);
  if (field instanceof HTMLElement) field.focus();
});
