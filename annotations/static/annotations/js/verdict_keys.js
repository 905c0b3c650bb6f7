/** Ctrl+Enter (or Cmd+Enter) anywhere in a form presses its `[data-ctrl-enter]` button. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = /** @type {Element} */ (event.target).closest("form");
  const button = form?.querySelector("button[data-ctrl-enter]");
  if (!form || !(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  form.requestSubmit(button);
});

// When the form is folded away, a number key opens it so that the choice is visible.
document.addEventListener("keydown", (event) => {
  const folded = document.querySelector("details.judge__new:not([open])");
  const typing = /** @type {Element} */ (event.target).closest("input, textarea, select");
  if (!folded || typing || event.ctrlKey || event.metaKey || event.altKey || !/^[1-9v]$/.test(event.key)) return;
  folded.setAttribute("open", "");
}, { capture: true });
