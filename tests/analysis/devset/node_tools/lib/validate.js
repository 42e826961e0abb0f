const EMAIL = /^([a-zA-Z0-9_.-])+@(([a-zA-Z0-9-])+\.)+([a-zA-Z0-9]{2,4})+$/;
const SEMVER = /^\d+\.\d+\.\d+$/;
const TRIM = /^\s+|\s+$/g;
const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

exports.isEmail = (value) => EMAIL.test(value);
exports.isSemver = (value) => SEMVER.test(value);
exports.trim = (value) => value.replace(TRIM, '');
exports.isSlug = (value) => SLUG.test(value);

exports.parseHeader = function (line) {
  const match = /^(\w+\s?)+:(.*)$/.exec(line);
  return match && { name: match[1], value: match[2] };
};

exports.highlight = function (text, term) {
  return text.replace(new RegExp('(' + term + ')', 'gi'), '<b>$1</b>');
};

exports.find = function (text, term) {
  const quoted = term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(quoted, 'i').test(text);
};

exports.stripTags = function (html) {
  return html.replace(/<script[^>]*>.*?<\/script>/gi, '');
};

exports.isLocalUrl = function (value) {
  return /^https?:\/\/(www\.)?example.com/.test(value);
};
