var state = { items: [] };

function qs(name) {
  var match = new RegExp('[?&]' + name + '=([^&]*)').exec(window.location.search);
  return match ? decodeURIComponent(match[1]) : null;
}

$(document).ready(function () {
  var tab = qs('tab');
  $('#content').html('<h2>' + tab + '</h2>');
  $('#name').text(qs('name'));
  $.getJSON('/api/items', function (data) {
    $.each(data.items, function (i, item) {
      $('#list').append('<li>' + item.title + '</li>');
      $('#safe').append($('<li>').text(item.title));
    });
  });
  $('#frame').attr('src', qs('page'));
  var back = qs('back');
  if (back && /^\/[a-z]/.test(back)) {
    location.href = back;
  }
  $('a.home').attr('href', '/home');
});

function showError(xhr) {
  document.getElementById('error').innerHTML = xhr.responseText;
}

function runPlugin(url) {
  $.getScript(url);
}

function saveDraft(text) {
  localStorage.setItem('draft', text);
}

function loadDraft() {
  document.querySelector('.editor').innerHTML = localStorage.getItem('draft');
}

window.onmessage = function (e) {
  document.getElementById('note').innerHTML = e.data.html;
};

fetch('/api/config').then(function (r) { return r.json(); }).then(function (config) {
  document.write('<script src="' + config.analytics + '"></' + 'script>');
});
