import { marked } from 'marked';
import DOMPurify from 'dompurify';

const view = document.getElementById('view');
const params = new URLSearchParams(window.location.search);

function render(html) {
  view.innerHTML = html;
}

export async function show(name) {
  const text = await window.notes.read(name);
  view.innerHTML = DOMPurify.sanitize(marked.parse(text));
}

export function greet() {
  const who = params.get('who') || 'you';
  document.querySelector('#hello').insertAdjacentHTML('beforeend', `<b>${who}</b>`);
  document.querySelector('#title').textContent = who;
}

export function tab() {
  const id = decodeURIComponent(location.hash.slice(1));
  $('#tabs').append('<li class="active">' + id + '</li>');
  $(location.hash).addClass('open');
}

window.addEventListener('message', (event) => {
  const { kind, payload } = event.data;
  if (kind === 'preview') {
    document.getElementById('preview').innerHTML = payload;
  } else if (kind === 'go') {
    window.location.href = payload;
  } else if (kind === 'call') {
    eval(payload);
  }
});

window.addEventListener('message', (event) => {
  if (event.origin !== 'https://desk.example.com') return;
  if (event.data.kind === 'count') {
    document.getElementById('count').innerText = event.data.value;
  }
});

export function share(data) {
  window.opener.postMessage({ token: sessionStorage.getItem('token'), data }, '*');
  window.parent.postMessage({ ready: true }, 'https://desk.example.com');
}

export function back() {
  const target = params.get('return');
  if (target) window.location.assign(target);
}

export function login(token) {
  localStorage.setItem('access_token', token);
  document.cookie = `theme=${encodeURIComponent(params.get('theme'))}; path=/`;
}

export function comment(list) {
  const box = document.createElement('div');
  for (const item of list) {
    const p = document.createElement('p');
    p.innerText = item.text;
    box.appendChild(p);
  }
  view.replaceChildren(box);
}
