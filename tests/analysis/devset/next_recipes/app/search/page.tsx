import { prisma } from '@/lib/db'

export default async function SearchPage({ searchParams }: { searchParams: { q?: string; back?: string } }) {
  const q = searchParams.q ?? ''
  const found = await prisma.recipe.findMany({ where: { title: { contains: q }, shared: true } })
  return (
    <section>
      <p>Results for {q}</p>
      <ul>{found.map((r) => <li key={r.id}>{r.title}</li>)}</ul>
      <div dangerouslySetInnerHTML={{ __html: `<mark>${q}</mark>` }} />
      <a href={searchParams.back ?? '/'}>Back</a>
    </section>
  )
}
