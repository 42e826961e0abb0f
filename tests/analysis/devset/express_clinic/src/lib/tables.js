function toCsv(columns, rows) {
  const lines = [columns.join(',')];
  for (const row of rows) {
    lines.push(columns.map((column) => `"${row[column]}"`).join(','));
  }
  return lines.join('\n');
}

function merge(into, from) {
  for (const key in from) {
    if (typeof from[key] === 'object' && from[key] !== null) {
      if (!into[key]) into[key] = {};
      merge(into[key], from[key]);
    } else {
      into[key] = from[key];
    }
  }
  return into;
}

function pick(from, keys) {
  return keys.reduce((into, key) => (key in from ? { ...into, [key]: from[key] } : into), {});
}

module.exports = { toCsv, merge, pick };
