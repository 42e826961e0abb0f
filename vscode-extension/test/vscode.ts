/** What of VS Code's API the pure modules use, for tests that run outside it: words in English. */

export const l10n = {
  t: (message: string, ...args: unknown[]): string =>
    message.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)])),
}
