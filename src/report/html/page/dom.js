// Everything that is shown is made here, of elements and text nodes. What came from a server is only ever text.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    const isState = name.startsWith("aria-");
    if (value === undefined || value === null || (value === false && !isState)) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else {
      element.setAttribute(name, value === true && !isState ? "" : String(value));
    }
  }
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

const h = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
const s = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

const VERDICTS = ["fail", "error", "blocked", "warn", "pass", "inapplicable"];
const WORDS = {
  fail: "Failed", error: "Error", blocked: "Blocked", warn: "Warned", pass: "Passed", inapplicable: "Not applicable",
};
const STANDINGS = {
  broken: ["fail", "Broken"], warned: ["warn", "Not followed"], undecided: ["blocked", "Undecided"],
  kept: ["pass", "Kept"], unjudged: ["inapplicable", "Not judged"], unobservable: ["inapplicable", "Not observable"],
};

// A shape for each verdict, told apart without colour: cross, bolt, bar, triangle, tick, dash.
const SHAPES = {
  fail: "M4 4l8 8M12 4l-8 8", error: "M9 1.5L4 9h4l-1 5.5L12 7H8z", blocked: "M3.5 12.5l9-9M8 2a6 6 0 100 12A6 6 0 008 2z",
  warn: "M8 2.2L14.5 13.5h-13zM8 6.5v3.4M8 11.4v.6", pass: "M3 8.5l3.5 3.5L13 4.5", inapplicable: "M4 8h8",
};

function icon(verdict) {
  const path = s("path", {
    d: SHAPES[verdict] ?? SHAPES.inapplicable, fill: "none", stroke: "currentColor", "stroke-width": "1.9",
    "stroke-linecap": "round", "stroke-linejoin": "round",
  });
  return s("svg", { class: `icon ${verdict}`, viewBox: "0 0 16 16", "aria-hidden": "true" }, path);
}

const badge = (verdict, word) => h("span", { class: `verdict badge ${verdict}` }, icon(verdict), word ?? WORDS[verdict]);
const level = (text) => h("span", { class: "level" }, text);
const number = (value) => value.toLocaleString("en");
const count = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
const seconds = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`);

// Only what a browser may safely follow becomes a link.
function link(url, ...children) {
  return /^https?:\/\//i.test(url ?? "")
    ? h("a", { href: url, rel: "noreferrer noopener" }, ...children)
    : h("span", {}, ...children);
}

// One bar, each verdict with its share; the numbers stand beside it in words.
function shares(counts) {
  const total = Object.values(counts).reduce((a, b) => a + b, 0) || 1;
  let at = 0;
  const parts = VERDICTS.filter((verdict) => counts[verdict]).map((verdict) => {
    const width = (counts[verdict] / total) * 100;
    const part = s("rect", { x: at, y: 0, width, height: 4, class: verdict, fill: "currentColor" });
    at += width;
    return part;
  });
  const bar = s("svg", { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" }, parts);
  return h("div", { class: "bar" }, bar);
}

function copyable(title, text) {
  const button = h("button", { type: "button" }, "Copy");
  button.setAttribute("aria-label", `Copy: ${title}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      say("Copied");
      button.textContent = "Copied";
    } catch {
      const selection = getSelection();
      selection.selectAllChildren(shown);
      say("Selected; copy it with the keyboard");
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  const shown = h("pre", {}, text);
  return h("div", {},
    h("div", { class: "titled" }, h("p", { class: "label" }, title), button),
    h("div", { class: "wire", tabindex: "0", role: "group", "aria-label": title }, shown));
}

let isQuiet = false;
const say = (text) => { if (!isQuiet) document.getElementById("said").textContent = text; };
