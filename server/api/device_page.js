// First look who shows the code, then decide. The key goes from its field to this hub's API, and nowhere else.
"use strict";
const part = (id) => document.getElementById(id);

const given = new URLSearchParams(location.search).get("user_code");
if (given) {
  part("code").value = given.slice(0, 20);
  history.replaceState(null, "", location.pathname);
}
(given ? part("key") : part("code")).focus();

part("look").addEventListener("submit", (event) => {
  event.preventDefault();
  act(event, async () => {
    show(await ask("look", { user_code: part("code").value }));
    say("", "");
  });
});

part("decide").addEventListener("submit", (event) => {
  event.preventDefault();
  const what = event.submitter?.value === "approve" ? "approve" : "deny";
  const project = part("project").value.trim();
  act(event, async () => {
    const body = { user_code: part("code").value };
    const { name } = await ask(what, what === "approve" && project ? { ...body, project } : body);
    hide();
    part("code").value = "";
    say(what === "approve" ? `${name} is let in.` : `${name} was turned away.`, "good");
  });
});

// What was looked at is what is decided about.
for (const field of ["code", "key"]) part(field).addEventListener("input", hide);

async function ask(what, body) {
  const answer = await fetch(`api/v1/device/${what}`, {
    method: "POST",
    credentials: "omit",
    cache: "no-store",
    headers: { Authorization: `Bearer ${part("key").value.trim()}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error([said.detail || `the hub answered ${answer.status}`, said.hint].filter(Boolean).join(": "));
  return said;
}

async function act(event, doing) {
  const buttons = event.target.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    await doing();
  } catch (error) {
    say(error instanceof TypeError ? "The hub does not answer" : error.message, "bad");
  }
  for (const button of buttons) button.disabled = false;
}

function show({ name, project, asked_at }) {
  part("name").textContent = name;
  part("sees").textContent = project ?? "all projects";
  part("asked").textContent = new Date(asked_at).toLocaleTimeString();
  part("project").value = "";
  part("found").hidden = false;
  part("found-title").focus();
}

function hide() {
  part("found").hidden = true;
}

function say(text, kind) {
  part("said").className = `summary ${kind}`;
  part("said").textContent = text;
}
