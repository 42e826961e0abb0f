import React, { useEffect, useRef, useState } from 'react';
import { useParams, useSearchParams, useNavigate } from 'react-router-dom';
import DOMPurify from 'dompurify';
import { api } from './api';

interface User {
  id: string;
  bio: string;
  website: string;
  name: string;
}

export function Profile() {
  const { id } = useParams();
  const [search] = useSearchParams();
  const [user, setUser] = useState<User | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();

  useEffect(() => {
    api.get(`/users/${id}`).then((res) => setUser(res.data));
  }, [id]);

  useEffect(() => {
    if (box.current) {
      box.current.innerHTML = search.get('message') ?? '';
    }
  }, [search]);

  const leave = () => {
    window.location.href = search.get('next') || '/';
  };

  if (!user) return <p>Loading</p>;
  return (
    <section>
      <h1>{user.name}</h1>
      <div dangerouslySetInnerHTML={{ __html: user.bio }} />
      <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(user.bio) }} />
      <a href={search.get('link') ?? '#'}>Link</a>
      <a href={`/users/${id}/friends`}>Friends</a>
      <div ref={box} />
      <button onClick={leave}>Back</button>
    </section>
  );
}
