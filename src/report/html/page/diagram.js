// The sequence diagram of a case: who said what to whom, in order. It repeats what the steps below it say in words,
// so it is hidden from screen readers.

const COLUMN = 178;
const ROW = 34;
const TOP = 46;

function diagram(messages, open) {
  const actors = ["user", "browser", "client", "authorization server", "resource"]
    .filter((actor) => messages.some((message) => message.from === actor || message.to === actor));
  const x = (actor) => 80 + actors.indexOf(actor) * COLUMN;
  const width = 160 + (actors.length - 1) * COLUMN;
  const height = TOP + messages.length * ROW + 24;

  const drawn = [];
  for (const actor of actors) {
    drawn.push(s("line", { class: "life", x1: x(actor), x2: x(actor), y1: 34, y2: height - 6 }));
    drawn.push(s("rect", { class: "actor", x: x(actor) - 74, y: 6, width: 148, height: 28, rx: 5 }));
    drawn.push(s("text", { class: "name", x: x(actor), y: 24, "text-anchor": "middle" }, actor));
  }
  messages.forEach((message, index) => {
    const y = TOP + index * ROW + 20;
    drawn.push(message.kind === "step" ? divider(message, y, width) : arrow(message, x, y, open));
  });
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" }, drawn);
  return h("figure", { class: "diagram", tabindex: "0", role: "group", "aria-label": "Sequence diagram; the steps below say the same in words" }, svg);
}

function divider(message, y, width) {
  return s("g", {},
    s("line", { class: "band", x1: 6, x2: width - 6, y1: y - 18, y2: y - 18 }),
    s("text", { class: "step", x: 8, y: y - 4 }, message.label));
}

function arrow(message, x, y, open) {
  const from = x(message.from);
  const to = x(message.to);
  const kind = message.kind === "answer" ? "answer" : "call";
  const classes = `message${message.decisive ? " decisive" : ""}`;
  const room = from === to ? COLUMN - 30 : Math.abs(to - from) - 16;
  const label = cut(message.label, Math.floor(room / 6.1));
  const full = s("title", {}, `${message.from} to ${message.to}: ${message.label}`);
  const on = message.exchange === undefined ? {} : { on: { click: () => open(message.exchange) } };
  if (from === to) {
    return s("g", { class: classes, ...on }, full,
      s("text", { x: from + 12, y: y - 4 }, label));
  }
  const way = to > from ? 1 : -1;
  const tip = `${to},${y} ${to - 9 * way},${y - 4.5} ${to - 9 * way},${y + 4.5}`;
  return s("g", { class: classes, ...on }, full,
    s("rect", { x: Math.min(from, to), y: y - 18, width: Math.abs(to - from), height: 24, fill: "transparent" }),
    s("text", { x: (from + to) / 2, y: y - 6, "text-anchor": "middle" }, label),
    s("line", { class: kind, x1: from, x2: to - 6 * way, y1: y, y2: y }),
    s("polygon", { class: kind === "answer" ? "tip answer-tip" : "tip", points: tip }));
}

const cut = (text, room) => {
  const letters = [...text];
  return letters.length > room ? `${letters.slice(0, Math.max(room - 1, 1)).join("")}…` : text;
};
