// Every requirement of the profile, by document, with how it stands and which cases judged it.

function requirementsView(filters) {
  const set = (name, value) => go("requirements", { ...state.filters, [name]: value || undefined });
  const words = (filters.text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = data.requirements.filter((requirement) =>
    (!filters.document || requirement.document === filters.document) &&
    (!filters.standing || requirement.standing === filters.standing) &&
    (!filters.level || requirement.level === filters.level) &&
    (!filters.requirement || requirement.id === filters.requirement) &&
    words.every((word) => `${requirement.id} ${requirement.summary} ${requirement.section}`.toLowerCase().includes(word)));
  const choice = (name, title, values) => h("label", {}, title,
    h("select", { "data-filter": name, on: { change: (event) => set(name, event.target.value) } },
      h("option", { value: "" }, "All"),
      values.map(([value, word]) => h("option", { value, selected: filters[name] === value }, word ?? value))));
  const names = [...new Set(data.requirements.map((requirement) => requirement.document))];
  const present = Object.keys(STANDINGS).filter((one) => data.requirements.some((requirement) => requirement.standing === one));
  const form = h("form", { class: "filters", role: "search", "aria-label": "Filter the requirements", on: { submit: (event) => event.preventDefault() } },
    h("div", { class: "fields" },
      h("label", { class: "text" }, "Text",
        h("input", { type: "search", "data-filter": "text", value: filters.text ?? "", on: { input: (event) => set("text", event.target.value) } })),
      choice("document", "Document", names.map((name) => [name])),
      choice("standing", "Standing", present.map((one) => [one, STANDINGS[one][1]])),
      choice("level", "Level", LEVELS.map((one) => [one])),
      h("button", { type: "button", on: { click: () => go("requirements", {}) } }, "Clear")));
  say(count(wanted.length, "requirement"));
  const shown = names.map((document) => [document, wanted.filter((one) => one.document === document)])
    .filter(([, list]) => list.length > 0)
    .map(([document, list]) => h("section", { class: "document" },
      h("h2", {}, document),
      table(`Requirements of ${document}`, [["Stands"], ["Requirement"], ["Judged by"]], list.map(requirementRow))));
  return h("div", {}, form, shown.length > 0 ? shown : h("p", { class: "empty" }, "No requirement matches the filters."));
}

function requirementRow(requirement) {
  const evidence = requirement.unobservable
    ? h("span", { class: "soft" }, requirement.unobservable)
    : h("a", { href: address("cases", { requirement: requirement.id }) }, count(requirement.rows.length, "case"));
  return h("tr", {},
    h("td", {}, badge(...STANDINGS[requirement.standing])),
    h("th", { scope: "row" },
      h("div", { class: "of" }, level(requirement.level), " ", link(requirement.link, requirement.section)),
      h("p", {}, requirement.summary),
      h("span", { class: "id soft" }, requirement.id)),
    h("td", {},
      requirement.rows.length === 0 && !requirement.unobservable ? h("span", { class: "soft" }, "no case of this run") : evidence,
      requirement.broken_in.length > 0 && h("div", { class: "rows" }, rowLinks(requirement.broken_in))));
}
