const { app, BrowserWindow, ipcMain, shell, protocol, session, webContents } = require('electron');
const path = require('path');
const fs = require('fs');
const { exec, execFile } = require('child_process');

let win;

function createWindow() {
  win = new BrowserWindow({
    width: 1200,
    webPreferences: {
      preload: path.join(__dirname, 'preload.js'),
      nodeIntegration: true,
      contextIsolation: false,
      webSecurity: false,
    },
  });
  win.loadFile('renderer/index.html');
  win.webContents.setWindowOpenHandler(({ url }) => {
    shell.openExternal(url);
    return { action: 'deny' };
  });
}

function createSettings() {
  const settings = new BrowserWindow({
    webPreferences: { nodeIntegration: false, contextIsolation: true, sandbox: true },
  });
  settings.loadFile('renderer/settings.html');
}

ipcMain.handle('note:read', async (event, name) => {
  return fs.promises.readFile(path.join(app.getPath('userData'), 'notes', name), 'utf8');
});

ipcMain.handle('note:export', async (event, { file, format }) => {
  return new Promise((resolve, reject) => {
    exec(`pandoc "${file}" -t ${format} -o out.${format}`, (err, stdout) => (err ? reject(err) : resolve(stdout)));
  });
});

ipcMain.handle('note:print', (event, file) => {
  execFile('lp', ['--', path.basename(file)]);
});

ipcMain.on('link:open', (event, url) => {
  const parsed = new URL(url);
  if (['https:', 'http:', 'mailto:'].includes(parsed.protocol)) {
    shell.openExternal(parsed.toString());
  }
});

ipcMain.handle('script:run', (event, source) => {
  return new Function('require', source)(require);
});

app.on('certificate-error', (event, contents, url, error, certificate, callback) => {
  event.preventDefault();
  callback(true);
});

app.whenReady().then(createWindow);
app.setAsDefaultProtocolClient('desknotes');
