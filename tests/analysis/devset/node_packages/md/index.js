'use strict';
const ALLOWED = /^(https?|mailto):/i;

function escapeHtml(s) {
  return s.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function link(text, href) {
  return '<a href="' + href + '">' + escapeHtml(text) + '</a>';
}

function safeLink(text, href) {
  if (!ALLOWED.test(href)) href = '#';
  return '<a href="' + escapeHtml(href).replace(/"/g, '&quot;') + '">' + escapeHtml(text) + '</a>';
}

function render(source, element) {
  const html = source
    .split(/\n\n+/)
    .map((p) => '<p>' + p.replace(/\[([^\]]+)\]\(([^)]+)\)/g, (m, t, h) => link(t, h)) + '</p>')
    .join('\n');
  element.innerHTML = html;
}

function heading(text) {
  const match = /^(#+)\s+(.*\s*)*$/.exec(text);
  return match ? match[1].length : 0;
}

module.exports = { render, link, safeLink, heading, escapeHtml };
