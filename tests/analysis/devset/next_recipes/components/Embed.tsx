'use client'
import { useEffect } from 'react'
import { useSearchParams, useRouter } from 'next/navigation'

const PARENT = 'https://circle.example'

export function Embed({ token }: { token: string }) {
  const params = useSearchParams()
  const router = useRouter()
  useEffect(() => {
    window.parent.postMessage({ type: 'ready', token }, '*')
    window.parent.postMessage({ type: 'size', height: document.body.scrollHeight }, PARENT)
    const onMessage = (event: MessageEvent) => {
      if (event.origin !== PARENT) return
      if (event.data === 'reload') window.location.reload()
    }
    window.addEventListener('message', onMessage)
    localStorage.setItem('token', token)
    return () => window.removeEventListener('message', onMessage)
  }, [token])
  const leave = () => router.push(params.get('next') ?? '/')
  return <button onClick={leave}>Continue</button>
}
