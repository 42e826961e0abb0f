'use strict';

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Merge `source` into `target` deeply. */
function merge(target, source) {
  for (const key in source) {
    if (isObject(source[key]) && isObject(target[key])) {
      merge(target[key], source[key]);
    } else {
      target[key] = source[key];
    }
  }
  return target;
}

function mergeSafe(target, source) {
  for (const key of Object.keys(source)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') continue;
    if (isObject(source[key]) && isObject(target[key])) {
      mergeSafe(target[key], source[key]);
    } else {
      target[key] = source[key];
    }
  }
  return target;
}

/** set(obj, 'a.b.c', 1) */
function set(obj, path, value) {
  const keys = Array.isArray(path) ? path : path.split('.');
  let current = obj;
  keys.forEach((key, i) => {
    if (i === keys.length - 1) {
      current[key] = value;
      return;
    }
    if (!isObject(current[key])) current[key] = {};
    current = current[key];
  });
  return obj;
}

function unflatten(flat, separator) {
  const out = {};
  Object.keys(flat).forEach(function (name) {
    const parts = name.split(separator || '.');
    let node = out;
    while (parts.length > 1) {
      const part = parts.shift();
      node = node[part] = node[part] || {};
    }
    node[parts[0]] = flat[name];
  });
  return out;
}

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
function setSafe(obj, path, value) {
  const keys = path.split('.');
  if (keys.some((k) => FORBIDDEN.has(k))) {
    throw new TypeError('refused key');
  }
  let current = obj;
  for (let i = 0; i < keys.length - 1; i++) {
    current = current[keys[i]] = current[keys[i]] || {};
  }
  current[keys[keys.length - 1]] = value;
  return obj;
}

function get(obj, path) {
  return path.split('.').reduce((acc, key) => (acc == null ? acc : acc[key]), obj);
}

function pick(obj, names) {
  const result = {};
  for (const name of names) {
    if (name in obj) result[name] = obj[name];
  }
  return result;
}

function clone(value) {
  if (!isObject(value)) return value;
  const copy = {};
  for (const key of Object.keys(value)) copy[key] = clone(value[key]);
  return copy;
}

module.exports = { merge, mergeSafe, set, setSafe, unflatten, get, pick, clone };
