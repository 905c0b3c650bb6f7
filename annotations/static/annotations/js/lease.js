import { announce } from "./live.js";

/** A hold lasts a quarter of an hour; four minutes leave room for two lost attempts. */
const EVERY = 4 * 60 * 1000;

/**
 * `[data-lease]` is renewed while its page is open and visible. A hold that was lost is shown at once, before more is
 * typed, and what was typed stays.
 * @param {Document} page
 */
export function attachLease(page) {
  const lease = page.querySelector("[data-lease]");
  if (!(lease instanceof HTMLElement)) return;
  const { renewUrl = "", leaseToken = "" } = lease.dataset;
  let last = Date.now();
  let lost = false;

  const renew = async () => {
    if (lost || page.visibilityState !== "visible" || Date.now() - last < EVERY) return;
    last = Date.now();
    const headers = JSON.parse(page.body.getAttribute("hx-headers") ?? "{}");
    let answer;
    try {
      answer = await fetch(renewUrl, {
        method: "POST",
        headers: { ...headers, "HX-Request": "true" },
        body: new URLSearchParams({ lease_token: leaseToken }),
      });
    } catch {
      return; // No connection: the next beat tries again, and saving will say what is wrong.
    }
    const text = await answer.text();
    if (answer.ok) {
      const until = lease.querySelector("[data-lease-until]");
      if (until) until.innerHTML = text;
    } else if (answer.status === 409) {
      lost = true;
      const region = page.getElementById("refusal");
      if (region) region.innerHTML = text;
      announce("Your hold on this claim has ended.");
    }
  };

  setInterval(renew, 15 * 1000);
  page.addEventListener("visibilitychange", renew);
}
