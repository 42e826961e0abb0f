'use client';
export function Preview({ html }: { html: string }) {
  return <div className="preview" dangerouslySetInnerHTML={{ __html: html }} />;
}
