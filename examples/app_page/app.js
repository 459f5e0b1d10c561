"use strict";
// The page of the practice's app. It shows the client's messages, tells the desk that they were received and read, and
// lets the browser be woken. What came in is fetched from the host; a push never carries it.

const byId = (id) => document.getElementById(id);

async function ask(method, path, told) {
  const request = {method, credentials: "same-origin", headers: {"Content-Type": "application/json"}};
  if (told !== undefined) request.body = JSON.stringify(told);
  const answer = await fetch(`app/${path}`, request);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.status === 204 ? {} : answer.json();
}

function shown(talk) {
  const section = document.createElement("section");
  section.dataset.conversation = talk.id;
  const title = section.appendChild(document.createElement("h2"));
  title.textContent = talk.title;
  const list = section.appendChild(document.createElement("ol"));
  for (const message of talk.messages) {
    const item = list.appendChild(document.createElement("li"));
    item.appendChild(document.createElement("b")).textContent = message.author;
    item.appendChild(document.createElement("span")).textContent = message.text;
  }
  return section;
}

// Received, then shown, then read up to what is on the screen. All of it may be told again: the desk goes only forwards.
async function refresh() {
  await ask("POST", "opened", {});
  const talks = await (await fetch("messages", {credentials: "same-origin"})).json();
  byId("talks").replaceChildren(...talks.map(shown));
  if (document.visibilityState !== "visible") return;
  for (const talk of talks) {
    const newest = talk.messages.at(-1);
    if (newest) await ask("POST", "read", {conversation: talk.id, upto: newest.seq});
  }
}

async function register(registration) {
  const key = await (await fetch("key", {credentials: "same-origin"})).json();
  const made = await registration.pushManager.subscribe({userVisibleOnly: true, applicationServerKey: key});
  const {endpoint, keys} = made.toJSON();
  const told = await ask("POST", "registrations", {transport: "webpush", token: endpoint, keys});
  localStorage.setItem("registration", told.registration);
}

async function unregister(registration) {
  const known = localStorage.getItem("registration");
  localStorage.removeItem("registration");
  if (known) await ask("DELETE", `registrations/${known}`);
  const made = await registration.pushManager.getSubscription();
  if (made) await made.unsubscribe();
}

function buttons() {
  const told = localStorage.getItem("registration") !== null;
  byId("tell").hidden = told || Notification.permission === "denied";
  byId("quiet").hidden = !told;
}

function say(words) {
  byId("note").textContent = words;
}

// An error is shown, and does no harm: what was not told is told at the next start.
function doing(work) {
  return () => work().then(() => say(""), (error) => say(`That did not work: ${error.message}`)).finally(buttons);
}

async function start() {
  const registration = await navigator.serviceWorker.register("worker.js");
  await navigator.serviceWorker.ready;
  byId("tell").addEventListener("click", doing(async () => {
    if (await Notification.requestPermission() === "granted") await register(registration);
  }));
  byId("quiet").addEventListener("click", doing(() => unregister(registration)));
  navigator.serviceWorker.addEventListener("message", doing(refresh));
  document.addEventListener("visibilitychange", doing(refresh));
  await refresh();
  // At every start: a service may have given the browser another subscription, and old ones are forgotten.
  if (localStorage.getItem("registration") && Notification.permission === "granted") await register(registration);
}

doing(start)();
