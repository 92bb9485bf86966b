// What the run comes to: what is broken, what could not be judged, and how documents and suites stand.

function overview() {
  const of = (standing) => data.requirements.filter((requirement) => requirement.standing === standing);
  const isStrict = data.run?.strict;
  const isBorne = (requirement) => requirement.broken_in.length > 0 && requirement.broken_in.every((index) => data.cases[index].known);
  return h("div", { class: "stack" },
    progress(),
    stale(),
    standingSection("Broken", "broken", of("broken").filter((requirement) => !isBorne(requirement))),
    standingSection("Broken, known and borne by the baseline", "broken known", of("broken").filter(isBorne)),
    threatsInShort(),
    undecided(),
    standingSection(isStrict ? "Not followed, which fails a strict run" : "Not followed", "broken warn", of("warned")),
    compared(),
    documents(),
    suites(),
    data.in_full !== undefined && h("p", { class: "soft" }, leftOut()),
    notes());
}

function standingSection(title, kind, requirements) {
  if (requirements.length === 0) return null;
  return h("section", {},
    h("h2", {}, `${title}: ${count(requirements.length, "requirement")}`),
    h("ul", { class: "cards" }, requirements.map((requirement) => h("li", { class: `card ${kind}` },
      h("p", { class: "of" },
        level(requirement.level),
        link(requirement.link, `${requirement.document} · ${requirement.section}`),
        h("a", { class: "id", href: address("requirements", { requirement: requirement.id }) }, requirement.id)),
      h("p", { class: "what" }, requirement.summary),
      seen(requirement),
      h("div", { class: "rows" }, rowLinks(requirement.broken_in))))));
}

// What one row saw, so that the first glance already tells.
function seen(requirement) {
  const found = requirement.seen;
  return found && h("dl", { class: "pair" },
    h("dt", {}, "Expected"), h("dd", {}, found.expected), h("dt", {}, "Seen"), h("dd", {}, found.seen));
}

function rowLinks(rows) {
  const shown = rows.slice(0, 12).map((index) => rowLink(data.cases[index]));
  const more = rows.length - shown.length;
  return more > 0 ? [shown, h("span", { class: "soft" }, `and ${number(more)} more`)] : shown;
}

const rowLink = (row) => h("a", { class: "id", href: address("cases", {}, row.id) }, row.id);

function undecided() {
  const rows = data.cases.filter((row) => row.verdict === "blocked" || row.verdict === "error");
  const names = data.summary.unfinished;
  if (rows.length + names.length === 0) return null;
  const reasons = new Map();
  for (const row of rows) {
    if (!reasons.has(row.reason)) reasons.set(row.reason, []);
    reasons.get(row.reason).push(row);
  }
  const cards = [...reasons].map(([reason, alike]) => h("li", { class: "card broken undecided" },
    h("p", { class: "of" }, badge(alike[0].verdict), count(alike.length, "case")),
    h("p", { class: "what" }, reason),
    h("div", { class: "rows" }, rowLinks(alike.map((row) => row.data)))));
  if (names.length > 0) {
    cards.push(h("li", { class: "card broken undecided" },
      h("p", { class: "what" }, "The run ended before these cases did"),
      h("ul", {}, names.map((name) => h("li", { class: "id" }, name)))));
  }
  return h("section", {}, h("h2", {}, `Not judged: ${count(rows.length + names.length, "case")}`), h("ul", { class: "cards" }, cards));
}

const CHANGES = {
  red: ["Turned red", "case"], green: ["Turned green", "case"], otherwise: ["Another verdict", "case"],
  seen: ["Same verdict, another answer", "case"], new: ["New", "case"], gone: ["No longer there", "case"],
};

