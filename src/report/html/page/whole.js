// A page that has everything in itself, in a block for each case, parsed only when the case is opened.

function detailOf(row) {
  const block = document.getElementById(`case-${row.data}`);
  if (block) return JSON.parse(block.textContent);
  // The page is shown before all of a large file has been read.
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", redraw, { once: true });
  return undefined;
}

const progress = () => null;
const follow = () => {};
