// Keeps the page in place while texting, and looks for messages that come later. Everything works without it.
"use strict";

const LOOK_EVERY_MS = 3000;
const text = document.getElementById("text");

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const shown = document.getElementById("messages");
  const found = page.getElementById("messages");
  if (!found) {
    location.reload();
    return;
  }
  // A thread that has reached its longest only slides: then all of it is new to us.
  const slid = found.children.length === shown.children.length && found.textContent !== shown.textContent;
  if (slid) shown.replaceChildren();
  const added = [...found.children].slice(shown.children.length);
  if (added.length) {
    document.getElementById("last-reply")?.removeAttribute("id");
    document.getElementById("empty")?.remove();
    for (const item of added) {
      item.classList.add("fresh");
      shown.append(item); // only what is new: a screen reader reads the log's additions
    }
    document.querySelector(".log").scrollTop = 0; // reversed: 0 is the newest
  }
  const described = document.getElementById("last-reply");
  described ? text.setAttribute("aria-describedby", "last-reply") : text.removeAttribute("aria-describedby");
}

function tell(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const notice = page.getElementById("notice");
  if (notice) document.getElementById("notice").replaceChildren(...notice.children);
}

let sending = false;

document.querySelector(".write").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending) return;
  const form = event.target;
  const body = new URLSearchParams(new FormData(form));
  sending = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    if (!answer.ok) throw new Error(answer.status);
    const html = await answer.text();
    text.value = "";
    show(html);
    tell(html);
  } catch {
    location.reload();
  } finally {
    sending = false;
    text.focus();
  }
});

setInterval(async () => {
  if (document.hidden || sending) return;
  const answer = await fetch(location.href).catch(() => null);
  if (answer?.ok && !sending) show(await answer.text());
}, LOOK_EVERY_MS);