// What is not as it was in the earlier run, worst first.
function compared() {
  const earlier = data.comparison;
  if (!earlier) return null;
  const found = (finding) => (finding ? [badge(finding.verdict), " ", finding.seen] : h("span", { class: "soft" }, "did not come to be judged"));
  const pair = (one) => h("dl", { class: "pair" },
    h("dt", {}, "Requirement"), h("dd", {}, h("a", { class: "id", href: address("requirements", { requirement: one.requirement }) }, one.requirement)),
    h("dt", {}, "Then"), h("dd", {}, found(one.before)),
    h("dt", {}, "Now"), h("dd", {}, found(one.now)));
  const change = (kind, one) => {
    const row = data.cases[one.row];
    const reason = kind !== "seen" && one.findings.length === 0 && row?.reason;
    return h("li", { class: "card" },
      h("p", { class: "of" },
        one.before && badge(one.before), one.before && row && one.before !== row.verdict && [" ", h("span", { "aria-hidden": "true" }, "→"), h("span", { class: "unseen" }, "then, now "), " ", badge(row.verdict)],
        !one.before && row && badge(row.verdict),
        " ", row ? rowLink(row) : h("span", { class: "id" }, one.id)),
      one.findings.map(pair),
      reason && h("p", {}, reason));
  };
  const section = ({ kind, count: all, rows }) => {
    const [title, noun] = CHANGES[kind];
    const more = all - rows.length;
    return h("details", { class: "changes", open: kind === "red" || kind === "green" || kind === "otherwise" },
      h("summary", {}, h("h3", {}, `${title}: ${count(all, noun)}`)),
      h("ul", { class: "cards" }, rows.map((one) => change(kind, one))),
      more > 0 && h("p", { class: "soft" }, `and ${number(more)} more`));
  };
  return h("section", { id: "comparison" },
    h("h2", {}, `Compared with the run of ${earlier.started}`),
    earlier.changes.length === 0
      ? h("p", {}, "Every case has the verdict that it had, on the same answers.")
      : earlier.changes.map(section));
}

// Entries of the baseline that are no longer true are as red as a broken requirement.
function stale() {
  if (data.stale.length === 0) return null;
  return h("section", {},
    h("h2", {}, "No longer true in the baseline"),
    h("ul", { class: "cards" }, data.stale.map((entry) => h("li", { class: "card broken" },
      h("p", { class: "of id" }, `${entry.case} · ${entry.requirement}`),
      h("p", { class: "what" }, entry.why),
      h("p", {}, h("code", {}, `${entry.location.file}:${entry.location.line}`))))));
}

function table(caption, heads, rows) {
  return h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
    h("table", { class: "table" },
      h("caption", { class: "unseen" }, caption),
      h("thead", {}, h("tr", {}, heads.map(([head, kind]) => h("th", { scope: "col", class: kind }, head)))),
      h("tbody", {}, rows)));
}

const figure = (value) => h("td", { class: value ? "number" : "number zero" }, number(value));

function documents() {
  const standing = new Map();
  for (const requirement of data.requirements) {
    const counts = standing.get(requirement.document) ?? {};
    counts[requirement.standing] = (counts[requirement.standing] ?? 0) + 1;
    standing.set(requirement.document, counts);
  }
  const kinds = Object.keys(STANDINGS);
  return h("section", {},
    h("h2", {}, "Documents"),
    table("Requirements by document", [["Document"], ...kinds.map((kind) => [STANDINGS[kind][1], "number"]), ["Shares", "share"]],
      [...standing].map(([document, counts]) => h("tr", {},
        h("th", { scope: "row" }, h("a", { href: address("requirements", { document }) }, document)),
        kinds.map((kind) => figure(counts[kind] ?? 0)),
        h("td", { class: "share" }, shares(byVerdict(counts)))))));
}

function byVerdict(counts) {
  const verdicts = {};
  for (const [standing, value] of Object.entries(counts)) {
    const verdict = STANDINGS[standing][0];
    verdicts[verdict] = (verdicts[verdict] ?? 0) + value;
  }
  return verdicts;
}

function suites() {
  const known = new Map();
  for (const row of data.cases) {
    const counts = known.get(row.suite) ?? {};
    counts[row.verdict] = (counts[row.verdict] ?? 0) + 1;
    known.set(row.suite, counts);
  }
  return h("section", {},
    h("h2", {}, "Suites"),
    table("Cases by suite", [["Suite"], ...VERDICTS.map((verdict) => [WORDS[verdict], "number"]), ["Shares", "share"]],
      [...known].map(([suite, counts]) => h("tr", {},
        h("th", { scope: "row" }, h("a", { href: address("cases", { suite }) }, suite)),
        VERDICTS.map((verdict) => figure(counts[verdict] ?? 0)),
        h("td", { class: "share" }, shares(counts))))));
}

function notes() {
  if (data.notes.length === 0) return null;
  return h("section", {}, h("h2", {}, "Notes"), h("ul", { class: "card" }, data.notes.map((note) => h("li", {}, note))));
}
