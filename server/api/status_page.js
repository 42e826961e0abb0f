// Ask for the page again and put in what changed. Nothing moves, no focus is lost, while nothing changed.
"use strict";
const EVERY_MS = 2000;

async function refresh() {
  const answer = await fetch(location.pathname, { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = new Map([...document.querySelectorAll("[data-live]")].map((part) => [part.id, part]));
  const next = [...fresh.querySelectorAll("[data-live]")];
  if (next.map((part) => part.id).join() !== [...now.keys()].join()) {
    document.querySelector("main").replaceChildren(...next);
    return;
  }
  for (const part of next) {
    const shown = now.get(part.id);
    if (shown.outerHTML !== part.outerHTML && !shown.contains(document.activeElement)) shown.replaceWith(part);
  }
}

function away() {
  const summary = document.getElementById("summary");
  summary.className = "summary bad";
  summary.textContent = "The hub does not answer";
}

async function live() {
  try {
    if (!document.hidden) await refresh();
  } catch {
    away();
  }
  setTimeout(live, EVERY_MS);
}

setTimeout(live, EVERY_MS);
