// What an attacker can do, as far as the run has seen, and what to repair first.

const STATES = { open: ["fail", "Open"], unknown: ["blocked", "Not known"], closed: ["pass", "Closed"] };

const requirementLink = (id) => h("a", { class: "id", href: address("requirements", { requirement: id }) }, id);

function threatsView() {
  const of = (state) => data.threats.all.filter((threat) => threat.state === state);
  const [open, unknown, closed] = [of("open"), of("unknown"), of("closed")];
  if (data.threats.all.length === 0) return h("p", { class: "empty" }, "No threat hangs on what this run judges.");
  say(`${count(open.length, "threat")} open`);
  return h("div", { class: "stack" },
    repairFirst(open),
    h("section", {},
      h("h2", {}, `What an attacker can do now: ${count(open.length, "threat")}`),
      open.length === 0
        ? h("p", {}, "Nothing that this run has seen.")
        : h("ul", { class: "cards" }, open.map((threat) => h("li", { class: "card broken" },
          h("h3", {}, threat.title),
          h("p", { class: "what" }, threat.attack),
          h("p", { class: "soft" }, threat.sources.join(" · ")),
          h("div", { class: "rows" }, h("span", { class: "soft" }, "Opened by"), threat.opened_by.map(requirementLink)))))),
    standing("Not known, since requirements were not judged", unknown),
    standing("Closed, as far as was judged", closed));
}

function repairFirst(open) {
  if (data.threats.repairs.length === 0) return null;
  const title = (id) => open.find((threat) => threat.id === id)?.title ?? id;
  return h("section", {},
    h("h2", {}, "To repair first"),
    h("ol", { class: "steps" }, data.threats.repairs.map((repair, index) => h("li", { "data-number": index + 1 },
      h("div", { class: "rows" }, repair.requirements.map(requirementLink)),
      repair.requirements.map((id) => h("p", {}, data.requirements.find((one) => one.id === id)?.summary)),
      h("p", { class: "soft" }, `Closes ${number(repair.closes.length)} of ${number(open.length)}: ${repair.closes.map(title).join(", ")}`)))));
}

function standing(title, threats) {
  if (threats.length === 0) return null;
  return h("section", {},
    h("h2", {}, `${title}: ${count(threats.length, "threat")}`),
    table(title, [["Stands"], ["Threat"], ["Hangs on"]], threats.map((threat) => h("tr", {},
      h("td", {}, badge(...STATES[threat.state])),
      h("th", { scope: "row" }, threat.title, h("p", { class: "soft" }, threat.attack), h("p", { class: "soft" }, threat.sources.join(" · "))),
      h("td", {}, h("div", { class: "rows" }, threat.requirements.map(requirementLink)))))));
}

// Their names for the overview.
function threatsInShort() {
  const open = data.threats.all.filter((threat) => threat.state === "open");
  if (open.length === 0) return null;
  return h("section", {},
    h("h2", {}, `What an attacker can do now: ${count(open.length, "threat")}`),
    h("div", { class: "card broken" },
      h("ul", { class: "names" }, open.map((threat) => h("li", {}, threat.title))),
      h("p", {}, h("a", { href: address("threats") }, "How, and what to repair first"))));
}
