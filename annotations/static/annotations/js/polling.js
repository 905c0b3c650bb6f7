/**
 * An element with `data-poll` asks the server every now and then whether its fetches have ended. It asks only while
 * the page is in view, and at once when the page comes back into view.
 */
document.addEventListener("htmx:beforeRequest", (event) => {
  const asking = /** @type {Element} */ (event.target);
  if (asking.matches("[data-poll]") && document.visibilityState !== "visible") event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  const poll = document.querySelector("[data-poll]");
  if (poll && document.visibilityState === "visible") poll.dispatchEvent(new Event("look"));
});
