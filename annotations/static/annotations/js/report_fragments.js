/**
 * A long report has several pages. An address that names a claim only by its fragment, as links to early reports do,
 * opens the first page. If the claim is on another page, this script goes there.
 */
function follow() {
  const claim = /^#claim-(\d+)$/.exec(location.hash)?.[1];
  if (claim && !document.getElementById(`claim-${claim}`)) location.replace(`${location.pathname}?claim=${claim}`);
}

follow();
addEventListener("hashchange", follow);
