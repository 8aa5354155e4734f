// Puts the conversation, the reading pane and the pictures of the corpus into Gradio's frame.
// All HTML comes from the server, which escapes it; text of documents is set as text only.
"use strict";

const language = location.pathname.startsWith("/en") ? "en" : "zh";
const other = language === "zh" ? "en" : "zh";
const narrow = matchMedia("(max-width: 860px)");
const roots = {};
let words = {};
let conversation = "";
let asking = null; // the AbortController of the answer being written
let opener = null; // what had the focus before the reading pane opened
let reading = { report: "", paragraph: 0 };

// Small things

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick" || name === "oninput" || name === "onkeydown" || name === "onchange") {
      element.addEventListener(name.slice(2), value);
    } else if (value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children);
  return element;
}

function button(label, onclick, attributes = {}) {
  return make("button", { type: "button", onclick, ...attributes }, label);
}

async function get(path, options = {}) {
  const answer = await fetch(path, options);
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(said.detail || words.lost), { status: answer.status });
  }
  const isJson = (answer.headers.get("content-type") || "").includes("json");
  return isJson ? answer.json() : answer.text();
}

function post(path, body, signal) {
  return fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
}

const inLanguage = (path) => `${path}${path.includes("?") ? "&" : "?"}language=${language}`;

function announce(text) {
  roots.status.textContent = text;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", { class: "off-screen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  announce(words.copied);
}

// Asking

const input = () => document.querySelector("#question textarea, #question input");

function setInput(text) {
  const box = input();
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

async function* eventsOf(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const name = /^event: (.*)$/m.exec(block);
      const data = /^data: (.*)$/m.exec(block);
      if (name && data) yield [name[1], JSON.parse(data[1])];
    }
  }
}

async function ask(question) {
  if (!question.trim() || !conversation) return input().focus();
  stop();
  const controller = (asking = new AbortController());
  document.body.classList.add("asking");
  setInput("");
  roots.talk.classList.remove("empty");
  const slot = make("div", { class: "slot" });
  slot.append(
    make("article", { class: "exchange live" },
      make("h2", { class: "question" }, question),
      make("div", { class: "answer writing" }, make("p", { class: "wait" }, words.writing))),
  );
  roots.talk.append(slot);
  slot.scrollIntoView({ block: "start" });
  let whole = false;
  try {
    const answer = await post("/page/ask", { language, conversation, question }, controller.signal);
    if (!answer.ok) throw new Error((await answer.json()).detail);
    for await (const [name, { html, state }] of eventsOf(answer)) {
      if (name === "said") slot.querySelector(".answer").innerHTML = html;
      else slot.innerHTML = html;
      if (name === "failed") setInput(question);
      if (state) showState(state);
      whole = name === "done" || name === "failed";
    }
    if (!whole) throw new Error(words.lost);
    announce(slot.querySelector(".answer").innerText);
  } catch (error) {
    const stopped = error.name === "AbortError";
    const place = slot.querySelector(".answer");
    place.className = "answer failed";
    const wait = place.querySelector(".wait");
    if (wait) wait.remove();
    place.append(make("p", { class: "status" }, stopped ? words.stopped : words.failed));
    if (!stopped) place.append(make("p", {}, error instanceof TypeError ? words.lost : error.message));
    if (!stopped) setInput(question);
  } finally {
    if (asking === controller) {
      asking = null;
      document.body.classList.remove("asking");
    }
  }
  showBelow();
}

function stop() {
  if (asking) asking.abort();
  asking = null;
  document.body.classList.remove("asking");
}

async function askOtherwise(exchange) {
  const values = (name) =>
    [...exchange.querySelectorAll(`.changes [data-name=${name}]`)].map((s) => s.value).filter(Boolean);
  const answer = await post("/page/rephrase", {
    exchange: exchange.dataset.exchange,
    places: values("place"),
    years: values("year").map(Number),
    kind: values("kind")[0] || null,
  });
  const { question } = await answer.json();
  if (question) await ask(question);
}

// What can be done with an answer

