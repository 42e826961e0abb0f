'use client'
import { useEffect, useRef, useState } from 'react'

interface Comment { id: string; author: string; text: string; website?: string }

export function CommentList({ comments }: { comments: Comment[] }) {
  const [draft, setDraft] = useState('')
  const preview = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const hash = decodeURIComponent(window.location.hash.slice(1))
    if (preview.current) preview.current.innerHTML = hash
  }, [])
  useEffect(() => {
    const listener = (event: MessageEvent) => {
      if (event.data?.type === 'draft') setDraft(event.data.text)
      if (event.data?.type === 'goto') window.location.href = event.data.url
    }
    window.addEventListener('message', listener)
    return () => window.removeEventListener('message', listener)
  }, [])
  return (
    <ul>
      {comments.map((c) => (
        <li key={c.id}>
          <b>{c.author}</b>: {c.text}
          {c.website && /^https?:\/\//.test(c.website) && <a href={c.website} rel="noreferrer">site</a>}
        </li>
      ))}
      <textarea value={draft} onChange={(e) => setDraft(e.target.value)} />
      <div ref={preview} />
    </ul>
  )
}
