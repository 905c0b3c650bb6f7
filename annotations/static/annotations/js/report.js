/**
 * A long report is read in pages. An address that names a claim by its fragment alone, as those of early reports do,
 * is answered with the first page; where the claim stands on another, that page is asked for.
 */
function follow() {
  const claim = /^#claim-(\d+)$/.exec(location.hash)?.[1];
  if (claim && !document.getElementById(`claim-${claim}`)) location.replace(`${location.pathname}?claim=${claim}`);
}

follow();
addEventListener("hashchange", follow);
