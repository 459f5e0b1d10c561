// The simulated phone: whose it is, photos, and the newest message in view.
"use strict";
(() => {
  const toEnd = () => { const chat = document.getElementById("chat"); if (chat) chat.scrollTop = chat.scrollHeight; };
  let count = 0;
  document.addEventListener("change", async (event) => {
    if (event.target.id === "whose") location.assign(event.target.value);
    if (event.target.id !== "photo" || !event.target.files.length) return;
    const [file] = event.target.files;
    const headers = { "X-File-Name": encodeURIComponent(file.name), "Content-Type": "application/octet-stream" };
    const answer = await fetch(event.target.dataset.to, { method: "POST", headers, body: file });
    if (answer.ok) location.assign(await answer.text());
  });
  document.addEventListener("htmx:after:swap", () => {
    const now = document.querySelectorAll("#chat .b").length;
    if (now !== count) toEnd();
    count = now;
  });
  toEnd();
  count = document.querySelectorAll("#chat .b").length;
})();
