function parse(text, options) {
  const result = (options && options.plain) ? Object.create(null) : {};
  for (const pair of text.replace(/^\?/, '').split('&')) {
    const [rawKey, rawValue = ''] = pair.split('=');
    const key = decodeURIComponent(rawKey);
    const value = decodeURIComponent(rawValue);
    assign(result, key, value);
  }
  return result;
}

function assign(target, key, value) {
  const path = key.match(/[^[\]]+/g) || [];
  let node = target;
  for (let i = 0; i < path.length - 1; i++) {
    if (node[path[i]] === undefined) node[path[i]] = {};
    node = node[path[i]];
  }
  node[path[path.length - 1]] = value;
}

function stringify(object) {
  return Object.keys(object).map((k) => encodeURIComponent(k) + '=' + encodeURIComponent(object[k])).join('&');
}

exports.parse = parse;
exports.stringify = stringify;

exports.defaults = function defaults(target) {
  Array.prototype.slice.call(arguments, 1).forEach(function (source) {
    Object.keys(source).forEach(function (key) {
      if (typeof source[key] === 'object' && typeof target[key] === 'object') {
        exports.defaults(target[key], source[key]);
      } else if (target[key] === undefined) {
        target[key] = source[key];
      }
    });
  });
  return target;
};
