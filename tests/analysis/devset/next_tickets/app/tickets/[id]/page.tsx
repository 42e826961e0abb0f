import Link from 'next/link';
import { db } from '@/lib/db';
import { requireSession } from '@/lib/session';
import { toCleanHtml, toHtml } from '@/lib/markdown';
import { Attachment } from '@/components/attachment';

interface Props {
  params: { id: string };
  searchParams: { highlight?: string; from?: string };
}

export default async function TicketPage({ params, searchParams }: Props) {
  const session = await requireSession();
  const ticket = await db.ticket.findFirst({ where: { id: params.id, orgId: session.orgId } });
  if (!ticket) return <p>No such ticket: {params.id}</p>;
  return (
    <main>
      <h1>{ticket.title}</h1>
      <section dangerouslySetInnerHTML={{ __html: toHtml(ticket.body) }} />
      <aside>
        <div dangerouslySetInnerHTML={{ __html: toCleanHtml(ticket.body) }} />
      </aside>
      <mark>{searchParams.highlight}</mark>
      <Link href={`/tickets/${encodeURIComponent(ticket.id)}/edit`}>Edit</Link>
      <Attachment id={ticket.id} back={searchParams.from} />
    </main>
  );
}
