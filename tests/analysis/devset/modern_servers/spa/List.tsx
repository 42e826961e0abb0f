import { useEffect, useState } from 'react';
import { useLocation } from 'react-router-dom';
import parse from 'html-react-parser';
import ReactMarkdown from 'react-markdown';
import rehypeRaw from 'rehype-raw';

export function List({ html, children }: { html: string; children: React.ReactNode }) {
  const location = useLocation();
  const params = new URLSearchParams(location.search);
  const [text, setText] = useState('');

  useEffect(() => {
    const node = document.getElementById('target');
    if (node) node.innerHTML = params.get('content') || '';
    document.title = params.get('title') || '';
  }, []);

  return (
    <div>
      <ReactMarkdown>{text}</ReactMarkdown>
      <iframe srcDoc={params.get('doc') ?? ''} />
      <p>{params.get('q')}</p>
      <a href={`https://example.com/${encodeURIComponent(params.get('q') ?? '')}`}>more</a>
      {children}
    </div>
  );
}
