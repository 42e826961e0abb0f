const { contextBridge, ipcRenderer } = require('electron');

contextBridge.exposeInMainWorld('notes', {
  read: (name) => ipcRenderer.invoke('note:read', name),
  export: (file, format) => ipcRenderer.invoke('note:export', { file, format }),
});
