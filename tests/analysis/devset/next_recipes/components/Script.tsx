export function Analytics({ id }: { id: string }) {
  return (
    <script
      dangerouslySetInnerHTML={{ __html: `window.analytics = ${JSON.stringify({ id }).replace(/</g, '\\u003c')}` }}
    />
  )
}