const actions = {
  again: (_, exchange) => askOtherwise(exchange),
  copy: async (_, exchange) => copy(await get(`/page/text/${exchange.dataset.exchange}`)),
  helpful: (pressed, exchange) => verdict(pressed, exchange, true),
  unhelpful: (pressed, exchange) => {
    exchange.querySelector(".reason").hidden = false;
    exchange.querySelector(".reason textarea").focus();
    press(pressed, exchange);
  },
  reason: (pressed, exchange) => verdict(pressed, exchange, false),
  open: async (_, __, item) => {
    conversation = item.dataset.conversation;
    roots.talk.innerHTML = await get(inLanguage(`/page/conversations/${conversation}`));
    roots.talk.classList.remove("empty");
    showBelow();
    input().focus();
  },
  delete: async (pressed, _, item) => {
    if (!pressed.classList.contains("sure")) {
      pressed.classList.add("sure");
      pressed.textContent = words.confirm_delete;
      return;
    }
    await get(`/page/conversations/${item.dataset.conversation}`, { method: "DELETE" });
    showHistory();
  },
};

function press(pressed, exchange) {
  for (const thumb of exchange.querySelectorAll("[aria-pressed]")) {
    thumb.setAttribute("aria-pressed", String(thumb === pressed));
  }
}

async function verdict(pressed, exchange, helpful) {
  const reason = helpful ? "" : exchange.querySelector(".reason textarea").value;
  const answer = await post("/page/feedback", { exchange: exchange.dataset.exchange, helpful, reason });
  if (pressed.hasAttribute("aria-pressed")) press(pressed, exchange);
  exchange.querySelector(".reason").hidden = true;
  exchange.querySelector(".noted").textContent = answer.ok ? words.thanks : words.lost;
}

async function begin() {
  stop();
  conversation = (await get("/page/new")).conversation;
  roots.talk.replaceChildren();
  roots.talk.classList.add("empty");
  showBelow();
  input().focus();
}

// Below the question: starters, export, earlier conversations

let starters = [];

function showBelow() {
  const isEmpty = !roots.talk.querySelector("article");
  const tools = make("div", { class: "row" });
  if (!isEmpty) {
    tools.append(button(words.new, begin, { class: "new" }));
    const forms = make("span", { class: "export" }, `${words.export}: `);
    for (const [form, name] of [["md", "Markdown"], ["docx", "Word"], ["csv", "CSV"], ["xlsx", "Excel"]]) {
      const href = `/page/export/${conversation}.${form}`;
      forms.append(make("a", { href, download: true, "data-form": form }, name), " ");
    }
    tools.append(forms);
  }
  const examples = make("section", { class: "starters", hidden: !isEmpty },
    make("h2", {}, words.starters),
    make("ul", {}, ...starters.map(({ kind, question }) =>
      make("li", {}, button(question, () => ask(question)), make("span", { class: "sort" }, kind)))));
  const history = make("details", { class: "history" }, make("summary", {}, words.history), roots.history);
  roots.below.replaceChildren(tools, examples, history, roots.stateBelow);
  showHistory();
}

async function showHistory() {
  roots.history.innerHTML = await get(inLanguage(`/page/conversations?current=${conversation}`));
}

// The reading pane

function buildPane() {
  const named = (name, sign, onclick) => button(sign, onclick, { "aria-label": words[name], title: words[name], class: name });
  roots.find = make("input", {
    type: "search", placeholder: words.find, "aria-label": words.find, oninput: find,
    onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); nextFound(event.shiftKey ? -1 : 1); } },
  });
  roots.count = make("span", { class: "count", role: "status" });
  roots.where = make("p", { class: "where", "aria-live": "polite" });
  roots.article = make("div", { class: "scroller", tabindex: "0", role: "group", "aria-label": words.report });
  roots.pane.append(
    make("aside", { id: "reading", "aria-label": words.reading_pane },
      make("div", { class: "bar" },
        named("previous", "↑", () => step(-1)), named("next", "↓", () => step(1)),
        roots.find, roots.count,
        button(words.copy_link, () => copy(location.href), { class: "copy_link" }),
        named("close", "✕", closePane)),
      roots.where, roots.article));
}

async function openReport(report, paragraph, quote = "", remember = true) {
  if (!document.body.classList.contains("reading-open")) opener = document.activeElement;
  document.body.classList.add("reading-open");
  if (reading.report !== report) {
    reading = { report: "", paragraph: 0 };
    roots.find.value = "";
    roots.count.textContent = "";
    roots.where.textContent = "";
    try {
      roots.article.innerHTML = await get(inLanguage(`/page/reports/${encodeURIComponent(report)}`));
      reading.report = report;
    } catch (error) {
      roots.article.replaceChildren(make("p", { class: "empty", tabindex: "-1" },
        error.status === 404 ? words.no_report : error.message));
      roots.article.firstChild.focus();
      return;
    }
  }
  if (remember) {
    const stretch = quote ? `&quote=${quote}` : "";
    history.pushState({}, "", `?report=${encodeURIComponent(report)}${stretch}#p${paragraph}`);
  }
  select(paragraph, quote);
}

