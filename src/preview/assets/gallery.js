"use strict";
// Filters and switches; on a live page also what follows the files. Everything that is shown comes from the page or,
// escaped, from the program; nothing here reads a list.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

// ---- filters and switches

const filters = all("[data-filter]");

function matches(proof) {
  return filters.every((filter) => {
    if (!filter.value) return true;
    const has = proof.dataset[filter.dataset.filter];
    // A letter in both languages answers to itself only; lists of names are separated by spaces.
    return filter.dataset.filter === "category" || filter.dataset.filter === "population"
      ? has.split(" ").includes(filter.value)
      : has === filter.value;
  }) && (!one("#only-changed").checked || proof.dataset.changed === "yes");
}

function show() {
  const proofs = all("main .proof");
  for (const proof of proofs) proof.hidden = !matches(proof);
  for (const side of all("main .side")) side.hidden = !one(".proof:not([hidden])", side);
  for (const group of all("main .group")) group.hidden = !one(".side:not([hidden])", group);
  const count = proofs.filter((proof) => !proof.hidden).length;
  one("#count").textContent = `${count} of ${proofs.length} proofs`;
  one("#nothing").hidden = count > 0;
  document.body.classList.toggle("overlaid", one("#overlay").checked);
  document.body.classList.toggle("side-by-side", one("#side-by-side").checked);
}

const tools = one(".tools");
tools.addEventListener("change", show);
tools.addEventListener("submit", (event) => event.preventDefault());
tools.addEventListener("reset", () => setTimeout(show));
show();

// ---- a page that follows the files

const live = document.body.dataset.live;
if (live !== undefined) follow(Number(live));

function follow(version) {
  const inView = new Set();
  const shown = new Map();

  async function load(article, quietly) {
    const id = article.id;
    const wanted = version;
    if (shown.get(id) === wanted) return;
    shown.set(id, wanted);
    const answer = await fetch(`proof/${id}?v=${wanted}`);
    const text = await answer.text();
    if (wanted !== version) return;
    if (!answer.ok) {
      // The last good pages stay.
      if (answer.status === 422) problems(JSON.parse(text).problems);
      return;
    }
    put(article, text, !quietly);
  }

  function put(article, text, fresh) {
    const next = one("article", new DOMParser().parseFromString(text, "text/html"));
    const open = all("details", article).map((details) => details.open);
    all("details", next).forEach((details, index) => { details.open = open[index] ?? false; });
    next.classList.toggle("fresh", fresh);
    for (const picture of all("img", next)) picture.loading = "eager";
    watcher.unobserve(article);
    article.replaceWith(next);
    watcher.observe(next);
    show();
  }

  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) {
        inView.add(entry.target.id);
        load(entry.target, entry.target.dataset.deferred === "yes");
      } else {
        inView.delete(entry.target.id);
      }
    }
  });
  for (const article of all("main .proof")) watcher.observe(article);

  function problems(list) {
    const place = one("#problem");
    place.hidden = list.length === 0;
    place.replaceChildren(...list.map((problem) => {
      const box = document.createElement("div");
      const head = document.createElement("strong");
      head.textContent = problem.line ? `${problem.file}, line ${problem.line}` : problem.file;
      box.append(head, ` ${problem.message}`);
      if (problem.excerpt.length) {
        const text = document.createElement("pre");
        for (const [number, line, here] of problem.excerpt) {
          const row = document.createElement(here ? "mark" : "span");
          row.textContent = `${String(number).padStart(4)}  ${line}\n`;
          text.append(row);
        }
        box.append(text);
      }
      if (problem.hint) {
        const hint = document.createElement("p");
        hint.textContent = problem.hint;
        box.append(hint);
      }
      return box;
    }));
  }

  async function changed() {
    await Promise.all(all("main .proof").filter((article) => inView.has(article.id)).map((article) => load(article)));
    if (one("#person-proof .proof")) await person();
    await status("status");
    plainer();
  }

  async function status(path) {
    const answer = await fetch(path);
    if (!answer.ok) return;
    const next = one("#sign-off", new DOMParser().parseFromString(await answer.text(), "text/html"));
    if (next) one("#sign-off").replaceWith(next);
  }

  // What could be plainer is looked for when nothing was saved for a while: it takes longer than the proofs.
  let waiting = 0;
  function plainer() {
    clearTimeout(waiting);
    waiting = setTimeout(() => status("status?lint=1"), 3000);
  }

  async function listen() {
    let state = -1;
    for (;;) {
      try {
        const answer = await fetch(`changes?after=${state}`);
        if (!answer.ok) throw new Error(answer.statusText);
        const news = await answer.json();
        state = news.state;
        problems(news.problems);
        if (news.reload > version) return location.reload();
        if (news.version !== version) {
          version = news.version;
          await changed();
        }
      } catch {
        problems([{ file: "meldpost", line: 0, message: "does not answer; is it still running?", excerpt: [], hint: "" }]);
        await new Promise((done) => setTimeout(done, 1000));
      }
    }
  }

  const form = one("#person");
  async function person() {
    const status = one("#person-status");
    status.textContent = "…";
    const answer = await fetch("person", { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const text = await answer.text();
    if (!answer.ok) {
      let said = text;
      try { said = JSON.parse(text).problems.map((problem) => problem.message).join("; "); } catch { /* plain text */ }
      status.textContent = said;
      return;
    }
    status.textContent = "";
    one("#person-proof").replaceChildren(one("article", new DOMParser().parseFromString(text, "text/html")));
    for (const picture of all("#person-proof img")) picture.loading = "eager";
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); person(); });

  listen();
  plainer();
}
