const list = document.querySelector('#tasks');

async function load() {
  const reply = await fetch('/tasks');
  const tasks = await reply.json();
  list.replaceChildren(
    ...tasks.map((task) => {
      const item = document.createElement('li');
      item.textContent = task.title;
      return item;
    }),
  );
}

window.addEventListener('message', (event) => {
  if (event.origin !== window.location.origin) return;
  if (event.data === 'reload') load();
});

document.querySelector('#empty').innerHTML = '<em>Nothing to do</em>';
load();
