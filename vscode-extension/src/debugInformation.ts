/** What a person can paste into an issue: facts, no secrets, no content of files. Pure. */

export interface Facts {
  extension: string
  editor: string
  platform: string
  remote: string
  trusted: boolean
  hub: string
  command: string
  state: string
  server: string
  capabilities: unknown
  documents: { uri: string; language: string; state: string }[]
}

export function debugInformation(facts: Facts): string {
  const documents = facts.documents.map(({ uri, language, state }) => `- ${uri} (${language}): ${state}`)
  return [
    '# Hive debug information',
    '',
    `- extension: ${facts.extension}`,
    `- editor: ${facts.editor}`,
    `- platform: ${facts.platform}`,
    `- remote: ${facts.remote}`,
    `- workspace trusted: ${facts.trusted ? 'yes' : 'no'}`,
    `- hub: ${facts.hub}`,
    `- command: ${facts.command}`,
    `- state: ${facts.state}`,
    `- server: ${facts.server}`,
    '',
    '## Open documents',
    '',
    ...(documents.length === 0 ? ['none'] : documents),
    '',
    '## Server capabilities',
    '',
    '```json',
    JSON.stringify(facts.capabilities ?? null, null, 2),
    '```',
    '',
  ].join('\n')
}
