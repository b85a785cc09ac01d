/**
 * A page as a peer: it shows whom it is connected to, calls their tools and offers some of its own.
 *
 * The address of a server may stand behind the `#` of the page's own address.
 */

import { createMesh, defineTool, InputError, reportOf, v } from "./mesh.js";

const at = (id) => document.getElementById(id);

/** An element with text or other elements in it; whatever peers say is only ever text. */
function make(name, content = [], attributes = {}) {
  const element = Object.assign(document.createElement(name), attributes);
  element.append(...[content].flat());
  return element;
}

const short = (peer) => `${peer.slice(0, 10)}…${peer.slice(-4)}`;

function say(text, isBad = false) {
  at("status").textContent = text;
  at("status").classList.toggle("bad", isBad);
}

// What this page offers.

function heard(tool, input) {
  const time = new Date().toLocaleTimeString();
  const item = make("li", `${time}  ${tool} ${JSON.stringify(input)}`);
  at("log").prepend(item);
  return item;
}

const ownTools = [
  defineTool({
    name: "say_hello",
    description: "Say hello from a page that somebody has open",
    input: v.object({ name: v.pipe(v.string(), v.minLength(1), v.description("Whom to greet")) }),
    output: v.object({ greeting: v.string() }),
    annotations: { readOnlyHint: true },
    run({ name }) {
      heard("say_hello", { name });
      return { greeting: `Hello ${name}, from ${document.title} at ${location.host}!` };
    },
  }),
  defineTool({
    name: "read_selection",
    description: "Read the text that a person has selected in the page",
    input: v.object({}),
    output: v.object({ text: v.string() }),
    annotations: { readOnlyHint: true },
    run() {
      heard("read_selection", {});
      const { value, selectionStart, selectionEnd } = at("note");
      return { text: value.slice(selectionStart, selectionEnd) || String(getSelection()) };
    },
  }),
  defineTool({
    name: "draw_chart",
    description: "Draw numbers as bars on a canvas, which only a page has",
    input: v.object({
      rows: v.pipe(v.array(v.record(v.string(), v.unknown())), v.minLength(1), v.maxLength(40)),
      label: v.pipe(v.string(), v.description("Column with the words beside the bars")),
      value: v.pipe(
        v.string(),
        v.description("Column with the numbers, of which none is negative"),
      ),
    }),
    output: v.object({ png: v.string(), width: v.number(), height: v.number() }),
    annotations: { readOnlyHint: true },
    run({ rows, label, value }) {
      const item = heard("draw_chart", { rows: rows.length, label, value });
      const bars = rows.map((row) => [String(row[label]), Number(row[value])]);
      if (!bars.every(([, number]) => number >= 0)) {
        throw new InputError("invalid_input", `A "${value}" is no number of at least 0`);
      }
      const canvas = drawBars(bars);
      item.append(canvas);
      const { width, height } = canvas;
      return { png: canvas.toDataURL("image/png"), width, height };
    },
  }),
];

/** A canvas with a bar for each pair of a word and a number. */
function drawBars(bars) {
  const [line, gap, most] = [32, 12, 360];
  const canvas = make("canvas");
  const pen = canvas.getContext("2d");
  const font = "16px system-ui, sans-serif";
  pen.font = font;
  const widest = (texts) => Math.ceil(Math.max(...texts.map((one) => pen.measureText(one).width)));
  const numbers = bars.map(([, number]) => number.toLocaleString("en"));
  const left = gap + widest(bars.map(([name]) => name)) + gap;
  canvas.width = left + most + gap + widest(numbers) + gap;
  canvas.height = bars.length * line + 2 * gap;
  // A canvas that changes its size forgets its font.
  Object.assign(pen, { font, textBaseline: "middle", fillStyle: "#fff" });
  pen.fillRect(0, 0, canvas.width, canvas.height);
  const highest = Math.max(...bars.map(([, number]) => number)) || 1;
  for (const [row, [name, number]] of bars.entries()) {
    const top = gap + row * line;
    const long = Math.round((most * number) / highest);
    pen.fillStyle = "#0b62c4";
    pen.fillRect(left, top + 5, long, line - 10);
    pen.fillStyle = "#1c2127";
    pen.fillText(name, gap, top + line / 2);
    pen.fillText(numbers[row], left + long + gap, top + line / 2);
  }
  return canvas;
}

