import { notFound } from 'next/navigation'
import { prisma } from '@/lib/db'
import { toHtml, toSafeHtml } from '@/lib/markdown'
import { CommentList } from '@/components/CommentList'

export default async function RecipePage({ params }: { params: { id: string } }) {
  const recipe = await prisma.recipe.findFirst({ where: { id: params.id, shared: true }, include: { comments: true } })
  if (!recipe) notFound()
  return (
    <main>
      <h1>{recipe.title}</h1>
      <article dangerouslySetInnerHTML={{ __html: toHtml(recipe.body) }} />
      <aside dangerouslySetInnerHTML={{ __html: toSafeHtml(recipe.notes) }} />
      <CommentList comments={recipe.comments} />
    </main>
  )
}
