const vm = require('vm');

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text) {
  return String(text).replace(/[&<>"']/g, (c) => ESCAPES[c]);
}

function compile(source, options = {}) {
  const name = options.variable || 'data';
  let code = "let out = '';\n";
  source.split(/(<%.*?%>)/s).forEach((part) => {
    if (part.startsWith('<%=')) code += `out += escape(${part.slice(3, -2)});\n`;
    else if (part.startsWith('<%')) code += part.slice(2, -2) + '\n';
    else code += `out += ${JSON.stringify(part)};\n`;
  });
  const fn = new Function(name, 'escape', code + 'return out;');
  return (data) => fn(data, escape);
}

function evaluate(expression, scope) {
  return vm.runInNewContext(expression, { ...scope });
}

function calculate(input) {
  return eval('(' + input + ')');
}

function toNumber(input) {
  return Number(input);
}

module.exports = { compile, evaluate, calculate, escape, toNumber };
