// One case in full.

// A page of very many cases has the transcripts of the worst of them only.
const leftOut = () => `This run has ${count(data.cases.length, "case")}; only the worst ${number(data.in_full)} of them are told here with steps and exchanges. The journal and the JSON report have them all.`;

function caseView(row, filters) {
  const detail = detailOf(row);
  if (!detail) {
    const isLeftOut = data.in_full !== undefined && document.readyState !== "loading";
    return h("article", { class: "case", "aria-labelledby": "case-title" },
      h("div", { class: "top" },
        h("a", { class: "back", href: address("cases", filters) }, "Back to the list"),
        h("h2", { id: "case-title", tabindex: "-1" }, row.title),
        h("div", { class: "line" }, badge(row.verdict), marks(row), h("span", { class: "id" }, row.id))),
      row.reason && h("section", { class: "card" }, h("h3", {}, "Reason"), h("p", {}, row.reason)),
      h("p", {}, isLeftOut ? leftOut() : "Still being read."));
  }
  const open = (id) => {
    const exchange = document.getElementById(`exchange-${id}`);
    if (!exchange) return;
    exchange.open = true;
    exchange.scrollIntoView({ block: "nearest" });
    exchange.querySelector("summary").focus({ preventScroll: true });
  };
  const unwell = detail.findings.filter((finding) => finding.verdict !== "pass");
  const well = detail.findings.filter((finding) => finding.verdict === "pass");
  return h("article", { class: "case", "aria-labelledby": "case-title" },
    h("div", { class: "top" },
      h("a", { class: "back", href: address("cases", filters) }, "Back to the list"),
      h("h2", { id: "case-title", tabindex: "-1" }, row.title),
      h("div", { class: "line" }, badge(row.verdict), marks(row), h("span", { class: "id" }, row.id)),
      h("p", { class: "soft" }, facts(row, detail))),
    row.reason && h("section", { class: "card" }, h("h3", {}, "Reason"), row.reason.split("\n").map((line) => h("p", {}, line))),
    counterexample(detail.property),
    unwell.map((finding) => findingView(finding, open)),
    detail.messages.length > 0 && h("section", {}, h("h3", {}, "Who said what"), diagram(detail.messages, open)),
    stepsView(detail, row),
    well.length > 0 && h("section", {},
      h("details", { open: unwell.length === 0 },
        h("summary", {}, h("b", {}, `In order: ${count(well.length, "finding")}`)),
        h("div", { class: "cards" }, well.map((finding) => findingView(finding, open))))),
    h("section", { class: "card command" }, copyable("Run this case again", detail.again)));
}

function facts(row, detail) {
  const parts = [{ case: "Case", property: "Property", invariant: "Invariant" }[detail.kind], `took ${seconds(row.duration_ms)}`];
  if (detail.waited_s > 0) parts.push(`waited ${detail.waited_s} s by the server's clock`);
  if (detail.examined !== undefined) parts.push(`saw ${count(detail.examined, "exchange")}`);
  if (detail.property) parts.push(`tried ${count(detail.property.trials, "input")}`);
  if (row.tags.length > 0) parts.push(`tagged ${row.tags.join(", ")}`);
  const control = data.cases.find((one) => one.id === detail.control);
  return [parts.join(" · "), " · ", h("code", {}, `${detail.location.file}:${detail.location.line}`),
    detail.control && [" · its control: ", control ? rowLink(control) : h("span", { class: "id" }, detail.control)]];
}

function counterexample(property) {
  if (!property?.counterexample) return null;
  return h("section", { class: "card" },
    h("h3", {}, "Smallest input that breaks it"),
    h("dl", { class: "pair" }, property.counterexample.map(([name, value]) => [h("dt", {}, name), h("dd", {}, h("code", {}, value))])),
    h("p", { class: "soft" }, `Found at input ${number(property.trials)}, made smaller in ${number(property.shrinks)} more.`));
}

