// A page of a run that goes on. It asks for what is new as soon as there is something, and for a case when that is
// opened. When the run is over it is loaded once more, which brings the page that the file has, at the same place.

let live = JSON.parse(document.getElementById("live").textContent);
let isLost = false;
const details = new Map();
const asked = new Set();
const TALLY = {
  fail: "failed", error: "in error", blocked: "blocked", warn: "warned", pass: "passed", inapplicable: "not applicable",
};

function detailOf(row) {
  if (!details.has(row.id) && !asked.has(row.id)) {
    asked.add(row.id);
    fetch(`/case?${new URLSearchParams({ id: row.id })}`)
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .then((detail) => {
        details.set(row.id, detail);
        if (state.case === row.id) redraw();
      })
      .catch(() => asked.delete(row.id));
  }
  return details.get(row.id);
}

// How far the run is, what it is doing, and what came last.
function progress() {
  const part = live.planned > 0 ? Math.min(live.done / live.planned, 1) : 0;
  const bar = s("svg", { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
    s("rect", { x: 0, y: 0, width: part * 100, height: 4, class: "link", fill: "currentColor" }));
  const latest = live.latest.map((id) => data.cases.find((row) => row.id === id)).filter(Boolean);
  return h("section", { class: "card progress" },
    h("p", { class: "label" }, isLost
      ? "The run has ended without a word; this is what it had told."
      : `${number(live.done)} of ${count(live.planned, "row")} after ${seconds(live.elapsed_s * 1000)}`),
    h("div", { class: "bar" }, bar),
    h("div", { class: "beside" },
      h("div", {}, h("h2", {}, "Running"), live.running.length === 0
        ? h("p", { class: "soft" }, "nothing at this moment")
        : h("ul", {}, live.running.slice(0, 8).map(([id, took]) => h("li", {},
          h("span", { class: "id" }, id), " ", h("span", { class: "soft" }, seconds(took * 1000)))),
          live.running.length > 8 && h("li", { class: "soft" }, `and ${number(live.running.length - 8)} more`))),
      h("div", {}, h("h2", {}, "Latest"),
        h("ul", {}, latest.map((row) => h("li", {}, icon(row.verdict), " ", h("span", { class: "unseen" }, `${WORDS[row.verdict]}: `), rowLink(row)))))));
}

function head(sentence) {
  document.getElementById("sentence").textContent = sentence;
  if (broken() > 0) document.querySelector(".conclusion .icon").replaceWith(icon("fail"));
  const verdicts = data.summary.verdicts;
  document.getElementById("tally").replaceChildren(...VERDICTS.filter((verdict) => verdicts[verdict]).map((verdict) =>
    h("li", { class: `verdict badge ${verdict}` }, `${number(verdicts[verdict])} ${TALLY[verdict]}`)));
}

// What the reader was at stays: the place on the page, and the keyboard's.
function renewed() {
  isQuiet = true;
  redrawn();
  isQuiet = false;
}

function redrawn() {
  const here = document.activeElement;
  const [height, list] = [scrollY, document.getElementById("list")?.scrollTop];
  const href = app.contains(here) ? here.getAttribute("href") : null;
  const verdict = here?.dataset?.verdict;
  const typed = here?.dataset?.filter;
  if (state.view === "cases" && state.case !== undefined) {
    const old = document.getElementById("list");
    const isInList = old?.contains(here);
    const [fresh] = caseList(state.filters, state.case);
    old?.replaceWith(fresh);
    fresh.scrollTop = list ?? 0;
    if (!isInList) return;
  } else {
    const place = caret();
    app.replaceChildren(view());
    back(typed, place);
  }
  if (href) [...app.querySelectorAll("a")].find((link) => link.getAttribute("href") === href)?.focus({ preventScroll: true });
  if (verdict) app.querySelector(`[data-verdict="${verdict}"]`)?.focus({ preventScroll: true });
  scrollTo({ top: height, behavior: "instant" });
}

const broken = () => data.requirements.filter((requirement) => requirement.standing === "broken").length;

async function follow() {
  let failures = 0;
  for (;;) {
    try {
      const answer = await fetch(`/state?${new URLSearchParams({ after: live.version, done: live.done })}`, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.status);
      const next = await answer.json();
      if (next.over) return location.reload();
      failures = 0;
      const before = broken();
      live = next.live;
      if (next.data) {
        data = next.data;
        haystack.clear();
        head(next.sentence);
        if (broken() > before) say(`${count(broken(), "requirement")} broken so far`);
      }
      if (next.data || state.view === "overview") renewed();
    } catch {
      failures += 1;
      if (failures > 3) {
        isLost = true;
        if (state.view === "overview") renewed();
        return say("The run has ended without a word");
      }
      await new Promise((later) => setTimeout(later, 500));
    }
  }
}
