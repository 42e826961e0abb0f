// The hub's REST API, for a program beside the editor.

/** `ask(path, body)` posts to `/api/v1/PATH` and answers with its JSON. Rejects with what the hub says. */
export function hubAt(http, token) {
  return async (path, body) => {
    const answer = await fetch(`http://${http}/api/v1/${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`the hub answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
}