function select(number, quote = "") {
  for (const before of roots.article.querySelectorAll(".current, .painted")) {
    before.classList.remove("current", "painted");
    before.textContent = before.textContent;
  }
  const found = roots.article.querySelector(`#p${Number(number)}`);
  if (!found) {
    roots.where.textContent = words.no_paragraph;
    return;
  }
  reading.paragraph = Number(found.dataset.number);
  found.classList.add("current");
  const [start, end] = quote.split("-").map(Number);
  if (quote && end <= found.textContent.length) paint(found, [[start, end]], "quote");
  const { title, place, date } = roots.article.querySelector(".reading").dataset;
  roots.where.replaceChildren(
    make("strong", {}, title), ` · ${place}${date ? ` · ${date}` : ""}`, make("br"),
    make("span", { class: "path" }, found.dataset.section), " ",
    make("span", { class: `kind ${found.classList.contains("plan") ? "plan" : "actual"}` }, found.dataset.kind),
    make("span", { class: "anchor" }, ` p${reading.paragraph}`));
  show(found.querySelector("mark") || found);
  found.focus({ preventScroll: true });
}

function show(element) {
  const box = roots.article.getBoundingClientRect();
  const place = element.getBoundingClientRect();
  roots.article.scrollTop += place.top - box.top - Math.max(24, (box.height - place.height) / 3);
}

function step(by) {
  const number = reading.paragraph + by;
  if (roots.article.querySelector(`#p${number}`)) openReport(reading.report, number);
}

function paint(paragraph, spans, name) {
  const text = paragraph.textContent;
  const pieces = [];
  let at = 0;
  for (const [start, end] of spans) {
    pieces.push(text.slice(at, start), make("mark", { class: name }, text.slice(start, end)));
    at = end;
  }
  paragraph.replaceChildren(...pieces, text.slice(at));
  paragraph.classList.add("painted");
}

let found = [];
let foundAt = -1;

function find() {
  const wanted = roots.find.value.trim().toLowerCase();
  found = [];
  foundAt = -1;
  for (const paragraph of roots.article.querySelectorAll(".paragraph")) {
    if (paragraph.classList.contains("painted")) {
      paragraph.textContent = paragraph.textContent;
      paragraph.classList.remove("painted");
    }
    const text = paragraph.textContent.toLowerCase();
    const spans = [];
    for (let at = wanted ? text.indexOf(wanted) : -1; at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      spans.push([at, at + wanted.length]);
    }
    if (spans.length) {
      paint(paragraph, spans, "found");
      found.push(...paragraph.querySelectorAll("mark"));
    }
  }
  roots.count.textContent = wanted && !found.length ? words.found_none : "";
  if (found.length) nextFound(1);
}

function nextFound(by) {
  if (!found.length) return;
  if (foundAt >= 0) found[foundAt].classList.remove("here");
  foundAt = (foundAt + by + found.length) % found.length;
  found[foundAt].classList.add("here");
  roots.count.textContent = `${foundAt + 1}/${found.length}`;
  show(found[foundAt]);
}

function closePane() {
  document.body.classList.remove("reading-open");
  history.pushState({}, "", location.pathname);
  if (opener && opener.isConnected) opener.focus();
}

function openFromAddress() {
  const report = new URLSearchParams(location.search).get("report");
  if (!report) return document.body.classList.remove("reading-open");
  const paragraph = /^#p(\d+)$/.exec(location.hash);
  const quote = new URLSearchParams(location.search).get("quote") || "";
  openReport(report, paragraph ? Number(paragraph[1]) : 1, quote, false);
}

// The reports

async function showBrowse() {
  const { reports, coverage, indicators } = await get(inLanguage("/page/browse"));
  const values = make("div", { class: "indicator", "aria-live": "polite" });
  const chosen = make("select", { "aria-label": words.choose_indicator, onchange: () => showIndicator() },
    ...indicators.map(({ id, name }) => make("option", { value: id }, name)));
  const showIndicator = async () => {
    values.innerHTML = await get(inLanguage(`/page/indicators/${chosen.value}`));
  };
  const list = make("div");
  const picture = make("div");
  list.innerHTML = reports;
  picture.innerHTML = coverage;
  roots.browse.replaceChildren(
    list,
    make("h2", {}, words.coverage), make("p", { class: "hint" }, words.coverage_hint), picture,
    make("h2", {}, words.indicator), make("p", { class: "hint" }, words.indicator_hint), chosen, values);
  await showIndicator();
}

