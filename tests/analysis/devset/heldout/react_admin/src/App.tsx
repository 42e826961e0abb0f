import React, { useEffect, useRef, useState } from 'react';

interface Props {
  html: string;
  link: string;
}

export function Preview({ html, link }: Props) {
  return (
    <section>
      <div dangerouslySetInnerHTML={{ __html: html }} />
      <a href={link} target="_blank" rel="noreferrer">open</a>
    </section>
  );
}

export function Title({ text }: { text: string }) {
  return <h1 dangerouslySetInnerHTML={{ __html: '<b>Admin</b>' }} title={text} />;
}

export default function App() {
  const [name, setName] = useState('');
  const frame = useRef<HTMLIFrameElement>(null);

  useEffect(() => {
    const params = new URLSearchParams(location.search);
    setName(params.get('name') ?? '');
    document.write('<p>' + params.get('welcome') + '</p>');
    const target = params.get('redirect');
    if (target) {
      window.location.assign(target);
    }
    frame.current?.contentWindow?.postMessage(localStorage.getItem('token'), '*');
  }, []);

  return (
    <main>
      <p>Hello {name}</p>
      <iframe ref={frame} title="help" src="https://help.example.org" />
    </main>
  );
}
