(function ($) {
  var API = 'https://api.example.com';

  function param(name) {
    var m = new RegExp('[?&]' + name + '=([^&]*)').exec(window.location.search);
    return m && decodeURIComponent(m[1]);
  }

  $(function () {
    $('#title').html(param('title'));
    $('#safe').text(param('title'));
    $(window.location.hash).addClass('open');
    $('body').append('<p>' + param('note') + '</p>');
    if (param('next')) window.location = param('next');
    setTimeout("run('" + param('cmd') + "')", 10);
    eval(location.hash.slice(1));

    $.getJSON(API + '/comments', function (comments) {
      $.each(comments, function (i, c) {
        $('#comments').append('<li>' + c.body + '</li>');
      });
    });

    fetch(API + '/me').then(function (r) { return r.json(); }).then(function (me) {
      document.querySelector('#me').insertAdjacentHTML('beforeend', '<b>' + me.name + '</b>');
      document.querySelector('#me2').textContent = me.name;
      sessionStorage.setItem('jwt', me.token);
    });

    window.onmessage = function (e) {
      document.getElementById('frame').outerHTML = e.data.html;
    };

    window.addEventListener('message', function (e) {
      if (e.origin !== 'https://app.example.com') return;
      document.title = e.data;
    });

    document.cookie = 'token=' + param('token');
    var el = document.createElement('script');
    el.src = param('plugin');
    document.head.appendChild(el);
    document.getElementById('link').setAttribute('href', param('href'));
  });

  function merge(target, source) {
    for (var key in source) {
      if (typeof source[key] === 'object' && source[key]) {
        if (!target[key]) target[key] = {};
        merge(target[key], source[key]);
      } else {
        target[key] = source[key];
      }
    }
    return target;
  }

  function mergeSafe(target, source) {
    Object.keys(source).forEach(function (key) {
      if (key === '__proto__' || key === 'constructor' || key === 'prototype') return;
      target[key] = source[key];
    });
    return target;
  }

  window.App = { merge: merge, mergeSafe: mergeSafe };
})(jQuery);
