(function () {
  'use strict';
  const params = new URLSearchParams(window.location.search);
  const box = document.querySelector('#notice');
  if (box && params.has('notice')) {
    box.innerHTML = params.get('notice');
  }
  const title = document.querySelector('h1');
  if (title && params.has('title')) {
    title.textContent = params.get('title');
  }
  window.addEventListener('message', (event) => {
    document.querySelector('#widget').innerHTML = event.data.html;
  });
  const next = params.get('next');
  if (next) {
    document.querySelector('#continue').addEventListener('click', () => {
      window.location.href = next;
    });
  }
})();
