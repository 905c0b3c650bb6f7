/**
 * Tell people who cannot see the page change what has happened.
 * @param {string} words
 */
export function announce(words) {
  const region = document.getElementById("live");
  if (region) region.textContent = words;
}
