function compile(text, opts) {
  opts = opts || {};
  const out = opts.outputFunctionName || 'print';
  let src = 'var ' + out + ' = function (s) { __o += s; }; var __o = "";';
  src += 'with (' + (opts.localsName || 'locals') + ') {';
  src += text.replace(/<%=(.+?)%>/g, function (_, e) { return '"; __o += esc(' + e + '); __o += "'; });
  src += '} return __o;';
  return new Function(opts.localsName || 'locals', 'esc', src);
}

exports.compile = compile;
exports.renderFile = function (file, data, cb) {
  require('fs').readFile(file, 'utf8', (err, text) => (err ? cb(err) : cb(null, compile(text, data.settings)(data))));
};
