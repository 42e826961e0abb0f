import { marked } from 'marked';
import { prisma } from '../../../lib/db';
import { getSession } from '../../../lib/session';
import Copy from '../../../components/Copy';

export default async function Note({ params }: { params: { id: string } }) {
  const session = getSession();
  if (!session) return <p>Please log in.</p>;
  const note = await prisma.note.findFirst({ where: { id: Number(params.id), ownerId: session.userId } });
  if (!note) return <p>No such note.</p>;
  const html = marked.parse(note.text) as string;
  return (
    <article>
      <h1>{note.title}</h1>
      <div dangerouslySetInnerHTML={{ __html: html }} />
      <a href={note.link}>Link</a>
      <Copy text={note.text} />
    </article>
  );
}