function showOffers(mesh) {
  for (const tool of ownTools) {
    const box = make("input", [], { type: "checkbox", id: `offer-${tool.name}` });
    box.addEventListener("change", () => {
      if (box.checked) mesh.offer(tool);
      else mesh.withdraw(tool.name);
    });
    at("offers").append(make("label", [box, make("code", tool.name), ` ${tool.summary}`]));
  }
}

/** Work tasks of the server by which this page joined: those that call what is ticked. */
function showWork(mesh) {
  const box = at("work");
  let worker;
  box.addEventListener("change", async () => {
    // Beginning and ending take time; nobody ticks it twice meanwhile.
    box.disabled = true;
    at("worked").textContent = "";
    try {
      if (!box.checked) await worker?.stop();
      else {
        const peer = at("address").value.trim() || undefined;
        worker = await mesh.queue.work({ peer, abilities: ["in-page"] });
        at("worked").textContent = `Working for ${short(worker.peer)}`;
      }
    } catch (error) {
      box.checked = false;
      at("worked").textContent = reportOf(error).message;
    } finally {
      box.disabled = false;
    }
  });
}

// What others offer.

let shownTools = [];

async function showTools(mesh) {
  shownTools = (await mesh.tools()).filter(({ peer }) => peer !== undefined);
  const select = at("tool");
  const chosen = select.value;
  const names = new Map(mesh.peers().map(({ peer, name }) => [peer, name ?? short(peer)]));
  const groups = Map.groupBy(shownTools, ({ peer }) => peer);
  select.replaceChildren(
    ...[...groups].map(([peer, tools]) =>
      make(
        "optgroup",
        tools.map(({ name }) => make("option", name, { value: name })),
        { label: names.get(peer) ?? short(peer) },
      ),
    ),
  );
  if (shownTools.some(({ name }) => name === chosen)) select.value = chosen;
  else showFields();
}

const chosenTool = () => shownTools.find(({ name }) => name === at("tool").value);

function fieldOf(name, schema, isRequired) {
  const id = `field-${name}`;
  const common = { id, name, required: isRequired };
  const control = () => {
    if (schema.enum) {
      const options = schema.enum.map((one) => make("option", String(one)));
      return make("select", [...(isRequired ? [] : [make("option", "")]), ...options], common);
    }
    if (schema.type === "boolean")
      return make("input", [], { ...common, type: "checkbox", required: false });
    const isNumber = schema.type === "number" || schema.type === "integer";
    if (isNumber) return make("input", [], { ...common, type: "number", step: "any" });
    if (schema.type === "string") return make("input", [], common);
    return make("textarea", [], { ...common, rows: 2, placeholder: "JSON" });
  };
  const label = `${name}${isRequired ? "" : " (optional)"}`;
  return [make("label", label, { htmlFor: id, title: schema.description ?? "" }), control()];
}

function showFields() {
  const tool = chosenTool();
  at("about").textContent = tool?.description ?? "No peer offers a tool yet.";
  const { properties = {}, required = [] } = tool?.inputSchema ?? {};
  const fields = Object.entries(properties).flatMap(([name, schema]) =>
    fieldOf(name, schema, required.includes(name)),
  );
  at("fields").replaceChildren(...fields);
}

/** The fields as the tool's input; one that is empty is left out. */
function inputOf({ inputSchema: { properties = {} } }) {
  const entries = Object.entries(properties).map(([name, { type, enum: choices }]) => {
    const { value, checked } = at(`field-${name}`);
    if (type === "boolean") return [name, checked];
    if (value === "") return [name, undefined];
    if (choices) return [name, choices.find((one) => String(one) === value)];
    return [name, type === "string" ? value : JSON.parse(value)];
  });
  return Object.fromEntries(entries);
}

function showProgress(done, total) {
  const bar = at("progress");
  bar.hidden = false;
  if (total === undefined) bar.removeAttribute("value");
  else Object.assign(bar, { max: total, value: done });
}

