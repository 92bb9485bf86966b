// The list of cases with its filters. Only what fits on a few screens is made; the rest follows when asked for.

const CHUNK = 250;
const LEVELS = ["MUST", "MUST NOT", "REQUIRED", "SHOULD", "SHOULD NOT", "MAY"];

// The text of a row in which words are looked for, made when it is first needed.
const haystack = new Map();

function searched(row) {
  if (!haystack.has(row)) {
    const summaries = row.requirements.map((index) => `${data.requirements[index].id} ${data.requirements[index].summary}`);
    haystack.set(row, [row.id, row.title, row.reason, row.words, row.known && "known", row.retried, row.tags.join(" "), ...summaries].join(" ").toLowerCase());
  }
  return haystack.get(row);
}

function matching(filters) {
  const words = (filters.text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const verdicts = filters.verdict ? filters.verdict.split(",") : [];
  const judges = (row, test) => row.requirements.some((index) => test(data.requirements[index]));
  return data.cases.filter((row) =>
    (verdicts.length === 0 || verdicts.includes(row.verdict)) &&
    (!filters.suite || row.suite === filters.suite) &&
    (!filters.level || judges(row, (requirement) => requirement.level === filters.level)) &&
    (!filters.requirement || judges(row, (requirement) => requirement.id === filters.requirement)) &&
    words.every((word) => searched(row).includes(word)));
}

function caseFilters(filters) {
  const set = (name, value) => go("cases", { ...state.filters, [name]: value || undefined });
  const choice = (name, title, values) => h("label", {}, title,
    h("select", { "data-filter": name, on: { change: (event) => set(name, event.target.value) } },
      h("option", { value: "" }, "All"),
      values.map((value) => h("option", { value, selected: filters[name] === value }, value))));
  const chosen = new Set(filters.verdict ? filters.verdict.split(",") : []);
  const chip = (verdict) => h("button", {
    type: "button", class: `chip ${verdict}`, "aria-pressed": chosen.has(verdict), "data-verdict": verdict,
    on: { click: () => {
      if (!chosen.delete(verdict)) chosen.add(verdict);
      set("verdict", VERDICTS.filter((one) => chosen.has(one)).join(","));
      document.querySelector(`[data-verdict="${verdict}"]`)?.focus();
    } },
  }, icon(verdict), WORDS[verdict], h("b", {}, number(data.summary.verdicts[verdict] ?? 0)));
  const present = VERDICTS.filter((verdict) => data.summary.verdicts[verdict] > 0);
  return h("form", { class: "filters", role: "search", "aria-label": "Filter the cases", on: { submit: (event) => event.preventDefault() } },
    h("fieldset", { class: "chips" }, h("legend", { class: "unseen" }, "Verdict"), present.map(chip)),
    h("div", { class: "fields" },
      h("label", { class: "text" }, "Text",
        h("input", {
          type: "search", "data-filter": "text", value: filters.text ?? "", placeholder: "Words, ids, what was seen",
          on: { input: (event) => set("text", event.target.value) },
        })),
      choice("level", "Level", LEVELS.filter((one) => data.requirements.some((requirement) => requirement.level === one))),
      choice("suite", "Suite", [...new Set(data.cases.map((row) => row.suite))]),
      h("label", { class: "requirement" }, "Requirement",
        h("select", { "data-filter": "requirement", on: { change: (event) => set("requirement", event.target.value) } },
          h("option", { value: "" }, "All"),
          data.requirements.filter((one) => one.rows.length > 0 || one.id === filters.requirement)
            .map((one) => h("option", { value: one.id, selected: filters.requirement === one.id }, one.id)))),
      h("button", { type: "button", on: { click: () => go("cases", {}) } }, "Clear")));
}

function caseList(filters, open) {
  const rows = matching(filters);
  const list = h("div", { class: "list", id: "list" });
  if (rows.length === 0) list.append(h("p", { class: "empty" }, "No case matches the filters."));
  let at = 0;
  const more = () => {
    const end = Math.min(at + CHUNK, rows.length);
    let suite = at > 0 ? rows[at - 1].suite : undefined;
    let items = at > 0 ? list.querySelector("ul:last-of-type") : undefined;
    for (; at < end; at += 1) {
      const row = rows[at];
      if (row.suite !== suite) {
        suite = row.suite;
        items = h("ul", {});
        const all = rows.filter((one) => one.suite === suite).length;
        list.append(h("h2", {}, suite, h("span", {}, count(all, "case"))), items);
      }
      items.append(item(row, filters, row.id === open));
    }
    list.querySelector(".more")?.remove();
    if (at < rows.length) {
      const button = h("button", { type: "button", on: { click: () => {
        const first = at;
        more();
        list.querySelectorAll("li a")[first]?.focus();
      } } }, `Show ${number(Math.min(CHUNK, rows.length - at))} more of ${number(rows.length)}`);
      list.append(h("p", { class: "more" }, button));
    }
  };
  more();
  // The one that is open is in the list too, unless a browser would be long about it.
  const wanted = open === undefined ? -1 : rows.findIndex((row) => row.id === open);
  while (at <= wanted && wanted < 20 * CHUNK) more();
  list.addEventListener("keydown", walk);
  return [list, rows.length];
}

// What is to be known of a verdict besides itself.
const marks = (row) => [
  row.known && h("span", { class: "mark", title: `${row.known.reason} (borne until ${row.known.expires})` }, "known"),
  row.retried && [" ", h("span", { class: "mark" }, row.retried)],
];

function item(row, filters, isOpen) {
  const name = row.id.slice(row.suite.length + 1);
  const link = h("a", { href: address("cases", filters, row.id), "aria-current": isOpen ? "true" : undefined, "data-case": row.id },
    icon(row.verdict),
    h("span", { class: "title" }, h("span", { class: "unseen" }, `${WORDS[row.verdict]}: `), row.title, " ", marks(row)),
    h("span", { class: "time" }, seconds(row.duration_ms)),
    h("span", { class: "id" }, name));
  return h("li", {}, link);
}

// Arrow keys go from row to row, Enter opens as in any link.
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const here = event.target.closest?.("a[data-case]");
  if (!step || !here) return;
  const all = [...event.currentTarget.querySelectorAll("a[data-case]")];
  all[all.indexOf(here) + step]?.focus();
  event.preventDefault();
}
