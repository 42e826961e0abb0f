'use client';
import { useEffect, useRef } from 'react';
import DOMPurify from 'dompurify';

export default function Copy({ text }: { text: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const hash = decodeURIComponent(window.location.hash.slice(1));
    if (box.current && hash) {
      box.current.innerHTML = `<em>${hash}</em>`;
    }
    localStorage.setItem('lastText', text);
  }, [text]);
  return (
    <div>
      <div ref={box} />
      <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(text) }} />
      <span>{text}</span>
    </div>
  );
}
