const { app, BrowserWindow, ipcMain, shell } = require('electron');
const { exec } = require('child_process');
const fs = require('fs');
const path = require('path');

function createWindow() {
  const win = new BrowserWindow({
    width: 800,
    webPreferences: {
      nodeIntegration: true,
      contextIsolation: false,
      webSecurity: false,
    },
  });
  win.loadURL('http://app.example.com');
  win.webContents.on('will-navigate', (event, url) => shell.openExternal(url));
}

app.on('certificate-error', (event, contents, url, error, certificate, callback) => {
  event.preventDefault();
  callback(true);
});

ipcMain.handle('run', (event, command) => {
  return new Promise((resolve) => exec(command, (err, out) => resolve(out)));
});

ipcMain.handle('read', (event, name) => fs.readFileSync(path.join(app.getPath('userData'), name), 'utf8'));

app.whenReady().then(createWindow);
