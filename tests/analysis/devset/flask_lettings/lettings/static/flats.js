const parameters = new URLSearchParams(location.search);

function hint(text) {
  const place = document.createElement("p");
  place.textContent = text;
  document.body.append(place);
}

document.addEventListener("DOMContentLoaded", () => {
  hint(parameters.get("hint") || "");
  const note = decodeURIComponent(location.hash.slice(1));
  if (note) document.querySelector("h1").insertAdjacentHTML("beforeend", `<small>${note}</small>`);
});
