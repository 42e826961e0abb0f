const fs = require('fs');
const path = require('path');
const tar = require('tar-stream');
const yauzl = require('yauzl');
const AdmZip = require('adm-zip');
const zlib = require('zlib');

exports.untar = function untar(stream, dest) {
  const extract = tar.extract();
  extract.on('entry', (header, entry, next) => {
    const target = path.join(dest, header.name);
    if (header.type === 'directory') {
      fs.mkdirSync(target, { recursive: true });
      entry.resume();
      return next();
    }
    entry.pipe(fs.createWriteStream(target));
    entry.on('end', next);
  });
  return stream.pipe(zlib.createGunzip()).pipe(extract);
};

exports.unzip = function unzip(file, dest, done) {
  yauzl.open(file, { lazyEntries: true, decodeStrings: false }, (err, zip) => {
    if (err) return done(err);
    zip.on('entry', (entry) => {
      const name = entry.fileName.toString();
      zip.openReadStream(entry, (error, read) => {
        if (error) return done(error);
        read.pipe(fs.createWriteStream(path.join(dest, name)));
        read.on('end', () => zip.readEntry());
      });
    });
    zip.readEntry();
  });
};

exports.unpack = function unpack(file, dest) {
  const zip = new AdmZip(file);
  for (const entry of zip.getEntries()) {
    const out = path.join(dest, entry.entryName);
    fs.writeFileSync(out, entry.getData());
  }
};

exports.unpackChecked = function unpackChecked(file, dest) {
  const base = path.resolve(dest);
  const zip = new AdmZip(file);
  zip.getEntries().forEach((entry) => {
    const out = path.resolve(base, entry.entryName);
    if (!out.startsWith(base + path.sep)) {
      throw new Error('entry outside of the target');
    }
    fs.writeFileSync(out, entry.getData());
  });
};
