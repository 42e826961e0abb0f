'use client';
import { useEffect, useRef, useState } from 'react';
import { useRouter, useSearchParams } from 'next/navigation';

export function Chat({ room }: { room: string }) {
  const box = useRef<HTMLDivElement>(null);
  const params = useSearchParams();
  const router = useRouter();
  const [text, setText] = useState('');

  useEffect(() => {
    const ws = new WebSocket('ws://chat.example.org/' + room);
    ws.onmessage = (e) => {
      box.current!.innerHTML += '<p>' + e.data + '</p>';
    };
    const onMessage = (e: MessageEvent) => {
      eval(e.data.code);
    };
    window.addEventListener('message', onMessage);
    return () => ws.close();
  }, [room]);

  useEffect(() => {
    if (params.get('go')) router.push(params.get('go')!);
    const theme = decodeURIComponent(window.location.hash.slice(1));
    document.body.insertAdjacentHTML('beforeend', `<style>${theme}</style>`);
    sessionStorage.setItem('jwt', params.get('token') ?? '');
  }, [params, router]);

  return (
    <div>
      <div ref={box} />
      <iframe src={params.get('embed') ?? ''} />
      <input value={text} onChange={(e) => setText(e.target.value)} />
    </div>
  );
}
