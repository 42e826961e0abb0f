/** Where the hub is, read from the setting `hive.address`. Pure. */

import { l10n } from 'vscode'

export type HubAddress =
  | { kind: 'local' }
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'websocket'; url: string }

export class AddressInvalid extends Error {}

/** '' is the hub of this machine. Raises AddressInvalid. */
export function parseAddress(text: string): HubAddress {
  const trimmed = text.trim()
  if (trimmed === '') return { kind: 'local' }
  return trimmed.includes('://') ? parseWebsocket(trimmed) : parseTcp(trimmed)
}

/** For people: never holds a secret. */
export function nameAddress(address: HubAddress): string {
  switch (address.kind) {
    case 'local':
      return l10n.t('the hub of this machine')
    case 'tcp':
      return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
    case 'websocket':
      return address.url
  }
}

/** Would the token leave this machine in plain text? */
export function isExposed(address: HubAddress): boolean {
  switch (address.kind) {
    case 'local':
      return false
    case 'tcp':
      return !isLoopback(address.host)
    case 'websocket': {
      const url = new URL(address.url)
      return url.protocol === 'ws:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))
    }
  }
}

function parseWebsocket(text: string): HubAddress {
  const url = parseUrl(text)
  if (url.username !== '' || url.password !== '') {
    throw new AddressInvalid(l10n.t('The hub address must not hold a password. Use the command "Hive: Set Token".'))
  }
  url.protocol = websocketProtocol(url.protocol, text)
  if (url.pathname === '/') url.pathname = '/lsp'
  url.hash = ''
  return { kind: 'websocket', url: url.href }
}

function parseUrl(text: string): URL {
  try {
    return new URL(text)
  } catch {
    throw notAnAddress(text)
  }
}

/** A hub's web address is as good: people copy it from the browser. */
function websocketProtocol(protocol: string, text: string): string {
  if (protocol === 'ws:' || protocol === 'http:') return 'ws:'
  if (protocol === 'wss:' || protocol === 'https:') return 'wss:'
  throw notAnAddress(text)
}

function parseTcp(text: string): HubAddress {
  const found = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^\s:/]+)):(?<port>\d{1,5})$/.exec(text)?.groups
  const host = found?.v6 ?? found?.name
  const port = Number(found?.port)
  if (host === undefined || !(port >= 1 && port <= 65535)) {
    throw notAnAddress(text)
  }
  return { kind: 'tcp', host, port }
}

function notAnAddress(text: string): AddressInvalid {
  return new AddressInvalid(
    l10n.t('"{0}" is not a hub address. Write host:port, or wss://host for a hub behind TLS.', text),
  )
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
