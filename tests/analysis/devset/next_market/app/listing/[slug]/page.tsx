import { marked } from 'marked';
import sanitizeHtml from 'sanitize-html';
import { prisma } from '@/lib/db';

export default async function Page({ params, searchParams }: { params: { slug: string }; searchParams: { note?: string; from?: string } }) {
  const listing = await prisma.listing.findFirst({ where: { slug: params.slug } });
  return (
    <main>
      <h1>{listing.title}</h1>
      <div dangerouslySetInnerHTML={{ __html: marked(listing.body) }} />
      <div dangerouslySetInnerHTML={{ __html: sanitizeHtml(listing.footer) }} />
      <p dangerouslySetInnerHTML={{ __html: searchParams.note ?? '' }} />
      <a href={searchParams.from}>Back</a>
      <a href={listing.site} target="_blank">Site</a>
      <script dangerouslySetInnerHTML={{ __html: `window.__data = ${JSON.stringify(listing)}` }} />
    </main>
  );
}
