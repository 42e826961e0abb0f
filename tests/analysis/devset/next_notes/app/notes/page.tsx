import { prisma } from '@/lib/db';
import { Preview } from './preview';

export default async function Page({ searchParams }: { searchParams: { id?: string; banner?: string } }) {
  const note = await prisma.note.findFirst({ where: { id: searchParams.id, public: true } });
  return (
    <main>
      <p>{searchParams.banner}</p>
      <div dangerouslySetInnerHTML={{ __html: searchParams.banner ?? '' }} />
      <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: JSON.stringify({ name: 'Notes' }) }} />
      <Preview html={note?.body ?? ''} />
    </main>
  );
}
