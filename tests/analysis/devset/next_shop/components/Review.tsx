'use client';

import DOMPurify from 'dompurify';
import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'next/navigation';

export function Review({ body, website }: { body: string; website: string }) {
  return (
    <article>
      <div dangerouslySetInnerHTML={{ __html: body }} />
      <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(body) }} />
      <a href={website}>site</a>
    </article>
  );
}

export function Banner() {
  const params = useSearchParams();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current) box.current.innerHTML = params.get('promo') ?? '';
  }, [params]);
  return <div ref={box} />;
}

export function Embed() {
  const [name, setName] = useState('');
  useEffect(() => {
    window.addEventListener('message', (event) => {
      if (event.data.type === 'go') window.location.href = event.data.url;
      setName(event.data.name);
    });
    window.parent.postMessage({ token: localStorage.getItem('token') }, '*');
  }, []);
  return <h2>{name}</h2>;
}

export async function signIn(email: string, password: string) {
  const answer = await fetch('/api/login', { method: 'POST', body: JSON.stringify({ email, password }) });
  const { token } = await answer.json();
  localStorage.setItem('token', token);
}
