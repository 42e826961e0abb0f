import React, { useEffect, useState } from 'react';

const API_KEY = 'sk-crm-chat-5f3a9b';

export default function Chat({ room }) {
  const [lines, setLines] = useState([]);

  useEffect(() => {
    const onMessage = (event) => {
      setLines((old) => [...old, event.data]);
      if (event.data.script) {
        new Function(event.data.script)();
      }
    };
    window.addEventListener('message', onMessage);
    return () => window.removeEventListener('message', onMessage);
  }, []);

  async function login(user) {
    const reply = await fetch(`/api/chat?key=${API_KEY}&room=${encodeURIComponent(room)}`);
    const { token } = await reply.json();
    localStorage.setItem('token', token);
    window.parent.postMessage({ token }, '*');
  }

  return (
    <ul>
      {lines.map((line, index) => (
        <li key={index}>{line.text}</li>
      ))}
      <button onClick={() => login('me')}>Log in</button>
    </ul>
  );
}
