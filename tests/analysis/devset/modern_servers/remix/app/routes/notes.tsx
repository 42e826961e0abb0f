import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { json, redirect } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { db } from '~/db.server';

export async function loader({ request, params }: LoaderFunctionArgs) {
  const url = new URL(request.url);
  const notes = await db.$queryRawUnsafe(`SELECT * FROM notes WHERE tag = '${url.searchParams.get('tag')}'`);
  return json({ notes });
}

export async function action({ request }: ActionFunctionArgs) {
  const form = await request.formData();
  await db.note.create({ data: { title: String(form.get('title')) } });
  return redirect(String(form.get('redirectTo')));
}

export default function Notes() {
  const { notes } = useLoaderData<typeof loader>();
  return (
    <ul>
      {notes.map((note: any) => (
        <li key={note.id} dangerouslySetInnerHTML={{ __html: note.html }} />
      ))}
    </ul>
  );
}
