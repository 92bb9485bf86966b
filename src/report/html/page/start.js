// Where the reader is stands in the address: view, filters and case, so that it can be passed on and gone back from.

let data = JSON.parse(document.getElementById("data").textContent);
const app = document.getElementById("app");
let state = { view: "overview", filters: {}, case: undefined };

function address(view, filters = {}, id = undefined) {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value)).toString();
  const path = id === undefined ? view : `${view}/${encodeURIComponent(id)}`;
  return `#/${path}${query ? `?${query}` : ""}`;
}

function read() {
  const [path, query] = location.hash.replace(/^#\//, "").split("?");
  const [view, id] = path.split("/");
  let name;
  try {
    name = id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    name = undefined;
  }
  const known = ["overview", "cases", "requirements", "threats"].includes(view) ? view : "overview";
  return { view: known, filters: Object.fromEntries(new URLSearchParams(query ?? "")), case: name };
}

// Filters replace the entry of the history, so that Back leads to what was looked at before.
function go(view, filters) {
  history.replaceState(null, "", address(view, filters, state.view === view ? state.case : undefined));
  show();
}

function show() {
  const before = state;
  const typed = document.activeElement?.dataset?.filter;
  state = read();
  for (const link of document.querySelectorAll("nav.views a")) {
    if (link.dataset.view === state.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const row = state.view === "cases" ? data.cases.find((one) => one.id === state.case) : undefined;
  const isSameList = before.view === "cases" && state.view === "cases" && app.hasChildNodes() &&
    address("cases", before.filters) === address("cases", state.filters);
  if (isSameList) opened(row, before);
  else drawn(row, typed);
  document.title = row ? `${row.id} · ${still}` : still;
}

const still = document.title;

function drawn(row, typed) {
  const place = caret();
  app.replaceChildren(view(row));
  back(typed, place);
  if (row && !typed) {
    const list = document.getElementById("list");
    const item = listed(row.id);
    if (item) list.scrollTop = item.offsetTop - list.offsetTop - 80;
    document.getElementById("case-title").focus();
  }
}

function view(row) {
  if (state.view === "overview") return overview();
  if (state.view === "requirements") return requirementsView(state.filters);
  if (state.view === "threats") return threatsView();
  const [list, found] = caseList(state.filters, row?.id);
  say(`${count(found, "case")} of ${number(data.cases.length)}`);
  const split = h("div", { class: row ? "split open" : "split alone" }, list, row && caseView(row, state.filters));
  return h("div", {}, caseFilters(state.filters), split);
}

// Another case of the same list: the list stays where it is.
function opened(row, before) {
  const split = app.querySelector(".split");
  split.querySelector(".case")?.remove();
  split.className = row ? "split open" : "split alone";
  for (const link of split.querySelectorAll("a[data-case]")) {
    if (link.dataset.case === row?.id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (row) {
    split.append(caseView(row, state.filters));
    const title = document.getElementById("case-title");
    title.focus({ preventScroll: true });
    split.querySelector(".case").scrollIntoView({ block: "start" });
  } else {
    listed(before.case)?.focus();
  }
}

const listed = (id) => [...app.querySelectorAll("a[data-case]")].find((link) => link.dataset.case === id);

// A redrawn filter keeps the keyboard, and the caret in it its place.
const caret = () => document.activeElement?.selectionStart;

function back(typed, place) {
  const field = typed && app.querySelector(`[data-filter="${typed}"]`);
  if (!field) return;
  field.focus();
  if (place !== undefined && place !== null && field.setSelectionRange) field.setSelectionRange(place, place);
}

function redraw() {
  app.replaceChildren();
  show();
}

addEventListener("hashchange", show);
addEventListener("keydown", (event) => {
  const isTyping = /^(input|select|textarea)$/i.test(event.target.tagName ?? "");
  if (event.key === "Escape" && state.case !== undefined) {
    location.hash = address("cases", state.filters);
  } else if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    if (!["cases", "requirements"].includes(state.view)) location.hash = address("cases");
    setTimeout(() => app.querySelector('[data-filter="text"]')?.focus());
  }
});

document.getElementById("still").hidden = true;
document.getElementById("views").hidden = false;
show();
performance.mark("shown");
follow();
