// Keeps the call's page in place, so that a screen reader hears new captions alone. Everything works without it.
"use strict";

const controls = document.getElementById("controls");
let busy = false;

function show(html, pressed) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const shown = document.getElementById("messages");
  const found = page.getElementById("messages");
  document.getElementById("last-heard")?.removeAttribute("id");
  document.querySelector(".empty")?.remove();
  shown.append(...[...found.children].slice(shown.children.length)); // only what is new
  document.querySelector(".log").scrollTop = 0; // reversed: 0 is the newest
  const state = document.getElementById("state");
  state.textContent = page.getElementById("state").textContent;
  page.getElementById("state").replaceWith(state); // the same element: its change is announced
  controls.replaceChildren(...page.getElementById("controls").children);
  const again = pressed && document.getElementById(pressed);
  (again || controls.querySelector("[autofocus]") || controls.querySelector("button") || controls).focus();
}

controls.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy) return;
  busy = true;
  const form = event.target;
  const pressed = event.submitter?.id ?? "";
  const body = new URLSearchParams(new FormData(form));
  if (event.submitter?.name) body.append(event.submitter.name, event.submitter.value);
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.text(), pressed);
    busy = false;
  } catch {
    controls.setAttribute("inert", "");
    form.append(...hidden(event.submitter));
    form.submit(); // without us: the browser shows what is wrong
  }
});

function hidden(button) {
  if (!button?.name) return [];
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: button.name, value: button.value });
  return [field];
}
