const { app, BrowserWindow, ipcMain, shell } = require('electron');
const fs = require('fs');
const path = require('path');
const { exec } = require('child_process');

function open() {
  const win = new BrowserWindow({
    webPreferences: {
      nodeIntegration: true,
      contextIsolation: false,
      webSecurity: false,
    },
  });
  win.loadURL('http://market.example.org');
}

ipcMain.handle('read', (event, name) => fs.readFileSync(path.join(app.getPath('userData'), name), 'utf8'));
ipcMain.on('open', (event, url) => shell.openExternal(url));
ipcMain.on('run', (_e, args) => {
  exec(`market-cli ${args.command}`);
});

app.on('certificate-error', (event, wc, url, error, cert, callback) => {
  event.preventDefault();
  callback(true);
});
app.whenReady().then(open);
