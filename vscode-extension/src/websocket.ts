/** LSP over a websocket: one JSON-RPC message a frame, no headers; the token goes as a bearer in the handshake. */

import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/node'
import { type RawData, WebSocket } from 'ws'

import type { Line } from './line'

const LARGEST_MESSAGE_BYTES = 64 * 1024 * 1024

/** The hub pings every 20 seconds (`lsp/server.py`): after so long without one it is gone, whatever the machine says. */
export const SILENCE_MILLISECONDS = 65_000

/** The hub turned the handshake down because of the token. */
export class TokenRefused extends Error {}

export function openWebsocket(
  url: string,
  token: string,
  timeoutMilliseconds: number,
  silenceMilliseconds = SILENCE_MILLISECONDS,
): Promise<Line> {
  const socket = new WebSocket(url, {
    headers: token === '' ? {} : { Authorization: `Bearer ${token}` },
    handshakeTimeout: timeoutMilliseconds,
    maxPayload: LARGEST_MESSAGE_BYTES,
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('unexpected-response', (_request, response) => {
      socket.terminate()
      const status = response.statusCode ?? 0
      reject(status === 401 || status === 403 ? new TokenRefused() : new Error(`the hub answered HTTP ${status}`))
    })
    socket.once('open', () => {
      endWhenSilent(socket, silenceMilliseconds)
      resolve({
        transports: { reader: new WebsocketReader(socket), writer: new WebsocketWriter(socket) },
        hangUp: () => socket.terminate(),
        lastWords: async () => '',
      })
    })
  })
}

/** A machine that slept, or changed its network, hears of no end. */
function endWhenSilent(socket: WebSocket, silenceMilliseconds: number): void {
  const timer = setTimeout(() => socket.terminate(), silenceMilliseconds)
  for (const sign of ['ping', 'message']) socket.on(sign, () => timer.refresh())
  socket.once('close', () => clearTimeout(timer))
}

class WebsocketReader extends AbstractMessageReader implements MessageReader {
  constructor(private readonly socket: WebSocket) {
    super()
    socket.on('error', (error) => this.fireError(error))
    socket.on('close', () => this.fireClose())
  }

  listen(callback: DataCallback): Disposable {
    const onMessage = (data: RawData) => {
      try {
        callback(JSON.parse(data.toString()) as Message)
      } catch (error) {
        this.fireError(error)
      }
    }
    this.socket.on('message', onMessage)
    return { dispose: () => this.socket.off('message', onMessage) }
  }
}

class WebsocketWriter extends AbstractMessageWriter implements MessageWriter {
  constructor(private readonly socket: WebSocket) {
    super()
  }

  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.send(JSON.stringify(message), (error) => {
        if (error) {
          this.fireError(error, message)
          reject(error)
        } else {
          resolve()
        }
      })
    })
  }

  end(): void {
    this.socket.close()
  }
}
