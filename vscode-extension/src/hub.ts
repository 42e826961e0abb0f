/** What the running hub offers, and how it is asked: every view and command goes through here. */

import * as vscode from 'vscode'
import type { Disposable, NotificationType, RequestType } from 'vscode-languageclient/node'
import { ExecuteCommandRequest } from 'vscode-languageclient/node'

import type { HiveClient } from './client'
import type { Session } from './session'

export class Hub implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>()
  private readonly listener: vscode.Disposable
  /** Connected, gone, or another one: what was known of it no longer counts. */
  readonly onDidChange = this.changed.event

  constructor(private readonly session: Session) {
    this.listener = session.onDidChangeState(() => this.changed.fire())
  }

  dispose(): void {
    vscode.Disposable.from(this.listener, this.changed).dispose()
  }

  get isConnected(): boolean {
    return this.session.running !== undefined
  }

  /** Whether the hub answers a request of ours, such as `hive/jobs`. */
  answers({ method }: { method: string }): boolean {
    const ours: unknown = this.session.running?.initializeResult?.capabilities.experimental?.hive
    return Array.isArray(ours) && ours.includes(method)
  }

  /** Whether the hub executes a command, such as `hive.explain`. */
  executes(command: string): boolean {
    return (
      this.session.running?.initializeResult?.capabilities.executeCommandProvider?.commands.includes(command) ?? false
    )
  }

  /** The answer; undefined when no hub is connected or it does not know the request. Rejects when it refuses. */
  async ask<P, R>(request: RequestType<P, R, void>, params: P): Promise<R | undefined> {
    const client = this.session.running
    if (client === undefined || !this.answers(request)) return undefined
    return client.sendRequest<R>(request.method, params)
  }

  async execute(command: string, ...args: unknown[]): Promise<void> {
    await this.session.running?.sendRequest(ExecuteCommandRequest.type, { command, arguments: args })
  }

  /** Also of hubs that will be connected later. */
  onNotification<P>(notification: NotificationType<P>, heard: (params: P) => void): Disposable {
    return this.session.onDidMakeClient((client) => client.onNotification(notification, heard))
  }

  get client(): HiveClient | undefined {
    return this.session.running
  }
}