// The frame

function showState(line) {
  for (const place of [roots.state, roots.stateBelow]) {
    if (place.textContent !== line) place.textContent = line;
  }
}

function buildHead() {
  const link = make("a", { href: `/${other}/`, hreflang: other, lang: other === "zh" ? "zh-CN" : "en", class: "language" },
    other === "zh" ? "中文" : "English");
  link.addEventListener("click", () => {
    document.cookie = `report_qa_language=${other};path=/;max-age=31536000;samesite=lax`;
    link.href = `/${other}/${location.search}${location.hash}`;
  });
  const theme = button("◐", () => {
    const dark = !document.body.classList.contains("dark");
    document.body.classList.toggle("dark", dark);
    localStorage.setItem("appearance", dark ? "dark" : "light");
  }, { "aria-label": words.appearance, title: words.appearance, class: "appearance" });
  const chosen = localStorage.getItem("appearance");
  if (chosen) document.body.classList.toggle("dark", chosen === "dark");
  roots.head.append(make("nav", {}, link, theme));
  document.body.prepend(make("a", { href: "#question", class: "skip", onclick: (event) => {
    event.preventDefault();
    input().focus();
  } }, words.skip));
  roots.status = make("div", { class: "off-screen", role: "status", "aria-live": "polite" });
  document.body.append(roots.status);
}

function listen() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-report]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      openReport(link.dataset.report, Number(link.dataset.paragraph), link.dataset.quote || "");
      return;
    }
    const pressed = event.target.closest("button[data-do]");
    if (pressed) {
      const act = actions[pressed.dataset.do];
      act(pressed, pressed.closest(".exchange"), pressed.closest("[data-conversation]"));
    }
    if (event.target.closest("#ask")) ask(input().value);
    if (event.target.closest("#stop")) stop();
    if (event.target.closest("#tabs [role=tab]")) showBrowse();
  });
  document.addEventListener("keydown", (event) => {
    const isQuestion = event.target.closest && event.target.closest("#question");
    if (isQuestion && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      ask(input().value);
    }
    if (event.key === "Escape" && document.body.classList.contains("reading-open")) closePane();
    if (event.key === "Tab" && narrow.matches && document.body.classList.contains("reading-open")) keepFocus(event);
  }, true);
  addEventListener("popstate", openFromAddress);
  addEventListener("hashchange", openFromAddress);
}

function keepFocus(event) {
  const stops = [...roots.pane.querySelectorAll("button, input, summary, .scroller")];
  const [first, last] = [stops[0], stops[stops.length - 1]];
  if (event.shiftKey && document.activeElement === first) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && document.activeElement === last) {
    event.preventDefault();
    first.focus();
  }
}

// Gradio makes the content of a tab when it is first opened.
function mount() {
  for (const [name, root] of Object.entries(places)) {
    const place = document.querySelector(`#${name}`);
    if (!place || place.contains(root)) continue;
    for (const child of place.children) child.hidden = name !== "head";
    place.append(root);
  }
}

async function start() {
  const begun = await get(inLanguage("/page/start"));
  ({ words, conversation, starters } = begun);
  roots.history = make("div");
  roots.history.innerHTML = begun.history;
  roots.state = make("p", { class: "state", role: "status" }, begun.state);
  roots.stateBelow = make("p", { class: "state hint" }, begun.state);
  roots.settings.append(make("h2", {}, words.model_state), roots.state,
    make("p", { class: "hint" }, make("a", { href: "/openapi.json" }, `${words.api} (OpenAPI)`)));
  roots.talk.innerHTML = begun.talk;
  roots.talk.classList.toggle("empty", !begun.talk);
  buildHead();
  buildPane();
  listen();
  showBelow();
  showBrowse();
  openFromAddress();
  setInterval(async () => {
    if (!document.hidden) showState((await get(inLanguage("/page/state"))).state);
  }, 5000);
  document.body.classList.add("ready");
  if (!location.search.includes("report=")) input().focus();
}

const places = {};
for (const name of ["head", "talk", "below", "browse", "settings", "pane"]) {
  roots[name] = places[name] = make("div", { class: `own ${name}` });
}
let started = false;
new MutationObserver(() => {
  mount();
  if (started || !input() || !roots.below.isConnected || !roots.pane.isConnected) return;
  started = true;
  start();
}).observe(document, { childList: true, subtree: true });