async function callChosen(mesh) {
  const tool = chosenTool();
  if (!tool) return;
  const controller = new AbortController();
  const { signal } = controller;
  at("cancel").onclick = () => controller.abort(new Error("You cancelled the call"));
  at("cancel").hidden = false;
  at("result").textContent = "…";
  const startedAt = performance.now();
  try {
    const result = await mesh.call(tool.name, inputOf(tool), { signal, onProgress: showProgress });
    const { structuredContent, content } = result;
    const took = `${tool.name} at ${short(tool.peer)}, ${Math.round(performance.now() - startedAt)} ms`;
    const shown = structuredContent ?? content.map(({ text, type }) => text ?? `(${type})`);
    at("result").textContent = `${took}\n${JSON.stringify(shown, null, 2)}`;
  } catch (error) {
    const { code, message } = reportOf(error);
    at("result").textContent = `${code}: ${message}`;
  } finally {
    at("cancel").hidden = true;
    at("progress").hidden = true;
  }
}

/** The same call as a task of its server: it goes on when this page is closed. */
async function submitChosen(mesh) {
  const tool = chosenTool();
  if (!tool) return;
  const show = (text) => {
    at("result").textContent = text;
  };
  show("…");
  try {
    const request = { tool: tool.name, input: inputOf(tool) };
    const task = await mesh.queue.submit(request, { peer: tool.peer });
    for await (const { taskId, state, attempts, progress } of task.events()) {
      show(`task ${taskId}: ${state}, attempt ${attempts}`);
      if (progress) showProgress(progress.done, progress.total);
    }
    show(`task ${task.taskId}: done\n${JSON.stringify(await task.result(), null, 2)}`);
  } catch (error) {
    const { code, message } = reportOf(error);
    show(`${code}: ${message}`);
  } finally {
    at("progress").hidden = true;
  }
}

// Who is there.

function showPeers(mesh) {
  at("addresses").replaceChildren(...mesh.addresses().map((address) => make("li", address)));
  const peers = new Map(mesh.peers().map((peer) => [peer.peer, peer]));
  const rows = mesh.connections().map(({ peer, transport, isRelayed, rttMs }) => {
    const { name, host = "", tools = "" } = peers.get(peer) ?? {};
    const label = [make("code", short(peer)), name ? ` ${name}` : ""];
    const via = isRelayed ? `${transport} (relayed)` : transport;
    const rtt = rttMs === undefined ? "" : `${rttMs.toFixed(1)} ms`;
    const cell = (content, className = "") => make("td", content, { className });
    return make("tr", [
      ...[cell(label), cell(host), cell(via)],
      ...[cell(rtt, "number"), cell(String(tools), "number")],
    ]);
  });
  at("connections").replaceChildren(...rows);
  say(
    rows.length === 0
      ? "Nobody is connected"
      : `Connected to ${rows.length} of ${peers.size} known`,
  );
}

/** Whom to join: who stands behind the `#`, or the server that this page came from. */
async function firstContacts() {
  const named = decodeURIComponent(location.hash.slice(1));
  if (named !== "") return [named];
  const response = await fetch("../peers?limit=1");
  if (!response.ok) return [];
  const [{ addresses }] = (await response.json()).records;
  return addresses.filter((address) => /\/(wss?|webrtc-direct|webtransport)\//.test(address));
}

async function start() {
  const bootstrap = await firstContacts();
  at("address").value = bootstrap[0] ?? "";
  const mesh = await createMesh({ name: "a-page", bootstrap });
  at("peer").textContent = mesh.peer;
  showOffers(mesh);
  showWork(mesh);
  const show = () => {
    showPeers(mesh);
    showTools(mesh).catch((error) => say(error.message, true));
  };
  mesh.onChange(show);
  // Round trips are measured now and then, which is no change worth an event.
  setInterval(() => showPeers(mesh), 5_000);
  show();
  at("tool").addEventListener("change", showFields);
  at("caller").addEventListener("submit", (event) => {
    event.preventDefault();
    void callChosen(mesh);
  });
  at("submit-task").addEventListener("click", () => void submitChosen(mesh));
  at("connect").addEventListener("submit", async (event) => {
    event.preventDefault();
    say("Connecting…");
    try {
      await mesh.connect(at("address").value.trim());
      show();
    } catch (error) {
      say(error.message, true);
    }
  });
}

start().catch((error) => say(error.message, true));