function findingView(finding, open) {
  const requirement = data.requirements.find((one) => one.id === finding.requirement);
  return h("section", { class: `card finding ${finding.verdict}`, "aria-label": `${WORDS[finding.verdict]}: ${finding.requirement}` },
    h("div", { class: "of" },
      badge(finding.verdict, { fail: "Breaks", warn: "Neglects", pass: "Keeps", error: "Undecided", blocked: "Undecided" }[finding.verdict]),
      requirement && [level(requirement.level), link(requirement.link, `${requirement.document} · ${requirement.section}`)],
      h("a", { class: "id", href: address("requirements", { requirement: finding.requirement }) }, finding.requirement)),
    requirement && h("p", { class: "what" }, requirement.summary),
    h("dl", { class: "pair" },
      h("dt", {}, "Expected"), h("dd", {}, finding.expected),
      h("dt", {}, "Seen"), h("dd", {}, finding.seen),
      finding.observed && [h("dt", {}, "Observed"), h("dd", {}, finding.observed)],
      finding.known && [h("dt", {}, "Known"), h("dd", {}, `${finding.known.reason} (borne until ${finding.known.expires})`)]),
    finding.verdict !== "pass" && source(finding.location),
    finding.exchange !== undefined && finding.verdict !== "pass" && h("p", {},
      h("button", { type: "button", on: { click: () => open(finding.exchange) } }, "Show the request")));
}

// The suite's line with a caret under the clause.
function source(location) {
  if (!location.line || !location.text) return null;
  const indent = location.text.length - location.text.trimStart().length;
  const letters = [...location.text.trimStart()];
  const start = Math.min(Math.max(location.column - 1 - indent, 0), letters.length);
  const end = Math.min(start + Math.max(location.length, 1), letters.length);
  const place = `${location.file}:${location.line}:${location.column}`;
  return h("div", { class: "source", tabindex: "0", role: "group", "aria-label": `Suite, ${place}` },
    h("p", { class: "label" }, place),
    h("pre", {}, letters.slice(0, start).join(""), h("mark", {}, letters.slice(start, end).join("")), letters.slice(end).join(""), "\n",
      h("span", { class: "caret", "aria-hidden": "true" }, " ".repeat(start) + "^".repeat(Math.max(end - start, 1)))));
}

function stepsView(detail, row) {
  const exchanges = new Map(detail.exchanges.map((exchange) => [exchange.id, exchange]));
  const used = new Set(detail.steps.flatMap((step) => step.exchanges));
  const loose = detail.exchanges.filter((exchange) => !used.has(exchange.id));
  const shown = (list) => list.filter(Boolean).map((exchange) => exchangeView(exchange, row));
  return h("section", {},
    detail.steps.length > 0 && [h("h3", {}, "Steps"), h("ol", { class: "steps" }, detail.steps.map((step, index) =>
      h("li", { "data-number": index + 1 },
        h("div", { class: "did" }, h("b", {}, step.keyword), h("span", {}, step.outcome),
          h("code", { class: "soft" }, `${step.location.file}:${step.location.line}`)),
        shown(step.exchanges.map((id) => exchanges.get(id))),
        detail.handshakes?.[index] && copyable("openssl", detail.handshakes[index]))))],
    loose.length > 0 && [h("h3", {}, detail.steps.length > 0 ? "Further exchanges" : "Exchanges"), shown(loose)]);
}

function exchangeView(exchange) {
  const view = h("details", { class: `exchange${exchange.decisive ? " decisive" : ""}`, id: `exchange-${exchange.id}` },
    h("summary", {},
      h("span", { class: "way" }, `${exchange.from} to ${exchange.to}`),
      h("code", {}, exchange.line), " ",
      h("b", { class: exchange.fault ? "error" : "" }, exchange.outcome),
      h("span", { class: "soft" }, ` ${seconds(exchange.duration_ms)}`),
      exchange.decisive && [" ", badge("fail", "decides")]));
  // Thousands of lines of transcript are made only for those who look.
  view.addEventListener("toggle", () => {
    if (!view.open || view.querySelector(".inside")) return;
    view.append(h("div", { class: "inside" },
      raw("Request", exchange.request),
      exchange.response ? raw("Response", exchange.response) : h("p", { class: "error" }, `No response: ${exchange.fault}`),
      copyable("curl", exchange.curl)));
  });
  if (exchange.decisive || exchange.asked) view.open = true;
  return view;
}

function raw(title, parts) {
  return h("div", {},
    h("div", { class: "titled" }, h("p", { class: "label" }, title)),
    h("div", { class: "wire", tabindex: "0", role: "group", "aria-label": `${title} as it went` },
      h("pre", {}, parts.map(([text, isMarked]) => (isMarked ? h("mark", {}, text) : text)))));
}
