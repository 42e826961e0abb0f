import DOMPurify from 'dompurify';

const params = new URLSearchParams(location.search);
const tabs = { home: '#home', list: '#list' };

export function start() {
  const tab = tabs[params.get('tab')] || tabs.home;
  document.querySelector(tab).classList.add('active');
  document.getElementById('q').value = params.get('q') || '';
  document.getElementById('intro').innerHTML = DOMPurify.sanitize(params.get('intro') || '');
  const next = params.get('next') || '';
  if (/^\/[a-z0-9/-]*$/.test(next)) location.assign(next);
  const list = document.getElementById('list');
  list.innerHTML = '';
  for (const item of window.items || []) {
    const li = document.createElement('li');
    li.textContent = item.name;
    list.append(li);
  }
}

window.addEventListener('message', (event) => {
  if (event.origin !== location.origin) return;
  document.getElementById('out').textContent = event.data;
});

export const deepFreeze = (object) => {
  Object.keys(object).forEach((key) => {
    if (typeof object[key] === 'object') deepFreeze(object[key]);
  });
  return Object.freeze(object);
};

export function groupBy(items, name) {
  const groups = {};
  for (const item of items) {
    const key = item[name];
    groups[key] = groups[key] || [];
    groups[key].push(item);
  }
  return groups;
}
