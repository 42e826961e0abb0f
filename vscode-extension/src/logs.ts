/** The output channels. None of them ever takes the focus: a person opens them. */

import * as vscode from 'vscode'

import { withoutTokens } from './redaction'

export interface Logs extends vscode.Disposable {
  /** What the extension itself does: connecting, restarting, giving up. */
  client: vscode.LogOutputChannel
  /** What the hub and `hive lsp` say. */
  server: vscode.LogOutputChannel
  /** Every message on the wire, while `hive.trace.server` asks for it. */
  trace: vscode.LogOutputChannel
}

export function createLogs(): Logs {
  const client = vscode.window.createOutputChannel('Hive', { log: true })
  const server = vscode.window.createOutputChannel('Hive Server', { log: true })
  const trace = vscode.window.createOutputChannel('Hive Trace', { log: true })
  const levelChanged = new vscode.EventEmitter<vscode.LogLevel>()
  const listener = vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration('hive.trace.server')) levelChanged.fire(wantedTraceLevel())
  })
  return {
    client,
    server,
    trace: followSetting(trace, levelChanged.event),
    dispose: () => vscode.Disposable.from(listener, levelChanged, client, server, trace).dispose(),
  }
}

/**
 * The channel with its level taken from `hive.trace.server`.
 *
 * languageclient 10 traces only while the channel's own level is Trace, which an extension cannot set; people expect
 * the setting alone to do it.
 */
function followSetting(
  channel: vscode.LogOutputChannel,
  onDidChangeLogLevel: vscode.Event<vscode.LogLevel>,
): vscode.LogOutputChannel {
  return Object.create(channel, {
    logLevel: { get: wantedTraceLevel },
    onDidChangeLogLevel: { value: onDidChangeLogLevel },
    trace: { value: (message: string) => channel.info(withoutTokens(message)) },
  }) as vscode.LogOutputChannel
}

function wantedTraceLevel(): vscode.LogLevel {
  const wanted = vscode.workspace.getConfiguration('hive').get<string>('trace.server', 'off')
  return wanted === 'off' ? vscode.LogLevel.Off : vscode.LogLevel.Trace
}
