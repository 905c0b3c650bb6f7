/**
 * The reader: choosing a claim in the text shows its entry in the list, choosing it in the list shows its words. Where
 * claims overlap, each further click goes on to the next of them. Keys of a chosen claim's buttons work while it is chosen.
 */
import { announce } from "./live.js";

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
 * @param {"text" | "list"} from where the person is; the other side follows
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

document.addEventListener("focusin", (event) => {
  const entry = /** @type {Element} */ (event.target).closest("[data-claim]");
  const id = entry?.getAttribute("data-claim") ?? "";
  if (id && id !== chosen) choose(id, "list");
});

// An entry that came back may have another state; the marks follow, and focus stays in the entry. Only after settling:
// until then htmx still changes its attributes.
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
