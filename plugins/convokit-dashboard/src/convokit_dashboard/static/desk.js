// The dashboard's own script. The server draws everything; this moves it: live changes, keys, the composer, files.
"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const say = document.body.dataset;
  const token = () => $('meta[name="desk-token"]').content;
  let morph = null; // htmx's own, which it hands to extensions

  htmx.registerExtension("desk", {
    init: (api) => { morph = api.morph; },
    // A menu or dialog that is open stays open while what is around it changes.
    htmx_before_morph_attr: (element, { attrName }) =>
      attrName !== "aria-expanded" && !(attrName === "open" && element.matches("details, dialog")),
  });

  // --- parts of the page --------------------------------------------------------------------------------------------
  function partsOf(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return $$("hx-partial", holder.content).map((part) => {
      const fragment = document.createDocumentFragment();
      fragment.append(...part.childNodes);
      return { target: $(part.getAttribute("hx-target")), swap: part.getAttribute("hx-swap"), fragment };
    });
  }

  function put({ target, swap, fragment }) {
    if (!target) return;
    if (swap === "innerMorph") morph(target, fragment, true);
    else if (swap === "beforeend") target.append(fragment);
    else if (swap === "outerHTML") target.replaceWith(fragment);
    else target.replaceChildren(fragment);
    htmx.process(document.body);
  }

  function putAll(html) {
    const held = beforeSwap(), parts = partsOf(html);
    parts.forEach(put);
    afterSwap(held);
    return parts.length > 0;
  }

  async function ask(url, body) {
    const headers = { "HX-Request": "true", "X-Desk-Token": token() };
    const response = await fetch(url, { method: body ? "POST" : "GET", headers, body, credentials: "same-origin" });
    const html = response.status === 204 ? "" : await response.text();
    renew(response.headers);
    if (response.status === 403 && !html.includes("<hx-partial")) online(false, say.saySignIn);
    return { response, html };
  }

  // The proof that forms are ours holds for some hours; a page that is open for longer gets a new one with what it asks.
  function renew(headers) {
    const fresh = headers?.get("X-Desk-Token");
    if (fresh) $('meta[name="desk-token"]').content = fresh;
  }

  function notice(text, bad = true) {
    const line = document.createElement("p");
    line.className = `notice ${bad ? "bad" : "good"}`;
    if (bad) line.setAttribute("role", "alert");
    line.textContent = text;
    $("#notices").append(line);
    tidyNotices();
  }

  function tidyNotices() {
    const place = $("dialog[open] .dialog-acts"); // what lies under an open dialog can be neither seen nor heard
    const fresh = place ? $$("#notices .notice.bad") : [];
    if (fresh.length) $$("dialog[open] .notice").forEach((line) => line.remove());
    place?.before(...fresh);
    $$("dialog .notice:not([data-timed])").forEach((line) => { line.dataset.timed = "1"; line.closest("dialog").addEventListener("close", () => line.remove(), { once: true }); });
    $$("#notices .notice:not([data-timed])").forEach((line) => {
      line.dataset.timed = "1";
      setTimeout(() => line.remove(), line.classList.contains("bad") ? 9000 : 4500);
    });
  }

  // --- before and after something is put in place -------------------------------------------------------------------
  const log = () => $("#log");
  const openId = () => $("#thread-head")?.dataset.id ?? "";
  const nearEnd = (box) => !box || box.scrollHeight - box.scrollTop - box.clientHeight < 90;
  let shownId = "";
  let keepUnread = "";

  function beforeSwap() {
    keepDraft();
    const box = log(), focus = document.activeElement;
    const selected = focus === text() && focus ? [focus.selectionStart, focus.selectionEnd] : null;
    return { id: openId(), height: box?.scrollHeight ?? 0, top: box?.scrollTop ?? 0, last: lastSeq(), form: write(), focus, selected };
  }

  // What had the focus is gone: the same thing in what is new has it now, or else the conversation.
  function refocus({ focus, selected }) {
    if (!focus || focus === document.body || document.activeElement !== document.body) return;
    const end = { "more-button": () => $$(".row > a").at(-1), "older-button": log }[focus.id]; // there are no more
    const next = (focus.id && $(`#${CSS.escape(focus.id)}`)) || end?.() || $("#main");
    next?.focus({ preventScroll: true });
    if (selected && next === text()) next.setSelectionRange(...selected);
  }

  const lastSeq = () => Number($("#seen")?.dataset.last ?? 0);

  function afterSwap(held) {
    const box = log(), id = openId();
    document.body.classList.toggle("has-thread", Boolean(id));
    $$(".row").forEach((row) => {
      const here = row.dataset.id === id;
      row.classList.toggle("current", here);
      const link = row.firstElementChild;
      if (here) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
    days();
    if (id !== shownId) opened(id);
    else if (box && held) {
      if (pinned) toEnd();
      else if (lastSeq() > held.last) $("#to-newest").hidden = false;
      else if (held.top === 0 && box.scrollHeight > held.height) box.scrollTop = box.scrollHeight - held.height;
    }
    if (held && id === held.id && write() !== held.form) bringDraft(id);
    if (held) refocus(held);
    if (goingOn && $$(".row > a").length > goingOn) { goingOn = 0; move(1); }
    answeredMeanwhile();
    const back = $("#thread-head .back");
    if (back && $("#list-at")) back.href = listAt().path;
    titles();
    tidyNotices();
    readSoon();
  }

  // While one reads at the end, it stays the end: also when a picture above it gets its height.
  let pinned = true;
  const toEnd = () => { const box = log(); if (box) box.scrollTop = box.scrollHeight; };
  const sizes = new ResizeObserver(() => { if (pinned) toEnd(); });

  function opened(id) {
    shownId = id;
    keepUnread = "";
    $("#panel")?.classList.remove("shown");
    const box = log();
    if (!box) return;
    pinned = true;
    toEnd();
    sizes.disconnect();
    [box, $("#entries")].forEach((one) => sizes.observe(one));
    const name = $("#thread-head h1")?.textContent.trim();
    if (name) document.body.dataset.title = `${name} · ${$(".brand-name").textContent.trim()}`;
    bringDraft(id);
    if (matchMedia("(max-width: 760px)").matches) $("#main").focus();
  }

  // --- a long thread: older pages come when one comes near them; what is far away is emptied, and fetched again --------
  let near = null;

  function watchPages(box) {
    near?.disconnect();
    const look = ({ target, isIntersecting }) => (isIntersecting ? (target.id === "older" ? older() : fill(target)) : empty(target));
    near = new IntersectionObserver((seen) => seen.forEach(look), { root: box, rootMargin: "2000px 0px" });
  }

  // A day is told once: above the first of its entries that is here.
  function days() {
    if (near?.root !== log()) watchPages(log());
    let before = "";
    for (const page of $$("#log .entries")) {
      const own = $$(".day", page);
      if (own.length) { own[0].hidden = own[0].dataset.day === before; page.dataset.ends = own.at(-1).dataset.day; }
      before = page.dataset.ends;
      if (page.dataset.parts) near.observe(page);
    }
    if ($("#older")) near.observe($("#older"));
  }

  // Asks for a page, once at a time. The observer is asked anew afterwards: the place may be far away by now, or the
  // page did not come and one still looks at where it belongs.
  async function fetchPage(place, url, show) {
    if (place.dataset.busy) return;
    place.dataset.busy = "1";
    const { response, html } = await ask(url).catch(() => ({}));
    if (!response?.ok) await new Promise((done) => setTimeout(done, 2000));
    else if (place.isConnected) show(html);
    delete place.dataset.busy;
    near?.unobserve(place);
    if (place.isConnected) near.observe(place);
  }

  const older = () => { const place = $("#older"); if (place) fetchPage(place, $("button", place).dataset.older, putAll); };

  const inUse = (page) => page.contains(document.activeElement) || $$("video", page).some((one) => !one.paused)
    || (!getSelection().isCollapsed && getSelection().containsNode(page, true));

  function empty(page) {
    if (page.id === "older" || !page.childElementCount || inUse(page)) return;
    page.style.height = `${page.getBoundingClientRect().height}px`;
    page.replaceChildren();
  }

  function fill(page) {
    if (page.childElementCount) return;
    fetchPage(page, page.dataset.parts, (html) => {
      page.replaceChildren(...$(".entries", partsOf(html)[0].fragment).childNodes);
      page.style.height = "";
      htmx.process(page);
      days();
    });
  }

  function titles() {
    const { unread = 0, heard = 0 } = $("#unread-total")?.dataset ?? {}, count = Number(unread);
    if (Number(heard) > titles.heard) ring(); // not for what was there when the page was loaded: nothing is known then
    titles.heard = Math.max(titles.heard ?? 0, Number(heard));
    document.title = (count ? `(${count > 99 ? "99+" : count}) ` : "") + document.body.dataset.title;
  }

  let reading = 0;
  function readSoon() {
    clearTimeout(reading);
    const seen = $("#seen");
    if (!seen || Number(seen.dataset.unread) === 0 || document.hidden || keepUnread === openId()) return;
    reading = setTimeout(() => {
      if (document.hidden || !seen.isConnected || keepUnread === openId()) return;
      ask(seen.dataset.read, new URLSearchParams({ seen: seen.dataset.last })).catch(() => {});
      seen.dataset.unread = "0";
    }, 500);
  }

  // --- live ---------------------------------------------------------------------------------------------------------
  let newest = Number(say.since ?? 0);
  let heldParts = null;
  let touched = new Set(); // what changed since the list was asked for; null: that is not known

  function changed({ n, ids }) {
    newest = Math.max(newest, n);
    touched = ids && touched && new Set([...touched, ...ids]);
    refreshList(n);
    if (openId() && (ids === null || ids.includes(openId()))) refreshThread();
  }

  // Which list, narrowed to what. A copy: the element stays the same when a filter changes it.
  const listAt = () => ({ ...$("#list-at")?.dataset });

  const refreshList = single(async (n) => {
    const rows = $("#rows"), where = listAt();
    if (!rows) return;
    const url = new URL(where.parts, location.href);
    if (n) url.searchParams.set("n", n);
    const moved = n ? touched : null;
    touched = new Set();
    const parts = await ask(url).then(async ({ response, html }) => {
      if (!response.ok) return null;
      const found = partsOf(html);
      await withOlder(found.find((one) => one.target === rows)?.fragment, moved);
      return found;
    }).catch((error) => { touched = null; throw error; });
    if (!parts || where.parts !== listAt().parts) return; // a filter was changed meanwhile
    if (isHeld(rows)) hold(parts);
    else show(parts);
  });

  // Who has paged on keeps what they have. What is drawn anew is the first page; the others come anew only if one of
  // their rows changed, for then it may be elsewhere, or in no list of this kind any more.
  async function withOlder(fragment, moved) {
    const list = $("#row-list"), fresh = fragment && $("#row-list", fragment);
    if (!list || !fresh) return;
    const rows = $$("li.row", list), known = new Set($$("li.row", fresh).map((row) => row.id));
    if (rows.length <= Number($("#rows").dataset.page)) return;
    const rest = rows.filter((row) => !known.has(row.id));
    if (!moved || rest.some((row) => moved.has(row.dataset.id))) { await pageOn(fresh); return; }
    $("#more", fresh)?.remove();
    const more = $("#more", list);
    fresh.append(...(more ? [...rest, more] : rest).map((row) => row.cloneNode(true)));
  }

  async function pageOn(fresh) {
    for (let more = $("#more", fresh); more && $$("li.row", fresh).length < $$("#row-list > li.row").length; more = $("#more", fresh)) {
      const { response, html } = await ask($("[hx-get]", more).getAttribute("hx-get"));
      const [part] = partsOf(html);
      if (!response.ok || !part) throw new Error(response.status);
      $$("li.row", part.fragment).forEach((row) => { if ($(`#${CSS.escape(row.id)}`, fresh)) row.remove(); });
      more.replaceWith(part.fragment);
    }
  }

  const refreshThread = single(async () => {
    const seen = $("#seen");
    if (!seen) return;
    const url = new URL(seen.dataset.parts, location.href);
    url.searchParams.set("first", seen.dataset.first);
    url.searchParams.set("composer", $("#composer-key")?.dataset.key ?? "");
    const id = openId();
    const { response, html } = await ask(url);
    if (id !== openId()) return;
    if (response.ok) { putAll(html); age(); }
    else if (response.status === 404) location.assign(`${say.base}/${$("#rows")?.dataset.list === "history" ? "history" : "active"}`);
  });

  // What an act answers was drawn when it was done. If something changed since, and was shown already, the answer is older.
  function caughtUp(known) {
    if (newest > known && openId()) refreshThread();
  }

  // Entries that were loaded later: those in sight come anew when something changed, the others when one scrolls there.
  const stale = new IntersectionObserver((seen) => seen.filter((one) => one.isIntersecting).forEach((one) => renewPast(one.target).catch(() => {})));

  function age() {
    stale.disconnect();
    $$("#log .past").forEach((block) => stale.observe(block));
  }

  async function renewPast(block) {
    stale.unobserve(block);
    const gone = () => !block.childElementCount || block.dataset.busy; // emptied: it comes anew by itself
    if (gone()) return;
    const { response, html } = await ask(block.dataset.parts);
    const [part] = partsOf(html), fresh = response.ok && part && $(".past", part.fragment);
    if (!fresh || !block.isConnected || gone()) return;
    const held = beforeSwap(), entries = document.createDocumentFragment();
    entries.append(...fresh.childNodes);
    morph(block, entries, true);
    htmx.process(block);
    days();
    afterSwap(held);
  }

  // One question at a time; what comes meanwhile is asked once afterwards.
  function single(work) {
    let busy = false, again = null;
    const go = async (...given) => {
      if (busy) { again = given; return; }
      busy = true;
      try { await work(...given); } catch { again ??= given; await new Promise((done) => setTimeout(done, 2000)); }
      busy = false;
      if (again) { const next = again; again = null; go(...next); }
    };
    return go;
  }

  // Nothing jumps under the cursor: while the pointer rests on the list, or a row has the focus, rows change where they
  // are, and come into their new order afterwards.
  const isHeld = (rows) => rows.matches(":hover") || Boolean(rows.querySelector("a:focus-visible"));

  function show(parts) {
    heldParts = null;
    $("#held").hidden = true;
    const held = beforeSwap();
    const focused = document.activeElement?.closest?.(".row")?.id;
    parts.forEach(put);
    if (focused && document.activeElement === document.body) $(`#${CSS.escape(focused)} a`)?.focus();
    afterSwap(held);
  }

  function hold(parts) {
    heldParts = parts.map((part) => ({ ...part, fragment: part.fragment.cloneNode(true) }));
    const list = $("#row-list"), part = parts.find((one) => one.target?.id === "rows");
    const fresh = part ? $("#row-list", part.fragment) : null;
    parts.filter((one) => one !== part).forEach(put);
    if (!list || !fresh) return showHeld(1);
    const byId = new Map($$("li.row", fresh).map((row) => [row.id, row]));
    const before = $$("li.row", list).map((row) => row.id);
    const after = [...byId.keys()];
    const stays = document.createDocumentFragment();
    for (const row of list.children) stays.append(byId.get(row.id) ?? row.cloneNode(true));
    morph(list, stays, true);
    htmx.process(list);
    afterSwap(beforeSwap());
    const moved = after.filter((id, place) => before[place] !== id).length;
    showHeld(moved);
  }

  function showHeld(count) {
    const chip = $("#held");
    if (!count) { heldParts = null; chip.hidden = true; return; }
    chip.textContent = `${say.sayNew} ↑`;
    chip.hidden = false;
  }

  function release() {
    if (heldParts) show(heldParts);
  }

  let polling = 0;
  function poll(on) {
    if (on === Boolean(polling)) return;
    clearInterval(polling);
    polling = on ? setInterval(pollOnce, 2500) : 0;
    if (on) pollOnce();
  }

  async function pollOnce() {
    try {
      const { response, html } = await ask(`${say.base}/live/changes?since=${newest}`);
      if (response.status === 403) return;
      if (!response.ok) throw new Error(response.status);
      online(true);
      const told = JSON.parse(html);
      if (told.n > newest) changed(told);
    } catch {
      online(false);
    }
  }

  function online(yes, why = say.sayReconnecting) {
    const state = $("#live-state"), words = yes ? "" : why;
    if (state.textContent !== words) state.textContent = words;
  }

  // A browser keeps six connections to a host, and a stream holds one. So of all tabs of a visitor one listens, the one
  // that has the lock, and tells the others. A browser has no locks where there is no TLS: there each tab listens.
  const lock = `desk ${say.line}`;
  const tabs = navigator.locks && window.BroadcastChannel ? new BroadcastChannel(lock) : null;
  const SILENT_MS = 45000; // a server says every twenty seconds that it is there
  let failures = 0, leads = false, heardAt = Date.now(), connection = null, again = 0;

  function listen() {
    if (say.live === "poll") { poll(true); return; }
    document.addEventListener("desk:changed", (event) => tell(JSON.parse(event.detail.data)));
    document.addEventListener("desk:here", () => tell({}));
    document.addEventListener("htmx:sse:after:connection", (event) => { connection = event.detail.connection; failures = 0; tell({}); });
    document.addEventListener("htmx:sse:error", () => { failures += 1; if (failures >= 3) tell({ lost: true }); });
    // The first connection is tried once: when it is refused, and when it does not come about.
    document.addEventListener("htmx:response:error", (event) => { if (event.target.id === "live") broken(30000); });
    document.addEventListener("htmx:error", (event) => { if (event.target.id === "live") broken(5000); });
    setInterval(watch, 5000);
    if (!tabs) { leads = true; stream(); return; }
    tabs.onmessage = ({ data }) => heard(data);
    const lead = () => { leads = true; stream(); return new Promise(() => {}); }; // the lock is held until the tab is closed
    navigator.locks.request(lock, { ifAvailable: true }, (held) => {
      if (held) return lead();
      pollOnce(); // what the others were told before this tab listened
      navigator.locks.request(lock, lead);
    });
  }

  function tell(what) {
    heard(what);
    tabs?.postMessage(what);
  }

  function heard({ n, ids, lost }) {
    poll(Boolean(lost));
    if (!lost) { heardAt = Date.now(); online(true); }
    if (n > newest) changed({ n, ids });
  }

  function broken(wait) {
    tell({ lost: true });
    clearTimeout(again);
    again = setTimeout(stream, wait);
  }

  // A connection can be dead without an end, after the computer slept for example: then nothing comes, not even a sign.
  function watch() {
    if (Date.now() - heardAt < SILENT_MS) return;
    heardAt = Date.now();
    poll(true);
    if (leads) stream();
  }

  function stream() {
    clearTimeout(again);
    connection?.abortController?.abort();
    connection = null;
    const before = $("#live");
    if (before) { htmx.trigger(before, "htmx:abort"); before.remove(); }
    const source = document.createElement("div");
    source.id = "live";
    source.hidden = true;
    source.setAttribute("hx-sse:connect", `${say.base}/live?since=${newest}`);
    source.setAttribute("hx-config", '{"sse": {"pauseOnBackground": false, "reconnectMaxDelay": 15000}}');
    source.setAttribute("hx-swap", "none");
    document.documentElement.append(source); // not in the body: whenever htmx reads that again, it would open a second stream
    htmx.process(source);
  }

  // --- sound and notification, if wanted ----------------------------------------------------------------------------
  // A browser may keep nothing for a page, in a frame of another site for example: then it holds until it is closed.
  const chosen = new Map([["keys", "1"]]);

  function wants(what) {
    let kept = null;
    try { kept = localStorage.getItem(`desk-${what}`); } catch { /* nothing is kept here */ }
    return (kept ?? chosen.get(what)) === "1";
  }

  function choose(what, on) {
    chosen.set(what, on ? "1" : "0");
    try { localStorage.setItem(`desk-${what}`, chosen.get(what)); } catch { /* nothing is kept here */ }
  }

  function ring() {
    if (wants("sound")) beep();
    if (wants("notify") && document.hidden && window.Notification?.permission === "granted")
      new Notification(document.body.dataset.title, { body: say.sayNew, tag: "desk", renotify: true });
  }

  let context = null;

  function beep() {
    context ??= new AudioContext();
    const tone = context.createOscillator(), volume = context.createGain();
    tone.frequency.value = 660;
    volume.gain.setValueAtTime(0.06, context.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + 0.35);
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + 0.36);
  }

  async function toggle(button) {
    const what = button.dataset.toggle, on = !wants(what);
    if (on && what === "notify" && (await window.Notification?.requestPermission()) !== "granted") return;
    choose(what, on);
    toggles();
  }

  const toggles = () => $$("[data-toggle]").forEach((one) => one.setAttribute("aria-pressed", String(wants(one.dataset.toggle))));

  // --- the composer -------------------------------------------------------------------------------------------------
  const drafts = new Map(); // by conversation; in this page's memory only
  const write = () => $("#write");
  const text = () => $("#text");

  function keepDraft() {
    const form = write();
    if (!form || form.dataset.talk !== shownId) return;
    const uploads = $("#uploads");
    if (isDirty()) drafts.set(shownId, { text: text().value, seen: form.seen.value, note: form.classList.contains("noting"), uploads });
    else drafts.delete(shownId);
  }

  function bringDraft(id) {
    const draft = drafts.get(id), form = write();
    if (!draft || !form) return;
    text().value = draft.text;
    form.seen.value = draft.seen;
    if (draft.uploads !== $("#uploads")) $("#uploads").replaceWith(draft.uploads);
    setMode(form, draft.note); // a note never comes back as a reply
    recount();
  }

  const recount = () => htmx.trigger(text(), "recount", {});

  function isDirty() {
    const form = write();
    return Boolean(form && (text().value.trim() || $(".upload:not(.bad)", form)));
  }

  // What was on the screen when the writer began is what the reply answers.
  function answeredMeanwhile() {
    const form = write();
    if (!form) return;
    if (!isDirty()) form.seen.value = String(lastSeq());
  }

  function mode(which) {
    const form = write();
    if (!form) return;
    if (which === "reply" && form.classList.contains("only-notes")) return;
    setMode(form, which === "note");
    text().focus();
  }

  function setMode(form, wanted) {
    const note = wanted || form.classList.contains("only-notes");
    form.classList.toggle("noting", note);
    $$(".mode", form).forEach((one) => one.setAttribute("aria-pressed", String((one.dataset.mode === "note") === note)));
    text().placeholder = note ? text().dataset.note : text().dataset.reply;
    form.action = note ? form.dataset.note : form.dataset.reply;
  }

  async function send(url, anyway = false) {
    const form = write();
    if (!form || form.dataset.busy) return;
    const note = url.endsWith("/note");
    if (!note && $(".upload progress", form)) { notice(say.sayUploading); return; }
    const fields = new URLSearchParams(new FormData(form));
    fields.set("first", $("#seen")?.dataset.first ?? "");
    fields.set("composer", $("#composer-key")?.dataset.key ?? "");
    if (anyway) fields.set("anyway", "1");
    form.dataset.busy = "1";
    const buttons = $$(".tools .button", form), known = newest;
    buttons.forEach((one) => { one.disabled = true; });
    try {
      const { response, html } = await ask(url, fields);
      const sent = response.headers.get("HX-Trigger");
      if (sent) clear(form, JSON.parse(sent)["desk:sent"]?.ref, note);
      if (!putAll(html)) notice(response.status === 403 ? say.saySignIn : say.sayFailed);
      caughtUp(known);
      if (sent) { pinned = true; toEnd(); text()?.focus(); }
    } catch {
      notice(say.sayFailed);
    } finally {
      delete form.dataset.busy;
      buttons.forEach((one) => { one.disabled = false; });
    }
  }

  function clear(form, ref, note) {
    if (ref) form.ref.value = ref;
    form.text.value = "";
    drafts.delete(form.dataset.talk);
    if (!note) $("#uploads").replaceChildren();
    $("#composer-notice").replaceChildren();
    $("#count")?.replaceChildren();
    form.seen.value = String(lastSeq());
  }

  function insert(words) {
    const box = text();
    const [start, end] = [box.selectionStart, box.selectionEnd];
    box.setRangeText(words, start, end, "end");
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // --- files --------------------------------------------------------------------------------------------------------
  function upload(files) {
    const form = write();
    if (!form || form.classList.contains("only-notes")) return;
    const room = Number(form.dataset.most) - $$(".upload:not(.bad)", form).length;
    if (files.length > room) notice(say.sayTooMany);
    [...files].slice(0, Math.max(room, 0)).forEach((file) => uploadOne(form, file));
  }

  function uploadOne(form, file) {
    const place = document.createElement("div"), name = document.createElement("span"), bar = document.createElement("progress");
    place.className = "upload";
    name.textContent = file.name;
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    place.append(name, bar);
    $("#uploads").append(place);
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.upload);
    request.setRequestHeader("X-Desk-Token", token());
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
    request.onload = () => {
      const holder = document.createElement("template");
      holder.innerHTML = request.responseText;
      const made = $(".upload", holder.content);
      if (made) place.replaceWith(made);
      else { place.remove(); notice(say.sayFailed); }
    };
    request.onerror = () => { place.remove(); notice(say.sayFailed); };
    request.send(file);
  }

  // --- clicks -------------------------------------------------------------------------------------------------------
  const clicks = {
    "[data-open]": (one) => { closeMenus(); $(`#${one.dataset.open}`)?.showModal(); },
    "[data-close]": (one) => one.closest("dialog").close(),
    "[data-toggle]": toggle,
    "[data-mode]": (one) => mode(one.dataset.mode),
    "[data-insert]": (one) => { closeMenus(); insert(one.dataset.insert); },
    "[data-replace]": (one) => { text().value = one.dataset.replace; text().focus(); recount(); },
    "[data-remove]": (one) => one.closest(".upload").remove(),
    "[data-anyway]": (one) => send(one.dataset.anyway, true),
    "[data-dismiss]": () => { $("#composer-notice").replaceChildren(); text()?.focus(); },
    "#older-button": older,
    "#to-newest": (one) => { one.hidden = true; pinned = true; toEnd(); },
    "[data-panel]": (one) => one.setAttribute("aria-expanded", String($("#panel").classList.toggle("shown"))),
    "#held": release,
  };

  document.addEventListener("click", (event) => {
    for (const [selector, act] of Object.entries(clicks)) {
      const found = event.target.closest?.(selector);
      if (found) { act(found); return; }
    }
    $$("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });

  function closeMenus() {
    $$("details.menu[open]").forEach((menu) => {
      if (menu.contains(document.activeElement)) $("summary", menu).focus({ preventScroll: true });
      menu.open = false;
    });
  }

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "write") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    send(event.submitter?.dataset.send ?? event.target.action);
  }, true);

  document.addEventListener("input", (event) => {
    if (event.target.id === "text") answeredAtFirst(event.target);
    if (event.target.dataset?.picks) $(`input[value="${event.target.dataset.picks}"]`, event.target.form).checked = true;
  });

  function answeredAtFirst(box) {
    if (box.value.length === 1) write().seen.value = String(lastSeq());
  }

  document.addEventListener("change", (event) => {
    if (event.target.id !== "pick") return;
    upload(event.target.files);
    event.target.value = "";
  });

  document.addEventListener("paste", (event) => {
    if (event.target.id === "text" && event.clipboardData.files.length) { event.preventDefault(); upload(event.clipboardData.files); }
  });

  document.addEventListener("dragover", (event) => {
    if (!event.target.closest?.("#thread") || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    write()?.classList.add("dragging");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget?.closest?.("#thread")) write()?.classList.remove("dragging"); });
  document.addEventListener("drop", (event) => {
    if (!event.target.closest?.("#thread") || !event.dataTransfer.files.length) return;
    event.preventDefault();
    write()?.classList.remove("dragging");
    upload(event.dataTransfer.files);
  });

  document.addEventListener("mouseleave", (event) => { if (event.target.id === "rows") release(); }, true);
  document.addEventListener("focusout", (event) => { if (event.target.closest?.("#rows")) setTimeout(() => { const rows = $("#rows"); if (rows && !isHeld(rows)) release(); }, 50); });
  document.addEventListener("scroll", (event) => {
    if (event.target.id !== "log") return;
    pinned = nearEnd(event.target);
    if (pinned) $("#to-newest").hidden = true;
  }, true);
  // What is being written is kept nowhere but here: the browser asks before it is lost. A download leaves no page.
  let downloading = false;
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".formats, .report")) return;
    downloading = true;
    setTimeout(() => { downloading = false; }, 1000);
  });
  window.addEventListener("beforeunload", (event) => {
    keepDraft();
    if (drafts.size && !downloading) event.preventDefault();
  });
  window.addEventListener("online", () => { refreshList(0); refreshThread(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { readSoon(); refreshList(0); } });

  // --- htmx ---------------------------------------------------------------------------------------------------------
  let around = null;
  document.addEventListener("htmx:before:swap", () => { around = beforeSwap(); });
  document.addEventListener("htmx:after:swap", (event) => {
    afterSwap(around);
    around = null;
    caughtUp(event.detail?.ctx?.known ?? newest);
  });
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    ctx.request.headers["X-Desk-Token"] = token();
    ctx.known = newest;
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    renew(ctx.response.headers);
    if (ctx.response.status >= 400 && !ctx.text?.includes("<hx-partial")) notice(ctx.response.status === 403 ? say.saySignIn : say.sayFailed);
    if (ctx.response.status < 400) { ctx.sourceElement.closest?.("dialog")?.close(); if (ctx.sourceElement.closest?.(".menu-body")) closeMenus(); }
  });
  document.addEventListener("htmx:error", (event) => { if (event.target.id !== "live") notice(say.sayFailed); });
  document.addEventListener("desk:refused", () => $("#said")?.scrollIntoView({ block: "center" }));
  document.addEventListener("desk:unread", () => { keepUnread = openId(); });

  // --- keys ---------------------------------------------------------------------------------------------------------
  let goingOn = 0; // below the last of so many rows, as soon as there are more

  function move(step) {
    const links = $$(".row > a");
    if (!links.length) return;
    const at = links.findIndex((link) => link === document.activeElement || (!document.activeElement?.closest(".row") && link.parentElement.classList.contains("current")));
    if (step > 0 && at === links.length - 1 && $("#more-button")) { goingOn = links.length; $("#more-button").click(); return; }
    const next = links[Math.min(Math.max(at + step, 0), links.length - 1)];
    next.focus({ focusVisible: true });
    next.scrollIntoView({ block: "nearest" });
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    r: () => mode("reply"),
    n: () => mode("note"),
    e: () => $('[data-open="end-dialog"]')?.click(),
    u: () => $('#options-menu form[action$="/unread"] button')?.click(),
    "/": () => { $("#find").focus(); $("#find").select(); },
    "?": () => $("#keys").showModal(),
  };

  function escape(target) {
    if ($("details.menu[open]")) { const menu = $("details.menu[open]"); menu.open = false; $("summary", menu).focus(); return; }
    if ($("#panel.shown") && !target.closest("#write")) { const shows = $("[data-panel]"); shows.click(); shows.focus(); return; }
    if (target.matches("input, textarea, select")) { target.blur(); $(".row.current > a")?.focus({ preventScroll: true }); }
  }

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && target.id === "text") {
      event.preventDefault();
      write().requestSubmit(write().classList.contains("noting") || write().classList.contains("only-notes") ? $("#save-note") : $("#send"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "Escape" && !wants("keys")) return;
    if (event.key === "Escape") { if (!$("dialog[open]")) escape(target); return; }
    if (target.matches("input, textarea, select, [contenteditable]") || $("dialog[open]")) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // --- begin --------------------------------------------------------------------------------------------------------
  toggles();
  afterSwap(null);
  if ($("#rows") || say.live === "stream") listen();
  setInterval(() => { if (!document.hidden) refreshList(0); }, 60000);
})();
