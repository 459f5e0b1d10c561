"use strict";
// Woken by a push, though the page is closed. It shows that something waits, and opens the page when it is tapped.
// It acknowledges nothing: that a phone was woken does not mean that anybody opened the app.

self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : {title: "Happy Paws", text: "You have a new message."};
  event.waitUntil(wake(told));
});

async function wake(told) {
  if (self.navigator.setAppBadge && told.badge) await self.navigator.setAppBadge(told.badge).catch(() => {});
  const open = await self.clients.matchAll({type: "window", includeUncontrolled: true});
  for (const page of open) page.postMessage({kind: "waits"});
  // Browsers take the permission back from pages that are woken and show nothing.
  const {text: body, tag, data} = told;
  await self.registration.showNotification(told.title, {body, tag, data, renotify: Boolean(tag)});
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show());
});

async function show() {
  const [page] = await self.clients.matchAll({type: "window", includeUncontrolled: true});
  if (page) return page.focus();
  return self.clients.openWindow("./");
}

// The service gave the browser another subscription: the desk must know it, or nobody is told any more.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(again()));

async function again() {
  const key = await (await fetch("key", {credentials: "same-origin"})).json();
  const made = await self.registration.pushManager.subscribe({userVisibleOnly: true, applicationServerKey: key});
  const {endpoint, keys} = made.toJSON();
  await fetch("app/registrations", {
    method: "POST",
    credentials: "same-origin",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify({transport: "webpush", token: endpoint, keys}),
  });
}
