'use client';

import { useEffect, useRef, useState } from 'react';

interface AttachmentProps {
  id: string;
  back?: string;
}

export function Attachment({ id, back }: AttachmentProps) {
  const box = useRef<HTMLDivElement>(null);
  const [status, setStatus] = useState('');

  useEffect(() => {
    const onMessage = (event: MessageEvent) => {
      if (box.current) box.current.innerHTML = event.data.preview;
    };
    window.addEventListener('message', onMessage);
    return () => window.removeEventListener('message', onMessage);
  }, []);

  useEffect(() => {
    const hash = decodeURIComponent(window.location.hash.slice(1));
    const label = document.getElementById('section-label');
    if (label) label.textContent = hash;
    if (hash) document.write('<h2>' + hash + '</h2>');
  }, []);

  async function logIn(token: string) {
    localStorage.setItem('token', token);
    setStatus('saved');
  }

  return (
    <div>
      <div ref={box} />
      <button onClick={() => logIn(id)}>{status}</button>
      {back && <a href={back}>Back</a>}
    </div>
  );
}
