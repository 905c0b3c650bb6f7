/**
 * Choosing a claim in the article shows its entry in the list, and choosing an entry shows the words in the article.
 * Where claims overlap, each click chooses the next of them. The keys of an entry's buttons work while its claim is
 * chosen.
 */
import { announce } from "./announce.js";

const article = document.getElementById("article");
let chosen = "";

/** @param {string} id @returns {HTMLElement | null} */
const entryOf = (id) => document.getElementById(`claim-${id}`);
/** @param {string} id @returns {HTMLElement[]} */
const marksOf = (id) => [...document.querySelectorAll(`.hl[data-claims~="${CSS.escape(id)}"]`)];

/** Show which claim is chosen, in the text, in the list and in the keys. */
function paint() {
  for (const part of document.querySelectorAll(".is-chosen")) part.classList.remove("is-chosen");
  for (const button of document.querySelectorAll("[data-chosen-key][data-key]")) button.removeAttribute("data-key");
  if (!chosen) return;
  const entry = entryOf(chosen);
  for (const part of [...marksOf(chosen), entry, document.getElementById(`at-${chosen}`)]) part?.classList.add("is-chosen");
  for (const button of entry?.querySelectorAll("[data-chosen-key]") ?? []) {
    button.setAttribute("data-key", button.getAttribute("data-chosen-key") ?? "");
  }
}

/**
 * @param {Element | null | undefined} part
 * @param {ScrollLogicalPosition} block
 */
function reveal(part, block) {
  part?.scrollIntoView({ block, inline: "nearest" });
}

/**
 * @param {string} id
 * @param {"text" | "list"} from the side the person chose on; the other side scrolls
 */
function choose(id, from) {
  if (!id || (!entryOf(id) && !marksOf(id).length)) return;
  chosen = id;
  paint();
  if (from === "text") reveal(entryOf(id), "nearest");
  else reveal(marksOf(id)[0], "center");
}

/** @param {string} id */
function focusEntry(id) {
  const stop = entryOf(id)?.querySelector("[data-open]");
  if (stop instanceof HTMLElement) stop.focus({ preventScroll: true });
}

article?.addEventListener("click", (event) => {
  if (article.isContentEditable || !document.getSelection()?.isCollapsed) return;
  const target = /** @type {Element} */ (event.target);
  const stop = target.closest("[data-stop]");
  if (stop) {
    event.preventDefault();
    const id = stop.getAttribute("data-stop") ?? "";
    choose(id, "text");
    focusEntry(id);
    return;
  }
  const ids = target.closest(".hl")?.getAttribute("data-claims")?.split(" ") ?? [];
  if (!ids.length) return;
  const next = ids[(ids.indexOf(chosen) + 1) % ids.length];
  choose(next, "text");
  focusEntry(next);
});

document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("[data-show]");
  if (!link) return;
  event.preventDefault();
  choose(link.getAttribute("data-show") ?? "", "list");
});

// Whatever scrolled between the press of a mouse or finger and its release would take the button from under it.
let pressed = false;
document.addEventListener("pointerdown", () => (pressed = true), true);
for (const over of ["pointerup", "pointercancel"]) document.addEventListener(over, () => (pressed = false), true);

document.addEventListener("focusin", (event) => {
  const entry = /** @type {Element} */ (event.target).closest("[data-claim]");
  const id = entry?.getAttribute("data-claim") ?? "";
  if (!id || id === chosen) return;
  if (!pressed && standsBeside(entry)) choose(id, "list");
  else {
    chosen = id;
    paint();
  }
});

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const entry = target.closest("[data-claim]");
  if (!entry || target.closest("a, button, input, textarea, select, summary, label") || !standsBeside(entry)) return;
  choose(entry.getAttribute("data-claim") ?? "", "list");
});

/**
 * Whether the article stands beside the list. Above it, as on a telephone, scrolling to the words would leave the list.
 * @param {Element | null} entry
 */
function standsBeside(entry) {
  if (!article || !entry) return false;
  const [text, list] = [article.getBoundingClientRect(), entry.getBoundingClientRect()];
  return text.right <= list.left + 1 || list.right <= text.left + 1;
}

// The server may have returned the entry in another state. Update the marks and keep the focus in the entry, but only
// after htmx has settled: until then it still changes attributes.
document.addEventListener("htmx:afterSettle", (event) => {
  const target = /** @type {CustomEvent} */ (event).detail.target;
  const id = target instanceof Element ? (target.getAttribute("data-claim") ?? "") : "";
  const entry = id ? entryOf(id) : null;
  if (!entry) return;
  for (const mark of marksOf(id)) mark.setAttribute("data-state", entry.getAttribute("data-state") ?? "");
  chosen = id;
  paint();
  const field = entry.querySelector("textarea");
  if (field instanceof HTMLElement) field.focus();
  else {
    focusEntry(id);
    announce(entry.querySelector(".badge")?.textContent?.trim() ?? "");
  }
});

const named = /^#(?:claim|at)-(\d+)$/.exec(location.hash);
if (named) choose(named[1], location.hash.startsWith("#at") ? "text" : "list");
